//! A batch: the unit of work that crosses between TypeScript and Rust. 4–16 MiB of records of one unit in a few
//! arenas; each stage of a flow is one call on it. It holds raw records, texts, metadata and the block at once: by estimate about 3.5 × raw.

mod line;
mod parse;
pub mod replay;

pub use line::{Body, Origin, push_kept, push_reject, string_end};
pub use parse::{JSON_EXTENSION, Keys, MAX_DEPTH, json, push_addition};

use crate::clean::cuts::counts::{Cut, Cuts, KINDS};
use crate::clean::scan::Scan;
use crate::columns::Shape;
use crate::dedupe::lines::hashes::Standing;
use crate::dedupe::signatures::Signed;
use crate::formats::delimited::Header;
use crate::stats::Gathered;
use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// How much of a record too long to hold is kept, for the rejects.
pub const HEAD: usize = 1 << 20;
/// The same of a malformed record of an archive.
pub const HEAD_IN_ARCHIVE: usize = 1 << 12;

/// What could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Decoded bytes that came before.
    pub offset: u64,
    pub what: String,
}

/// A record as it stands in the input.
#[derive(Debug, Clone)]
pub struct Record {
    /// Where it lies in `raw`; for a record too long to hold, its number in `heads`.
    pub start: usize,
    pub end: usize,
    /// First byte in the decoded stream, and raw length with the newline.
    pub offset: u64,
    pub length: u64,
    pub whole: bool,
}

/// What has been decided of a document, and by which number.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    Kept,
    Dropped { reason: &'static str, value: f64, threshold: f64 },
    Malformed { why: String },
}

/// A parsed record. Ranges point into the batch's arenas.
#[derive(Debug, Clone)]
pub struct Document {
    pub record: usize,
    /// The text as it is now, in `texts`.
    pub text: Range<usize>,
    /// Bytes of the text as it came; for a malformed record its raw bytes.
    pub bytes: u64,
    /// The id as JSON, in `metadata`.
    pub id: Range<usize>,
    /// `,"key":value` of every other key as it came, in `metadata`.
    pub metadata: Range<usize>,
    /// What stands inside the object under "kopipe" already, in `metadata`.
    pub additions: Range<usize>,
    /// Which evaluation items the text met, in `metadata`, as decontamination wrote it.
    pub evidence: Range<usize>,
    pub source: u16,
    pub state: State,
    /// What one pass over the text found, where it has been made since the text last changed.
    pub scan: Option<Scan>,
    /// What was cut from the text, where anything was.
    pub cuts: Option<Box<Cuts>>,
}

impl Document {
    /// A record of which nothing is known yet.
    pub fn new(record: usize, bytes: u64) -> Self {
        Document {
            record,
            text: 0..0,
            bytes,
            id: 0..0,
            metadata: 0..0,
            additions: 0..0,
            evidence: 0..0,
            source: 0,
            state: State::Kept,
            scan: None,
            cuts: None,
        }
    }
}

/// What the records are, and so how they are parsed.
#[derive(Debug, Clone)]
pub enum Layout {
    /// An object a line.
    Json,
    /// Objects with what stands between them.
    JsonValues,
    Delimited(Arc<Header>),
    /// The record is the text.
    Text,
    Html,
    Warc,
    Tar,
    Rows(RecordBatch),
    /// Rows that have been parsed: `raw` holds what they are known by.
    Parsed,
}

pub struct Batch {
    pub layout: Layout,
    pub path: PathBuf,
    /// The file's name, of which generated ids are made.
    pub name: String,
    /// The source of documents that do not say theirs; without, the file's name without extensions.
    pub file_source: Option<String>,
    pub unit: u64,
    pub unit_size: u64,
    /// Ordinal of the first record within its unit; malformed records count, blank lines do not.
    pub first_ordinal: u32,
    /// Where the next record begins in the decoded stream.
    pub position: u64,
    pub ends_unit: bool,
    /// Nothing of the file follows.
    pub ends_file: bool,
    /// Why decoding stopped before the end of the file; set on the last batch.
    pub damage: Option<Damage>,
    /// Bytes of the file that were read so far, compressed ones where it is compressed.
    pub file_bytes: u64,
    pub raw: Vec<u8>,
    pub records: Vec<Record>,
    /// First bytes of records too long to hold.
    pub heads: Vec<Vec<u8>>,
    pub texts: String,
    pub metadata: Vec<u8>,
    pub documents: Vec<Document>,
    pub sources: Vec<String>,
    /// By what duplicates of the kept documents are found, filled by `sign`.
    pub signed: Signed,
    /// The id, in `metadata`, of the document that a stage is working on.
    at: Option<Range<usize>>,
    /// Where each line of the kept documents stands, filled by `hash_lines` where that is asked for.
    pub standing: Option<Vec<Standing>>,
    /// Records for the scratch file, filled by `encode`.
    pub block: Vec<u8>,
    /// The kept documents as they are written, where `encode` was told that nothing is left to decide; and how many.
    pub lines: Vec<u8>,
    pub written: u64,
    /// What the kept documents are made of, filled where that is asked for.
    pub gathered: Option<Box<Gathered>>,
    /// Which keys and kinds of values the kept documents have, filled by `encode` where the result has columns.
    pub shape: Shape,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub docs: u64,
    pub bytes: u64,
}

impl Count {
    pub fn add(&mut self, bytes: u64) {
        self.docs += 1;
        self.bytes += bytes;
    }
}

/// The ledger of one source: read = kept + Σ dropped + malformed, in documents and in bytes of input text.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub read: Count,
    pub kept: Count,
    pub dropped: BTreeMap<&'static str, Count>,
    pub malformed: Count,
    /// By kind what was cut inside kept documents, outside the identity.
    pub cut: BTreeMap<&'static str, Cut>,
}

/// Adds what was cut from a document.
pub fn add_cuts(into: &mut BTreeMap<&'static str, Cut>, cuts: Option<&Cuts>) {
    for (kind, cut) in cuts.into_iter().flat_map(Cuts::found) {
        into.entry(KINDS[kind]).or_default().add(*cut);
    }
}

impl Batch {
    pub fn new(path: PathBuf, name: String, unit: u64, unit_size: u64) -> Self {
        Batch {
            layout: Layout::Json,
            path,
            name,
            file_source: None,
            unit,
            unit_size,
            first_ordinal: 0,
            position: 0,
            ends_unit: false,
            ends_file: false,
            damage: None,
            file_bytes: 0,
            raw: Vec::new(),
            records: Vec::new(),
            heads: Vec::new(),
            texts: String::new(),
            metadata: Vec::new(),
            documents: Vec::new(),
            sources: Vec::new(),
            signed: Signed::default(),
            at: None,
            standing: None,
            block: Vec::new(),
            lines: Vec::new(),
            written: 0,
            gathered: None,
            shape: Shape::default(),
        }
    }

    /// Texts of the documents that are still kept, in input order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.kept().map(|d| &self.texts[d.text.clone()])
    }

    pub fn kept(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(|d| d.state == State::Kept)
    }

    /// A stage's work on every document that is still kept, in input order. Where it panics, `stopped_at` says on which.
    pub fn each_kept(&mut self, mut work: impl FnMut(&mut Self, &mut Document)) {
        let mut documents = std::mem::take(&mut self.documents);
        for document in documents.iter_mut().filter(|d| d.state == State::Kept) {
            self.at = Some(document.id.clone());
            work(self, document);
        }
        (self.documents, self.at) = (documents, None);
    }

    /// The id, as JSON, of the document on which a stage panicked.
    pub fn stopped_at(&self) -> Option<Cow<'_, str>> {
        self.at.clone().map(|id| String::from_utf8_lossy(&self.metadata[id]))
    }

    /// Ordinal of a document within its unit.
    pub fn ordinal(&self, document: &Document) -> u32 {
        self.first_ordinal + document.record as u32
    }

    /// Feeds the digest of the unit's input as it was read.
    pub fn digest_input(&self, digest: &mut Xxh3) {
        for record in &self.records {
            match record.whole {
                true => digest.update(&self.raw[record.start..record.end]),
                false => digest.update(&self.heads[record.start]),
            }
            digest.update(&record.length.to_le_bytes());
        }
    }

    /// Counts by source.
    pub fn counts(&self) -> BTreeMap<&str, Counts> {
        self.counts_of(0..self.documents.len())
    }

    /// Counts of some of the documents, for a result that ends within a batch.
    pub fn counts_of(&self, documents: Range<usize>) -> BTreeMap<&str, Counts> {
        let mut ledger: BTreeMap<&str, Counts> = BTreeMap::new();
        for document in &self.documents[documents] {
            let counts = ledger.entry(&self.sources[document.source as usize]).or_default();
            counts.read.add(document.bytes);
            match &document.state {
                State::Kept => {
                    counts.kept.add(document.bytes);
                    add_cuts(&mut counts.cut, document.cuts.as_deref());
                }
                State::Dropped { reason, .. } => counts.dropped.entry(reason).or_default().add(document.bytes),
                State::Malformed { .. } => counts.malformed.add(document.bytes),
            }
        }
        ledger
    }

    /// Bytes this batch holds at the most before it is encoded: what a bound on memory counts.
    pub fn weight(&self) -> usize {
        let rows = match &self.layout {
            Layout::Rows(rows) => crate::read::size_of(rows),
            _ => 0,
        };
        rows + self.raw.len() + self.heads.iter().map(Vec::len).sum::<usize>()
    }
}

#[cfg(test)]
mod tests;
