//! The last pass of `clean`: a unit's scratch file becomes its part of the result. Survivors are copied into
//! frames of 4 MiB of document bytes, everything else into rejects, with the reason and the place it came from.
//!
//! Frames are cut by document bytes alone, so the bytes of a file depend on nothing else; each compresses on its
//! own worker.

use super::block::{BLOCK_HEADER, Entries, Entry, Fate, decompress, read_header};
use super::cutter::Cutter;
use super::part::{Format, Frame, Output};
use crate::batch::{Count, Origin, add_cuts, push_kept, push_reject};
use crate::clean::cuts::counts::Cut;
use crate::dedupe::exact::Drop;
use crate::error::{Error, Result};
use crate::io::{Io, ReadFile};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// As the discriminants number them.
const OUTPUTS: [Output; 3] = [Output::Documents, Output::Rejects, Output::Duplicates];

/// Where a unit stands: `unit` is the number of its part in the artifact.
#[derive(Debug, Clone)]
pub struct Place {
    pub file: String,
    pub unit: u32,
}

/// What was decided in this pass.
#[derive(Debug, Default, Clone)]
pub struct Written {
    /// Documents written, with the bytes of their JSON lines.
    pub documents: Count,
    /// Exact duplicates by source, with the bytes of their input text.
    pub duplicates: BTreeMap<String, Count>,
    /// What had been cut from them, by source and kind.
    pub cut: BTreeMap<String, BTreeMap<&'static str, Cut>>,
}

pub struct Survivors {
    file: BufReader<ReadFile>,
    path: PathBuf,
    offset: u64,
    place: Place,
    /// This unit's duplicates by ordinal, and for each the (part, ordinal) of the one kept.
    drops: VecDeque<(u32, u32, u32)>,
    /// Of each output; of the documents none where the first pass has written them.
    open: [Cutter; 3],
    has_documents: bool,
    ready: VecDeque<Frame>,
    ended: bool,
    pub written: Written,
}

impl Survivors {
    /// `format` is that of the documents, nothing where they are written already; `part_of` gives the part number of
    /// (file, unit).
    pub fn open(
        io: &Io,
        blocks: &Path,
        place: Place,
        format: Option<Format>,
        drops: &[Drop],
        part_of: impl Fn(u32, u32) -> u32,
    ) -> Result<Self> {
        let (has_documents, format) = (format.is_some(), format.unwrap_or(Format::Jsonl));
        let drops = drops.iter().map(|d| (d.ordinal(), part_of(d.kept_file(), d.kept_unit()), d.kept_ordinal())).collect();
        Ok(Survivors {
            file: BufReader::with_capacity(1 << 20, io.open(blocks)?),
            path: blocks.into(),
            offset: 0,
            place,
            drops,
            open: OUTPUTS.map(|output| Cutter::new(output, format)),
            has_documents,
            ready: VecDeque::new(),
            ended: false,
            written: Written::default(),
        })
    }

    pub fn next_frame(&mut self) -> Result<Option<Frame>> {
        while self.ready.is_empty() && !self.ended {
            match self.next_block()? {
                Some(raw) => self.take_block(&raw)?,
                None => self.finish()?,
            }
        }
        Ok(self.ready.pop_front())
    }

    fn next_block(&mut self) -> Result<Option<Vec<u8>>> {
        let mut header = [0; BLOCK_HEADER];
        let failed = |e: std::io::Error| Error::io("read", &self.path, e);
        let mut got = 0;
        while got < header.len() {
            match self.file.read(&mut header[got..]).map_err(failed)? {
                0 if got == 0 => return Ok(None),
                0 => return Err(Error::corrupt(&self.path, self.offset, "ends inside a block header")),
                n => got += n,
            }
        }
        let (raw_length, length, checksum) = read_header(&header);
        let mut compressed = Vec::new();
        (&mut self.file).take(length as u64).read_to_end(&mut compressed).map_err(|e| Error::io("read", &self.path, e))?;
        if compressed.len() != length {
            return Err(Error::corrupt(&self.path, self.offset, "ends inside a block"));
        }
        let raw = decompress(&compressed, raw_length, checksum, &self.path, self.offset)?;
        self.offset += (BLOCK_HEADER + length) as u64;
        Ok(Some(raw))
    }

    fn take_block(&mut self, raw: &[u8]) -> Result<()> {
        let damaged = || Error::corrupt(&self.path, self.offset, "a scratch block without sources");
        let mut entries = Entries::new(raw).ok_or_else(damaged)?;
        while let Some(entry) = entries.next_entry()? {
            let duplicate = self.drops.front().filter(|d| d.0 == entry.ordinal).copied();
            match duplicate {
                Some((_, unit, ordinal)) => {
                    self.drops.pop_front();
                    let source = entries.sources.get(entry.source as usize).copied().unwrap_or_default();
                    self.written.duplicates.entry(source.to_owned()).or_default().add(entry.bytes);
                    add_cuts(self.written.cut.entry(source.to_owned()).or_default(), Some(&entry.cuts));
                    self.reject(&entry, &format!("\"reason\":\"exact-duplicate\",\"of\":{{\"unit\":{unit},\"ordinal\":{ordinal}}}"));
                    self.pair(&entry, unit, ordinal);
                }
                None if entry.fate == Fate::Rejected => self.reject(&entry, ""),
                None => self.keep(&entry),
            }
        }
        Ok(())
    }

    fn keep(&mut self, entry: &Entry) {
        let (bytes, frame) = self.open[Output::Documents as usize].line(|out| {
            out.extend_from_slice(entry.body);
            push_kept(out, entry.additions);
        });
        self.written.documents.add(bytes as u64);
        self.ready.extend(frame);
    }

    fn reject(&mut self, entry: &Entry, why: &str) {
        let Place { file, unit } = &self.place;
        let origin = Origin { file, unit: *unit, ordinal: entry.ordinal, offset: entry.offset, bytes: entry.bytes };
        let line = |out: &mut Vec<u8>| push_reject(out, entry.body, &[entry.additions, why.as_bytes()], &origin);
        self.ready.extend(self.open[Output::Rejects as usize].line(line).1);
    }

    fn pair(&mut self, entry: &Entry, unit: u32, ordinal: u32) {
        let place = self.place.unit;
        let line = format!(
            "{{\"unit\":{place},\"ordinal\":{},\"of\":{{\"unit\":{unit},\"ordinal\":{ordinal}}},\"rule\":\"exact\",\"bytes\":{}}}\n",
            entry.ordinal, entry.bytes
        );
        self.ready.extend(self.open[Output::Duplicates as usize].line(|out| out.extend_from_slice(line.as_bytes())).1);
    }

    fn finish(&mut self) -> Result<()> {
        if let Some((ordinal, ..)) = self.drops.front() {
            return Err(Error::Internal(format!("duplicate {ordinal} of {} is not in the scratch file", self.path.display())));
        }
        // The documents' file exists even where nothing survived; an empty frame makes it valid.
        let none = self.has_documents && self.written.documents.docs == 0;
        for (output, open) in OUTPUTS.iter().zip(&mut self.open) {
            if !open.is_empty() || (none && *output == Output::Documents) {
                self.ready.push_back(open.rest());
            }
        }
        self.ended = true;
        Ok(())
    }
}
