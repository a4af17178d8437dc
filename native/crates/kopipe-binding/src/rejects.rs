//! `kopipe_core::rejects`: what a part drops, written as it is read.

use crate::batch::{Batch, lock};
use crate::files::{SealedFile, disk};
use crate::pool;
use kopipe_core::{Error, Result, rejects};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The rejects of a part; append in input order.
#[napi]
pub struct Rejects {
    inner: Arc<Mutex<Option<rejects::Rejects>>>,
}

#[napi]
impl Rejects {
    /// The file is begun by the first reject.
    #[napi(constructor)]
    pub fn new(path: String) -> Self {
        Rejects { inner: Arc::new(Mutex::new(Some(rejects::Rejects::new(disk(), Path::new(&path))))) }
    }

    /// Those of the records `first` to `end` of a parsed batch that are not kept. `unit` is the number of its file.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn append<'env>(&self, env: &'env Env, batch: &Batch, unit: u32, first: u32, end: u32) -> napi::Result<Object<'env>> {
        let (inner, batch) = (self.inner.clone(), batch.shared());
        let job = move || open(lock(&inner)?.as_mut())?.append(&*lock(&batch)?, first as usize..end as usize, unit);
        pool::run(env, job, |()| ())
    }

    /// Makes the file exist; null where nothing was rejected.
    #[napi(ts_return_type = "Promise<SealedFile | null>")]
    pub fn commit<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(env, move || open(lock(&inner)?.take())?.commit(), |sealed| sealed.map(SealedFile::from))
    }

    /// Removes what was not committed; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut inner) = self.inner.lock() {
            *inner = None;
        }
    }
}

fn open<T>(inner: Option<T>) -> Result<T> {
    inner.ok_or_else(|| Error::Internal("used after it was closed".into()))
}
