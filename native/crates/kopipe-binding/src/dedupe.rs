//! `kopipe_core::dedupe`: which documents are duplicates.

use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::lines::LineCuts;
use crate::pool;
use kopipe_core::dedupe::outcome::Outcomes;
use kopipe_core::dedupe::search::{Search, Step};
use kopipe_core::dedupe::sign::Signing;
use kopipe_core::dedupe::{Documents, Known, Texts, Unit, index};
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::Path;
use std::sync::{Arc, RwLock};

/// What a sealed unit left for the search.
#[napi(object)]
pub struct SignedUnit {
    pub signatures: String,
    pub blocks: String,
    pub records: u32,
}

impl From<SignedUnit> for Unit {
    fn from(SignedUnit { signatures, blocks, records }: SignedUnit) -> Self {
        Unit { signatures: signatures.into(), texts: Texts::Blocks(blocks.into()), records }
    }
}

/// A part of the index that an earlier artifact keeps; `artifact` is how its documents are named.
#[napi(object)]
pub struct KnownPart {
    pub artifact: String,
    pub part: u32,
    pub signatures: String,
    /// None where its documents were not to be compared.
    pub sketches: Option<String>,
    pub records: u32,
}

impl From<KnownPart> for Known {
    fn from(KnownPart { artifact, part, signatures, sketches, records }: KnownPart) -> Self {
        let texts = sketches.map_or(Texts::Nothing, |path| Texts::Sketches(path.into()));
        Known { artifact: artifact.into(), part, unit: Unit { signatures: signatures.into(), texts, records } }
    }
}

/// Where the index of a part goes.
#[napi(object)]
pub struct IndexPaths {
    pub signatures: String,
    pub sketches: String,
}

/// Files of the index of a part.
#[napi(object)]
pub struct KeptPart {
    pub documents: u32,
    pub signatures: SealedFile,
    pub sketches: Option<SealedFile>,
}

/// The search for duplicates among all units: step by step, each a number of jobs for any worker.
#[napi]
pub struct DuplicateSearch {
    inner: Arc<Search>,
}

#[napi]
impl DuplicateSearch {
    /// `known` are documents of earlier artifacts, which stay; `signing` is that of the units: `exact` or a profile of
    /// near-duplicates; `priority` names the sources whose documents stay before others; `memory` is in bytes. What was
    /// done in the folder before is not done again.
    #[napi(factory)]
    pub fn open(
        known: Vec<KnownPart>,
        units: Vec<SignedUnit>,
        folder: String,
        signing: String,
        priority: Vec<String>,
        memory: i64,
        workers: u32,
    ) -> napi::Result<Self> {
        let open = || {
            let known = known.into_iter().map(Known::from).collect();
            let documents = Documents::new(known, units.into_iter().map(Unit::from).collect(), priority)?;
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
        pool::run(env, job, |(outcomes, losses)| DuplicateOutcomes { inner: Some(Arc::new(RwLock::new(outcomes))), losses })
    }
}

/// Which documents go and which stand for others, by unit.
#[napi]
pub struct DuplicateOutcomes {
    inner: Option<Arc<RwLock<Outcomes>>>,
    losses: String,
}

#[napi]
impl DuplicateOutcomes {
    /// Where no duplicates were looked for.
    #[napi(factory)]
    pub fn none() -> Self {
        DuplicateOutcomes { inner: None, losses: "{}".into() }
    }

    /// Of each source the documents that were signed, those of them that go, and of these those that go for a known one, as JSON.
    #[napi(getter)]
    pub fn losses(&self) -> String {
        self.losses.clone()
    }

    /// Writes the index of a unit: of its documents those that stay, as far as `lines` leaves enough of them; sketches
    /// only where documents of this signing are compared.
    #[napi(ts_return_type = "Promise<KeptPart>")]
    pub fn keep<'env>(
        &self,
        env: &'env Env,
        unit: u32,
        signed: SignedUnit,
        lines: Option<&LineCuts>,
        signing: String,
        to: IndexPaths,
    ) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone().ok_or_else(|| to_js(&Error::Internal("no duplicates were looked for".into())))?;
        let lines = lines.map(|lines| lines.of_unit(unit)).transpose().map_err(|e| to_js(&e))?;
        let compares = signing_of(&signing).map_err(|e| to_js(&e))?.compares();
        let job = move || {
            let inner = inner.read().map_err(|_| poisoned())?;
            let sketches = compares.then(|| Path::new(&to.sketches));
            index::keep(disk(), &signed.into(), inner.is_dropped_in(unit), lines, Path::new(&to.signatures), sketches)
        };
        pool::run(env, job, |kept| KeptPart {
            documents: kept.documents,
            signatures: kept.signatures.into(),
            sketches: kept.sketches.map(SealedFile::from),
        })
    }
}

impl DuplicateOutcomes {
    /// Nothing where no duplicates were looked for.
    pub fn shared(&self) -> Option<Arc<RwLock<Outcomes>>> {
        self.inner.clone()
    }
}

pub fn poisoned() -> Error {
    Error::Internal("a step before this one failed".into())
}

pub fn signing_of(name: &str) -> Result<Signing> {
    Signing::parse(name).ok_or_else(|| Error::invalid(format!("no signature {name:?}")))
}

fn step_of(name: &str) -> napi::Result<Step> {
    Step::parse(name).ok_or_else(|| to_js(&Error::invalid(format!("no step {name:?}"))))
}
