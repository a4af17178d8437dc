//! `kopipe_core::shard`, the reading half: finished shards verified, and read to be written anew.

use crate::batch::lock;
use crate::bpe::Tokenizer;
use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::pack::{EncodedBatch, dtype_of, open, shares_of};
use crate::pool;
use kopipe_core::shard::{self, Origin, Rules, Unlisted};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What the tokens of a shard are held against.
#[napi(object)]
pub struct TokenRules {
    /// Ids are below it.
    pub vocabulary: u32,
    /// Ends every document.
    pub end: u32,
    /// Whether the end may stand inside documents, too: special strings were read as tokens.
    pub ends_inside: bool,
}

impl From<TokenRules> for Rules {
    fn from(TokenRules { vocabulary, end, ends_inside }: TokenRules) -> Self {
        Rules { vocabulary, end, ends_inside }
    }
}

/// A shard held against the format and its tokenizer's rules, to the last byte.
#[napi]
pub struct ShardVerifier {
    inner: Arc<Mutex<Option<shard::Verifier>>>,
}

/// Something that is not as it should be: where it is met first, and how often.
#[napi(object)]
pub struct ShardFault {
    pub path: String,
    pub offset: Option<i64>,
    pub what: String,
    pub count: i64,
}

/// What was found of a shard. A file that cannot be read has no length and digest, a broken index no counts.
#[napi(object)]
pub struct VerifiedShard {
    pub idx: Option<SealedFile>,
    pub bin: Option<SealedFile>,
    #[napi(ts_type = "'u16' | 'i32'")]
    pub dtype: Option<String>,
    pub sequences: Option<i64>,
    pub documents: Option<i64>,
    pub tokens: Option<i64>,
    pub faults: Vec<ShardFault>,
}

#[napi]
impl ShardVerifier {
    /// Without rules, tokens are any.
    #[napi(ts_return_type = "Promise<ShardVerifier>")]
    pub fn open<'env>(env: &'env Env, prefix: String, rules: Option<TokenRules>) -> napi::Result<Object<'env>> {
        let job = move || Ok(shard::Verifier::open(disk(), Path::new(&prefix), rules.map(Rules::from)));
        pool::run(env, job, |verifier| ShardVerifier { inner: Arc::new(Mutex::new(Some(verifier))) })
    }

    /// Reads on for about as many bytes; gives how many were read, 0 at the end.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn step<'env>(&self, env: &'env Env, bytes: i64) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(env, move || Ok(open(lock(&inner)?.as_mut())?.step(bytes as u64)), |read| read as i64)
    }

    /// What was found; the files are closed.
    #[napi(ts_return_type = "Promise<VerifiedShard>")]
    pub fn finish<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(
            env,
            move || Ok(open(lock(&inner)?.take())?.finish()),
            |found| {
                let layout = found.layout;
                VerifiedShard {
                    idx: found.idx.map(SealedFile::from),
                    bin: found.bin.map(SealedFile::from),
                    dtype: layout.map(|layout| layout.dtype.name().to_owned()),
                    sequences: layout.map(|layout| layout.sequences as i64),
                    documents: layout.map(|layout| layout.documents as i64),
                    tokens: layout.map(|layout| layout.tokens as i64),
                    faults: found.faults.into_iter().map(ShardFault::from).collect(),
                }
            },
        )
    }
}

impl From<shard::Fault> for ShardFault {
    fn from(fault: shard::Fault) -> Self {
        let path = fault.path.to_string_lossy().into_owned();
        ShardFault { path, offset: fault.offset.map(|at| at as i64), what: fault.what, count: fault.count as i64 }
    }
}

/// A finished shard whose documents are written into others.
#[napi(object)]
pub struct ShardOrigin {
    /// Its path without extension.
    pub prefix: String,
    pub rules: TokenRules,
    /// Sequences behind the last document that its index lists are a document each; without, such an index is refused.
    pub unlisted_documents: bool,
    /// xxh3-128 of its `.bin`, compared when all is read.
    pub digest: Option<String>,
    /// The document to begin with.
    pub from: i64,
}

/// The documents of a finished shard, in order.
#[napi]
pub struct ShardSource {
    inner: Arc<Mutex<Option<shard::Source>>>,
    documents: i64,
}

#[napi]
impl ShardSource {
    /// The shard must hold tokens of the tokenizer's type.
    #[napi(ts_return_type = "Promise<ShardSource>")]
    pub fn open<'env>(env: &'env Env, tokenizer: &Tokenizer, origin: ShardOrigin) -> napi::Result<Object<'env>> {
        let ShardOrigin { prefix, rules, unlisted_documents, digest, from } = origin;
        let unlisted = if unlisted_documents { Unlisted::Documents } else { Unlisted::Refused };
        let origin = Origin { dtype: dtype_of(tokenizer), rules: rules.into(), unlisted, digest, from: from.max(0) as u64 };
        let job = move || shard::Source::open(disk(), &PathBuf::from(prefix), origin);
        pool::run(env, job, |source| ShardSource { documents: source.documents() as i64, inner: Arc::new(Mutex::new(Some(source))) })
    }

    #[napi(getter)]
    pub fn documents(&self) -> i64 {
        self.documents
    }

    /// The next documents, of `bytes` in `.bin` at the most unless a single one is larger, with their splits decided where
    /// there are shares; null at the end.
    #[napi(ts_return_type = "Promise<EncodedBatch | null>")]
    pub fn next<'env>(&self, env: &'env Env, bytes: i64, shares: Option<Vec<f64>>) -> napi::Result<Object<'env>> {
        let shares = shares.map(shares_of).transpose().map_err(|e| to_js(&e))?;
        let inner = self.inner.clone();
        let job = move || {
            let mut batch = open(lock(&inner)?.as_mut())?.next(bytes as u64)?;
            if let (Some(batch), Some(shares)) = (&mut batch, shares) {
                batch.split(&shares);
            }
            Ok(batch)
        };
        pool::run(env, job, |batch| batch.map(|batch| EncodedBatch::of(batch, None)))
    }

    /// Closes its files; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut inner) = self.inner.lock() {
            *inner = None;
        }
    }
}
