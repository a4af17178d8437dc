//! `kopipe_core::shard`, documents in another order than that of the inputs: runs written, and merged.

use crate::batch::lock;
use crate::bpe::Tokenizer;
use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::pack::{EncodedBatch, SourceTally, dtype_of, open};
use crate::pool;
use kopipe_core::Error;
use kopipe_core::shard::{self, Order, Piece};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// How often documents stand in the result, and where.
#[napi(object)]
pub struct DocumentOrder {
    /// Of the shuffle, a whole number; without, documents keep their order, and come again when all have been there.
    pub seed: Option<i64>,
    /// How often each source's documents stand there at the most; 1 for those that are not named.
    pub epochs: HashMap<String, f64>,
    /// From a cluster's size on, how often its document stands there; ascending.
    pub repeats: Vec<ClusterRepeat>,
}

#[napi(object)]
#[derive(Clone)]
pub struct ClusterRepeat {
    pub from: u32,
    pub times: u32,
}

/// A run under construction; append in input order.
#[napi]
pub struct RunWriter {
    writer: Arc<Mutex<Option<shard::RunWriter>>>,
}

/// A run that exists.
#[napi(object)]
pub struct SealedRun {
    pub files: Vec<SealedRunFile>,
    pub documents: i64,
    /// By their numbers in the files: documents and tokens of one epoch.
    pub sources: Vec<SourceTally>,
}

/// Files of the same split and number are merged.
#[napi(object)]
pub struct SealedRunFile {
    pub path: String,
    pub split: u8,
    pub file: u32,
    pub sealed: SealedFile,
}

#[napi]
impl RunWriter {
    /// Files are called `PREFIX-SPLIT-FILE`; `limit` bytes of them are gathered, unless one document exceeds it. `ordinal` is
    /// the number of the first document in the whole input.
    #[napi(factory)]
    pub fn create(prefix: String, tokenizer: &Tokenizer, limit: i64, order: DocumentOrder, ordinal: i64) -> Self {
        let DocumentOrder { seed, epochs, repeats } = order;
        let repeats = repeats.into_iter().map(|ClusterRepeat { from, times }| (u64::from(from), times)).collect();
        let order = Order { seed: seed.map(|seed| seed as u64), epochs: epochs.into_iter().collect(), repeats };
        let writer = shard::RunWriter::new(disk(), Path::new(&prefix), dtype_of(tokenizer), limit as u64, order, ordinal as u64);
        RunWriter { writer: Arc::new(Mutex::new(Some(writer))) }
    }

    /// Takes the records of a batch from `first` to before `end`; gives the number of the first that did not fit.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn append<'env>(&self, env: &'env Env, batch: &EncodedBatch, first: u32, end: u32) -> napi::Result<Object<'env>> {
        let (writer, tokens) = (self.writer.clone(), batch.tokens().map_err(|e| to_js(&e))?);
        let records = batch.records_shared().map_err(|e| to_js(&e))?;
        let job = move || {
            let records = lock(&records)?;
            open(lock(&writer)?.as_mut())?.append(&tokens, &records, first as usize..end as usize)
        };
        pool::run_first(env, job, |end| end as u32)
    }

    /// Documents so far, those that are not drawn included.
    #[napi(getter)]
    pub fn documents(&self) -> napi::Result<i64> {
        let writer = lock(&self.writer).map_err(|e| to_js(&e))?;
        Ok(writer.as_ref().map_or(0, |writer| writer.documents() as i64))
    }

    /// Sorts and writes.
    #[napi(ts_return_type = "Promise<SealedRun>")]
    pub fn seal<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let writer = self.writer.clone();
        let job = move || open(lock(&writer)?.take())?.seal();
        pool::run(env, job, |run| SealedRun {
            files: run.files.into_iter().map(SealedRunFile::from).collect(),
            documents: run.documents as i64,
            sources: run.sources.into_iter().map(SourceTally::from).collect(),
        })
    }

    /// Gives its memory back; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut writer) = self.writer.lock() {
            *writer = None;
        }
    }
}

impl From<shard::RunFile> for SealedRunFile {
    fn from(shard::RunFile { path, split, file, sealed }: shard::RunFile) -> Self {
        SealedRunFile { path: path.to_string_lossy().into_owned(), split, file, sealed: sealed.into() }
    }
}

/// A file of a run, as it was sealed.
#[napi(object)]
pub struct RunPiece {
    pub path: String,
    pub bytes: i64,
    pub digest: String,
    /// The run's sources by number.
    pub sources: Vec<DrawnSource>,
}

/// How often documents of a source stand in the result.
#[napi(object)]
#[derive(Clone)]
pub struct DrawnSource {
    pub name: String,
    pub epochs: f64,
}

/// Files of runs of the same split and number, merged.
#[napi]
pub struct ArrangedDocuments {
    inner: Arc<Mutex<Option<shard::Arranged>>>,
}

#[napi]
impl ArrangedDocuments {
    /// `memory` bytes of buffers at the most; begins behind the first `from` documents.
    #[napi(ts_return_type = "Promise<ArrangedDocuments>")]
    pub fn open<'env>(env: &'env Env, tokenizer: &Tokenizer, pieces: Vec<RunPiece>, memory: i64, from: i64) -> napi::Result<Object<'env>> {
        let dtype = dtype_of(tokenizer);
        let pieces = pieces.into_iter().map(Piece::from).collect();
        let (memory, from) = u64::try_from(memory)
            .and_then(|memory| Ok((memory, u64::try_from(from)?)))
            .map_err(|_| to_js(&Error::Internal("bytes and documents are counted from 0".into())))?;
        let job = move || shard::Arranged::open(disk(), pieces, dtype, memory, from);
        pool::run(env, job, |arranged| ArrangedDocuments { inner: Arc::new(Mutex::new(Some(arranged))) })
    }

    /// The next documents, of about `bytes` in `.bin`; null at the end.
    #[napi(ts_return_type = "Promise<EncodedBatch | null>")]
    pub fn next<'env>(&self, env: &'env Env, bytes: i64) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let job = move || open(lock(&inner)?.as_mut())?.next(bytes as u64);
        pool::run(env, job, |batch| batch.map(|batch| EncodedBatch::of(batch, None)))
    }

    /// Gives its memory back; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut inner) = self.inner.lock() {
            *inner = None;
        }
    }
}

impl From<RunPiece> for Piece {
    fn from(RunPiece { path, bytes, digest, sources }: RunPiece) -> Self {
        let sources = sources.into_iter().map(|DrawnSource { name, epochs }| (name, epochs)).collect();
        Piece { path: PathBuf::from(path), sealed: kopipe_core::io::Sealed { bytes: bytes as u64, digest }, sources }
    }
}
