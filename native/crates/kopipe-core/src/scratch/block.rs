//! One batch in the scratch file: every record with what has been decided of it so far.
//!
//! Raw form: u16 number of sources, each u16 length + name; then records: u32 ordinal · u64 offset · u64 bytes of
//! input text · u16 source · u8 fate · u32 where the text's JSON string begins in the body · u32 length of the body · body ·
//! u32 length of the additions · additions · u32 length of the evidence · evidence · u8 number of kinds that were cut, each u8
//! kind · u64 hits · u64 bytes.
//! The body is the document's JSON line without its end, so that the last pass copies and does not parse.

use super::stored::{self, Form, length};
use crate::batch::{Batch, Document, State, push_kept, string_end};
use crate::clean::cuts::counts::{Cut, Cuts};
use crate::columns::Shape;
use crate::error::{Error, Result};
use crate::stats::{Gathered, Look};
use std::borrow::Cow;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Kept = 0,
    Rejected = 1,
    /// It is kept and its line is written already: only its evidence is left.
    Written = 2,
}

/// A record of a scratch block, its parts borrowed from it.
#[derive(Debug)]
pub struct Entry<'a> {
    pub ordinal: u32,
    pub offset: u64,
    pub bytes: u64,
    pub source: u16,
    pub fate: Fate,
    /// `{"id":…,"text":…` and the metadata, not closed.
    pub body: &'a [u8],
    /// Where the text's JSON string begins in it.
    pub text: usize,
    /// What stands inside `"kopipe":{…}`.
    pub additions: &'a [u8],
    /// Which evaluation items it met: of each its number, the length of the following, JSON fields.
    pub evidence: &'a [u8],
    /// What was cut from the text.
    pub cuts: Cuts,
}

impl<'a> Entry<'a> {
    /// Where the text's JSON string ends in the body.
    pub fn text_end(&self) -> Option<usize> {
        string_end(self.body, self.text)
    }

    /// The text, where its JSON is whole.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        let string = &self.body[self.text + 1..];
        let end = self.text_end()? - self.text - 2;
        if memchr::memchr(b'\\', &string[..end]).is_none() {
            return std::str::from_utf8(&string[..end]).ok().map(Cow::Borrowed);
        }
        sonic_rs::from_slice(&self.body[self.text..self.text + end + 2]).ok().map(Cow::Owned)
    }
}

/// What comes after a batch: on that depends what of it goes to scratch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing is left to decide: kept documents are lines of the result.
    Write,
    /// Duplicates are decided over all documents.
    Decide,
    /// And the result has columns, so what the kept documents' keys and values are is looked at.
    Columns,
}

impl Batch {
    /// Fills `block`, in this form; the arenas of the batch are given back. Documents that are written are looked at.
    pub fn encode(&mut self, next: Next, form: Form, look: &Look) -> Result<()> {
        if next == Next::Columns {
            self.shape = self.shape_of_kept();
        }
        let size = self.texts.len() + self.metadata.len() + 80 * self.documents.len();
        let mut raw = stored::begin(if next == Next::Write { 0 } else { size });
        let mut lines = Vec::with_capacity(if next == Next::Write { size } else { 0 });
        raw.extend_from_slice(&(self.sources.len() as u16).to_le_bytes());
        for source in &self.sources {
            let name = &source.as_bytes()[..source.floor_char_boundary(u16::MAX as usize)];
            raw.extend_from_slice(&(name.len() as u16).to_le_bytes());
            raw.extend_from_slice(name);
        }
        let mut gathered = Gathered::new(look);
        for document in &self.documents {
            if next == Next::Write && document.state == State::Kept {
                let line = lines.len();
                let text = self.push_body(document, &mut lines)? - line;
                gathered.add_line(look, &self.sources[document.source as usize], &lines[line..], text);
                push_kept(&mut lines, &self.metadata[document.additions.clone()]);
                self.written += 1;
                if !document.evidence.is_empty() {
                    self.encode_document(document, Fate::Written, &mut raw)?;
                }
            } else {
                let fate = if document.state == State::Kept { Fate::Kept } else { Fate::Rejected };
                self.encode_document(document, fate, &mut raw)?;
            }
        }
        self.lines = lines;
        self.gathered = (next == Next::Write).then(|| Box::new(gathered));
        self.block = stored::finish(raw, form)?;
        (self.texts, self.metadata) = (String::new(), Vec::new());
        Ok(())
    }

    fn shape_of_kept(&self) -> Shape {
        let mut shape = Shape::default();
        for document in self.kept() {
            let text = |range: &Range<usize>| String::from_utf8_lossy(&self.metadata[range.clone()]);
            // What is cut of the lines is said later.
            let adds = !document.additions.is_empty() || self.standing.is_some();
            shape.add(&text(&document.id), &text(&document.metadata), adds);
        }
        shape
    }

    fn encode_document(&self, document: &Document, fate: Fate, raw: &mut Vec<u8>) -> Result<()> {
        let record = &self.records[document.record];
        raw.extend_from_slice(&self.ordinal(document).to_le_bytes());
        raw.extend_from_slice(&record.offset.to_le_bytes());
        raw.extend_from_slice(&document.bytes.to_le_bytes());
        raw.extend_from_slice(&document.source.to_le_bytes());
        raw.push(fate as u8);
        let text = begin(raw);
        let body = begin(raw);
        if fate != Fate::Written {
            let string = self.push_body(document, raw)? - body;
            raw[text - 4..text].copy_from_slice(&length(string)?.to_le_bytes());
        }
        end(raw, body)?;
        let additions = begin(raw);
        self.push_additions(document, raw);
        end(raw, additions)?;
        let evidence = begin(raw);
        raw.extend_from_slice(&self.metadata[document.evidence.clone()]);
        end(raw, evidence)?;
        let cuts: Vec<_> = document.cuts.iter().flat_map(|cuts| cuts.found()).collect();
        raw.push(cuts.len() as u8);
        for (kind, cut) in cuts {
            raw.push(kind as u8);
            raw.extend_from_slice(&cut.hits.to_le_bytes());
            raw.extend_from_slice(&cut.bytes.to_le_bytes());
        }
        Ok(())
    }
}

/// Leaves room for a length; `end` fills it.
fn begin(raw: &mut Vec<u8>) -> usize {
    raw.extend_from_slice(&[0; 4]);
    raw.len()
}

fn end(raw: &mut [u8], start: usize) -> Result<()> {
    let bytes = length(raw.len() - start)?.to_le_bytes();
    raw[start - 4..start].copy_from_slice(&bytes);
    Ok(())
}

/// Reads the raw form: the sources, then entry by entry.
pub struct Entries<'a> {
    rest: &'a [u8],
    pub sources: Vec<&'a str>,
}

impl<'a> Entries<'a> {
    pub fn new(raw: &'a [u8]) -> Option<Self> {
        let mut rest = raw;
        let count = u16::from_le_bytes(take(&mut rest)?);
        let mut sources = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let length = u16::from_le_bytes(take(&mut rest)?) as usize;
            let (name, after) = rest.split_at_checked(length)?;
            sources.push(std::str::from_utf8(name).ok()?);
            rest = after;
        }
        Some(Entries { rest, sources })
    }

    /// The next entry; `Ok(None)` at the end, an error where the bytes end too early.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'a>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.entry().map(Some).ok_or_else(|| Error::Internal("a scratch block ends inside a record".into()))
    }

    /// The text of a document; those before it are passed over.
    pub fn text_of(&mut self, ordinal: u32) -> Result<Cow<'a, str>> {
        while let Some(entry) = self.next_entry()? {
            if entry.ordinal == ordinal {
                return entry.text().ok_or_else(|| Error::Internal(format!("document {ordinal} has no text")));
            }
        }
        Err(Error::Internal(format!("document {ordinal} is not where it was signed")))
    }

    fn entry(&mut self) -> Option<Entry<'a>> {
        let rest = &mut self.rest;
        let ordinal = u32::from_le_bytes(take(rest)?);
        let offset = u64::from_le_bytes(take(rest)?);
        let bytes = u64::from_le_bytes(take(rest)?);
        let source = u16::from_le_bytes(take(rest)?);
        let fate = match take::<1>(rest)?[0] {
            0 => Fate::Kept,
            1 => Fate::Rejected,
            _ => Fate::Written,
        };
        let text = u32::from_le_bytes(take(rest)?) as usize;
        let body = part(rest)?;
        let additions = part(rest)?;
        let evidence = part(rest)?;
        let mut cuts = Cuts::default();
        for _ in 0..take::<1>(rest)?[0] {
            let kind = cuts.0.get_mut(take::<1>(rest)?[0] as usize)?;
            *kind = Cut { docs: 1, hits: u64::from_le_bytes(take(rest)?), bytes: u64::from_le_bytes(take(rest)?) };
        }
        Some(Entry { ordinal, offset, bytes, source, fate, body, text, additions, evidence, cuts })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_le_bytes(take(rest)?) as usize;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}
