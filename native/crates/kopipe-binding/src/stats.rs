//! `kopipe_core::stats`: a tally that batches are added to from all workers.

use crate::batch::{Batch, lock};
use crate::error::to_js;
use crate::pool;
use kopipe_core::Error;
use kopipe_core::stats::Tally;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::sync::{Arc, Mutex};

/// What the documents are made of, by source.
#[napi]
#[derive(Default)]
pub struct CorpusTally {
    tally: Arc<Mutex<Tally>>,
}

#[napi]
impl CorpusTally {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the kept documents of a parsed batch.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn add<'env>(&self, env: &'env Env, batch: &Batch) -> napi::Result<Object<'env>> {
        let (tally, batch) = (self.tally.clone(), batch.shared());
        let job = move || {
            let more = Tally::of(&*lock(&batch)?);
            lock(&tally)?.merge(&more);
            Ok(())
        };
        pool::run(env, job, |()| ())
    }

    /// The measures by source, as JSON.
    #[napi]
    pub fn measures(&self) -> napi::Result<String> {
        let tally = lock(&self.tally).map_err(|e| to_js(&e))?;
        serde_json::to_string(&*tally).map_err(|e| to_js(&Error::Internal(e.to_string())))
    }
}
