//! A run: distinct pretokens with their counts, sorted by bytes, on disk. What a worker spills, and what counting
//! hands to training.
//!
//! `KOPRUN01`, then a record a pretoken: count, bytes shared with the one before, further bytes (LEB128 each), those
//! bytes; a zero ends the run, so that a truncated file is known. Front coding halves what Korean takes.

use crate::error::{Error, Result};
use crate::io::{Io, NewFile, ReadFile, Sealed};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Read;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"KOPRUN01";
const BUFFER: usize = 1 << 18;
/// The most that the three numbers of a record take.
const NUMBERS: usize = 30;

/// Something that yields pretokens in order: a run on disk, a worker's table.
pub trait Sorted {
    /// Goes to the next pretoken; false behind the last.
    fn advance(&mut self) -> Result<bool>;
    fn pretoken(&self) -> &[u8];
    fn count(&self) -> u64;
}

/// Records in the making: what was pushed, and the pretoken that the next one shares its beginning with.
#[derive(Default)]
pub struct Records {
    pub bytes: Vec<u8>,
    last: Vec<u8>,
}

impl Records {
    /// Goes on behind `last`.
    pub fn after(last: &[u8]) -> Self {
        Records { bytes: Vec::new(), last: last.to_vec() }
    }

    pub fn push(&mut self, pretoken: &[u8], count: u64) {
        let shared = self.last.iter().zip(pretoken).take_while(|(a, b)| a == b).count();
        put(&mut self.bytes, count);
        put(&mut self.bytes, shared as u64);
        put(&mut self.bytes, (pretoken.len() - shared) as u64);
        self.bytes.extend_from_slice(&pretoken[shared..]);
        self.last.truncate(shared);
        self.last.extend_from_slice(&pretoken[shared..]);
    }
}

pub struct RunWriter {
    file: NewFile,
    records: Records,
}

impl RunWriter {
    pub fn create(io: &Io, path: &Path) -> Result<Self> {
        let mut file = io.create(path)?;
        file.write(MAGIC)?;
        Ok(RunWriter { file, records: Records::default() })
    }

    pub fn push(&mut self, pretoken: &[u8], count: u64) -> Result<()> {
        self.records.push(pretoken, count);
        if self.records.bytes.len() >= BUFFER {
            self.file.write(&self.records.bytes)?;
            self.records.bytes.clear();
        }
        Ok(())
    }

    /// Appends records that go on where the ones before ended.
    pub fn append(&mut self, records: &Records) -> Result<()> {
        self.file.write(&records.bytes)
    }

    pub fn finish(mut self) -> Result<Sealed> {
        self.records.bytes.push(0);
        self.file.write(&self.records.bytes)?;
        self.file.commit()
    }
}

/// Some pretokens of a run, one after another.
#[derive(Default)]
pub struct Piece {
    bytes: Vec<u8>,
    /// Where each ends, and how often it came.
    pretokens: Vec<(usize, u64)>,
}

impl Piece {
    /// Takes the next ones, of about so many bytes; false where the run ends with them.
    pub fn fill(&mut self, run: &mut RunReader, bytes: usize) -> Result<bool> {
        self.clear();
        while self.bytes.len() < bytes {
            if !run.advance()? {
                return Ok(false);
            }
            self.push(run.pretoken(), run.count());
        }
        Ok(true)
    }

    pub fn push(&mut self, pretoken: &[u8], count: u64) {
        self.bytes.extend_from_slice(pretoken);
        self.pretokens.push((self.bytes.len(), count));
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.pretokens.clear();
    }

    pub fn len(&self) -> usize {
        self.pretokens.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let mut start = 0;
        self.pretokens.iter().map(move |&(end, count)| (&self.bytes[std::mem::replace(&mut start, end)..end], count))
    }
}

pub struct RunReader {
    file: ReadFile,
    path: PathBuf,
    /// What was read ahead, from `at` on; `before` bytes of the file came before it.
    buffer: Vec<u8>,
    at: usize,
    before: u64,
    pretoken: Vec<u8>,
    count: u64,
}

impl RunReader {
    pub fn open(io: &Io, path: &Path) -> Result<Self> {
        let (file, buffer) = (io.open(path)?, Vec::with_capacity(BUFFER));
        let mut run = RunReader { file, path: path.into(), buffer, at: 0, before: 0, pretoken: Vec::new(), count: 0 };
        run.read_ahead(MAGIC.len())?;
        if !run.buffer.starts_with(MAGIC) {
            return Err(Error::corrupt(path, 0, "it does not begin as a run of pretoken counts does"));
        }
        run.at = MAGIC.len();
        Ok(run)
    }

    /// Bytes of the file that were taken.
    pub fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// Reads until `wanted` bytes are there, or the file ends.
    fn read_ahead(&mut self, wanted: usize) -> Result<()> {
        if self.buffer.len() - self.at >= wanted {
            return Ok(());
        }
        self.buffer.drain(..self.at);
        self.before += self.at as u64;
        self.at = 0;
        let room = (BUFFER - self.buffer.len()) as u64;
        let read = (&mut self.file).take(room).read_to_end(&mut self.buffer);
        read.map(drop).map_err(|e| Error::io("read", &self.path, e))
    }

    fn too_short(&self) -> Error {
        Error::corrupt(&self.path, self.before + self.buffer.len() as u64, "the run ends too early")
    }

    fn number(&mut self) -> Result<u64> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let Some(&byte) = self.buffer.get(self.at) else { return Err(self.too_short()) };
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift >= 64 {
                return Err(Error::corrupt(&self.path, self.position(), "a number of more than 64 bits"));
            }
        }
    }
}

impl Sorted for RunReader {
    fn advance(&mut self) -> Result<bool> {
        self.read_ahead(NUMBERS)?;
        self.count = self.number()?;
        if self.count == 0 {
            self.read_ahead(1)?;
            let more = self.buffer.len() > self.at;
            return if more { Err(Error::corrupt(&self.path, self.position(), "bytes behind the end of the run")) } else { Ok(false) };
        }
        let (shared, more) = (self.number()?, self.number()?);
        if shared > self.pretoken.len() as u64 || more > u64::from(u32::MAX) {
            return Err(Error::corrupt(&self.path, self.position(), "a pretoken longer than what it is made of"));
        }
        self.pretoken.truncate(shared as usize);
        // Grows with what is there, not with what the file claims.
        let mut left = more as usize;
        while left > 0 {
            self.read_ahead(left.min(BUFFER))?;
            let piece = &self.buffer[self.at..];
            let piece = &piece[..piece.len().min(left)];
            if piece.is_empty() {
                return Err(self.too_short());
            }
            self.pretoken.extend_from_slice(piece);
            (self.at, left) = (self.at + piece.len(), left - piece.len());
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
    while let Some(mut top) = heads.peek_mut() {
        let Reverse((head, i)) = &mut *top;
        if *head != current {
            if sum > 0 {
                each(&current, sum)?;
            }
            current.clone_from(head);
            sum = 0;
        }
        let source = &mut sources[*i];
        sum += source.count();
        if source.advance()? {
            // The heap finds its place anew when `top` is dropped: once down, not up and down.
            head.clear();
            head.extend_from_slice(source.pretoken());
        } else {
            std::collections::binary_heap::PeekMut::pop(top);
        }
    }
    if sum > 0 { each(&current, sum) } else { Ok(()) }
}

pub fn put(into: &mut Vec<u8>, mut value: u64) {
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
