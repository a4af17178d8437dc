//! Words on disk that a pass goes through from beginning to end: blocks of records, each with its length before it. A
//! record is count, number of symbols, symbols (LEB128 each). The first pass reads the run of counts instead.

use super::Progress;
use super::run::{RunReader, Sorted, put};
use super::vocabulary::Start;
use crate::error::{Error, Result};
use crate::io::{Io, NewFile, ReadFile};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;

/// Bytes of records that one worker takes at a time.
const BLOCK: usize = 1 << 18;
/// Blocks a worker that are read before any is worked on.
const BLOCKS: usize = 4;

/// Where the words of a pass come from.
pub enum Source {
    Counts(PathBuf),
    Blocks(PathBuf),
}

enum Reader {
    /// `None` behind its end.
    Counts(Option<RunReader>),
    Blocks(ReadFile),
}

impl Reader {
    /// Bytes of the file that were taken; nothing behind its end.
    fn position(&self) -> Option<u64> {
        match self {
            Reader::Counts(counts) => counts.as_ref().map(RunReader::position),
            Reader::Blocks(file) => Some(file.bytes_read().load(Relaxed)),
        }
    }

    /// Replaces `block` by the next one; empty behind the last.
    fn next(&mut self, start: &Start, block: &mut Vec<u8>) -> Result<()> {
        block.clear();
        match self {
            Reader::Counts(counts) => {
                let mut symbols = Vec::new();
                while let Some(run) = counts
                    && block.len() < BLOCK
                {
                    if !run.advance()? {
                        *counts = None;
                        break;
                    }
                    symbols.clear();
                    symbols.extend(start.symbols(run.pretoken()));
                    push(block, run.count(), &symbols);
                }
            }
            Reader::Blocks(file) => {
                let path = file.path().to_path_buf();
                let mut read = |into: &mut [u8]| std::io::Read::read_exact(file, into).map_err(|e| Error::io("read", &path, e));
                let mut length = [0; 4];
                read(&mut length)?;
                block.resize(u32::from_le_bytes(length) as usize, 0);
                read(block)?;
            }
        }
        Ok(())
    }
}

/// Appends a record. Without a pair there is nothing to merge: such a word is left out.
pub fn push(block: &mut Vec<u8>, count: u64, symbols: &[u32]) {
    if symbols.len() > 1 {
        put(block, count);
        put(block, symbols.len() as u64);
        symbols.iter().for_each(|&symbol| put(block, u64::from(symbol)));
    }
}

/// The words of a block.
pub struct Records<'b>(pub &'b [u8]);

impl Records<'_> {
    /// Replaces `symbols` by the next word's and gives its count.
    #[inline]
    pub fn next(&mut self, symbols: &mut Vec<u32>) -> Option<u64> {
        symbols.clear();
        if self.0.is_empty() {
            return None;
        }
        let count = self.number();
        let len = self.number();
        symbols.extend((0..len).map(|_| self.number() as u32));
        Some(count)
    }

    #[inline]
    fn number(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let (byte, rest) = (self.0[0], &self.0[1..]);
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return value;
            }
            shift += 7;
        }
    }
}

pub struct BlockWriter {
    file: NewFile,
}

impl BlockWriter {
    pub fn create(io: &Io, path: &Path) -> Result<Self> {
        Ok(BlockWriter { file: io.create(path)? })
    }

    pub fn write(&mut self, block: &[u8]) -> Result<()> {
        if block.is_empty() {
            return Ok(());
        }
        self.file.write(&(block.len() as u32).to_le_bytes())?;
        self.file.write(block)
    }

    pub fn finish(mut self) -> Result<()> {
        self.file.write(&0u32.to_le_bytes())?;
        self.file.commit().map(drop)
    }
}

impl Source {
    /// Goes through all words: `work` on every block, by all workers; `take` what comes of them, in order, some blocks at
    /// a time.
    pub fn pass<T: Send>(
        &self,
        io: &Io,
        start: &Start,
        progress: &Progress,
        work: impl Fn(&[u8]) -> T + Sync,
        mut take: impl FnMut(Vec<T>) -> Result<()>,
    ) -> Result<()> {
        let (Source::Counts(path) | Source::Blocks(path)) = self;
        let bytes = io.open(path)?.len()?;
        progress.begin_pass(bytes);
        let mut reader = match self {
            Source::Counts(path) => Reader::Counts(Some(RunReader::open(io, path)?)),
            Source::Blocks(path) => Reader::Blocks(io.open(path)?),
        };
        let mut blocks = vec![Vec::new(); BLOCKS * rayon::current_num_threads()];
        loop {
            let mut filled = 0;
            for block in &mut blocks {
                reader.next(start, block)?;
                if block.is_empty() {
                    break;
                }
                filled += 1;
            }
            if progress.cancelled.load(Relaxed) {
                return Err(Error::Cancelled);
            }
            take(blocks[..filled].par_iter().map(|block| work(block)).collect())?;
            progress.passed(reader.position().unwrap_or(bytes));
            if filled < blocks.len() {
                return Ok(());
            }
        }
    }

    pub fn remove(&self, io: &Io) -> Result<()> {
        match self {
            Source::Counts(_) => Ok(()),
            Source::Blocks(path) => io.remove(path),
        }
    }
}
