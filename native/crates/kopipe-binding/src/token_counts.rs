//! `kopipe_core::shard::TokenCounts`: how often each token stands in the documents of each source.

use crate::batch::lock;
use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::pack::EncodedBatch;
use crate::pool;
use kopipe_core::io::Sealed;
use kopipe_core::{Error, shard};
use napi::Env;
use napi::bindgen_prelude::{Float64Array, Object};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The counts of a part under construction, or of the parts of a dataset.
#[napi]
pub struct TokenCounts {
    inner: Arc<Mutex<shard::TokenCounts>>,
}

/// Occurrences by id of what a source has, each below 2^53.
#[napi(object)]
pub struct SourceOccurrences {
    pub source: String,
    pub occurrences: Float64Array,
}

#[napi]
impl TokenCounts {
    #[napi(constructor)]
    pub fn new(vocabulary: u32) -> Self {
        TokenCounts { inner: Arc::new(Mutex::new(shard::TokenCounts::new(vocabulary as usize))) }
    }

    /// Counts the records of a batch from `first` to before `end`, where it says whose they are.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn add<'env>(&self, env: &'env Env, batch: &EncodedBatch, first: u32, end: u32) -> napi::Result<Object<'env>> {
        let (inner, batch) = (self.inner.clone(), batch.tokens().map_err(|e| to_js(&e))?);
        pool::run_first(env, move || lock(&inner)?.add(&batch, first as usize..end as usize), |()| ())
    }

    /// Writes them whole; null, and no file, where nothing was counted.
    #[napi(ts_return_type = "Promise<SealedFile | null>")]
    pub fn seal<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let job = move || lock(&inner)?.store()?.map(|content| disk().commit(&PathBuf::from(path), &content)).transpose();
        pool::run(env, job, |sealed| sealed.map(SealedFile::from))
    }

    /// Adds what was sealed of a part; gives what the file is.
    #[napi(ts_return_type = "Promise<SealedFile>")]
    pub fn add_file<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        let (inner, path) = (self.inner.clone(), PathBuf::from(path));
        let job = move || {
            let damaged = |error: Error| Error::corrupt(&path, 0, error.to_string());
            let content = disk().read(&path)?;
            lock(&inner)?.merge(shard::TokenCounts::read(&content).map_err(damaged)?).map_err(damaged)?;
            Ok(Sealed::of(&content))
        };
        pool::run(env, job, SealedFile::from)
    }

    #[napi]
    pub fn sources(&self) -> napi::Result<Vec<SourceOccurrences>> {
        let counts = lock(&self.inner).map_err(|e| to_js(&e))?;
        let of = |(source, table): &(String, Vec<u64>)| SourceOccurrences { source: source.clone(), occurrences: numbers(table) };
        Ok(counts.sources().iter().map(of).collect())
    }

    /// Of sources that are not told apart, because there are many; null where there are none.
    #[napi]
    pub fn others(&self) -> napi::Result<Option<Float64Array>> {
        let counts = lock(&self.inner).map_err(|e| to_js(&e))?;
        Ok(counts.others().map(numbers))
    }
}

fn numbers(table: &[u64]) -> Float64Array {
    table.iter().map(|count| *count as f64).collect::<Vec<f64>>().into()
}
