//! A run: distinct pretokens with their counts, sorted by bytes, on disk. What a worker spills, and what counting
//! hands to training.
//!
//! `KOPRUN01`, then a record a pretoken: count, bytes shared with the one before, further bytes (LEB128 each), those
//! bytes; a zero ends the run, so that a truncated file is known. Front coding halves what Korean takes.

use crate::error::{Error, Result};
use crate::io::{Io, NewFile, ReadFile, Sealed};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"KOPRUN01";
const BUFFER: usize = 1 << 18;

/// Something that yields pretokens in order: a run on disk, a worker's table.
pub trait Sorted {
    /// Goes to the next pretoken; false behind the last.
    fn advance(&mut self) -> Result<bool>;
    fn pretoken(&self) -> &[u8];
    fn count(&self) -> u64;
}

pub struct RunWriter {
    file: NewFile,
    buffer: Vec<u8>,
    last: Vec<u8>,
}

impl RunWriter {
    pub fn create(io: &Io, path: &Path) -> Result<Self> {
        Ok(RunWriter { file: io.create(path)?, buffer: MAGIC.to_vec(), last: Vec::new() })
    }

    pub fn push(&mut self, pretoken: &[u8], count: u64) -> Result<()> {
        let shared = self.last.iter().zip(pretoken).take_while(|(a, b)| a == b).count();
        put(&mut self.buffer, count);
        put(&mut self.buffer, shared as u64);
        put(&mut self.buffer, (pretoken.len() - shared) as u64);
        self.buffer.extend_from_slice(&pretoken[shared..]);
        self.last.truncate(shared);
        self.last.extend_from_slice(&pretoken[shared..]);
        if self.buffer.len() >= BUFFER {
            self.file.write(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<Sealed> {
        self.buffer.push(0);
        self.file.write(&self.buffer)?;
        self.file.commit()
    }
}

pub struct RunReader {
    file: BufReader<ReadFile>,
    path: PathBuf,
    at: u64,
    pretoken: Vec<u8>,
    count: u64,
}

impl RunReader {
    pub fn open(io: &Io, path: &Path) -> Result<Self> {
        let file = BufReader::with_capacity(BUFFER, io.open(path)?);
        let mut run = RunReader { file, path: path.into(), at: 0, pretoken: Vec::new(), count: 0 };
        let mut magic = [0; 8];
        run.fill(&mut magic)?;
        if &magic != MAGIC {
            return Err(Error::corrupt(path, 0, "it does not begin as a run of pretoken counts does"));
        }
        Ok(run)
    }

    fn fill(&mut self, into: &mut [u8]) -> Result<()> {
        self.file.read_exact(into).map_err(|e| self.wrong(e))?;
        self.at += into.len() as u64;
        Ok(())
    }

    fn wrong(&self, error: std::io::Error) -> Error {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Error::corrupt(&self.path, self.at, "the run ends too early"),
            _ => Error::io("read", &self.path, error),
        }
    }

    fn number(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let mut byte = [0];
            self.fill(&mut byte)?;
            value |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                return Ok(value);
            }
        }
        Err(Error::corrupt(&self.path, self.at, "a number of more than 64 bits"))
    }
}

impl Sorted for RunReader {
    fn advance(&mut self) -> Result<bool> {
        self.count = self.number()?;
        if self.count == 0 {
            let more = !self.file.fill_buf().map_err(|e| Error::io("read", &self.path, e))?.is_empty();
            return if more { Err(Error::corrupt(&self.path, self.at, "bytes behind the end of the run")) } else { Ok(false) };
        }
        let (shared, more) = (self.number()?, self.number()?);
        if shared > self.pretoken.len() as u64 || more > u64::from(u32::MAX) {
            return Err(Error::corrupt(&self.path, self.at, "a pretoken longer than what it is made of"));
        }
        self.pretoken.truncate(shared as usize);
        // Grows with what is there, not with what the file claims.
        let read = (&mut self.file).take(more).read_to_end(&mut self.pretoken).map_err(|e| Error::io("read", &self.path, e))?;
        self.at += read as u64;
        if (read as u64) < more {
            return Err(Error::corrupt(&self.path, self.at, "the run ends too early"));
        }
        Ok(true)
    }

    fn pretoken(&self) -> &[u8] {
        &self.pretoken
    }

    fn count(&self) -> u64 {
        self.count
    }
}

/// Hands every distinct pretoken of the sources to `each`, in order, with the sum of its counts.
pub fn merge(mut sources: Vec<Box<dyn Sorted + '_>>, mut each: impl FnMut(&[u8], u64) -> Result<()>) -> Result<()> {
    let mut heads = BinaryHeap::new();
    for (i, source) in sources.iter_mut().enumerate() {
        if source.advance()? {
            heads.push(Reverse((source.pretoken().to_vec(), i)));
        }
    }
    let (mut current, mut sum) = (Vec::new(), 0);
    while let Some(Reverse((mut head, i))) = heads.pop() {
        if head != current {
            if sum > 0 {
                each(&current, sum)?;
            }
            current.clone_from(&head);
            sum = 0;
        }
        sum += sources[i].count();
        if sources[i].advance()? {
            head.clear();
            head.extend_from_slice(sources[i].pretoken());
            heads.push(Reverse((head, i)));
        }
    }
    if sum > 0 { each(&current, sum) } else { Ok(()) }
}

fn put(into: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn merged_runs_are_the_sums(runs in prop::collection::vec(prop::collection::btree_map("[ab가]{1,20}", 1u64..1 << 40, 0..20), 0..5)) {
            let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
            let mut sources: Vec<Box<dyn Sorted>> = Vec::new();
            let mut sums = BTreeMap::new();
            for (i, run) in runs.iter().enumerate() {
                let path = dir.path().join(i.to_string());
                let mut writer = RunWriter::create(&io, &path).unwrap();
                for (pretoken, &count) in run {
                    writer.push(pretoken.as_bytes(), count).unwrap();
                    *sums.entry(pretoken.clone().into_bytes()).or_insert(0) += count;
                }
                writer.finish().unwrap();
                sources.push(Box::new(RunReader::open(&io, &path).unwrap()));
            }
            let mut merged = BTreeMap::new();
            merge(sources, |pretoken, count| { merged.insert(pretoken.to_vec(), count); Ok(()) }).unwrap();
            prop_assert_eq!(merged, sums);
        }
    }

    #[test]
    fn every_truncation_is_noticed() {
        let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
        let path = dir.path().join("run");
        let mut writer = RunWriter::create(&io, &path).unwrap();
        for word in ["가", "가나", "나"] {
            writer.push(word.as_bytes(), 300).unwrap();
        }
        writer.finish().unwrap();
        let whole = std::fs::read(&path).unwrap();
        for len in 0..whole.len() {
            std::fs::write(&path, &whole[..len]).unwrap();
            let read = RunReader::open(&io, &path).and_then(|mut run| {
                while run.advance()? {}
                Ok(())
            });
            assert!(matches!(read, Err(Error::Corrupt { .. })), "{len} of {} bytes", whole.len());
        }
    }
}
