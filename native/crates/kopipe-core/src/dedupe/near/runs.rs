//! Candidates on disk, between the pass over the documents and their comparison: each unit leaves a file of sorted runs,
//! one a partition (components are spread over partitions by hash); a partition reads its runs of all units as one
//! sorted stream. Files are opened only while a piece is read, so their number is no limit; a run is checked by its
//! xxh3 when it has been read.
//!
//! File: chunks, each u64 xxh3 of the directory · directory (u64 bytes · u64 xxh3 of each partition's run) · the runs.

use super::candidate::{Candidate, Key};
use crate::dedupe::exact::partition_of;
use crate::error::{Error, Result};
use crate::io::{Io, NewFile};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};
use zerocopy::IntoBytes;

/// Writes a unit's file. Memory: `most` bytes, then a chunk is written.
pub struct Runs {
    file: NewFile,
    partitions: usize,
    most: usize,
    keys: Vec<(usize, Key, Range<usize>)>,
    bytes: Vec<u8>,
}

impl Runs {
    pub fn create(io: &Io, path: &Path, partitions: usize, most: usize) -> Result<Self> {
        Ok(Runs { file: io.create(path)?, partitions, most, keys: Vec::new(), bytes: Vec::new() })
    }

    pub fn push(&mut self, candidate: &Candidate) -> Result<()> {
        let start = self.bytes.len();
        candidate.push(&mut self.bytes);
        let spread = u64::from(candidate.key.component).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let partition = partition_of(spread, self.partitions as u64) as usize;
        self.keys.push((partition, candidate.key, start..self.bytes.len()));
        if self.bytes.len() >= self.most { self.write_chunk() } else { Ok(()) }
    }

    fn write_chunk(&mut self) -> Result<()> {
        let mut keys = std::mem::take(&mut self.keys);
        keys.sort_unstable_by_key(|(partition, key, _)| (*partition, *key));
        let mut runs = vec![Vec::new(); self.partitions];
        for (partition, _, range) in keys {
            runs[partition].extend_from_slice(&self.bytes[range]);
        }
        let directory: Vec<u64> = runs.iter().flat_map(|run| [run.len() as u64, xxh3_64(run)]).collect();
        self.file.write(xxh3_64(directory.as_bytes()).as_bytes())?;
        self.file.write(directory.as_bytes())?;
        runs.iter().try_for_each(|run| self.file.write(run))?;
        self.bytes.clear();
        Ok(())
    }

    pub fn commit(mut self) -> Result<()> {
        self.write_chunk()?;
        self.file.commit().map(drop)
    }
}

/// A run, of which pieces are read as they are needed.
struct Run {
    path: PathBuf,
    rest: Range<u64>,
    digest: u64,
    seen: Box<Xxh3>,
    bytes: Vec<u8>,
    at: usize,
}

/// All candidates of a partition in order.
pub struct Merge {
    io: Io,
    runs: Vec<Run>,
    piece: usize,
    heap: BinaryHeap<Reverse<(Key, usize)>>,
    heads: Vec<Option<Candidate>>,
}

impl Merge {
    /// Of the partition's runs in these files; `memory` bounds the pieces that are held, in bytes.
    pub fn open(io: &Io, files: &[PathBuf], partition: usize, partitions: usize, memory: usize) -> Result<Self> {
        let mut runs = Vec::new();
        for path in files {
            runs.extend(runs_of(io, path, partition, partitions)?);
        }
        let piece = (memory / runs.len().max(1)).clamp(8 << 10, 1 << 20);
        let heads = runs.iter().map(|_| None).collect();
        let mut merge = Merge { io: io.clone(), runs, piece, heap: BinaryHeap::new(), heads };
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, number: usize) -> Result<()> {
        let run = &mut self.runs[number];
        let mut next = Candidate::read(&run.bytes[run.at..]);
        while next.is_none() && !run.rest.is_empty() {
            run.read_piece(&self.io, self.piece)?;
            next = Candidate::read(&run.bytes);
        }
        match next {
            Some((candidate, length)) => {
                run.at += length;
                self.heap.push(Reverse((candidate.key, number)));
                self.heads[number] = Some(candidate);
                Ok(())
            }
            None if run.at == run.bytes.len() && run.seen.digest() == run.digest => Ok(()),
            None => Err(Error::corrupt(&run.path, run.rest.end, "candidates that are not those that were written")),
        }
    }

    /// The next candidate; nothing behind the last one.
    pub fn next_candidate(&mut self) -> Result<Option<Candidate>> {
        let Some(Reverse((_, number))) = self.heap.pop() else { return Ok(None) };
        let candidate = self.heads[number].take();
        self.advance(number)?;
        Ok(candidate)
    }

    /// The next candidates of one component: at most so many, and none behind the one that exceeds so many bytes.
    pub fn next_of_component(&mut self, most: usize, bytes: usize) -> Result<Vec<Candidate>> {
        let (mut next, mut weight) = (Vec::<Candidate>::new(), 0);
        while let Some(Reverse((key, _))) = self.heap.peek()
            && next.len() < most
            && weight <= bytes
            && next.first().is_none_or(|first| first.key.component == key.component)
        {
            let candidate = self.next_candidate()?;
            weight += candidate.as_ref().map_or(0, Candidate::weight);
            next.extend(candidate);
        }
        Ok(next)
    }
}

impl Run {
    /// Keeps what has not been taken and reads on.
    fn read_piece(&mut self, io: &Io, piece: usize) -> Result<()> {
        self.bytes.drain(..self.at);
        self.at = 0;
        let more = (self.rest.end - self.rest.start).min(piece as u64) as usize;
        let kept = self.bytes.len();
        self.bytes.resize(kept + more, 0);
        io.open(&self.path)?.read_exact_at(self.rest.start, &mut self.bytes[kept..])?;
        self.seen.update(&self.bytes[kept..]);
        self.rest.start += more as u64;
        Ok(())
    }
}

fn runs_of(io: &Io, path: &Path, partition: usize, partitions: usize) -> Result<Vec<Run>> {
    let mut file = io.open(path)?;
    let end = file.len()?;
    let (mut at, mut runs) = (0, Vec::new());
    let mut directory = vec![0u64; 1 + 2 * partitions];
    while at < end {
        file.read_exact_at(at, directory.as_mut_bytes())?;
        if xxh3_64(directory[1..].as_bytes()) != directory[0] {
            return Err(Error::corrupt(path, at, "a directory of candidates that is not the one that was written"));
        }
        at += size_of_val(&directory[..]) as u64;
        for (number, entry) in directory[1..].chunks_exact(2).enumerate() {
            if number == partition && entry[0] > 0 {
                let seen = Box::new(Xxh3::new());
                runs.push(Run { path: path.into(), rest: at..at + entry[0], digest: entry[1], seen, bytes: Vec::new(), at: 0 });
            }
            at += entry[0];
        }
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::super::sketch::Sketch;
    use super::*;
    use proptest::prelude::*;

    fn candidate(component: u32, number: u32, hashes: usize) -> Candidate {
        let sketch = Sketch { hashes: (0..hashes as u32).collect(), shift: 3, left_out: 0 };
        Candidate { key: Key::new(component, number % 2, 7 * number, number), bands: vec![number; 3], sketch }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn every_candidate_comes_once_and_in_order(
            units in prop::collection::vec(prop::collection::vec((0u32..9, 0usize..300), 0..60), 1..4),
            partitions in 1usize..5,
            most in 100usize..9000,
            memory in 1usize..100_000,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let io = Io::default();
            let (mut files, mut all, mut number) = (Vec::new(), Vec::new(), 0);
            for (i, unit) in units.iter().enumerate() {
                let path = dir.path().join(i.to_string());
                let mut runs = Runs::create(&io, &path, partitions, most).unwrap();
                for &(component, hashes) in unit {
                    number += 1;
                    all.push(candidate(component, number, hashes));
                    runs.push(all.last().unwrap()).unwrap();
                }
                runs.commit().unwrap();
                files.push(path);
            }
            let mut found = Vec::new();
            for partition in 0..partitions {
                let mut merge = Merge::open(&io, &files, partition, partitions, memory).unwrap();
                let first = found.len();
                while let Some(candidate) = merge.next_candidate().unwrap() {
                    found.push(candidate);
                }
                prop_assert!(found[first..].is_sorted_by_key(|candidate| candidate.key));
            }
            found.sort_by_key(|candidate| candidate.key.number);
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn damage_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r");
        let io = Io::default();
        let mut runs = Runs::create(&io, &path, 2, 1 << 20).unwrap();
        (0..20).for_each(|i| runs.push(&candidate(i / 3, i, 9)).unwrap());
        runs.commit().unwrap();
        let whole = std::fs::read(&path).unwrap();
        let read_through = || -> Result<()> {
            for partition in 0..2 {
                let mut merge = Merge::open(&io, std::slice::from_ref(&path), partition, 2, 1 << 20)?;
                while merge.next_candidate()?.is_some() {}
            }
            Ok(())
        };
        read_through().unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            std::fs::write(&path, broken).unwrap();
            assert_eq!(read_through().err().map(|e| e.kind()), Some("corrupt"), "byte {at}");
        }
        std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        assert_eq!(read_through().err().map(|e| e.kind()), Some("corrupt"));
    }
}
