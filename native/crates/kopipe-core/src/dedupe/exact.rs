//! Exact duplicates by 128-bit digest: of the documents with one digest the first in input order stays.
//!
//! Each unit leaves its signatures sorted; they are merged as one stream (a heap over at most `FAN_IN` mapped runs,
//! more are merged in passes), so memory does not grow with the input, not even where one document stands a
//! million times. The digest space is split between the workers. What is found is sorted back into input order in
//! runs of bounded size. The cost of the merge alone has not been measured yet.

use crate::error::{Error, Result};
use crate::io::{Io, UNFINISHED};
use memmap2::Mmap;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};

const FAN_IN: usize = 1024;

/// A document's digest and place; ordered by digest, then by input order. Big-endian, so that bytes compare.
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature([u8; 28]);

/// A duplicate's place and that of the document kept; ordered by input order. Big-endian.
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drop([u8; 24]);

impl Signature {
    pub fn new(digest: u128, file: u32, unit: u32, ordinal: u32) -> Self {
        let mut bytes = [0; 28];
        bytes[..16].copy_from_slice(&digest.to_be_bytes());
        bytes[16..20].copy_from_slice(&file.to_be_bytes());
        bytes[20..24].copy_from_slice(&unit.to_be_bytes());
        bytes[24..].copy_from_slice(&ordinal.to_be_bytes());
        Signature(bytes)
    }

    fn digest(&self) -> &[u8] {
        &self.0[..16]
    }

    fn place(&self) -> &[u8] {
        &self.0[16..]
    }

    pub fn bytes_of(signatures: &[Signature]) -> &[u8] {
        signatures.as_flattened_bytes()
    }
}

impl Drop {
    fn new(duplicate: &Signature, kept: &[u8]) -> Self {
        let mut bytes = [0; 24];
        bytes[..12].copy_from_slice(duplicate.place());
        bytes[12..].copy_from_slice(kept);
        Drop(bytes)
    }

    fn word(&self, at: usize) -> u32 {
        u32::from_be_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
    }

    fn unit_key(&self) -> (u32, u32) {
        (self.word(0), self.word(4))
    }

    pub fn ordinal(&self) -> u32 {
        self.word(8)
    }

    pub fn kept_file(&self) -> u32 {
        self.word(12)
    }

    pub fn kept_unit(&self) -> u32 {
        self.word(16)
    }

    pub fn kept_ordinal(&self) -> u32 {
        self.word(20)
    }
}

/// Slices of fixed-size byte records, as bytes.
trait AsFlattenedBytes {
    fn as_flattened_bytes(&self) -> &[u8];
}

impl AsFlattenedBytes for [Signature] {
    fn as_flattened_bytes(&self) -> &[u8] {
        // SAFETY: `Signature` is a transparent byte array: no padding, alignment 1.
        unsafe { std::slice::from_raw_parts(self.as_ptr().cast(), size_of_val(self)) }
    }
}

impl AsFlattenedBytes for [Drop] {
    fn as_flattened_bytes(&self) -> &[u8] {
        // SAFETY: `Drop` is a transparent byte array: no padding, alignment 1.
        unsafe { std::slice::from_raw_parts(self.as_ptr().cast(), size_of_val(self)) }
    }
}

/// A mapped file of records of type `T`, a transparent byte array.
struct Run<T> {
    map: Option<Mmap>,
    kind: std::marker::PhantomData<T>,
}

impl<T> Run<T> {
    fn open(io: &Io, path: &Path) -> Result<Self> {
        let empty = io.open(path)?.is_empty()?;
        let map = if empty { None } else { Some(io.map(path)?) };
        if let Some(map) = &map
            && map.len() % size_of::<T>() != 0
        {
            return Err(Error::corrupt(path, map.len() as u64, "not a whole number of records"));
        }
        Ok(Run { map, kind: std::marker::PhantomData })
    }

    fn records(&self) -> &[T] {
        let bytes: &[u8] = self.map.as_deref().unwrap_or_default();
        // SAFETY: `T` is a transparent byte array (alignment 1, every value valid); the length was checked on open.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>()) }
    }
}

/// Finds the duplicates among the signatures of all units and writes them into `folder` as sorted runs, whose
/// paths it returns. `memory` bounds what is held, in bytes.
pub fn find_duplicates(io: &Io, signatures: &[PathBuf], folder: &Path, memory: u64) -> Result<Vec<PathBuf>> {
    io.create_folder(folder)?;
    let mut inputs = signatures.to_vec();
    let mut pass = 0;
    while inputs.len() > FAN_IN {
        inputs = merge_pass(io, &inputs, folder, pass)?;
        pass += 1;
    }
    let runs = inputs.iter().map(|path| Run::<Signature>::open(io, path)).collect::<Result<Vec<_>>>()?;
    let ranges = rayon::current_num_threads().clamp(1, 256);
    let held = (memory / ranges as u64 / size_of::<Drop>() as u64).clamp(1 << 10, 1 << 26) as usize;
    let found: Vec<Vec<PathBuf>> = (0..ranges)
        .into_par_iter()
        .map(|range| {
            let slices: Vec<&[Signature]> = runs.iter().map(|run| digest_range(run.records(), range, ranges)).collect();
            duplicates_among(io, &slices, held, |n| folder.join(format!("drops-{range:03}-{n:05}")))
        })
        .collect::<Result<_>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// The records whose first two digest bytes fall into the `range`-th of `ranges` equal parts.
fn digest_range(records: &[Signature], range: usize, ranges: usize) -> &[Signature] {
    let edge = |r: usize| {
        let first = (r << 16).div_ceil(ranges);
        records.partition_point(|s| (usize::from(s.0[0]) << 8 | usize::from(s.0[1])) < first)
    };
    &records[edge(range)..edge(range + 1)]
}

fn duplicates_among(io: &Io, runs: &[&[Signature]], held: usize, path: impl Fn(usize) -> PathBuf) -> Result<Vec<PathBuf>> {
    let mut kept: Option<Signature> = None;
    let (mut drops, mut written) = (Vec::new(), Vec::new());
    let mut flush = |drops: &mut Vec<Drop>| -> Result<()> {
        drops.sort_unstable();
        let path = path(written.len());
        io.commit(&path, drops.as_flattened_bytes())?;
        written.push(path);
        drops.clear();
        Ok(())
    };
    for signature in Merge::new(runs) {
        match &kept {
            Some(first) if first.digest() == signature.digest() => {
                drops.push(Drop::new(&signature, first.place()));
                if drops.len() >= held {
                    flush(&mut drops)?;
                }
            }
            _ => kept = Some(signature),
        }
    }
    if !drops.is_empty() {
        flush(&mut drops)?;
    }
    Ok(written)
}

fn merge_pass(io: &Io, inputs: &[PathBuf], folder: &Path, pass: usize) -> Result<Vec<PathBuf>> {
    let groups: Vec<&[PathBuf]> = inputs.chunks(FAN_IN).collect();
    groups
        .into_par_iter()
        .enumerate()
        .map(|(number, group)| {
            let runs = group.iter().map(|path| Run::<Signature>::open(io, path)).collect::<Result<Vec<_>>>()?;
            let slices: Vec<&[Signature]> = runs.iter().map(Run::records).collect();
            let path = folder.join(format!("signatures-{pass}-{number:05}"));
            let mut file = io.create(&path)?;
            let mut buffer = Vec::with_capacity(1 << 15);
            for signature in Merge::new(&slices) {
                buffer.push(signature);
                if buffer.len() == buffer.capacity() {
                    file.write(buffer.as_flattened_bytes())?;
                    buffer.clear();
                }
            }
            file.write(buffer.as_flattened_bytes())?;
            file.commit()?;
            Ok(path)
        })
        .collect()
}

/// The records of sorted runs as one sorted stream.
struct Merge<'a> {
    heap: BinaryHeap<Reverse<(Signature, usize)>>,
    rest: Vec<&'a [Signature]>,
}

impl<'a> Merge<'a> {
    fn new(runs: &[&'a [Signature]]) -> Self {
        let mut merge = Merge { heap: BinaryHeap::with_capacity(runs.len()), rest: runs.to_vec() };
        for run in 0..runs.len() {
            merge.refill(run);
        }
        merge
    }

    fn refill(&mut self, run: usize) {
        if let Some((first, rest)) = self.rest[run].split_first() {
            self.rest[run] = rest;
            self.heap.push(Reverse((*first, run)));
        }
    }
}

impl Iterator for Merge<'_> {
    type Item = Signature;

    fn next(&mut self) -> Option<Signature> {
        let Reverse((signature, run)) = self.heap.pop()?;
        self.refill(run);
        Some(signature)
    }
}

/// The runs `find_duplicates` wrote, by unit.
pub struct Duplicates {
    runs: Vec<Run<Drop>>,
}

impl Duplicates {
    pub fn open(io: &Io, folder: &Path) -> Result<Self> {
        let names = io.list(folder)?;
        let drops = names.iter().filter(|name| name.starts_with("drops-") && !name.ends_with(UNFINISHED));
        Ok(Duplicates { runs: drops.map(|name| Run::open(io, &folder.join(name))).collect::<Result<_>>()? })
    }

    /// The duplicates of one unit, by ordinal.
    pub fn of_unit(&self, file: u32, unit: u32) -> Vec<Drop> {
        let mut drops = Vec::new();
        for run in &self.runs {
            let records = run.records();
            let from = records.partition_point(|d| d.unit_key() < (file, unit));
            let to = records.partition_point(|d| d.unit_key() <= (file, unit));
            drops.extend_from_slice(&records[from..to]);
        }
        drops.sort_unstable();
        drops
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// File, unit and ordinal of a duplicate, and those of the document kept.
    type Found = (u32, u32, u32, (u32, u32, u32));

    /// The obvious way: the first place of each digest stays.
    fn slow(signatures: &[(u128, u32, u32, u32)]) -> Vec<Found> {
        let mut sorted = signatures.to_vec();
        sorted.sort_by_key(|&(_, f, u, o)| (f, u, o));
        let mut first = HashMap::new();
        sorted
            .iter()
            .filter_map(|&(d, f, u, o)| match first.get(&d) {
                Some(&kept) => Some((f, u, o, kept)),
                None => {
                    first.insert(d, (f, u, o));
                    None
                }
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn equals_its_slow_twin(documents in prop::collection::vec((0u128..40, 0u32..3, 0u32..2), 0..300), memory in 1u64..60_000) {
            let dir = tempfile::tempdir().unwrap();
            let io = Io::default();
            let mut units: HashMap<(u32, u32), Vec<Signature>> = HashMap::new();
            let mut all = Vec::new();
            for (digest, file, unit) in documents {
                // Spread over the digest space, so that ranges matter.
                let digest = digest.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834);
                let signatures = units.entry((file, unit)).or_default();
                let ordinal = signatures.len() as u32;
                signatures.push(Signature::new(digest, file, unit, ordinal));
                all.push((digest, file, unit, ordinal));
            }
            let mut paths = Vec::new();
            for ((file, unit), mut signatures) in units {
                signatures.sort_unstable();
                let path = dir.path().join(format!("{file}-{unit}"));
                io.commit(&path, Signature::bytes_of(&signatures)).unwrap();
                paths.push(path);
            }
            let folder = dir.path().join("duplicates");
            find_duplicates(&io, &paths, &folder, memory).unwrap();
            let duplicates = Duplicates::open(&io, &folder).unwrap();
            let mut found = Vec::new();
            for file in 0..3 {
                for unit in 0..2 {
                    for d in duplicates.of_unit(file, unit) {
                        found.push((file, unit, d.ordinal(), (d.kept_file(), d.kept_unit(), d.kept_ordinal())));
                    }
                }
            }
            prop_assert_eq!(found, slow(&all));
        }
    }

    #[test]
    fn one_document_many_times_stays_within_memory() {
        let dir = tempfile::tempdir().unwrap();
        let io = Io::default();
        let path = dir.path().join("s");
        let signatures: Vec<_> = (0..5000).map(|o| Signature::new(7, 0, 0, o)).collect();
        io.commit(&path, Signature::bytes_of(&signatures)).unwrap();
        let folder = dir.path().join("duplicates");
        let runs = find_duplicates(&io, &[path], &folder, 1).unwrap();
        assert!(runs.len() > 3, "flushed in runs of bounded size");
        assert_eq!(Duplicates::open(&io, &folder).unwrap().of_unit(0, 0).len(), 4999);
    }
}
