//! Counting distinct pretokens, in 64 bits and within a bound of memory.
//!
//! Each worker counts into a table of its own (`table`). A table that would outgrow its share is sorted and spilled as a
//! run; at the end tables and runs are merged into one run. Without runs, every worker merges and writes a stretch of
//! the order. The result depends on the text only.

use super::BESIDE;
use super::run::{Records, RunReader, RunWriter, Sorted, merge};
use super::table::{Entry, Place, SortedTable, Table, compare};
use crate::bpe::normalizer::Normalizer;
use crate::bpe::pretoken::{Pattern, Pretokens};
use crate::error::Result;
use crate::io::{Io, Sealed};
use crate::stats::eojeol;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Runs that are merged at a time: bounds open files and buffers.
const FAN_IN: usize = 128;
/// Pretokens whose places are asked for before the first of them is looked at: hides the way to memory.
const AHEAD: usize = 32;
/// A smaller table would be spilled more often than is of use.
const LEAST_SHARE: usize = 1 << 14;
/// Stretches that a worker merges and writes, one after another.
const STRETCHES: usize = 4;

/// The counts of all workers.
pub struct PretokenCounts {
    io: Io,
    normalizer: Normalizer,
    pattern: Pattern,
    /// Where runs are spilled to.
    folder: PathBuf,
    /// The share of a worker's table.
    share: usize,
    idle: Mutex<Vec<Counting>>,
    runs: Mutex<Vec<PathBuf>>,
    /// Of the texts as they came.
    characters: AtomicU64,
    eojeol: AtomicU64,
}

/// A worker's table and its buffers.
struct Counting {
    table: Table,
    ends: Vec<u32>,
    places: Vec<Place>,
}

/// What counting came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CountedPretokens {
    /// Distinct pretokens, and the bytes of those; and how many of them came once.
    pub types: u64,
    pub type_bytes: u64,
    pub once: u64,
    pub pretokens: u64,
    /// Of the texts: characters, and runs of them between white space.
    pub characters: u64,
    pub eojeol: u64,
    pub sealed: Sealed,
}

impl PretokenCounts {
    /// Half of what the process leaves of `memory` is for the tables; documents under way take the rest.
    pub fn new(io: Io, normalizer: Normalizer, pattern: Pattern, folder: &Path, memory: u64, workers: usize) -> Result<Self> {
        io.create_folder(folder)?;
        let share = ((memory.saturating_sub(BESIDE) / 2) as usize / workers.max(1)).max(LEAST_SHARE);
        let (idle, runs, characters, eojeol) = Default::default();
        Ok(PretokenCounts { io, normalizer, pattern, folder: folder.into(), share, idle, runs, characters, eojeol })
    }

    /// Counts the pretokens of some documents. Any number of threads may do so at a time.
    pub fn add<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Result<()> {
        let mut counting = self.take_table();
        for text in texts {
            self.characters.fetch_add(text.chars().count() as u64, Relaxed);
            self.eojeol.fetch_add(eojeol(text), Relaxed);
            let normalized = self.normalizer.normalize(text);
            let text = normalized.as_deref().unwrap_or(text);
            let mut pretokens = Pretokens::new(self.pattern, text);
            let mut start = 0;
            loop {
                pretokens.next_ends(&mut counting.ends);
                if counting.ends.is_empty() {
                    break;
                }
                start = self.add_block(&mut counting, text.as_bytes(), start)?;
            }
        }
        lock(&self.idle).push(counting);
        Ok(())
    }

    fn add_block(&self, Counting { table, ends, places }: &mut Counting, text: &[u8], first: usize) -> Result<usize> {
        places.clear();
        let mut start = first;
        for &end in &*ends {
            places.push(Place::of(text, start, end as usize));
            start = end as usize;
        }
        places.iter().take(AHEAD).for_each(|&place| table.soon(place));
        start = first;
        for (i, (&end, &place)) in ends.iter().zip(&*places).enumerate() {
            if let Some(&soon) = places.get(i + AHEAD) {
                table.soon(soon);
            }
            table.add(&text[start..end as usize], place, 1);
            start = end as usize;
            if table.must_grow() || table.arena_bytes() > self.share / 2 {
                self.make_room(table)?;
            }
        }
        Ok(start)
    }

    /// Counts pretokens so many times each. Any number of threads may do so at a time.
    pub fn add_counted<'p>(&self, pretokens: impl Iterator<Item = (&'p [u8], u64)>) -> Result<()> {
        let mut counting = self.take_table();
        for (pretoken, times) in pretokens {
            counting.table.add(pretoken, Place::of(pretoken, 0, pretoken.len()), times);
            if counting.table.must_grow() || counting.table.arena_bytes() > self.share / 2 {
                self.make_room(&mut counting.table)?;
            }
        }
        lock(&self.idle).push(counting);
        Ok(())
    }

    fn take_table(&self) -> Counting {
        let idle = lock(&self.idle).pop();
        idle.unwrap_or_else(|| Counting { table: Table::new(), ends: Vec::new(), places: Vec::new() })
    }

    fn make_room(&self, table: &mut Table) -> Result<()> {
        let largest_arena = (self.share / 2).min(u32::MAX as usize / 2);
        if table.arena_bytes() <= largest_arena && table.bytes_to_grow() <= self.share {
            table.grow();
            return Ok(());
        }
        let run = self.next_run();
        let full = std::mem::replace(table, Table::new());
        self.write_stretches(&[full.into_sorted()], &run)?;
        lock(&self.runs).push(run);
        Ok(())
    }

    /// Names are numbered; the list only grows, but for the moment in which `seal` merges.
    fn next_run(&self) -> PathBuf {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        self.folder.join(format!("run-{:06}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
    }

    fn write(&self, sources: Vec<Box<dyn Sorted + '_>>, path: &Path) -> Result<CountedPretokens> {
        let mut writer = RunWriter::create(&self.io, path)?;
        let mut total = Total::default();
        merge(sources, |pretoken, count| {
            total.add(pretoken, count);
            writer.push(pretoken, count)
        })?;
        Ok(self.counted(total, writer.finish()?))
    }

    /// Writes what tables hold together, as `write` would, by all workers.
    fn write_stretches(&self, tables: &[SortedTable], path: &Path) -> Result<CountedPretokens> {
        let workers = rayon::current_num_threads();
        let stretches: Vec<Stretch> = stretches(tables, workers * STRETCHES);
        let mut writer = RunWriter::create(&self.io, path)?;
        let mut total = Total::default();
        for some in stretches.chunks(workers) {
            let written: Vec<(Records, Total)> = some.into_par_iter().map(|stretch| merge_stretch(tables, stretch)).collect();
            for (records, part) in written {
                writer.append(&records)?;
                total.types += part.types;
                total.type_bytes += part.type_bytes;
                total.once += part.once;
                total.pretokens += part.pretokens;
            }
        }
        Ok(self.counted(total, writer.finish()?))
    }

    fn counted(&self, Total { types, type_bytes, once, pretokens }: Total, sealed: Sealed) -> CountedPretokens {
        let [characters, eojeol] = [&self.characters, &self.eojeol].map(|count| count.load(Relaxed));
        CountedPretokens { types, type_bytes, once, pretokens, characters, eojeol, sealed }
    }

    /// Merges everything into one run at `path` and removes what was spilled.
    pub fn seal(&self, path: &Path) -> Result<CountedPretokens> {
        let mut runs = std::mem::take(&mut *lock(&self.runs));
        let counting = std::mem::take(&mut *lock(&self.idle));
        let tables: Vec<SortedTable> = counting.into_par_iter().with_max_len(1).map(|counting| counting.table.into_sorted()).collect();
        if runs.is_empty() {
            return self.write_stretches(&tables, path);
        }
        while runs.len() > FAN_IN {
            let merged = self.next_run();
            let some: Vec<PathBuf> = runs.drain(..FAN_IN).collect();
            self.write(self.open(&some)?, &merged)?;
            self.remove(&some)?;
            runs.push(merged);
        }
        let mut sources = self.open(&runs)?;
        sources.extend(tables.into_iter().map(|table| Box::new(table) as Box<dyn Sorted>));
        let counted = self.write(sources, path)?;
        self.remove(&runs)?;
        Ok(counted)
    }

    fn open(&self, runs: &[PathBuf]) -> Result<Vec<Box<dyn Sorted + '_>>> {
        runs.iter().map(|run| Ok(Box::new(RunReader::open(&self.io, run)?) as Box<dyn Sorted>)).collect()
    }

    fn remove(&self, runs: &[PathBuf]) -> Result<()> {
        runs.iter().try_for_each(|run| self.io.remove(run))
    }
}

#[derive(Default)]
struct Total {
    types: u64,
    type_bytes: u64,
    once: u64,
    pretokens: u64,
}

impl Total {
    fn add(&mut self, pretoken: &[u8], count: u64) {
        self.types += 1;
        self.type_bytes += pretoken.len() as u64;
        self.once += u64::from(count == 1);
        self.pretokens += count;
    }
}

/// A stretch of the order: from where to where it goes in each table.
type Stretch = Vec<std::ops::Range<usize>>;

/// Cuts the order into stretches of about one length; equal pretokens of several tables are never parted.
fn stretches(tables: &[SortedTable], wanted: usize) -> Vec<Stretch> {
    let Some(longest) = tables.iter().max_by_key(|table| table.entries.len()) else { return Vec::new() };
    let cut_before = |cut: usize| -> Vec<usize> {
        match longest.entries.get(cut) {
            None => tables.iter().map(|table| table.entries.len()).collect(),
            Some(first) => tables
                .iter()
                .map(|table| table.entries.partition_point(|entry| compare((entry, &table.arena), (first, &longest.arena)).is_lt()))
                .collect(),
        }
    };
    let mut cuts = vec![vec![0; tables.len()]];
    cuts.extend((1..wanted).map(|i| cut_before(longest.entries.len() * i / wanted)));
    cuts.push(cut_before(usize::MAX));
    cuts.windows(2).map(|two| two[0].iter().zip(&two[1]).map(|(&start, &end)| start..end).collect()).collect()
}

fn merge_stretch(tables: &[SortedTable], stretch: &Stretch) -> (Records, Total) {
    let with_arena = |(table, at): (usize, usize)| (&tables[table].entries[at], &tables[table].arena[..]);
    let spelled = |place: (usize, usize)| {
        let ((entry, arena), mut bytes) = (with_arena(place), Vec::new());
        entry.spell(arena, &mut bytes);
        bytes
    };
    let before = stretch.iter().enumerate().filter(|(_, range)| range.start > 0).map(|(table, range)| (table, range.start - 1));
    let last = before.max_by(|&a, &b| compare(with_arena(a), with_arena(b)));
    let (mut records, mut total) = (Records::after(&last.map(spelled).unwrap_or_default()), Total::default());
    let mut heads: Vec<(usize, usize)> =
        stretch.iter().enumerate().filter(|(_, range)| !range.is_empty()).map(|(table, range)| (table, range.start)).collect();
    let mut pretoken = Vec::new();
    // As few tables as workers: the least head is looked for one by one.
    while let Some(&least) = heads.iter().min_by(|&&a, &&b| compare(with_arena(a), with_arena(b))) {
        let (entry, arena): (&Entry, &[u8]) = with_arena(least);
        let mut count = 0;
        heads.retain_mut(|(table, at)| {
            let other = &tables[*table].entries[*at];
            if compare((other, &tables[*table].arena), (entry, arena)).is_eq() {
                count += other.count;
                *at += 1;
            }
            *at < stretch[*table].end
        });
        entry.spell(arena, &mut pretoken);
        records.push(&pretoken, count);
        total.add(&pretoken, count);
    }
    (records, total)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn counted(texts: &[String], memory: u64, threads: usize) -> (BTreeMap<Vec<u8>, u64>, CountedPretokens) {
        let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
        let counts = PretokenCounts::new(io.clone(), Normalizer::None, Pattern::Gpt2, dir.path(), memory, threads).unwrap();
        std::thread::scope(|scope| {
            for part in texts.chunks(texts.len().div_ceil(threads).max(1)) {
                scope.spawn(|| counts.add(part.iter().map(String::as_str)).unwrap());
            }
        });
        let path = dir.path().join("counts");
        let counted = counts.seal(&path).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "only the counts are left");
        let mut found = BTreeMap::new();
        let mut run = RunReader::open(&io, &path).unwrap();
        while run.advance().unwrap() {
            assert!(found.insert(run.pretoken().to_vec(), run.count()).is_none());
        }
        (found, counted)
    }

    proptest! {
        #[test]
        fn equals_counting_with_a_map(texts in prop::collection::vec("([가-각 ]{0,12}|[ab]{10,30}|\u{0}{0,20}|\\PC{0,20}){1,9}", 1..20)) {
            let mut twin = BTreeMap::new();
            for text in &texts {
                for pretoken in Pretokens::new(Pattern::Gpt2, text) {
                    *twin.entry(pretoken.to_vec()).or_insert(0u64) += 1;
                }
            }
            for threads in [1, 3] {
                let (found, counted) = counted(&texts, 1 << 30, threads);
                prop_assert_eq!(&found, &twin);
                let once = twin.values().filter(|&&count| count == 1).count();
                prop_assert_eq!((counted.types, counted.once), (twin.len() as u64, once as u64));
                prop_assert_eq!(counted.characters, texts.iter().map(|text| text.chars().count() as u64).sum::<u64>());
                prop_assert_eq!(counted.eojeol, texts.iter().map(|text| text.split_whitespace().count() as u64).sum::<u64>());
            }
        }
    }

    /// A table of a few kilobytes spills hundreds of times, and more runs than are merged at once: the same file.
    #[test]
    fn memory_changes_nothing() {
        let texts: Vec<String> =
            (0..150_000u64).map(|i| format!("{} 낱말{} 아주아주긴낱말아주아주긴낱말{}", i % 7, i % 5000, i * 7919 % 100_003)).collect();
        let (all, unbounded) = counted(&texts, 1 << 30, 1);
        let (bounded, spilled) = counted(&texts, 1 << 16, 2);
        assert_eq!(unbounded, spilled);
        assert!(all == bounded);
    }
}
