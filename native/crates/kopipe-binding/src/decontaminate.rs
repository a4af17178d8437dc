//! `kopipe_core::clean::decontaminate`: evaluation files become an index, which batches are held against.

use crate::batch::{Batch, configuration, lock};
use crate::error::to_js;
use crate::pool;
use kopipe_core::clean::decontaminate::{Action, Builder, Index, Unit};
use kopipe_core::clean::normalize::Normalize;
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde::Deserialize;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

/// The recipe's section.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    unit: Unit,
    n: usize,
    action: Action,
}

/// Evaluation files: they are added batch by batch, then finished, then met.
#[napi]
pub struct EvaluationSets {
    action: Action,
    builder: Arc<Mutex<Option<Builder>>>,
    index: Arc<OnceLock<Index>>,
}

#[napi]
impl EvaluationSets {
    /// `how` is the recipe's section as JSON.
    #[napi(factory)]
    pub fn create(how: String) -> napi::Result<Self> {
        let Settings { unit, n, action } = configuration("against", &how)?;
        let builder = Builder::new(unit, n).map_err(|e| to_js(&e))?;
        Ok(EvaluationSets { action, builder: Arc::new(Mutex::new(Some(builder))), index: Arc::default() })
    }

    /// What is added from now on is of this file.
    #[napi]
    pub fn begin(&self, file: String) -> napi::Result<()> {
        let begin = || building(lock(&self.builder)?.as_mut()).map(|builder| builder.begin(&file));
        begin().map_err(|e| to_js(&e))
    }

    /// Adds the records of a batch that is parsed with all its strings, normalized as the recipe's section says; gives the
    /// bytes that the index may take while it is built. `source` is the key of a record's source, which is no text.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn add<'env>(&self, env: &'env Env, batch: &Batch, normalize: String, source: String) -> napi::Result<Object<'env>> {
        let how: Normalize = configuration("normalize", &normalize)?;
        let (builder, batch) = (self.builder.clone(), batch.shared());
        let job = move || {
            let batch = lock(&batch)?;
            let mut builder = lock(&builder)?;
            let builder = building(builder.as_mut())?;
            builder.add_batch(&batch, &how, &source);
            Ok(builder.bytes() as i64)
        };
        pool::run(env, job, |bytes| bytes)
    }

    /// Everything is added; gives the bytes of the index.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn finish<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (builder, index) = (self.builder.clone(), self.index.clone());
        let job = move || {
            let builder = building(lock(&builder)?.take())?;
            let built = builder.finish()?;
            Ok(index.get_or_init(|| built).bytes() as i64)
        };
        pool::run(env, job, |bytes| bytes)
    }

    /// By file how many items there are, are used, are too short, are unreadable, and are among those that were met, given by
    /// their numbers; as JSON.
    #[napi]
    pub fn counts(&self, met: Vec<u32>) -> napi::Result<String> {
        let index = finished(&self.index).map_err(|e| to_js(&e))?;
        serde_json::to_string(&index.counts(&met)).map_err(|e| to_js(&Error::Internal(e.to_string())))
    }
}

fn building<T>(builder: Option<T>) -> Result<T> {
    builder.ok_or_else(|| Error::Internal("the evaluation sets are finished".into()))
}

fn finished(index: &OnceLock<Index>) -> Result<&Index> {
    index.get().ok_or_else(|| Error::Internal("the evaluation sets are not finished".into()))
}

#[napi]
impl Batch {
    /// Drops the kept documents that share text with the evaluation sets, or cuts it from them, as these say. Gives the seconds.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn decontaminate<'env>(&self, env: &'env Env, sets: &EvaluationSets) -> napi::Result<Object<'env>> {
        let (batch, index, action) = (self.shared(), sets.index.clone(), sets.action);
        let job = move || {
            let started = Instant::now();
            lock(&batch)?.decontaminate(finished(&index)?, action);
            Ok(started.elapsed().as_secs_f64())
        };
        pool::run(env, job, |seconds| seconds)
    }

    /// Records → documents; one without a text keeps its other fields, for `EvaluationSets`.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn parse_strings<'env>(&self, env: &'env Env, keys: crate::batch::RecordKeys) -> napi::Result<Object<'env>> {
        let (batch, keys) = (self.shared(), keys.into());
        let job = move || {
            lock(&batch)?.parse_strings(&keys);
            Ok(())
        };
        pool::run(env, job, |()| ())
    }
}
