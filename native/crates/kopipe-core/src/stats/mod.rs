//! What a corpus is made of, mergeable across parts and in fixed memory whatever its size.
//!
//! Of all documents what is cheap is counted; what costs more is observed of one in `one_in`, chosen by a hash of the text. Workers
//! gather batches side by side, and a corpus takes what they gathered in the order of the input, so that batches leave no trace.
//! While `clean` runs, where everything else costs too much, all but documents, bytes and texts that differ is of the sample.

mod eojeol;
mod file;
#[cfg(test)]
mod measure;
mod measures;
mod metadata;
mod report;
mod sampled;
mod scripts;
mod sketch;

pub use eojeol::eojeol;
pub use file::replay;
pub use metadata::LICENCES;
pub use sampled::Fertility;

use crate::batch::{Batch, Body, Count};
use crate::error::Result;
use measures::{Length, Measures};
use metadata::Metadata;
use sampled::{Observed, Sampled};
use sketch::{Distinct, Lengths};
use std::borrow::Cow;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

/// Sources beyond this many are counted together.
const MAX_SOURCES: usize = 1000;
const REGISTERS: u8 = 14;

/// Of how many documents what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// A power of two: of how many documents one is observed.
    pub one_in: u64,
    /// Whether the others are measured.
    pub measures_all: bool,
}

impl Default for Rate {
    fn default() -> Self {
        Rate { one_in: 1, measures_all: true }
    }
}

impl Rate {
    /// One in so many is observed, and the others are only counted.
    pub fn sample(one_in: u64) -> Self {
        Rate { one_in, measures_all: one_in == 1 }
    }

    fn observes(self, hash: u64) -> bool {
        (hash >> 32) & (self.one_in - 1) == 0
    }

    /// For how many documents one stands that was measured.
    fn weight(self) -> u64 {
        if self.measures_all { 1 } else { self.one_in }
    }

    /// Of both together only what is known of each.
    fn merge(&mut self, more: Rate) {
        self.one_in = self.one_in.max(more.one_in);
        self.measures_all &= more.measures_all;
    }
}

/// How documents are looked at.
#[derive(Default)]
pub struct Look {
    pub rate: Rate,
    pub fertility: Option<Fertility>,
}

/// A document as it is given: `id` and `metadata` (`,"key":value` of each key) are JSON.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    pub text: &'a str,
    pub source: &'a str,
    pub id: &'a str,
    pub metadata: &'a str,
    /// Of the text, by which it is known.
    pub hash: u64,
}

/// Sums, and sketches that are fed document by document.
#[derive(Clone)]
struct Plain {
    all: BTreeMap<String, Count>,
    measured: BTreeMap<String, Measures>,
    texts: Distinct,
    /// In characters, eojeol and lines.
    lengths: [Lengths; 3],
    metadata: Metadata,
}

impl Default for Plain {
    fn default() -> Self {
        Plain {
            all: BTreeMap::new(),
            measured: BTreeMap::new(),
            texts: Distinct::new(REGISTERS),
            lengths: Default::default(),
            metadata: Metadata::default(),
        }
    }
}

impl Plain {
    fn add_sums(&mut self, all: &BTreeMap<String, Count>, measured: &BTreeMap<String, Measures>) {
        for (source, Count { docs, bytes }) in all {
            let sum = entry(&mut self.all, source);
            sum.docs += docs;
            sum.bytes += bytes;
        }
        for (source, measures) in measured {
            entry(&mut self.measured, source).merge(measures);
        }
    }

    fn merge(&mut self, more: &Plain) -> Result<()> {
        self.add_sums(&more.all, &more.measured);
        self.texts.merge(&more.texts);
        for (lengths, others) in self.lengths.iter_mut().zip(&more.lengths) {
            lengths.merge(others)?;
        }
        self.metadata.merge(&more.metadata);
        Ok(())
    }
}

/// What is counted of a source.
fn entry<'m, T: Default>(sources: &'m mut BTreeMap<String, T>, source: &str) -> &'m mut T {
    let mut name = source;
    if !sources.contains_key(source) {
        name = if sources.len() < MAX_SOURCES { source } else { metadata::OTHERS };
        sources.entry(name.to_owned()).or_default();
    }
    sources.get_mut(name).expect("it has just been put there")
}

/// Bytes of what a JSON string says.
fn unescaped_length(string: &[u8]) -> u64 {
    let (inner, mut at) = (&string[1..string.len() - 1], 0);
    let mut length = inner.len();
    while let Some(found) = memchr::memchr(b'\\', &inner[at..]) {
        at += found;
        match inner.get(at + 1) {
            Some(b'u') => {
                let code = inner.get(at + 2..at + 6).and_then(|hex| u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
                // Half of a pair is half of four bytes.
                let bytes = match code.unwrap_or_default() {
                    0..0x80 => 1,
                    0x80..0x800 | 0xD800..0xE000 => 2,
                    _ => 3,
                };
                length = length.saturating_sub(6 - bytes);
                at += 6;
            }
            _ => {
                length -= 1;
                at += 2;
            }
        }
        at = at.min(inner.len());
    }
    length as u64
}

/// What was found in some documents, to be taken by a corpus in their order. Sums are made here; what goes into sketches waits, since
/// how a sketch lies in memory would tell where batches ended.
#[derive(Default)]
pub struct Gathered {
    rate: Rate,
    all: BTreeMap<String, Count>,
    measured: BTreeMap<String, Measures>,
    hashes: Vec<u64>,
    lengths: Vec<Length>,
    /// Of the documents that were measured: metadata one after the other, where each ends, and bytes of its text.
    metadata: String,
    ends: Vec<(usize, u64)>,
    observed: Observed,
}

impl Gathered {
    pub fn new(look: &Look) -> Self {
        Gathered { rate: look.rate, ..Gathered::default() }
    }

    /// The kept documents of a parsed batch.
    pub fn of(batch: &Batch, look: &Look) -> Self {
        let mut gathered = Gathered::new(look);
        for document in batch.kept() {
            let text = &batch.texts[document.text.clone()];
            let json = |range: &std::ops::Range<usize>| std::str::from_utf8(&batch.metadata[range.clone()]).unwrap_or_default();
            gathered.add(
                look,
                Described {
                    text,
                    source: &batch.sources[document.source as usize],
                    id: json(&document.id),
                    metadata: json(&document.metadata),
                    hash: xxh3_64(text.as_bytes()),
                },
            );
        }
        gathered
    }

    pub fn add(&mut self, look: &Look, document: Described) {
        let observes = self.rate.observes(document.hash);
        self.count(document.source, document.text.len() as u64, document.hash);
        if self.rate.measures_all || observes {
            self.lengths.push(entry(&mut self.measured, document.source).add(document.text));
            self.metadata.push_str(document.metadata);
            self.ends.push((self.metadata.len(), document.text.len() as u64));
        }
        if observes {
            let Described { text, source, id, hash, .. } = document;
            self.observed.add(text, source, id, hash, look.fertility.as_ref());
        }
    }

    /// A document as it is written, `{"id":…,"text":…` and the metadata; `text` is where its JSON string begins. It is
    /// known by that string, so that what is not looked at need not be read.
    pub fn add_line(&mut self, look: &Look, source: &str, line: &[u8], text: usize) {
        let Some(Body { id, text, metadata }) = Body::of(line, text) else { return };
        let hash = xxh3_64(text);
        if !self.rate.measures_all && !self.rate.observes(hash) {
            self.count(source, unescaped_length(text), hash);
            return;
        }
        let read: Cow<str> = match memchr::memchr(b'\\', text) {
            None => String::from_utf8_lossy(&text[1..text.len() - 1]),
            Some(_) => sonic_rs::from_slice::<String>(text).unwrap_or_default().into(),
        };
        let [id, metadata] = [id, metadata].map(|json| std::str::from_utf8(json).unwrap_or_default());
        self.add(look, Described { text: &read, source, id, metadata, hash });
    }

    /// Of a document that is not looked at.
    fn count(&mut self, source: &str, bytes: u64, hash: u64) {
        entry(&mut self.all, source).add(bytes);
        self.hashes.push(hash);
    }
}

#[derive(Clone, Default)]
pub struct Corpus {
    rate: Rate,
    plain: Plain,
    sampled: Sampled,
}

impl Corpus {
    pub fn take(&mut self, gathered: Gathered) {
        let Gathered { rate, all, measured, hashes, lengths, metadata, ends, observed } = gathered;
        self.rate.merge(rate);
        self.plain.add_sums(&all, &measured);
        hashes.into_iter().for_each(|hash| self.plain.texts.add(hash));
        for Length { chars, eojeol, lines } in lengths {
            for (into, length) in self.plain.lengths.iter_mut().zip([chars, eojeol, lines]) {
                into.add(length, rate.weight());
            }
        }
        let mut start = 0;
        for (end, bytes) in ends {
            self.plain.metadata.add(&metadata[start..end], bytes, rate.weight());
            start = end;
        }
        self.sampled.take(observed, rate.one_in);
    }

    /// Of other documents.
    pub fn merge(&mut self, more: Corpus) -> Result<()> {
        self.rate.merge(more.rate);
        self.plain.merge(&more.plain)?;
        self.sampled.merge(more.sampled);
        Ok(())
    }
}
