//! What is kept of each document to find its duplicates by: a 128-bit digest, and a 64-bit hash for each band of its
//! MinHash signature. A unit's file is a row of blocks, one a batch, each a table column by column: a step reads the
//! columns it needs in pieces of 100 KB and more, and checks each by its xxh3.
//!
//! Block: u32 documents · u32 bands · u32 bytes of the names of sources · u32 of xxh3 of the rest of the header · u64
//! xxh3 of each section · names (JSON) · ordinals u32 · sources u16 · lengths u32 · digests u128 · band after band u64.

use crate::error::{Error, Result};
use crate::io::{Io, ReadFile};
use std::ops::Range;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A document without a signature has this in every band: too short for a shingle, it is nobody's near-duplicate.
pub const NO_BAND: u64 = 0;

/// The signatures of a batch, one entry a kept document in each column; of the bands as many as the profile has.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Signed {
    pub ordinals: Vec<u32>,
    /// Numbers of the batch's sources.
    pub sources: Vec<u16>,
    /// Bytes of the texts.
    pub lengths: Vec<u32>,
    /// xxh3-128 of the texts.
    pub digests: Vec<[u64; 2]>,
    /// Document after document.
    pub bands: Vec<u64>,
    /// Bands of each: as many where there is no document.
    pub bands_of_each: usize,
}

/// Sections before those of the bands.
const SECTIONS: usize = 5;
const HEADER: usize = 16;

impl Signed {
    /// The block of these documents; `sources` are the batch's.
    pub fn block(&self, sources: &[String]) -> Result<Vec<u8>> {
        let names = serde_json::to_vec(sources).map_err(|e| Error::Internal(e.to_string()))?;
        let bands = self.bands_of_each;
        let column = |band: usize| (0..self.ordinals.len()).map(|document| self.bands[document * bands + band]).collect();
        let columns: Vec<Vec<u64>> = (0..bands).map(column).collect();
        let fixed: [&[u8]; SECTIONS] =
            [&names, self.ordinals.as_bytes(), self.sources.as_bytes(), self.lengths.as_bytes(), self.digests.as_bytes()];
        let sections: Vec<&[u8]> = fixed.into_iter().chain(columns.iter().map(|column| column.as_bytes())).collect();
        let numbers = [self.ordinals.len() as u32, bands as u32, names.len() as u32];
        let digests: Vec<u64> = sections.iter().map(|section| xxh3_64(section)).collect();
        let check = xxh3_64(&[numbers.as_bytes(), digests.as_bytes()].concat()) as u32;
        Ok([&[numbers.as_bytes(), check.as_bytes(), digests.as_bytes()], &sections[..]].concat().concat())
    }
}

/// Reads a unit's signatures block by block.
pub struct Blocks {
    file: ReadFile,
    /// Where the next block begins.
    at: u64,
    end: u64,
}

/// A block, of which columns can be read.
pub struct Block {
    pub documents: usize,
    pub bands: usize,
    sections: Vec<Range<u64>>,
    digests: Vec<u64>,
}

impl Blocks {
    pub fn open(io: &Io, path: &Path) -> Result<Self> {
        let file = io.open(path)?;
        let end = file.len()?;
        Ok(Blocks { file, at: 0, end })
    }

    /// The header of the next block; nothing behind the last one.
    pub fn next_block(&mut self) -> Result<Option<Block>> {
        if self.at == self.end {
            return Ok(None);
        }
        let head = self.read(self.at..self.at + HEADER as u64)?;
        let [documents, bands, names, check] =
            [0, 4, 8, 12].map(|at| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
        let start = self.at + HEADER as u64;
        let digest_bytes = self.read(start..start + 8 * (SECTIONS as u64 + u64::from(bands)))?;
        if xxh3_64(&[&head[..12], &digest_bytes[..]].concat()) as u32 != check {
            return Err(self.damaged(self.at));
        }
        let each = [4, 2, 4, 16].into_iter().chain(std::iter::repeat_n(8, bands as usize));
        let lengths = std::iter::once(u64::from(names)).chain(each.map(|width| width * u64::from(documents)));
        self.at = start + digest_bytes.len() as u64;
        let sections = lengths.map(|length| {
            self.at += length;
            self.at - length..self.at
        });
        let sections = sections.collect();
        let digests = digest_bytes.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap_or_default())).collect();
        Ok(Some(Block { documents: documents as usize, bands: bands as usize, sections, digests }))
    }

    /// Names of the sources that the block's documents have the numbers of.
    pub fn sources(&mut self, block: &Block) -> Result<Vec<String>> {
        let names = self.section(block, 0)?;
        serde_json::from_slice(&names).map_err(|_| self.damaged(block.sections[0].start))
    }

    pub fn ordinals(&mut self, block: &Block) -> Result<Vec<u32>> {
        self.column(block, 1)
    }

    /// Numbers of sources.
    pub fn source_numbers(&mut self, block: &Block) -> Result<Vec<u16>> {
        self.column(block, 2)
    }

    pub fn lengths(&mut self, block: &Block) -> Result<Vec<u32>> {
        self.column(block, 3)
    }

    pub fn digests(&mut self, block: &Block) -> Result<Vec<[u64; 2]>> {
        self.column(block, 4)
    }

    pub fn band(&mut self, block: &Block, band: usize) -> Result<Vec<u64>> {
        self.column(block, SECTIONS + band)
    }

    fn column<T: Copy + FromBytes + IntoBytes + Immutable>(&mut self, block: &Block, section: usize) -> Result<Vec<T>> {
        let mut column = vec![T::new_zeroed(); block.documents];
        self.read_section(block, section, column.as_mut_bytes())?;
        Ok(column)
    }

    fn section(&mut self, block: &Block, section: usize) -> Result<Vec<u8>> {
        let range = &block.sections[section];
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.read_section(block, section, &mut bytes)?;
        Ok(bytes)
    }

    fn read_section(&mut self, block: &Block, section: usize, into: &mut [u8]) -> Result<()> {
        let start = block.sections[section].start;
        self.file.read_exact_at(start, into)?;
        if xxh3_64(into) == block.digests[section] { Ok(()) } else { Err(self.damaged(start)) }
    }

    /// Of a header that has not been checked: its lengths may be anything.
    fn read(&mut self, range: Range<u64>) -> Result<Vec<u8>> {
        if range.end > self.end {
            return Err(self.damaged(range.start));
        }
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.file.read_exact_at(range.start, &mut bytes)?;
        Ok(bytes)
    }

    fn damaged(&self, offset: u64) -> Error {
        Error::corrupt(self.file.path(), offset, "signatures that are not those that were written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signed(documents: u32, bands: usize) -> Signed {
        Signed {
            ordinals: (0..documents).map(|i| 3 * i).collect(),
            sources: (0..documents).map(|i| (i % 2) as u16).collect(),
            lengths: (0..documents).map(|i| 100 + i).collect(),
            digests: (0..documents).map(|i| [u64::from(i), 7]).collect(),
            bands: (0..u64::from(documents) * bands as u64).map(|i| i + 1).collect(),
            bands_of_each: bands,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn blocks_come_back_as_they_were(blocks in prop::collection::vec((0u32..40, 0usize..5), 0..5)) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("s");
            let names = ["가".to_owned(), "b".to_owned()];
            let written: Vec<Signed> = blocks.iter().map(|&(documents, bands)| signed(documents, bands)).collect();
            let bytes: Vec<u8> = written.iter().flat_map(|signed| signed.block(&names).unwrap()).collect();
            std::fs::write(&path, bytes).unwrap();
            let mut read = Blocks::open(&Io::default(), &path).unwrap();
            for expected in written {
                let block = read.next_block().unwrap().unwrap();
                let columns: Vec<Vec<u64>> = (0..block.bands).map(|band| read.band(&block, band).unwrap()).collect();
                let found = Signed {
                    ordinals: read.ordinals(&block).unwrap(),
                    sources: read.source_numbers(&block).unwrap(),
                    lengths: read.lengths(&block).unwrap(),
                    digests: read.digests(&block).unwrap(),
                    bands: (0..block.documents).flat_map(|i| columns.iter().map(move |column| column[i])).collect(),
                    bands_of_each: block.bands,
                };
                prop_assert_eq!(found, expected);
                prop_assert_eq!(read.sources(&block).unwrap(), names.to_vec());
            }
            prop_assert!(read.next_block().unwrap().is_none());
        }
    }

    #[test]
    fn damage_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let whole = signed(9, 2).block(&[]).unwrap();
        let read_through = |bytes: &[u8]| -> Result<()> {
            std::fs::write(&path, bytes).unwrap();
            let mut blocks = Blocks::open(&Io::default(), &path)?;
            while let Some(block) = blocks.next_block()? {
                blocks.sources(&block)?;
                let _ = (blocks.ordinals(&block)?, blocks.source_numbers(&block)?, blocks.lengths(&block)?, blocks.digests(&block)?);
                let _ = (blocks.band(&block, 0)?, blocks.band(&block, 1)?);
            }
            Ok(())
        };
        read_through(&whole).unwrap();
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0x10;
            assert_eq!(read_through(&broken).err().map(|e| e.kind()), Some("corrupt"), "byte {at}");
            assert!(at == 0 || read_through(&whole[..at]).is_err(), "cut at {at}");
        }
    }
}
