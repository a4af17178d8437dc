//! The intermediate of `clean`: what is left to decide (duplicates) needs all documents first, so each unit is
//! written once, plain or as LZ4, and read once more. LZ4 costs 2.1 ns a byte where zstd 3 costs 4.7; nothing is compressed
//! twice at level 3.
//!
//! A scratch file is a row of blocks, one a batch (`stored` says how they lie there). Beside it lie the unit's signatures, and the
//! hashes of its lines where they are counted, a block a batch too.
//!
//! While scratch is plain it is not synced either: what the cache holds until it is removed, the disk need never see. On a disk
//! that discards, removing 240 MB that were synced takes .3 s of waiting at the end of a run, and .01 of what was not.

mod block;
mod cutter;
mod part;
mod placed;
mod reader;
mod stored;
mod survivors;

pub use block::Next;
pub use part::{FRAME, Format, Frame, Output, Part, compress};
pub use reader::ScratchReader;
pub use stored::Form;
pub use survivors::{Place, Survivors, Written};

use crate::batch::{Batch, Count};
use crate::columns::Shape;
use crate::dedupe::lines::hashes;
use crate::error::Result;
use crate::io::{Io, NewFile, Sealed, hex};
use crate::stats::Corpus;
use cutter::Cutter;
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// Writes one unit's scratch files; batches come in input order.
pub struct ScratchWriter {
    blocks: NewFile,
    signatures: NewFile,
    lines: Option<NewFile>,
    records: u32,
    digest: Box<Xxh3>,
    shape: Shape,
    /// Where the documents are written at once.
    documents: Option<Cutter>,
    written: Count,
    /// Of the documents that are written at once.
    corpus: Corpus,
}

/// What seals a unit.
#[derive(Clone)]
pub struct SealedUnit {
    pub blocks: Sealed,
    pub signatures: Sealed,
    /// Hashes of the lines, where they are counted.
    pub lines: Option<Sealed>,
    /// How many records the unit has: ordinals are below.
    pub records: u32,
    /// xxh3-128 of the records as they were read.
    pub input: String,
    /// What the documents' keys and values are, where that was looked at.
    pub shape: Shape,
    /// Documents in the frames that were given, with the bytes of their JSON lines.
    pub written: Count,
    /// What they are made of.
    pub corpus: Corpus,
}

impl ScratchWriter {
    /// `lines` is where the hashes of lines go, where they are counted; `documents` is the result's format where its batches were
    /// encoded to be written at once; `unsynced`: the system's cache holds the files, and the disk need not have them.
    pub fn create(
        io: &Io,
        blocks: &Path,
        signatures: &Path,
        lines: Option<&Path>,
        documents: Option<Format>,
        unsynced: bool,
    ) -> Result<Self> {
        let create = |path: &Path| if unsynced { io.create_unsynced(path) } else { io.create(path) };
        Ok(ScratchWriter {
            blocks: create(blocks)?,
            signatures: create(signatures)?,
            lines: lines.map(create).transpose()?,
            records: 0,
            digest: Box::new(Xxh3::new()),
            shape: Shape::default(),
            documents: documents.map(|format| Cutter::new(Output::Documents, format)),
            written: Count::default(),
            corpus: Corpus::default(),
        })
    }

    /// Gives the frames of documents that the batch fills.
    pub fn append(&mut self, batch: &mut Batch) -> Result<Vec<Frame>> {
        self.blocks.write(&batch.block)?;
        self.signatures.write(&batch.signed.block(&batch.sources)?)?;
        if let (Some(lines), Some(standing)) = (&mut self.lines, &batch.standing) {
            lines.write(&hashes::block(standing))?;
        }
        self.records = batch.first_ordinal + batch.records.len() as u32;
        batch.digest_input(&mut self.digest);
        self.shape.merge(&batch.shape);
        if let Some(gathered) = batch.gathered.take() {
            self.corpus.take(*gathered);
        }
        self.written.docs += batch.written;
        self.written.bytes += batch.lines.len() as u64;
        Ok(self.documents.as_mut().map_or(Vec::new(), |documents| documents.lines(&batch.lines)))
    }

    /// The last frame of documents, after the last batch: an empty one where there are none, so that their file is valid.
    pub fn rest(&mut self) -> Option<Frame> {
        let none = self.written.docs == 0;
        self.documents.as_mut().filter(|documents| none || !documents.is_empty()).map(Cutter::rest)
    }

    pub fn seal(mut self) -> Result<SealedUnit> {
        for file in [Some(&mut self.blocks), Some(&mut self.signatures), self.lines.as_mut()].into_iter().flatten() {
            file.hasten();
        }
        let (blocks, signatures) = (self.blocks.commit()?, self.signatures.commit()?);
        let lines = self.lines.map(NewFile::commit).transpose()?;
        Ok(SealedUnit {
            blocks,
            signatures,
            lines,
            records: self.records,
            input: hex(self.digest.digest128()),
            shape: self.shape,
            written: self.written,
            corpus: self.corpus,
        })
    }
}

#[cfg(test)]
mod tests;
