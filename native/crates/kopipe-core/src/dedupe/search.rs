//! The search for duplicates, step by step: each step is a number of jobs that can be done on any worker in any order,
//! and leaves a file each; a job whose file is there is done. What a step needs of the one before is gathered when it
//! begins. The cut into jobs is kept in the folder: under another one what was done is of no use and is done again. Once all
//! is done and what each source loses is written, nothing but the outcomes is needed any more: neither signatures nor texts.
//!
//! Memory: 4 bytes a record for the union-find and later for the outcomes, a bit or two, and each worker's share.

use super::near::candidates::{self, Collecting, Piece};
use super::near::components::Components;
use super::near::edges::{self, Share};
use super::near::verify::{Verification, verify};
use super::outcome::Outcomes;
use super::records::Records;
use super::sign::Signing;
use super::{Bits, Documents, exact};
use crate::error::{Error, Result};
use crate::io::Io;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Exact duplicates, by partitions of the digests.
    Copies,
    /// Documents that share a band, by bands or partitions of them.
    Edges,
    /// What those are compared by, unit by unit.
    Candidates,
    /// Comparison, by partitions of the components.
    Verdicts,
}

impl Step {
    const ALL: [Step; 4] = [Step::Copies, Step::Edges, Step::Candidates, Step::Verdicts];

    pub fn name(self) -> &'static str {
        match self {
            Step::Copies => "copies",
            Step::Edges => "edges",
            Step::Candidates => "candidates",
            Step::Verdicts => "verdicts",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// How the steps are cut into jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    copies: u64,
    bands_at_once: usize,
    partitions_of_band: u64,
    /// Of each unit, for its candidates.
    pieces_of_unit: usize,
    verdicts: usize,
}

/// Records sorted by a job of a small corpus: fewer jobs than this have more to do with files than with records.
const RECORDS_AT_ONCE: u64 = 16 << 20;
/// Of jobs whose sizes differ there are some for each worker, so that none waits long for the last one; but none of fewer records.
const RECORDS_OF_UNEVEN: u64 = 16 << 10;

/// The cut into jobs.
const PLAN: &str = "plan.json";
/// What each source loses: written last.
const LOSSES: &str = "losses.json";

pub struct Search {
    io: Io,
    folder: PathBuf,
    documents: Arc<Documents>,
    signing: Signing,
    plan: Plan,
    /// Bytes for each of the jobs that run side by side.
    share: u64,
    gathered: RwLock<Gathered>,
}

enum Gathered {
    Nothing,
    Copies(Bits),
    Components(Components),
}

/// Of a source: documents that were signed, those of them that go, and of these those that go for one that is known from an
/// earlier artifact.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    pub documents: u64,
    pub dropped: u64,
    pub known: u64,
}

impl Search {
    /// `memory` in bytes bounds everything that is held, by `workers` jobs at a time. Fails where the tables over all
    /// records alone are more than half of it.
    pub fn open(io: Io, folder: &Path, documents: Documents, signing: Signing, memory: u64, workers: u64) -> Result<Self> {
        let records = documents.places.records() as u64;
        let tables = 4 * records + records / 4;
        if tables > memory / 2 {
            let needed = (2 * tables).div_ceil(1 << 20);
            return Err(Error::invalid(format!("finding the duplicates of {records} records needs --memory {needed}MB or more")));
        }
        let share = (memory / 2).saturating_sub(tables).max(memory / 8) / workers;
        let in_shares = |bytes: u64| bytes.div_ceil(share).max(1);
        let bands = signing.bands() as u64;
        let uneven = if workers > 1 { (4 * workers).min(records / RECORDS_OF_UNEVEN + 1) } else { 1 };
        let plan = Plan {
            copies: in_shares(exact::BYTES_OF_EACH * records).max(workers.min(records / (RECORDS_AT_ONCE / 16) + 1)),
            bands_at_once: (RECORDS_AT_ONCE / records.max(1)).clamp(1, bands.div_ceil(workers).max(1)) as usize,
            partitions_of_band: in_shares(edges::BYTES_OF_EACH * records),
            pieces_of_unit: uneven.div_ceil(documents.units().count().max(1) as u64) as usize,
            verdicts: (records / (1 << 20) + 1).max(workers).max(uneven) as usize,
        };
        let plan = Self::begun(&io, folder, plan)?;
        Ok(Search {
            io,
            folder: folder.into(),
            documents: Arc::new(documents),
            signing,
            plan,
            share,
            gathered: RwLock::new(Gathered::Nothing),
        })
    }

    /// The plan that was begun with in the folder, where that is of use; otherwise this one.
    fn begun(io: &Io, folder: &Path, plan: Plan) -> Result<Plan> {
        let internal = |e: serde_json::Error| Error::Internal(e.to_string());
        let names = io.list(folder)?;
        let is_there = |name: &str| names.iter().any(|found| found == name);
        if is_there(PLAN) {
            let begun: Plan = serde_json::from_slice(&io.read(&folder.join(PLAN))?).map_err(internal)?;
            if is_there(LOSSES) || begun == plan {
                return Ok(begun);
            }
        }
        io.remove_folder(folder)?;
        io.create_folder(folder)?;
        io.commit(&folder.join(PLAN), &serde_json::to_vec(&plan).map_err(internal)?)?;
        Ok(plan)
    }

    /// The steps that are left, in their order.
    pub fn steps(&self) -> Result<&'static [Step]> {
        let done = self.io.list(&self.folder)?.iter().any(|name| name == LOSSES);
        Ok(if done { &[] } else { self.all_steps() })
    }

    fn all_steps(&self) -> &'static [Step] {
        match self.signing {
            Signing::Exact => &[Step::Copies],
            Signing::Near(profile) if profile.compares() => &[Step::Copies, Step::Edges, Step::Candidates, Step::Verdicts],
            // As that program, which knows of no copies but by their bands.
            Signing::Near(_) => &[Step::Edges, Step::Candidates, Step::Verdicts],
        }
    }

    /// Gathers what a step needs, and tells how many jobs it is.
    pub fn begin(&self, step: Step) -> Result<usize> {
        let records = self.documents.places.records();
        let gathered = match step {
            Step::Copies | Step::Verdicts => Gathered::Nothing,
            Step::Edges => {
                let mut copies = Bits::new(records);
                for path in self.files(Step::Copies) {
                    Records::<exact::Copied>::read_all(&self.io, &path)?.iter().for_each(|copy| copies.set(copy.number));
                }
                Gathered::Copies(copies)
            }
            Step::Candidates => Gathered::Components(Components::connect(&self.io, records, &self.files(Step::Edges))?),
        };
        *self.gathered.write().map_err(|_| poisoned())? = gathered;
        Ok(self.jobs(step))
    }

    /// Does a job of the step that was begun.
    pub fn run(&self, step: Step, job: usize) -> Result<()> {
        let path = self.file(step, job);
        if path.exists() {
            return Ok(());
        }
        let (io, documents, plan) = (&self.io, &self.documents, &self.plan);
        match (step, &*self.gathered.read().map_err(|_| poisoned())?) {
            (Step::Copies, _) => exact::find(io, documents, job as u64, plan.copies, &path),
            (Step::Edges, Gathered::Copies(copies)) => edges::find(io, documents, copies, &self.bands_of(job), &path),
            (Step::Candidates, Gathered::Components(components)) => {
                let step = plan.pieces_of_unit;
                let piece = Piece { unit: job / step, first: job % step, step };
                let how = Collecting { sketch: self.signing.compares(), partitions: plan.verdicts, memory: self.share as usize };
                candidates::collect(io, documents, components, piece, how, &path)
            }
            (Step::Verdicts, _) => {
                let how = Verification { compare: self.signing.compares(), memory: self.share as usize };
                verify(io, &self.files(Step::Candidates), job, plan.verdicts, how, &path)
            }
            _ => Err(Error::Internal(format!("{step:?} was not begun"))),
        }
    }

    /// What became of the documents, and what each source loses, once all steps are done.
    pub fn outcomes(&self) -> Result<(Outcomes, BTreeMap<String, Loss>)> {
        *self.gathered.write().map_err(|_| poisoned())? = Gathered::Nothing;
        let path = self.folder.join(LOSSES);
        let internal = |e: serde_json::Error| Error::Internal(e.to_string());
        let outcomes = Outcomes::open(&self.io, self.documents.clone(), &self.files(Step::Copies), &self.files(Step::Verdicts))?;
        if self.steps()?.is_empty() {
            return Ok((outcomes, serde_json::from_slice(&self.io.read(&path)?).map_err(internal)?));
        }
        let losses = self.losses(&outcomes)?;
        self.io.commit(&path, &serde_json::to_vec(&losses).map_err(internal)?)?;
        for path in [Step::Edges, Step::Candidates].into_iter().flat_map(|step| self.files(step)) {
            self.io.remove(&path)?;
        }
        Ok((outcomes, losses))
    }

    fn losses(&self, outcomes: &Outcomes) -> Result<BTreeMap<String, Loss>> {
        let mut losses: BTreeMap<String, Loss> = BTreeMap::new();
        for (unit, numbers) in self.documents.own_units() {
            let mut blocks = unit.signatures(&self.io)?;
            while let Some(block) = blocks.next_block()? {
                let names = blocks.sources(&block)?;
                let mut of_source = vec![Loss::default(); names.len()];
                for (ordinal, source) in blocks.ordinals(&block)?.into_iter().zip(blocks.source_numbers(&block)?) {
                    let loss = &mut of_source[source as usize];
                    let stands = outcomes.stands_for(numbers.start + ordinal);
                    loss.documents += 1;
                    loss.dropped += u64::from(stands.is_some());
                    loss.known += u64::from(stands.is_some_and(|number| self.documents.is_known(number)));
                }
                for (name, loss) in names.into_iter().zip(of_source) {
                    let sum = losses.entry(name).or_default();
                    sum.documents += loss.documents;
                    sum.dropped += loss.dropped;
                    sum.known += loss.known;
                }
            }
        }
        Ok(losses)
    }

    fn jobs(&self, step: Step) -> usize {
        match step {
            Step::Copies => self.plan.copies as usize,
            Step::Edges => self.signing.bands().div_ceil(self.plan.bands_at_once) * self.plan.partitions_of_band as usize,
            Step::Candidates => self.documents.units().count() * self.plan.pieces_of_unit,
            Step::Verdicts => self.plan.verdicts,
        }
    }

    fn bands_of(&self, job: usize) -> Share {
        let partitions = self.plan.partitions_of_band;
        let first = job / partitions as usize * self.plan.bands_at_once;
        let bands = first..(first + self.plan.bands_at_once).min(self.signing.bands());
        Share { bands, partition: job as u64 % partitions, partitions }
    }

    fn file(&self, step: Step, job: usize) -> PathBuf {
        self.folder.join(format!("{}-{job:05}", step.name()))
    }

    /// The files of a step; none where it is none of this search.
    fn files(&self, step: Step) -> Vec<PathBuf> {
        let jobs = if self.all_steps().contains(&step) { self.jobs(step) } else { 0 };
        (0..jobs).map(|job| self.file(step, job)).collect()
    }
}

fn poisoned() -> Error {
    Error::Internal("a step before this one failed".into())
}

#[cfg(test)]
mod tests;
