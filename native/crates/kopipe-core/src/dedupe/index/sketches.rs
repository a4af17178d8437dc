//! Sketches on disk, a block for each block of signatures: u64 xxh3 of what follows the two lengths · u32 documents · u32
//! bytes of their sketches · where each ends u32 · the sketches.

use crate::dedupe::near::sketch::Sketch;
use crate::error::{Error, Result};
use crate::io::{Io, ReadFile};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;
use zerocopy::{FromBytes, IntoBytes};

const HEADER: usize = 16;

/// The block of some documents' sketches.
pub fn block(sketches: &[Sketch]) -> Vec<u8> {
    let (mut ends, mut bytes): (Vec<u32>, Vec<u8>) = Default::default();
    for sketch in sketches {
        sketch.push(&mut bytes);
        ends.push(bytes.len() as u32);
    }
    let body = [ends.as_bytes(), &bytes].concat();
    let lengths = [ends.len() as u32, bytes.len() as u32];
    [xxh3_64(&body).as_bytes(), lengths.as_bytes(), &body].concat()
}

/// Reads a part's sketches block by block.
pub struct Sketches {
    file: ReadFile,
    path: PathBuf,
    /// Where the next block begins.
    at: u64,
    end: u64,
}

/// The sketches of a block.
pub struct Block<'a> {
    of: &'a Sketches,
    start: u64,
    rows: Rows,
}

/// What stands behind the header of a block.
pub struct Rows {
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Sketches {
    pub fn open(io: &Io, path: &Path) -> Result<Self> {
        let file = io.open(path)?;
        let end = file.len()?;
        Ok(Sketches { file, path: path.into(), at: 0, end })
    }

    pub fn skip_block(&mut self) -> Result<()> {
        self.header().map(drop)
    }

    pub fn next_block(&mut self) -> Result<Block<'_>> {
        let start = self.at;
        let (checksum, documents, bytes) = self.header()?;
        let mut body = vec![0; 4 * documents + bytes];
        self.file.read_exact_at(start + HEADER as u64, &mut body)?;
        if xxh3_64(&body) != checksum {
            return Err(self.damaged(start));
        }
        Ok(Block { of: self, start, rows: Rows::new(body, documents) })
    }

    /// Goes past a block: its checksum, documents and the bytes of their sketches.
    fn header(&mut self) -> Result<(u64, usize, usize)> {
        let mut header = [0; HEADER];
        if self.at + HEADER as u64 > self.end {
            return Err(self.damaged(self.at));
        }
        self.file.read_exact_at(self.at, &mut header)?;
        let [low, high, documents, bytes] =
            [0, 4, 8, 12].map(|at| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]));
        let length = 4 * u64::from(documents) + u64::from(bytes);
        if length > self.end - self.at - HEADER as u64 {
            return Err(self.damaged(self.at));
        }
        self.at += HEADER as u64 + length;
        Ok((u64::from(low) | u64::from(high) << 32, documents as usize, bytes as usize))
    }

    fn damaged(&self, offset: u64) -> Error {
        Error::corrupt(&self.path, offset, "sketches that are not those that were written")
    }
}

impl Block<'_> {
    /// The sketch of a document by its position in the block.
    pub fn get(&self, position: usize) -> Result<Sketch> {
        self.rows.get(position).ok_or_else(|| self.of.damaged(self.start))
    }
}

impl Rows {
    pub fn new(mut body: Vec<u8>, documents: usize) -> Self {
        let bytes = body.split_off((4 * documents).min(body.len()));
        Rows { ends: body.chunks_exact(4).filter_map(|end| u32::read_from_bytes(end).ok()).collect(), bytes }
    }

    pub fn get(&self, position: usize) -> Option<Sketch> {
        let end = *self.ends.get(position)? as usize;
        let start = if position == 0 { 0 } else { *self.ends.get(position - 1)? as usize };
        Sketch::read(self.bytes.get(start..end)?)
    }
}
