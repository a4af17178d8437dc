//! `kopipe_core::bpe`, looking at a tokenizer: documents that are kept while all are counted, the table of tokens, and
//! how often each occurs.

use crate::batch::{Batch, lock};
use crate::bpe::Tokenizer;
use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::pool;
use kopipe_core::Error;
use kopipe_core::bpe;
use napi::Env;
use napi::bindgen_prelude::{Buffer, Float64Array, Object, Uint8Array, Uint32Array};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Some documents of each source, the same whatever order batches come in.
#[napi]
#[derive(Default)]
pub struct DocumentSample {
    inner: Arc<Mutex<bpe::DocumentSample>>,
}

#[napi]
impl DocumentSample {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers the kept documents of a parsed batch.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn add<'env>(&self, env: &'env Env, batch: &Batch) -> napi::Result<Object<'env>> {
        let (inner, batch) = (self.inner.clone(), batch.shared());
        let job = move || {
            let batch = lock(&batch)?;
            lock(&inner)?.add(&batch);
            Ok(())
        };
        pool::run(env, job, |()| ())
    }

    /// Writes what stayed: `{id, source, text, bytes}` a line, by source; `bytes` are those of the whole document.
    #[napi(ts_return_type = "Promise<SealedFile>")]
    pub fn commit<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(env, move || lock(&inner)?.commit(disk(), &PathBuf::from(path)), SealedFile::from)
    }
}

#[napi(object)]
pub struct TokenTable {
    /// The bytes of all tokens by id, one after another; an id that there is not has none.
    pub bytes: Buffer,
    /// Where each ends.
    pub ends: Uint32Array,
    /// Ids of the special tokens, ascending.
    pub specials: Uint32Array,
}

#[napi]
pub fn token_table(tokenizer: &Tokenizer) -> napi::Result<TokenTable> {
    let encoders = tokenizer.shared();
    let (bytes, ends) = encoders.tokenizer().table().map_err(|e| to_js(&e))?;
    Ok(TokenTable { bytes: bytes.into(), ends: ends.into(), specials: encoders.tokenizer().specials().into() })
}

/// How often each token occurs.
#[napi]
pub struct TokenUsage {
    inner: Arc<bpe::Usage>,
}

#[napi]
impl TokenUsage {
    /// Special strings in documents are text. `marks`: of the tokens whose number there is not 0 each source has the sum.
    #[napi(constructor)]
    pub fn new(tokenizer: &Tokenizer, marks: Option<Uint8Array>) -> napi::Result<Self> {
        let inner = bpe::Usage::new(tokenizer.shared(), marks.map_or_else(Vec::new, |marks| marks.to_vec()));
        Ok(TokenUsage { inner: Arc::new(inner.map_err(|e| to_js(&e))?) })
    }

    /// Encodes the kept documents of a parsed batch and counts their tokens. As many batches at a time as there are workers.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn add<'env>(&self, env: &'env Env, batch: &Batch) -> napi::Result<Object<'env>> {
        let (inner, batch) = (self.inner.clone(), batch.shared());
        let job = move || {
            let started = Instant::now();
            inner.add(&*lock(&batch)?);
            Ok(started.elapsed().as_secs_f64())
        };
        pool::run(env, job, |seconds| seconds)
    }

    /// The tokens of the whole text that sealed counts are of, all special strings being text.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn add_counts<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(env, move || inner.add_counts(disk(), &PathBuf::from(path)), |()| ())
    }

    /// How much of the counts at hand is taken, 0 to 1.
    #[napi(getter)]
    pub fn share(&self) -> f64 {
        self.inner.share()
    }

    /// `addCounts` rejects with `interrupted` soon.
    #[napi]
    pub fn cancel(&self) {
        self.inner.cancelled.store(true, Relaxed);
    }

    /// By id; each below 2^53.
    #[napi]
    pub fn occurrences(&self) -> napi::Result<Float64Array> {
        let occurrences = self.inner.occurrences();
        if occurrences.iter().any(|&count| count > 1 << 53) {
            return Err(to_js(&Error::Internal("a token occurs more often than JavaScript can count".into())));
        }
        Ok(occurrences.into_iter().map(|count| count as f64).collect::<Vec<f64>>().into())
    }

    /// Documents, bytes, characters, eojeol, tokens and marked tokens of the batches by source, as JSON.
    #[napi]
    pub fn sources(&self) -> napi::Result<String> {
        serde_json::to_string(&self.inner.sources()).map_err(|e| to_js(&Error::Internal(e.to_string())))
    }
}
