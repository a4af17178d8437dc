//! `kopipe_core::dedupe::lines`: lines that many documents have in common.

use crate::batch::lock;
use crate::dedupe::{DuplicateOutcomes, poisoned};
use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::dedupe::lines::Lines;
use kopipe_core::dedupe::lines::counting::{Counting, UnitLines};
use kopipe_core::dedupe::lines::cutting::{RepeatedLines, UnitCutting};
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What a sealed unit left for the count.
#[napi(object)]
pub struct HashedUnit {
    pub lines: String,
    pub records: u32,
}

/// The count of lines over all units: a number of jobs for any worker.
#[napi]
pub struct LineCount {
    inner: Arc<Counting>,
}

#[napi]
impl LineCount {
    /// `how` is the recipe's section as JSON; documents that go as duplicates count no lines; `memory` is in bytes. What
    /// was done in the folder before is not done again. Every record is asked for, so a worker does it.
    #[napi(ts_return_type = "Promise<LineCount>")]
    pub fn open<'env>(
        env: &'env Env,
        units: Vec<HashedUnit>,
        folder: String,
        how: String,
        outcomes: &DuplicateOutcomes,
        memory: i64,
        workers: u32,
    ) -> napi::Result<Object<'env>> {
        let outcomes = outcomes.shared();
        let open = move || {
            let how = lines_of(&how)?;
            let units = units.into_iter().map(|HashedUnit { lines, records }| UnitLines { path: PathBuf::from(lines), records });
            let bounds = (memory as u64, u64::from(workers));
            let outcomes = outcomes.as_deref().map(|outcomes| outcomes.read().map_err(|_| poisoned())).transpose()?;
            let dropped = |number| outcomes.as_ref().is_some_and(|outcomes| outcomes.is_dropped(number));
            Counting::open(disk().clone(), Path::new(&folder), units.collect(), dropped, how, bounds)
        };
        pool::run(env, open, |counting| LineCount { inner: Arc::new(counting) })
    }

    #[napi(getter)]
    pub fn jobs(&self) -> u32 {
        self.inner.jobs() as u32
    }

    #[napi(ts_return_type = "Promise<void>")]
    pub fn run<'env>(&self, env: &'env Env, job: u32) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(env, move || inner.run(job as usize), |()| ())
    }

    /// What was found, once every job is done. Documents of which fewer than `shortest` characters would be left go.
    #[napi(ts_return_type = "Promise<LineCuts>")]
    pub fn cuts<'env>(&self, env: &'env Env, shortest: u32) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let job = move || RepeatedLines::open(disk(), &inner, u64::from(shortest));
        pool::run(env, job, |lines| LineCuts { inner: Mutex::new(lines) })
    }
}

/// Which lines are cut from the documents that stay, by unit.
#[napi]
pub struct LineCuts {
    inner: Mutex<RepeatedLines>,
}

#[napi]
impl LineCuts {
    /// The documents that each of the most frequent lines stands in, the most first.
    #[napi(getter)]
    pub fn frequent(&self) -> napi::Result<Vec<u32>> {
        let inner = lock(&self.inner).map_err(|e| to_js(&e))?;
        Ok(inner.frequent().iter().map(|line| line.documents).collect())
    }
}

impl LineCuts {
    pub fn of_unit(&self, unit: u32) -> Result<UnitCutting> {
        lock(&self.inner)?.of_unit(unit as usize)
    }
}

pub fn lines_of(how: &str) -> Result<Lines> {
    serde_json::from_str(how).map_err(|e| Error::invalid(format!("lines: {e}")))
}
