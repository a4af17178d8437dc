//! `kopipe_core::shard`, the writing half: batches, or documents of finished shards → tokens → `.bin` and `.idx`.

use crate::batch::{Batch, lock};
use crate::bpe::Tokenizer;
use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::pool;
use kopipe_core::bpe::Specials;
use kopipe_core::shard::{self, Dtype, Shares};
use kopipe_core::{Error, Result, batch};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) fn dtype_of(tokenizer: &Tokenizer) -> Dtype {
    Dtype::for_vocabulary(tokenizer.shared().tokenizer().vocabulary_size())
}

/// The documents of a batch as tokens.
#[napi]
pub struct EncodedBatch {
    inner: Mutex<Option<Arc<shard::EncodedBatch>>>,
    /// Nothing where the documents come from a shard.
    batch: Option<Arc<Mutex<batch::Batch>>>,
}

/// Encodes the kept documents of a parsed batch, each with `eod` behind it; those without a token are dropped as `empty`.
/// `masks` are encoded as the special tokens they are, where the tokenizer has them; without a list, all special tokens are.
/// With `shares` of train, valid and test, the split of each document is decided.
#[napi(ts_return_type = "Promise<EncodedBatch>")]
pub fn encode_batch<'env>(
    env: &'env Env,
    batch: &Batch,
    tokenizer: &Tokenizer,
    eod: u32,
    masks: Option<Vec<String>>,
    shares: Option<Vec<f64>>,
) -> napi::Result<Object<'env>> {
    let shares = shares.map(shares_of).transpose().map_err(|e| to_js(&e))?;
    let encoders = tokenizer.shared();
    let shared = batch.shared();
    let batch = shared.clone();
    let job = move || {
        let added = encoders.tokenizer().added(masks.as_deref().map_or(Specials::All, Specials::Only))?;
        let mut batch = lock(&shared)?;
        let mut encoded = encoders.with(|encoder| shard::EncodedBatch::encode(&mut batch, encoder, &added, eod));
        if let Some(shares) = shares {
            encoded.split(&shares);
        }
        Ok(encoded)
    };
    pool::run(env, job, |inner| EncodedBatch::of(inner, Some(batch)))
}

pub(crate) fn shares_of(shares: Vec<f64>) -> Result<Shares> {
    let shares = shares.try_into().map_err(|shares: Vec<f64>| Error::invalid(format!("expected 3 shares, got {}", shares.len())))?;
    Shares::new(shares)
}

impl EncodedBatch {
    pub(crate) fn of(inner: shard::EncodedBatch, batch: Option<Arc<Mutex<batch::Batch>>>) -> Self {
        EncodedBatch { inner: Mutex::new(Some(Arc::new(inner))), batch }
    }

    pub(crate) fn tokens(&self) -> Result<Arc<shard::EncodedBatch>> {
        lock(&self.inner).and_then(|inner| open(inner.clone()))
    }

    pub(crate) fn records_shared(&self) -> Result<Arc<Mutex<batch::Batch>>> {
        self.batch.clone().ok_or_else(|| Error::Internal("documents of a shard have no records".into()))
    }

    fn records_of(&self) -> Result<MutexGuard<'_, batch::Batch>> {
        lock(self.batch.as_ref().ok_or_else(|| Error::Internal("documents of a shard have no records".into()))?)
    }
}

#[napi]
impl EncodedBatch {
    /// Records of the batch, whether they became a sequence or not.
    #[napi(getter)]
    pub fn records(&self) -> napi::Result<u32> {
        Ok(self.tokens().map_err(|e| to_js(&e))?.len() as u32)
    }

    /// Bytes that its tokens take.
    #[napi(getter)]
    pub fn weight(&self) -> napi::Result<i64> {
        Ok(self.tokens().map_err(|e| to_js(&e))?.weight() as i64)
    }

    /// The ledger of some of the records by source, as JSON.
    #[napi]
    pub fn counts(&self, first: u32, end: u32) -> napi::Result<String> {
        let batch = self.records_of().map_err(|e| to_js(&e))?;
        serde_json::to_string(&batch.counts_of(first as usize..end as usize)).map_err(|e| to_js(&Error::Internal(e.to_string())))
    }

    /// Gives the memory of the tokens back; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut inner) = self.inner.lock() {
            *inner = None;
        }
    }

    /// Where a record begins in the decoded stream; for the one behind the last, where the next batch begins.
    #[napi]
    pub fn position(&self, record: u32) -> napi::Result<i64> {
        let batch = self.records_of().map_err(|e| to_js(&e))?;
        Ok(batch.records.get(record as usize).map_or(batch.position, |record| record.offset) as i64)
    }
}

/// `u16`, or `i32` for a vocabulary of 65,500 tokens and more.
#[napi(ts_return_type = "'u16' | 'i32'")]
pub fn token_type(tokenizer: &Tokenizer) -> &'static str {
    dtype_of(tokenizer).name()
}

/// One shard under construction; append in input order.
#[napi]
pub struct ShardWriter {
    writer: Arc<Mutex<Option<shard::ShardWriter>>>,
}

#[napi(object)]
pub struct SealedShard {
    pub bin: SealedFile,
    pub idx: SealedFile,
    pub documents: i64,
    pub tokens: i64,
}

/// What of a source stands somewhere.
#[napi(object)]
pub struct SourceTally {
    pub name: String,
    pub documents: i64,
    pub tokens: i64,
    /// The documents that are there, each counted once, and their text.
    pub distinct_documents: i64,
    pub distinct_bytes: i64,
}

impl From<(String, shard::Tally)> for SourceTally {
    fn from((name, shard::Tally { documents, tokens, distinct }): (String, shard::Tally)) -> Self {
        SourceTally {
            name,
            documents: documents as i64,
            tokens: tokens as i64,
            distinct_documents: distinct.docs as i64,
            distinct_bytes: distinct.bytes as i64,
        }
    }
}

#[napi]
impl ShardWriter {
    /// `prefix` is the path without its extension; `.bin` stays within `limit` bytes, unless one document exceeds it.
    #[napi(factory)]
    pub fn create(prefix: String, tokenizer: &Tokenizer, limit: i64) -> napi::Result<Self> {
        let writer = shard::ShardWriter::create(disk(), Path::new(&prefix), dtype_of(tokenizer), limit as u64);
        Ok(ShardWriter { writer: Arc::new(Mutex::new(Some(writer.map_err(|e| to_js(&e))?))) })
    }

    /// Appends the records of a batch from `first` to before `end`, those of one split (0 to 2) where that is given; gives
    /// the number of the first that did not fit.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn append<'env>(
        &self,
        env: &'env Env,
        batch: &EncodedBatch,
        first: u32,
        end: u32,
        split: Option<u8>,
    ) -> napi::Result<Object<'env>> {
        let (writer, batch) = (self.writer.clone(), batch.tokens().map_err(|e| to_js(&e))?);
        let records = first as usize..end as usize;
        pool::run_first(env, move || open(lock(&writer)?.as_mut())?.append(&batch, records, split), |end| end as u32)
    }

    /// Documents so far.
    #[napi(getter)]
    pub fn documents(&self) -> napi::Result<i64> {
        let writer = lock(&self.writer).map_err(|e| to_js(&e))?;
        Ok(writer.as_ref().map_or(0, |writer| writer.documents() as i64))
    }

    /// What was written of each source, where that is known.
    #[napi(getter)]
    pub fn sources(&self) -> napi::Result<Vec<SourceTally>> {
        let writer = lock(&self.writer).map_err(|e| to_js(&e))?;
        let sources = writer.iter().flat_map(|writer| writer.sources());
        Ok(sources.map(|(name, tally)| SourceTally::from((name.clone(), *tally))).collect())
    }

    #[napi(ts_return_type = "Promise<SealedShard>")]
    pub fn seal<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let writer = self.writer.clone();
        let job = move || open(lock(&writer)?.take())?.seal();
        pool::run(env, job, |sealed| SealedShard {
            bin: sealed.bin.into(),
            idx: sealed.idx.into(),
            documents: sealed.documents as i64,
            tokens: sealed.tokens as i64,
        })
    }

    /// Removes what was not sealed; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut writer) = self.writer.lock() {
            *writer = None;
        }
    }
}

pub(crate) fn open<T>(inner: Option<T>) -> Result<T> {
    inner.ok_or_else(|| Error::Internal("used after it was closed".into()))
}
