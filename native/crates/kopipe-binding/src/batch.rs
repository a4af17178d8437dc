//! `kopipe_core::batch::Batch` and the stages of a flow on it: each one call, on a worker, giving the seconds it took.

use crate::dedupe::signing_of;
use crate::error::to_js;
use crate::lines::lines_of;
use crate::pool;
use crate::stats::sample;
use kopipe_core::batch::{self, Keys};
use kopipe_core::clean::cuts::Cutting;
use kopipe_core::clean::filters::{Filter, REASONS};
use kopipe_core::clean::mask::{Kind, Mask, Style};
use kopipe_core::clean::normalize::Normalize;
use kopipe_core::scratch::{Form, Next};
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// 4–16 MiB of records of one unit. It lives in the core; JavaScript sees counts and decisions.
#[napi]
pub struct Batch {
    inner: Arc<Mutex<batch::Batch>>,
    unit: u32,
    first_ordinal: u32,
    weight: u32,
    records: u32,
    position: i64,
    ends_unit: bool,
    ends_file: bool,
    file_bytes: i64,
    damage: Option<Damage>,
    read_seconds: f64,
}

impl Batch {
    /// A batch that took so long to read.
    pub fn read(batch: batch::Batch, read_seconds: f64) -> Self {
        Batch {
            read_seconds,
            unit: batch.unit as u32,
            first_ordinal: batch.first_ordinal,
            weight: u32::try_from(batch.weight()).unwrap_or(u32::MAX),
            records: batch.records.len() as u32,
            position: batch.position as i64,
            ends_unit: batch.ends_unit,
            ends_file: batch.ends_file,
            file_bytes: batch.file_bytes as i64,
            damage: batch.damage.as_ref().map(|d| Damage { offset: d.offset as i64, what: d.what.clone() }),
            inner: Arc::new(Mutex::new(batch)),
        }
    }
}

/// Decoding stopped after `offset` decoded bytes.
#[napi(object)]
#[derive(Clone)]
pub struct Damage {
    pub offset: i64,
    pub what: String,
}

/// Which keys of a record mean what; texts over `maxDocument` bytes are dropped.
#[napi(object)]
pub struct RecordKeys {
    pub text: String,
    pub id: String,
    pub source: String,
    /// Only these travel on; without, all do.
    pub metadata: Option<Vec<String>>,
    pub max_document: i64,
}

impl From<RecordKeys> for Keys {
    fn from(keys: RecordKeys) -> Self {
        let RecordKeys { text, id, source, metadata, max_document } = keys;
        Keys { text, id, source, metadata, max_document: max_document as u64 }
    }
}

#[napi]
impl Batch {
    /// Number of the unit within its file.
    #[napi(getter)]
    pub fn unit(&self) -> u32 {
        self.unit
    }

    /// Ordinal of the first record within its unit.
    #[napi(getter)]
    pub fn first_ordinal(&self) -> u32 {
        self.first_ordinal
    }

    /// Bytes of raw records.
    #[napi(getter)]
    pub fn weight(&self) -> u32 {
        self.weight
    }

    #[napi(getter)]
    pub fn records(&self) -> u32 {
        self.records
    }

    /// Where the next record begins in the decoded stream.
    #[napi(getter)]
    pub fn position(&self) -> i64 {
        self.position
    }

    #[napi(getter)]
    pub fn ends_unit(&self) -> bool {
        self.ends_unit
    }

    /// Nothing of the file follows.
    #[napi(getter)]
    pub fn ends_file(&self) -> bool {
        self.ends_file
    }

    /// Bytes of the file read so far, compressed ones where it is compressed.
    #[napi(getter)]
    pub fn file_bytes(&self) -> i64 {
        self.file_bytes
    }

    /// What reading and decoding it took.
    #[napi(getter)]
    pub fn read_seconds(&self) -> f64 {
        self.read_seconds
    }

    /// Why decoding stopped before the end of the file; set on the last batch.
    #[napi(getter)]
    pub fn damage(&self) -> Option<Damage> {
        self.damage.clone()
    }

    /// Records → documents.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn parse<'env>(&self, env: &'env Env, keys: RecordKeys) -> napi::Result<Object<'env>> {
        let keys = keys.into();
        self.stage(env, move |batch| {
            batch.parse(&keys);
            Ok(())
        })
    }

    /// `how` is the recipe's section as JSON.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn normalize<'env>(&self, env: &'env Env, how: String) -> napi::Result<Object<'env>> {
        let how: Normalize = configuration("normalize", &how)?;
        self.stage(env, move |batch| {
            batch.normalize(&how);
            Ok(())
        })
    }

    /// `how` is the recipe's section as JSON.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn cut<'env>(&self, env: &'env Env, how: String) -> napi::Result<Object<'env>> {
        let how: Cutting = configuration("cut", &how)?;
        self.stage(env, move |batch| {
            batch.cut(how);
            Ok(())
        })
    }

    /// `filters` is the recipe's list as JSON. Gives the seconds of each filter, estimated from a sample of the documents.
    #[napi(ts_return_type = "Promise<number[]>")]
    pub fn filter<'env>(&self, env: &'env Env, filters: String) -> napi::Result<Object<'env>> {
        let filters: Vec<Filter> = configuration("filters", &filters)?;
        let inner = self.inner.clone();
        let job = move || {
            let started = Instant::now();
            let sampled = on(&inner, |batch| Ok(batch.filter(&filters)))?;
            let scale = started.elapsed().as_secs_f64() / sampled.iter().map(Duration::as_secs_f64).sum::<f64>().max(1e-9);
            Ok(sampled.iter().map(|time| time.as_secs_f64() * scale).collect::<Vec<f64>>())
        };
        pool::run(env, job, |seconds| seconds)
    }

    /// `how` is the recipe's section as JSON, and the strings that the texts must not contain.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn mask<'env>(&self, env: &'env Env, how: String) -> napi::Result<Object<'env>> {
        let how: Mask = configuration("mask", &how)?;
        self.stage(env, move |batch| {
            batch.mask(&how);
            Ok(())
        })
    }

    /// What duplicates of the documents that are still kept are found by: `exact`, or a profile of near-duplicates.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn sign<'env>(&self, env: &'env Env, signing: String) -> napi::Result<Object<'env>> {
        let signing = signing_of(&signing).map_err(|e| to_js(&e))?;
        self.stage(env, move |batch| {
            batch.sign(signing);
            Ok(())
        })
    }

    /// Hashes the lines of the documents that are still kept; `how` is the recipe's section as JSON.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn hash_lines<'env>(&self, env: &'env Env, how: String) -> napi::Result<Object<'env>> {
        let how = lines_of(&how).map_err(|e| to_js(&e))?;
        self.stage(env, move |batch| {
            batch.hash_lines(&how);
            Ok(())
        })
    }

    /// Documents → a scratch block, `plain` or compressed; with `write`, when nothing is left to decide, kept ones → lines of
    /// the result. `columns`: duplicates are decided later, and the result will have columns. What is written is looked at, of
    /// one document in `one_in` all that statistics tell.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn encode<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "'write' | 'decide' | 'columns'")] next: String,
        plain: bool,
        one_in: u32,
    ) -> napi::Result<Object<'env>> {
        let look = sample(one_in)?;
        let form = if plain { Form::Plain } else { Form::Lz4 };
        let next = match next.as_str() {
            "write" => Next::Write,
            "decide" => Next::Decide,
            "columns" => Next::Columns,
            other => return Err(to_js(&Error::invalid(format!("no {other:?} comes after a batch")))),
        };
        self.stage(env, move |batch| batch.encode(next, form, &look))
    }

    /// The ledger of the batch by source, as JSON.
    #[napi]
    pub fn counts(&self) -> napi::Result<String> {
        let batch = self.lock().map_err(|e| to_js(&e))?;
        serde_json::to_string(&batch.counts()).map_err(|e| to_js(&Error::Internal(e.to_string())))
    }

    /// Gives the memory back now: waiting for the garbage collector, which sees only a small object, holds gigabytes.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut batch) = self.inner.lock() {
            *batch = batch::Batch::new(Default::default(), String::new(), 0, 1);
        }
    }

    fn stage<'env>(
        &self,
        env: &'env Env,
        work: impl FnOnce(&mut batch::Batch) -> Result<()> + Send + 'static,
    ) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let job = move || {
            let started = Instant::now();
            on(&inner, work)?;
            Ok(started.elapsed().as_secs_f64())
        };
        pool::run(env, job, |seconds| seconds)
    }

    /// The core's batch, for the bindings of other rooms.
    pub fn shared(&self) -> Arc<Mutex<batch::Batch>> {
        self.inner.clone()
    }

    fn lock(&self) -> Result<MutexGuard<'_, batch::Batch>> {
        lock(&self.inner)
    }
}

pub fn lock<T>(shared: &Mutex<T>) -> Result<MutexGuard<'_, T>> {
    shared.lock().map_err(|_| Error::Internal("a stage before this one failed".into()))
}

/// A stage's work. A panic is a defect of kopipe, and tells on which document.
fn on<T>(shared: &Mutex<batch::Batch>, work: impl FnOnce(&mut batch::Batch) -> Result<T>) -> Result<T> {
    let mut batch = lock(shared)?;
    catch_unwind(AssertUnwindSafe(|| work(&mut batch))).unwrap_or_else(|panic| {
        let at = batch.stopped_at().map(|id| format!(", on document {id} of {}", batch.path.display()));
        Err(Error::Internal(pool::panic_message(panic.as_ref()) + &at.unwrap_or_default()))
    })
}

pub fn configuration<T: serde::de::DeserializeOwned>(section: &str, json: &str) -> napi::Result<T> {
    serde_json::from_str(json).map_err(|e| to_js(&Error::invalid(format!("{section}: {e}"))))
}

/// The strings that are tokens in text masked in a style with some kinds, both as the recipe names them.
#[napi]
pub fn mask_tokens(style: String, kinds: Vec<String>) -> napi::Result<Vec<String>> {
    let style: Style = configuration("style", &format!("\"{style}\""))?;
    let kinds = kinds.iter().map(|kind| configuration("kinds", &format!("\"{kind}\""))).collect::<napi::Result<Vec<Kind>>>()?;
    Ok(style.tokens(&kinds))
}

/// Reads the files that filters (the recipe's list as JSON) name; each is read once.
#[napi]
pub fn check_filters(filters: String) -> napi::Result<()> {
    configuration::<Vec<Filter>>("filters", &filters).map(drop)
}

/// Every reason a filter can give, each with the filter's id.
#[napi]
pub fn filter_reasons() -> Vec<Vec<String>> {
    let pairs = REASONS.iter().flat_map(|(filter, reasons)| reasons.iter().map(move |reason| [*filter, *reason]));
    pairs.map(|pair| pair.map(str::to_owned).to_vec()).collect()
}
