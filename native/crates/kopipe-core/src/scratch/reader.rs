//! Reads a unit's scratch file block by block.

use super::block::Entries;
use super::stored::{HEADER, Header};
use crate::error::{Error, Result};
use crate::io::{Io, ReadFile};
use std::path::{Path, PathBuf};

pub struct ScratchReader {
    file: ReadFile,
    path: PathBuf,
    /// Where the next block begins.
    offset: u64,
    end: u64,
    is_last: bool,
}

impl ScratchReader {
    pub fn open(io: &Io, blocks: &Path) -> Result<Self> {
        let file = io.open(blocks)?;
        let end = file.len()?;
        Ok(ScratchReader { file, path: blocks.into(), offset: 0, end, is_last: false })
    }

    /// For the last reading: what was read leaves the system's cache, so that what is written in its place has room there.
    pub fn open_last(io: &Io, blocks: &Path) -> Result<Self> {
        Ok(ScratchReader { is_last: true, ..Self::open(io, blocks)? })
    }

    /// The raw form of the next block; nothing behind the last one.
    pub fn next_block(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(header) = self.header()? else { return Ok(None) };
        let mut stored = vec![0; header.stored];
        self.file.read_exact_at(self.offset + HEADER as u64, &mut stored)?;
        let raw = header.open(stored, &self.path, self.offset)?;
        let start = self.offset;
        self.pass(header);
        // Plain blocks were not synced: to forget them would send them to the disk first.
        if self.is_last && !header.is_plain() {
            self.file.forget(start..self.offset);
        }
        Ok(Some(raw))
    }

    /// Leaves the next block out.
    pub fn skip_block(&mut self) -> Result<()> {
        if let Some(header) = self.header()? {
            self.pass(header);
        }
        Ok(())
    }

    fn header(&mut self) -> Result<Option<Header>> {
        if self.offset == self.end {
            return Ok(None);
        }
        let mut bytes = [0; HEADER];
        self.file.read_exact_at(self.offset, &mut bytes)?;
        let header = Header::read(&bytes);
        // A length that is not the one that was written may be anything: nothing is allocated for it.
        match self.offset + (HEADER + header.stored) as u64 <= self.end {
            true => Ok(Some(header)),
            false => Err(Error::corrupt(&self.path, self.offset, "ends inside a block")),
        }
    }

    fn pass(&mut self, header: Header) {
        self.offset += (HEADER + header.stored) as u64;
    }

    /// What stands in a block that was just read.
    pub fn entries<'a>(&self, raw: &'a [u8]) -> Result<Entries<'a>> {
        Entries::new(raw).ok_or_else(|| Error::corrupt(&self.path, self.offset, "a scratch block without sources"))
    }
}
