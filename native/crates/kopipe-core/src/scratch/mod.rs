//! The intermediate of `clean`: what is left to decide (duplicates) needs all documents first, so each unit is
//! written once as LZ4 and read once more. LZ4 costs 2.1 ns a byte where zstd 3 costs 4.7; nothing is compressed
//! twice at level 3.
//!
//! A scratch file is a row of blocks, one a batch: u32 raw length · u32 compressed length · u64 xxh3 of the
//! compressed bytes · LZ4. Beside it lie the unit's signatures, sorted.

mod block;
mod survivors;

pub use survivors::{FRAME, Format, Frame, Output, Place, Survivors, Written, compress};

use crate::batch::Batch;
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
}

/// What seals a unit.
#[derive(Debug, Clone)]
pub struct SealedUnit {
    pub blocks: Sealed,
    pub signatures: Sealed,
    /// xxh3-128 of the records as they were read.
    pub input: String,
}

impl ScratchWriter {
    /// `file` is the number of the input file in the plan, `unit` the number of the unit within it.
    pub fn create(io: &Io, blocks: &Path, signatures: &Path, file: u32, unit: u32) -> Result<Self> {
        let (blocks, signatures) = (io.create(blocks)?, io.create(signatures)?);
        Ok(ScratchWriter { blocks, signatures, signed: Vec::new(), file, unit, digest: Box::new(Xxh3::new()) })
    }

    pub fn append(&mut self, batch: &Batch) -> Result<()> {
        self.blocks.write(&batch.block)?;
        self.signed.extend(batch.digests.iter().map(|&(ordinal, digest)| Signature::new(digest, self.file, self.unit, ordinal)));
        batch.digest_input(&mut self.digest);
        Ok(())
    }

    pub fn seal(mut self) -> Result<SealedUnit> {
        self.signed.sort_unstable();
        self.signatures.write(Signature::bytes_of(&self.signed))?;
        Ok(SealedUnit { blocks: self.blocks.commit()?, signatures: self.signatures.commit()?, input: hex(self.digest.digest128()) })
    }
}

#[cfg(test)]
mod tests;
