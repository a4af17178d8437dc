//! What the commands that explain ask of a batch: the documents of an id, one document on its own, and the numbers by
//! which it passed.

pub mod numbers;

use crate::batch::{Batch, Document, Origin, Record, State, push_kept, push_reject};
use crate::clean::measures::{Buffers, Measures};
use crate::clean::scan::scan;
use crate::error::Result;
use numbers::{Number, Numbers};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A kept document and how near it came to a threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Near {
    pub id: String,
    pub source: String,
    pub text: String,
    pub value: f64,
    pub threshold: f64,
}

/// A rejected document; a duplicate has no number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rejected {
    pub ordinal: u32,
    pub source: String,
    pub value: Option<f64>,
    pub threshold: Option<f64>,
}

impl Batch {
    /// Ordinals of the documents with this id; an id that is no string by its JSON.
    pub fn find(&self, id: &str) -> Vec<u32> {
        self.documents.iter().filter(|document| self.id_of(document) == id).map(|document| self.ordinal(document)).collect()
    }

    /// Ordinals of the documents that have this in their text or their id.
    pub fn containing(&self, search: &str) -> Vec<u32> {
        let finder = memchr::memmem::Finder::new(search.as_bytes());
        let has = |text: &str| finder.find(text.as_bytes()).is_some();
        let found = self.documents.iter().filter(|document| has(&self.texts[document.text.clone()]) || has(&self.id_of(document)));
        found.map(|document| self.ordinal(document)).collect()
    }

    pub fn id_of(&self, document: &Document) -> String {
        let id = &self.metadata[document.id.clone()];
        serde_json::from_slice::<String>(id).unwrap_or_else(|_| String::from_utf8_lossy(id).into_owned())
    }

    /// Documents stand in the order of their records.
    fn document(&self, ordinal: u32) -> Option<&Document> {
        let at = self.documents.partition_point(|document| self.ordinal(document) < ordinal);
        self.documents.get(at).filter(|document| self.ordinal(document) == ordinal)
    }

    /// One parsed document as a batch of its own, on which the stages work as on any.
    pub fn only(&self, ordinal: u32) -> Option<Batch> {
        let document = self.document(ordinal)?;
        let record = &self.records[document.record];
        let mut batch = Batch::new(self.path.clone(), self.name.clone(), self.unit, self.unit_size);
        (batch.layout, batch.first_ordinal) = (self.layout.clone(), ordinal);
        let mut alone = Record { start: 0, ..record.clone() };
        if record.whole {
            batch.raw = self.raw[record.start..record.end].to_vec();
            alone.end = batch.raw.len();
        } else {
            batch.heads.push(self.heads[record.start].clone());
        }
        batch.records.push(alone);
        batch.sources.push(self.sources[document.source as usize].clone());
        batch.texts = self.texts[document.text.clone()].to_owned();
        let mut copied = |range: &Range<usize>| {
            let start = batch.metadata.len();
            batch.metadata.extend_from_slice(&self.metadata[range.clone()]);
            start..batch.metadata.len()
        };
        let (id, metadata, additions) = (copied(&document.id), copied(&document.metadata), copied(&document.additions));
        let evidence = copied(&document.evidence);
        let text = 0..batch.texts.len();
        batch.documents.push(Document { record: 0, text, id, metadata, additions, evidence, source: 0, ..document.clone() });
        Some(batch)
    }

    /// Of a file of rejects: the documents with a reason, by their ordinals here.
    pub fn rejected(&self, reason: &str) -> Vec<Rejected> {
        #[derive(Deserialize)]
        struct Why {
            reason: String,
            value: Option<f64>,
            threshold: Option<f64>,
        }
        let written = memchr::memmem::Finder::new(reason.as_bytes());
        let rejected = |document: &Document| {
            let additions = &self.metadata[document.additions.clone()];
            written.find(additions)?;
            let why: Why = serde_json::from_slice(&[b"{", additions, b"}"].concat()).ok()?;
            let (value, threshold) = (why.value, why.threshold);
            let source = self.sources[document.source as usize].clone();
            (why.reason == reason).then(|| Rejected { ordinal: self.ordinal(document), source, value, threshold })
        };
        self.documents.iter().filter_map(rejected).collect()
    }

    /// A document as it would be written now: the line of the result, or of the rejects.
    pub fn line(&self, ordinal: u32, unit: u32) -> Result<Option<Vec<u8>>> {
        let Some(document) = self.document(ordinal) else { return Ok(None) };
        let (mut body, mut additions) = (Vec::new(), Vec::new());
        self.push_body(document, &mut body)?;
        self.push_additions(document, &mut additions);
        if document.state == State::Kept {
            push_kept(&mut body, &additions);
            return Ok(Some(body));
        }
        let offset = self.records[document.record].offset;
        let origin = Origin { file: &self.path.to_string_lossy(), unit, ordinal, offset, bytes: document.bytes };
        let mut line = Vec::new();
        push_reject(&mut line, &body, &[&additions], &origin);
        Ok(Some(line))
    }

    /// What each document's text measures, in the order of the documents: the kept ones as they are now.
    pub fn numbers(&self, numbers: &Numbers) -> Vec<Vec<Number>> {
        let mut buffers = Buffers::default();
        let of = |document: &Document| {
            let text = &self.texts[document.text.clone()];
            numbers.of(&mut Measures::new(text, scan(text), &mut buffers))
        };
        self.documents.iter().map(of).collect()
    }

    /// The kept documents, of one source or all, that came nearest to a reason's threshold: nearest first, at most `count`.
    pub fn nearest(&self, numbers: &Numbers, source: Option<&str>, count: usize) -> Vec<Near> {
        let mut buffers = Buffers::default();
        let mut found: Vec<(Number, &Document)> = Vec::new();
        let of_source = |document: &&Document| source.is_none_or(|source| self.sources[document.source as usize] == source);
        for document in self.kept().filter(of_source) {
            let text = &self.texts[document.text.clone()];
            for number in numbers.of(&mut Measures::new(text, scan(text), &mut buffers)) {
                let at = found.partition_point(|(other, _)| other.margin() <= number.margin());
                if at < count {
                    found.insert(at, (number, document));
                    found.truncate(count);
                }
            }
        }
        let near = |(number, document): (Number, &Document)| Near {
            id: self.id_of(document),
            source: self.sources[document.source as usize].clone(),
            text: self.texts[document.text.clone()].to_owned(),
            value: number.value,
            threshold: number.threshold,
        };
        found.into_iter().map(near).collect()
    }
}
