//! What is cut inside documents, by kind: how it is counted, and how a document says it. Bylines, footers, what stands in
//! evaluation sets, lines that many documents have, and masks share this.

use crate::batch::push_addition;
use serde::Serialize;
use serde_json::{Map, Value};
use std::ops::Range;

/// The kinds of masks, in their order, then those of cuts; a test holds the first against `mask::Kind`.
pub const KINDS: [&str; 14] =
    ["tel", "rrn", "acc", "crd", "email", "url", "ip", "brn", "pspt", "dln", "byline", "footer", "evaluation", "line"];

pub const MASKS: Range<usize> = 0..10;
pub const BYLINE: usize = 10;
pub const FOOTER: usize = 11;
pub const EVALUATION: usize = 12;
/// Of the documents that stay, cut in the last pass.
pub const LINE: usize = 13;

/// How much of one kind was cut.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cut {
    pub docs: u64,
    pub hits: u64,
    /// Bytes of the normalized text that are no longer there.
    pub bytes: u64,
}

impl Cut {
    pub fn add(&mut self, more: Cut) {
        self.docs += more.docs;
        self.hits += more.hits;
        self.bytes += more.bytes;
    }
}

/// Cuts by kind, in the order of the kinds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Cuts(pub [Cut; KINDS.len()]);

impl Cuts {
    /// One more hit in this document.
    pub fn hit(&mut self, kind: usize, bytes: usize) {
        let Cut { docs, hits, bytes: sum } = &mut self.0[kind];
        (*docs, *hits, *sum) = (1, *hits + 1, *sum + bytes as u64);
    }

    /// Adds those of another stage, of other kinds, on the same document.
    pub fn join(&mut self, more: Cuts) {
        self.0.iter_mut().zip(more.0).for_each(|(cut, more)| cut.add(more));
    }

    /// What was cut, with its kind.
    pub fn found(&self) -> impl Iterator<Item = (usize, &Cut)> {
        self.0.iter().enumerate().filter(|(_, cut)| cut.hits > 0)
    }
}

/// A document's additions with what was cut, under a key, on top of what an earlier run did.
pub fn said(additions: &[u8], key: &str, cuts: &Cuts) -> Vec<u8> {
    let mut kept = additions.to_vec();
    let mut hits = Map::new();
    // Only a document that was cut before is read: its numbers are added to.
    if memchr::memmem::find(additions, format!("\"{key}\"").as_bytes()).is_some() {
        let object = [b"{", additions, b"}"].concat();
        let mut fields: Map<String, Value> = serde_json::from_slice(&object).unwrap_or_default();
        if let Some(before) = fields.remove(key) {
            if let Value::Object(before) = before {
                hits = before;
            }
            let object = Value::Object(fields).to_string();
            kept = object.as_bytes()[1..object.len() - 1].to_vec();
        }
    }
    for (kind, cut) in cuts.found() {
        let before = hits.get(KINDS[kind]).and_then(Value::as_u64).unwrap_or(0);
        hits.insert(KINDS[kind].into(), before.saturating_add(cut.hits).into());
    }
    push_addition(&mut kept, key, &Value::Object(hits).to_string());
    kept
}
