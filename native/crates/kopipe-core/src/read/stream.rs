//! Text containers: one decoded stream, cut into records, which are gathered into batches within their unit.
//!
//! A unit is a range of the decoded stream, `[k·U, (k+1)·U)`; a record belongs to the unit its first byte is in.
//! That makes units independent of workers, batches and memory. A record longer than `max_record` is never held: its
//! head is kept for the rejects and the rest is counted. Lines can be entered anywhere; every other container is
//! read from its beginning and what lies before the unit is passed over.

use super::container::{self, Container};
use super::decoded::{Compression, Decoded};
use super::utf16::Utf16;
use super::{ReadOptions, file_name};
use crate::batch::{Batch, Damage, HEAD, Layout, Record};
use crate::error::{Error, Result};
use crate::formats::Framing;
use crate::formats::delimited::{self, Header};
use crate::io::Io;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CHUNK: usize = 1 << 18;

pub struct StreamReader {
    path: PathBuf,
    name: String,
    stream: Decoded,
    options: ReadOptions,
    framing: Framing,
    layout: Layout,
    /// Bytes read and not yet given out; `buffer[0]` is byte `offset` of the decoded stream.
    buffer: Vec<u8>,
    offset: u64,
    /// How many bytes of the record at the beginning the framing has seen.
    fed: usize,
    unit: u64,
    ordinal: u32,
    ended: bool,
    finished: bool,
    damage: Option<Damage>,
    skipping: Option<Skipping>,
}

/// A record too long to hold, of which the head has been seen.
struct Skipping {
    offset: u64,
    length: u64,
    head: Vec<u8>,
}

impl StreamReader {
    pub fn open(io: &Io, path: &Path, container: Container, compression: Compression, options: ReadOptions) -> Result<Self> {
        let framing = container.framing(options.plain_text);
        let start = options.record.map_or(options.unit * options.unit_size, |(position, _)| position);
        let by_line = matches!(framing, Framing::Lines);
        let enter = match (by_line, options.record) {
            // One byte earlier tells whether a record begins exactly at the boundary.
            (true, None) => start.saturating_sub(1),
            (true, Some(_)) => start,
            (false, _) => 0,
        };
        let utf16 = match framing {
            Framing::Whole | Framing::Warc(_) | Framing::Tar(_) => None,
            _ => utf16_of(io, path, compression)?,
        };
        let stream = match utf16 {
            Some(utf16) => Decoded::open_utf16(io, path, compression, utf16, enter)?,
            None => Decoded::open(io, path, compression, enter, options.entry)?,
        };
        let mut reader = StreamReader {
            path: path.into(),
            name: file_name(path),
            stream,
            unit: options.unit,
            layout: layout(container),
            framing,
            buffer: Vec::new(),
            offset: enter,
            fed: 0,
            ordinal: options.record.map_or(0, |(_, ordinal)| ordinal),
            ended: false,
            finished: false,
            damage: None,
            skipping: None,
            options,
        };
        if by_line && enter < start {
            reader.skip_on()?;
        } else if !by_line {
            reader.enter(start)?;
        }
        Ok(reader)
    }

    /// Reads the header of a table, and passes the records before `start`.
    fn enter(&mut self, start: u64) -> Result<()> {
        let mut delimiter = match &self.framing {
            Framing::Delimited(rows) => Some(rows.delimiter),
            _ => None,
        };
        let mut taken = 0;
        while self.offset + (taken as u64) < start || delimiter.is_some() {
            match self.line(taken)? {
                Line::Whole { length } => {
                    let record = &self.buffer[taken..taken + length];
                    if let Some(by) = delimiter.filter(|_| !self.framing.is_blank(record)) {
                        let bom = "\u{feff}".as_bytes();
                        let row = record[..delimited::line_end(record)].strip_prefix(bom).unwrap_or(&record[..delimited::line_end(record)]);
                        let names = delimited::fields(row, by).map(|row| row.fields).unwrap_or_default();
                        self.layout = Layout::Delimited(Arc::new(Header { names, delimiter: by }));
                        delimiter = None;
                    }
                    taken += length;
                    if taken >= CHUNK {
                        self.pass(taken);
                        taken = 0;
                    }
                }
                Line::Pause => {
                    self.pass(taken);
                    taken = 0;
                }
                Line::Skipped { .. } => {}
                Line::End => break,
            }
        }
        self.pass(taken);
        Ok(())
    }

    fn pass(&mut self, bytes: usize) {
        self.buffer.drain(..bytes);
        self.offset += bytes as u64;
    }

    /// The next batch, or nothing after the last unit. The last batch of each unit says so, and may be empty.
    pub fn next_batch(&mut self) -> Result<Option<Batch>> {
        if self.finished {
            return Ok(None);
        }
        let unit_end = (self.unit + 1).saturating_mul(self.options.unit_size);
        let first_ordinal = self.ordinal;
        let mut batch = Batch::new(self.path.clone(), self.name.clone(), self.unit, self.options.unit_size);
        batch.layout = self.layout.clone();
        let mut taken = 0;
        let mut ends_unit = false;
        loop {
            if self.offset + taken as u64 >= unit_end && self.skipping.is_none() {
                ends_unit = true;
                break;
            }
            if taken >= self.options.batch_size {
                break;
            }
            match self.line(taken)? {
                Line::Whole { length } => {
                    let record = &self.buffer[taken..taken + length];
                    if !self.framing.is_blank(record) {
                        batch.records.push(Record {
                            start: taken,
                            end: taken + self.framing.trimmed(record),
                            offset: self.offset + taken as u64,
                            length: length as u64,
                            whole: true,
                        });
                        self.ordinal += 1;
                    }
                    taken += length;
                }
                Line::Skipped { offset, length, head } => {
                    // Everything before it has been given out, so the buffer starts behind it.
                    batch.heads.push(head);
                    batch.records.push(Record { start: batch.heads.len() - 1, end: 0, offset, length, whole: false });
                    self.ordinal += 1;
                    break;
                }
                Line::Pause => break,
                Line::End => {
                    self.finished = true;
                    ends_unit = true;
                    break;
                }
            }
        }
        batch.first_ordinal = first_ordinal;
        batch.position = self.offset + taken as u64;
        let mut rest = self.buffer.split_off(taken);
        // The next batch need not grow into its place, nor be copied on the way.
        rest.reserve(taken.min(self.options.batch_size) + CHUNK);
        batch.raw = std::mem::replace(&mut self.buffer, rest);
        self.offset += taken as u64;
        batch.file_bytes = self.stream.file_bytes();
        if ends_unit {
            if self.buffer.is_empty() && !self.ended {
                self.fill()?;
            }
            // A unit exists where a record begins: none is left for the next one.
            self.finished |= self.buffer.is_empty() && self.ended;
            batch.ends_unit = true;
            batch.ends_file = self.finished;
            batch.damage = self.damage.clone().filter(|_| self.finished);
            self.unit += 1;
            self.ordinal = 0;
            self.finished |= self.options.end_unit.is_some_and(|end| self.unit >= end);
        }
        Ok(Some(batch))
    }

    /// The record that begins at `buffer[from]`, with what ends it.
    fn line(&mut self, from: usize) -> Result<Line> {
        if self.skipping.is_some() {
            return self.skip_record();
        }
        loop {
            let seen = from + self.fed;
            match self.framing.feed(&self.buffer[seen..]) {
                Some(more) => {
                    let length = self.fed + more;
                    self.fed = 0;
                    if length > self.options.max_record {
                        return self.too_long(from, length);
                    }
                    return Ok(Line::Whole { length });
                }
                None => self.fed = self.buffer.len() - from,
            }
            if self.fed > self.options.max_record {
                return self.too_long(from, 0);
            }
            if self.ended {
                let length = std::mem::take(&mut self.fed);
                return Ok(if length == 0 { Line::End } else { Line::Whole { length } });
            }
            self.fill()?;
        }
    }

    /// The record at `from` will not be held; `length` where its end is known. Records before it go out first.
    fn too_long(&mut self, from: usize, length: usize) -> Result<Line> {
        // A little more than is kept, so that whoever cuts it sees where a character ends.
        let end = self.buffer.len().min(from + HEAD + 4);
        let head = self.buffer[from..end].to_vec();
        self.skipping = Some(Skipping { offset: self.offset + from as u64, length: length as u64, head });
        if from > 0 { Ok(Line::Pause) } else { self.skip_record() }
    }

    /// Passes what is left of the record that is being skipped; it stands at the beginning of the buffer.
    fn skip_record(&mut self) -> Result<Line> {
        let known = self.skipping.as_ref().map_or(0, |skipping| skipping.length) as usize;
        let length = if known > 0 {
            self.pass(known);
            known as u64
        } else {
            self.skip_on()?
        };
        let Some(Skipping { offset, mut head, .. }) = self.skipping.take() else { return Ok(Line::Pause) };
        head.truncate(length as usize);
        Ok(Line::Skipped { offset, length, head })
    }

    /// Passes the rest of the record the framing is in; gives its length from the beginning of the buffer on.
    fn skip_on(&mut self) -> Result<u64> {
        let before = self.offset;
        loop {
            let seen = std::mem::take(&mut self.fed);
            let end = self.framing.feed(&self.buffer[seen..]).map(|more| seen + more);
            self.pass(end.unwrap_or(self.buffer.len()));
            if end.is_some() || self.ended {
                return Ok(self.offset - before);
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<()> {
        let old = self.buffer.len();
        // Growing with the line keeps the cost of a long one linear.
        self.buffer.resize(old + CHUNK.max(old / 4), 0);
        let mut filled = old;
        while filled < self.buffer.len() {
            match self.stream.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(e) if e.raw_os_error().is_some() => return Err(Error::io("read", &self.path, e)),
                Err(e) => {
                    self.damage = Some(Damage { offset: self.stream.position(), what: e.to_string() });
                    self.ended = true;
                    break;
                }
            }
        }
        self.buffer.truncate(filled);
        Ok(())
    }
}

enum Line {
    Whole {
        length: usize,
    },
    /// A record too long to hold.
    Skipped {
        offset: u64,
        length: u64,
        head: Vec<u8>,
    },
    /// Nothing more for this batch.
    Pause,
    End,
}

fn layout(container: Container) -> Layout {
    match container {
        Container::JsonLines => Layout::Json,
        Container::Json => Layout::JsonValues,
        Container::Csv | Container::Tsv => Layout::Delimited(Arc::new(Header { names: Vec::new(), delimiter: b',' })),
        Container::Html => Layout::Html,
        Container::Warc => Layout::Warc,
        Container::Tar => Layout::Tar,
        Container::Text | Container::Parquet | Container::Arrow | Container::ArrowStream => Layout::Text,
    }
}

/// Bytes that are looked at for UTF-16.
const UTF16_HEAD: u64 = 1 << 12;

fn utf16_of(io: &Io, path: &Path, compression: Compression) -> Result<Option<Utf16>> {
    let mut head = Vec::new();
    let _ = Decoded::open(io, path, compression, 0, None)?.take(UTF16_HEAD).read_to_end(&mut head);
    Ok(Utf16::of(&head))
}

/// Whether the stream must be turned into UTF-8 as a whole, and so cannot be entered.
pub fn is_utf16(io: &Io, path: &Path) -> Result<bool> {
    Ok(utf16_of(io, path, container::detect(io, path)?.1)?.is_some())
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
