//! In how many documents each line stands: a job for each partition of the hashes, on any worker, sealed in a file.
//!
//! One line may stand in every document, so lines are not sorted but counted in a table of the different ones (33 to 100 bytes
//! each, about 50 ns a line): that is what the memory bounds. What is found goes out in input order, block by block, and
//! before it the lines of most documents.
//! The cut into partitions is kept in the folder; under another one what was done is done again, unless all was.

use super::fold::Hash;
use super::frequent::{self, Frequent};
use super::hashes::{BUCKETS, LineBlocks, Standing};
use super::{Lines, Rule};
use crate::by_hash::ByHash;
use crate::dedupe::places::Places;
use crate::dedupe::{Bits, records};
use crate::error::{Error, Result};
use crate::io::Io;
use serde::{Deserialize, Serialize};
use std::hash::Hasher;
use std::ops::Range;
use std::path::{Path, PathBuf};
use zerocopy::{FromBytes, Immutable, IntoBytes, transmute};

/// A line that is repeated, in a document that stays.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromBytes, IntoBytes, Immutable)]
pub struct Repeated {
    /// Of the document among those of all units.
    pub number: u32,
    pub piece: u32,
    /// Documents the line stands in; by the rule `count` those up to this one.
    pub documents: u32,
}

/// A unit's lines, and how many records it had.
#[derive(Debug, Clone)]
pub struct UnitLines {
    pub path: PathBuf,
    pub records: u32,
}

/// The most that the table takes for a line, while it grows.
const BYTES_OF_EACH: u64 = 100;
/// Fewer lines are no more than a job's work.
const LINES_AT_ONCE: u64 = 1 << 18;
const PLAN: &str = "plan.json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    partitions: usize,
}

pub struct Counting {
    io: Io,
    folder: PathBuf,
    units: Vec<UnitLines>,
    places: Places,
    /// Documents that go as duplicates.
    dropped: Bits,
    how: Lines,
    plan: Plan,
}

impl Counting {
    /// `memory` in bytes bounds the tables of `workers` jobs at a time; `dropped` tells of a document's number whether
    /// it goes. Fails where there are so many lines that a table of one of 256 partitions is more than its share.
    pub fn open(
        io: Io,
        folder: &Path,
        units: Vec<UnitLines>,
        dropped: impl Fn(u32) -> bool,
        how: Lines,
        (memory, workers): (u64, u64),
    ) -> Result<Self> {
        let places = Places::new(units.iter().map(|unit| unit.records))?;
        let mut bits = Bits::new(places.records());
        for number in 0..places.records() as u32 {
            if dropped(number) {
                bits.set(number);
            }
        }
        let plan = Self::plan(&io, folder, &units, (memory, workers))?;
        Ok(Counting { io, folder: folder.into(), units, places, dropped: bits, how, plan })
    }

    fn plan(io: &Io, folder: &Path, units: &[UnitLines], (memory, workers): (u64, u64)) -> Result<Plan> {
        let internal = |e: serde_json::Error| Error::Internal(e.to_string());
        let names = io.list(folder)?;
        let is_there = |name: &str| names.iter().any(|found| found == name);
        let begun: Option<Plan> = match is_there(PLAN) {
            true => Some(serde_json::from_slice(&io.read(&folder.join(PLAN))?).map_err(internal)?),
            false => None,
        };
        // Once all is counted, units lose their lines part by part.
        if let Some(begun) = begun
            && (0..begun.partitions).all(|job| is_there(&name(job)))
        {
            return Ok(begun);
        }
        let mut lines = 0;
        for unit in units {
            lines += io.open(&unit.path)?.len()? / size_of::<Standing>() as u64;
        }
        let share = (memory / 2 / workers).max(1);
        let partitions = (BYTES_OF_EACH * lines).div_ceil(share).max(workers.min(lines / LINES_AT_ONCE)).max(1);
        if partitions > BUCKETS as u64 {
            let needed = (2 * workers * BYTES_OF_EACH * lines).div_ceil((BUCKETS as u64) << 20);
            return Err(Error::invalid(format!("counting {lines} lines needs --memory {needed}MB or more, or fewer --workers")));
        }
        let plan = Plan { partitions: partitions as usize };
        if begun != Some(plan) {
            io.remove_folder(folder)?;
            io.create_folder(folder)?;
            io.commit(&folder.join(PLAN), &serde_json::to_vec(&plan).map_err(internal)?)?;
        }
        Ok(plan)
    }

    pub fn jobs(&self) -> usize {
        self.plan.partitions
    }

    /// The files the jobs leave.
    pub fn files(&self) -> Vec<PathBuf> {
        (0..self.jobs()).map(|job| self.folder.join(name(job))).collect()
    }

    pub fn places(&self) -> &Places {
        &self.places
    }

    pub fn how(&self) -> &Lines {
        &self.how
    }

    /// The lines of most documents, once every job is done.
    pub fn frequent(&self) -> Result<Vec<Frequent>> {
        let mut all: Vec<Frequent> = Vec::new();
        for job in 0..self.jobs() {
            all.extend(records::Records::<Frequent>::read_all(&self.io, &self.folder.join(frequent_name(job)))?);
        }
        Ok(frequent::most(all))
    }

    /// Counts the lines of a partition, and writes those that are repeated too often as `Repeated`.
    pub fn run(&self, job: usize) -> Result<()> {
        let path = self.folder.join(name(job));
        if path.exists() {
            return Ok(());
        }
        let partitions = self.plan.partitions;
        let buckets = job * BUCKETS / partitions..(job + 1) * BUCKETS / partitions;
        let mut counts = Counts::default();
        let mut out = records::Writer::create(&self.io, &path)?;
        match self.how.rule {
            Rule::Count => self.blocks(&buckets, |lines| {
                let mut repeated = Vec::new();
                for &(line, number) in lines {
                    let documents = counts.add(line.hash, number);
                    if documents > self.how.most {
                        repeated.push(Repeated { number, piece: line.piece, documents });
                    }
                }
                write_sorted(&mut out, repeated)
            })?,
            Rule::Pattern => {
                self.blocks(&buckets, |lines| {
                    for &(line, number) in lines {
                        counts.add(line.hash, number);
                    }
                    Ok(())
                })?;
                self.blocks(&buckets, |lines| {
                    let repeated = lines.iter().filter_map(|&(line, number)| {
                        let documents = counts.of(line.hash);
                        (documents > self.how.green).then_some(Repeated { number, piece: line.piece, documents })
                    });
                    write_sorted(&mut out, repeated.collect())
                })?;
            }
        }
        let least = if self.how.rule == Rule::Count { self.how.most } else { self.how.green };
        records::write(&self.io, &self.folder.join(frequent_name(job)), &frequent::most(counts.over(least)))?;
        // It says that the job is done: last.
        out.commit()
    }

    /// The lines of a partition block by block in input order, with the numbers of their documents, without those that go.
    fn blocks(&self, buckets: &Range<usize>, mut take: impl FnMut(&[(Standing, u32)]) -> Result<()>) -> Result<()> {
        for (i, unit) in self.units.iter().enumerate() {
            let first = self.places.of_unit(i).start;
            let mut blocks = LineBlocks::open(&self.io, &unit.path)?;
            while let Some(block) = blocks.next_block()? {
                let lines = blocks.lines(&block, buckets.clone())?;
                let numbered = lines.into_iter().map(|line| (line, first + line.ordinal));
                let stay: Vec<_> = numbered.filter(|&(_, number)| !self.dropped.get(number)).collect();
                take(&stay)?;
            }
        }
        Ok(())
    }
}

fn name(job: usize) -> String {
    format!("lines-{job:05}")
}

fn frequent_name(job: usize) -> String {
    format!("frequent-{job:05}")
}

/// Buckets of a block follow each other; documents and their lines are wanted in order.
fn write_sorted(out: &mut records::Writer, mut repeated: Vec<Repeated>) -> Result<()> {
    repeated.sort_unstable();
    out.write(&repeated)
}

/// By a line's hash its documents.
#[derive(Default)]
struct Counts(ByHash<Key, Counted>);

/// A hash, in words that want no space behind them in the table.
#[derive(PartialEq, Eq)]
struct Key([u32; 4]);

struct Counted {
    documents: u32,
    first: u32,
    /// A document counts once.
    last: u32,
}

impl Counts {
    /// Documents up to this one.
    fn add(&mut self, hash: Hash, number: u32) -> u32 {
        let counted = self.0.entry(key(hash)).or_insert(Counted { documents: 0, first: number, last: number });
        if counted.documents == 0 || counted.last != number {
            (counted.documents, counted.last) = (counted.documents.saturating_add(1), number);
        }
        counted.documents
    }

    fn of(&self, hash: Hash) -> u32 {
        self.0.get(&key(hash)).map_or(0, |counted| counted.documents)
    }

    /// The lines of more documents than `least`.
    fn over(&self, least: u32) -> impl Iterator<Item = Frequent> {
        let repeated = self.0.iter().filter(move |(_, counted)| counted.documents > least);
        repeated.map(|(Key(words), &Counted { documents, first, .. })| Frequent { hash: transmute!(*words), documents, first })
    }
}

fn key(hash: Hash) -> Key {
    Key(transmute!(hash))
}

/// By the half that partitions are not cut by.
impl std::hash::Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.0[2]) | u64::from(self.0[3]) << 32);
    }
}
