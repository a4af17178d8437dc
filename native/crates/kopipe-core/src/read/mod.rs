//! Reading documents: a file becomes a stream of batches of whole records (lines), cut at unit boundaries.
//!
//! A unit is a range of the decoded stream, `[k·U, (k+1)·U)`; a record belongs to the unit its first byte is in.
//! That makes units independent of workers, batches and memory. A line longer than `max_record` is never held:
//! its head is kept for the rejects and the rest is counted. Lines are found by memchr.

mod decoded;

pub use decoded::{Compression, Decoded, sniff};

use crate::batch::{Batch, Damage, HEAD, Record};
use crate::error::{Error, Result};
use crate::io::Io;
use memchr::memchr;
use std::io::Read;
use std::path::{Path, PathBuf};

const CHUNK: usize = 1 << 18;

#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Where to enter the decoded stream: the boundary of a unit, or the exact start of a record.
    pub start: u64,
    /// Ordinal of the first record there within its unit.
    pub ordinal: u32,
    /// Where the last unit ends; without, at the end of the stream.
    pub end: Option<u64>,
    pub unit_size: u64,
    /// Bytes of raw records a batch holds, more only where one record is longer.
    pub batch_size: usize,
    /// A raw record over this many bytes is not held.
    pub max_record: usize,
}

pub struct Reader {
    path: PathBuf,
    name: String,
    stream: Decoded,
    options: ReadOptions,
    /// Bytes read and not yet given out; `buffer[0]` is byte `offset` of the decoded stream.
    buffer: Vec<u8>,
    offset: u64,
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

impl Reader {
    pub fn open(io: &Io, path: &Path, options: ReadOptions) -> Result<Self> {
        if options.unit_size == 0 || options.batch_size == 0 {
            return Err(Error::invalid("a unit and a batch hold at least one byte"));
        }
        let compression = sniff(io, path)?;
        let at_boundary = options.start.is_multiple_of(options.unit_size);
        // One byte earlier tells whether a record begins exactly at the boundary.
        let enter = if at_boundary { options.start.saturating_sub(1) } else { options.start };
        let stream = Decoded::open(io, path, compression, enter)?;
        let mut reader = Reader {
            path: path.into(),
            name: path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            stream,
            unit: options.start / options.unit_size,
            buffer: Vec::new(),
            offset: enter,
            ordinal: options.ordinal,
            ended: false,
            finished: false,
            damage: None,
            skipping: None,
            options,
        };
        if enter < reader.options.start {
            reader.skip_line()?;
        }
        Ok(reader)
    }

    /// The next batch, or nothing after the last unit. The last batch of each unit says so, and may be empty.
    pub fn next_batch(&mut self) -> Result<Option<Batch>> {
        if self.finished {
            return Ok(None);
        }
        let unit_end = (self.unit + 1) * self.options.unit_size;
        let first_ordinal = self.ordinal;
        let mut batch = Batch::new(self.path.clone(), self.name.clone(), self.unit, self.options.unit_size);
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
                    let text = &self.buffer[taken..taken + length];
                    if !is_blank(text) {
                        batch.records.push(Record {
                            start: taken,
                            end: taken + trimmed(text),
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
        let rest = self.buffer.split_off(taken);
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
            if self.options.end.is_some_and(|end| self.unit * self.options.unit_size >= end) {
                self.finished = true;
            }
        }
        Ok(Some(batch))
    }

    /// The line that begins at `buffer[from]`, its newline included.
    fn line(&mut self, from: usize) -> Result<Line> {
        if self.skipping.is_some() {
            return self.skip_on();
        }
        let mut searched = from;
        loop {
            if let Some(at) = memchr(b'\n', &self.buffer[searched..]) {
                let length = searched + at + 1 - from;
                if length > self.options.max_record {
                    return self.too_long(from);
                }
                return Ok(Line::Whole { length });
            }
            searched = self.buffer.len();
            if searched - from > self.options.max_record {
                return self.too_long(from);
            }
            if self.ended {
                return Ok(if searched == from { Line::End } else { Line::Whole { length: searched - from } });
            }
            self.fill()?;
        }
    }

    /// The record at `from` will not be held. Records before it go out first: then it is skipped.
    fn too_long(&mut self, from: usize) -> Result<Line> {
        if from > 0 {
            return Ok(Line::Pause);
        }
        // A little more than is kept, so that whoever cuts it sees where a character ends.
        let head = self.buffer[..self.buffer.len().min(HEAD + 4)].to_vec();
        self.skipping = Some(Skipping { offset: self.offset, length: 0, head });
        self.skip_on()
    }

    fn skip_on(&mut self) -> Result<Line> {
        loop {
            let newline = memchr(b'\n', &self.buffer);
            let passed = newline.map_or(self.buffer.len(), |at| at + 1);
            self.buffer.drain(..passed);
            self.offset += passed as u64;
            if let Some(skipping) = &mut self.skipping {
                skipping.length += passed as u64;
            }
            if newline.is_some() || (self.ended && self.buffer.is_empty()) {
                let Some(Skipping { offset, length, mut head }) = self.skipping.take() else { return Ok(Line::Pause) };
                head.truncate(length as usize);
                return Ok(Line::Skipped { offset, length, head });
            }
            self.fill()?;
        }
    }

    /// Passes the end of the record that began before this unit.
    fn skip_line(&mut self) -> Result<()> {
        loop {
            let newline = memchr(b'\n', &self.buffer);
            let passed = newline.map_or(self.buffer.len(), |at| at + 1);
            self.buffer.drain(..passed);
            self.offset += passed as u64;
            if newline.is_some() || self.ended {
                return Ok(());
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

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

/// Length without the line's end.
fn trimmed(line: &[u8]) -> usize {
    line.trim_ascii_end().len()
}

#[cfg(test)]
mod tests;
