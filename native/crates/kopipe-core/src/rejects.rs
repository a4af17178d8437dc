//! The rejects of a part, for flows that write them as they read (`tokenize`, `pack`): batches come in input order.
//!
//! Frames are cut by the bytes of their lines alone, so that batches leave no trace, and compressed where they are
//! written: rejects are few. A part without any has no file. Memory: one frame and one record.

use crate::batch::{Batch, Origin, State, push_reject};
use crate::error::Result;
use crate::io::{Io, NewFile, Sealed};
use crate::scratch::{FRAME, Format, compress};
use std::ops::Range;
use std::path::{Path, PathBuf};

pub struct Rejects {
    io: Io,
    path: PathBuf,
    /// Begun by the first frame.
    file: Option<NewFile>,
    lines: Vec<u8>,
}

impl Rejects {
    pub fn new(io: &Io, path: &Path) -> Self {
        Rejects { io: io.clone(), path: path.into(), file: None, lines: Vec::new() }
    }

    /// Those of some of the batch's documents that are not kept. `unit` is the number of the input file.
    pub fn append(&mut self, batch: &Batch, documents: Range<usize>, unit: u32) -> Result<()> {
        let file = batch.path.to_string_lossy();
        let (mut body, mut additions) = (Vec::new(), Vec::new());
        for document in batch.documents[documents].iter().filter(|document| document.state != State::Kept) {
            body.clear();
            additions.clear();
            batch.push_body(document, &mut body)?;
            batch.push_additions(document, &mut additions);
            let offset = batch.records[document.record].offset;
            let origin = Origin { file: &file, unit, ordinal: batch.ordinal(document), offset, bytes: document.bytes };
            push_reject(&mut self.lines, &body, &[&additions], &origin);
            if self.lines.len() >= FRAME {
                self.write()?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        let frame = compress(&std::mem::take(&mut self.lines), Format::JsonlZst)?;
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(self.io.create(&self.path)?),
        };
        file.write(&frame)
    }

    /// Makes the file exist; nothing where nothing was rejected.
    pub fn commit(mut self) -> Result<Option<Sealed>> {
        if !self.lines.is_empty() {
            self.write()?;
        }
        self.file.map(NewFile::commit).transpose()
    }
}
