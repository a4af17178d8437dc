//! The intermediate of `clean`: what is left to decide (duplicates) needs all documents first, so each unit is
//! written once as LZ4 and read once more. LZ4 costs 2.1 ns a byte where zstd 3 costs 4.7; nothing is compressed
//! twice at level 3.
//!
//! A scratch file is a row of blocks, one a batch: u32 raw length · u32 compressed length · u64 xxh3 of the
//! compressed bytes · LZ4. Beside it lie the unit's signatures, sorted.

mod block;
mod part;
mod survivors;

pub use part::{FRAME, Format, Frame, Output, Part, compress};
pub use survivors::{Place, Survivors, Written};

use crate::batch::Batch;
use crate::columns::Shape;
use crate::dedupe::exact::Signature;
use crate::error::Result;
use crate::io::{Io, NewFile, Sealed, hex};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// Writes one unit's scratch files; batches come in input order.
pub struct ScratchWriter {
    blocks: NewFile,
    signatures: NewFile,
    signed: Vec<Signature>,
    file: u32,
    unit: u32,
    digest: Box<Xxh3>,
    shape: Shape,
}

/// What seals a unit.
#[derive(Debug, Clone)]
pub struct SealedUnit {
    pub blocks: Sealed,
    pub signatures: Sealed,
    /// xxh3-128 of the records as they were read.
    pub input: String,
    /// What the documents' keys and values are, where that was looked at.
    pub shape: Shape,
}

impl ScratchWriter {
    /// `file` is the number of the input file in the plan, `unit` the number of the unit within it.
    pub fn create(io: &Io, blocks: &Path, signatures: &Path, file: u32, unit: u32) -> Result<Self> {
        let (blocks, signatures) = (io.create(blocks)?, io.create(signatures)?);
        Ok(ScratchWriter { blocks, signatures, signed: Vec::new(), file, unit, digest: Box::new(Xxh3::new()), shape: Shape::default() })
    }

    pub fn append(&mut self, batch: &Batch) -> Result<()> {
        self.blocks.write(&batch.block)?;
        self.signed.extend(batch.digests.iter().map(|&(ordinal, digest)| Signature::new(digest, self.file, self.unit, ordinal)));
        batch.digest_input(&mut self.digest);
        self.shape.merge(&batch.shape);
        Ok(())
    }

    pub fn seal(mut self) -> Result<SealedUnit> {
        self.signed.sort_unstable();
        self.signatures.write(Signature::bytes_of(&self.signed))?;
        let (blocks, signatures) = (self.blocks.commit()?, self.signatures.commit()?);
        Ok(SealedUnit { blocks, signatures, input: hex(self.digest.digest128()), shape: self.shape })
    }
}

#[cfg(test)]
mod tests;
