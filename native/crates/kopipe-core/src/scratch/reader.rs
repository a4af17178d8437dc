//! Reads a unit's scratch file block by block.

use super::block::{BLOCK_HEADER, Entries, decompress, read_header};
use crate::error::{Error, Result};
use crate::io::{Io, ReadFile};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

pub struct ScratchReader {
    file: BufReader<ReadFile>,
    path: PathBuf,
    offset: u64,
}

impl ScratchReader {
    pub fn open(io: &Io, blocks: &Path) -> Result<Self> {
        Ok(ScratchReader { file: BufReader::with_capacity(1 << 20, io.open(blocks)?), path: blocks.into(), offset: 0 })
    }

    /// The raw form of the next block; nothing behind the last one.
    pub fn next_block(&mut self) -> Result<Option<Vec<u8>>> {
        let Some((raw_length, length, checksum)) = self.header()? else { return Ok(None) };
        let mut compressed = Vec::new();
        (&mut self.file).take(length as u64).read_to_end(&mut compressed).map_err(|e| Error::io("read", &self.path, e))?;
        if compressed.len() != length {
            return Err(Error::corrupt(&self.path, self.offset, "ends inside a block"));
        }
        let raw = decompress(&compressed, raw_length, checksum, &self.path, self.offset)?;
        self.offset += (BLOCK_HEADER + length) as u64;
        Ok(Some(raw))
    }

    /// Leaves the next block out.
    pub fn skip_block(&mut self) -> Result<()> {
        let Some((_, length, _)) = self.header()? else { return Ok(()) };
        self.file.seek_relative(length as i64).map_err(|e| Error::io("read", &self.path, e))?;
        self.offset += (BLOCK_HEADER + length) as u64;
        Ok(())
    }

    fn header(&mut self) -> Result<Option<(usize, usize, u64)>> {
        let mut header = [0; BLOCK_HEADER];
        let mut got = 0;
        while got < header.len() {
            match self.file.read(&mut header[got..]).map_err(|e| Error::io("read", &self.path, e))? {
                0 if got == 0 => return Ok(None),
                0 => return Err(Error::corrupt(&self.path, self.offset, "ends inside a block header")),
                n => got += n,
            }
        }
        Ok(Some(read_header(&header)))
    }

    /// What stands in a block that was just read.
    pub fn entries<'a>(&self, raw: &'a [u8]) -> Result<Entries<'a>> {
        Entries::new(raw).ok_or_else(|| Error::corrupt(&self.path, self.offset, "a scratch block without sources"))
    }
}
