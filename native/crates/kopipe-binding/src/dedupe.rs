//! `kopipe_core::dedupe`: which documents are duplicates.

use crate::batch::lock;
use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::dedupe::outcome::{Outcome, Outcomes};
use kopipe_core::dedupe::search::{Search, Step};
use kopipe_core::dedupe::sign::Signing;
use kopipe_core::dedupe::{Documents, Unit};
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What a sealed unit left for the search.
#[napi(object)]
pub struct SignedUnit {
    pub signatures: String,
    pub blocks: String,
    pub records: u32,
}

/// The search for duplicates among all units: step by step, each a number of jobs for any worker.
#[napi]
pub struct DuplicateSearch {
    inner: Arc<Search>,
}

#[napi]
impl DuplicateSearch {
    /// `signing` is that of the units: `exact` or a profile of near-duplicates; `priority` names the sources whose
    /// documents stay before others; `memory` is in bytes. What was done in the folder before is not done again.
    #[napi(factory)]
    pub fn open(
        units: Vec<SignedUnit>,
        folder: String,
        signing: String,
        priority: Vec<String>,
        memory: i64,
        workers: u32,
    ) -> napi::Result<Self> {
        let unit = |SignedUnit { signatures, blocks, records }| Unit {
            signatures: PathBuf::from(signatures),
            blocks: PathBuf::from(blocks),
            records,
        };
        let open = || {
            let documents = Documents::new(units.into_iter().map(unit).collect(), priority)?;
            let signing = signing_of(&signing)?;
            Search::open(disk().clone(), Path::new(&folder), documents, signing, memory as u64, u64::from(workers))
        };
        Ok(DuplicateSearch { inner: Arc::new(open().map_err(|e| to_js(&e))?) })
    }

    /// Those that are left, in their order.
    #[napi(ts_return_type = "('copies' | 'edges' | 'candidates' | 'verdicts')[]")]
    pub fn steps(&self) -> napi::Result<Vec<&'static str>> {
        let steps = self.inner.steps().map_err(|e| to_js(&e))?;
        Ok(steps.iter().map(|step| step.name()).collect())
    }

    /// Gathers what a step needs, and gives its number of jobs.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn begin<'env>(&self, env: &'env Env, step: String) -> napi::Result<Object<'env>> {
        let (inner, step) = (self.inner.clone(), step_of(&step)?);
        pool::run(env, move || inner.begin(step), |jobs| jobs as u32)
    }

    #[napi(ts_return_type = "Promise<void>")]
    pub fn run<'env>(&self, env: &'env Env, step: String, job: u32) -> napi::Result<Object<'env>> {
        let (inner, step) = (self.inner.clone(), step_of(&step)?);
        pool::run(env, move || inner.run(step, job as usize), |()| ())
    }

    /// What became of the documents, once every job of every step is done.
    #[napi(ts_return_type = "Promise<DuplicateOutcomes>")]
    pub fn outcomes<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let job = move || {
            let (outcomes, losses) = inner.outcomes()?;
            let losses = serde_json::to_string(&losses).map_err(|e| Error::Internal(e.to_string()))?;
            Ok((outcomes, losses))
        };
        pool::run(env, job, |(outcomes, losses)| DuplicateOutcomes { inner: Some(Mutex::new(outcomes)), losses })
    }
}

/// Which documents go and which stand for others, by unit.
#[napi]
pub struct DuplicateOutcomes {
    inner: Option<Mutex<Outcomes>>,
    losses: String,
}

#[napi]
impl DuplicateOutcomes {
    /// Where no duplicates were looked for.
    #[napi(factory)]
    pub fn none() -> Self {
        DuplicateOutcomes { inner: None, losses: "{}".into() }
    }

    /// Of each source the documents that were signed, and those of them that go, as JSON.
    #[napi(getter)]
    pub fn losses(&self) -> String {
        self.losses.clone()
    }

    /// Whether a record goes for another.
    pub fn is_dropped(&self, number: u32) -> Result<bool> {
        self.inner.as_ref().map_or(Ok(false), |inner| Ok(lock(inner)?.is_dropped(number)))
    }

    pub fn of_unit(&self, unit: u32) -> Result<Vec<Outcome>> {
        self.inner.as_ref().map_or(Ok(Vec::new()), |inner| lock(inner)?.of_unit(unit))
    }
}

pub fn signing_of(name: &str) -> Result<Signing> {
    Signing::parse(name).ok_or_else(|| Error::invalid(format!("no signature {name:?}")))
}

fn step_of(name: &str) -> napi::Result<Step> {
    Step::parse(name).ok_or_else(|| to_js(&Error::invalid(format!("no step {name:?}"))))
}
