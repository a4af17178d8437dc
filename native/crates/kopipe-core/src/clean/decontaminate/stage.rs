//! The stage of `clean`, and how evaluation files become the index: both work on batches.

use super::build::Origin;
use super::index::{Buffers, Index};
use super::remove::remove;
use super::{Builder, Met, SHORTEST, words};
use crate::batch::{Batch, Document, State, json};
use crate::clean::cuts::counts::{Cuts, EVALUATION, said};
use crate::clean::normalize::Normalize;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What becomes of a document that shares text with an evaluation set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Drop,
    Cut,
}

pub const REASON: &str = "contaminated";

impl Batch {
    /// Drops the documents that share an n-gram with an evaluation text, or cuts it from them. What each of them met is kept as
    /// its evidence. What is left of a cut document shares nothing; one of which too little would be left is dropped.
    pub fn decontaminate(&mut self, index: &Index, action: Action) {
        let mut buffers = Buffers::default();
        self.each_kept(|batch, document| {
            let Some(met) = index.met(&batch.texts[document.text.clone()], &mut buffers) else { return };
            let start = batch.metadata.len();
            let id = String::from_utf8_lossy(&batch.metadata[document.id.clone()]).into_owned();
            push_evidence(index, &met, &id, &mut batch.metadata);
            document.evidence = start..batch.metadata.len();
            let left = if action == Action::Cut { without(index, &batch.texts[document.text.clone()], &met, &mut buffers) } else { None };
            let start = batch.metadata.len();
            let before = batch.metadata[document.additions.clone()].to_vec();
            let Some((text, hits)) = left else {
                let (share, item) = worst(index, &met);
                let item = &index.items[item as usize];
                let file = String::from_utf8_lossy(&json(&index.files[item.file as usize].file)).into_owned();
                document.state = State::Dropped { reason: REASON, value: share, threshold: 0.0 };
                batch.metadata.extend_from_slice(&with(&before, "against", &format!("{{\"file\":{file},\"id\":{}}}", item.id)));
                document.additions = start..batch.metadata.len();
                return;
            };
            let mut cuts = Cuts::default();
            (0..hits).for_each(|_| cuts.hit(EVALUATION, 0));
            cuts.0[EVALUATION].bytes = (document.text.len() - text.len()) as u64;
            batch.metadata.extend_from_slice(&said(&before, "cut", &cuts));
            document.additions = start..batch.metadata.len();
            document.cuts.get_or_insert_default().join(cuts);
            let start = batch.texts.len();
            batch.texts.push_str(&text);
            (document.text, document.scan) = (start..batch.texts.len(), None);
        });
    }
}

/// The text without all that it shares, and how many pieces were cut; nothing where too little is left.
fn without(index: &Index, text: &str, met: &Met, buffers: &mut Buffers) -> Option<(String, u64)> {
    let (mut left, mut hits) = (remove(text, &met.spans), met.spans.len() as u64);
    // What now stands beside each other may be shared again.
    while let Some(again) = index.met(&left, buffers) {
        left = remove(&left, &again.spans);
        hits += again.spans.len() as u64;
    }
    (left.trim().chars().nth(SHORTEST - 1).is_some() && left.contains(words::is_letter)).then_some((left, hits))
}

/// The largest share of a text's n-grams that a document has, and the first item that is this text.
fn worst(index: &Index, met: &Met) -> (f64, u32) {
    let share = |&(text, grams): &(u32, u32)| f64::from(grams) / f64::from(index.texts[text as usize].grams);
    let order = |a: &&(u32, u32), b: &&(u32, u32)| share(a).total_cmp(&share(b)).then(a.1.cmp(&b.1)).then(b.0.cmp(&a.0));
    met.texts.iter().max_by(order).map_or((0.0, 0), |met| (share(met), index.texts[met.0 as usize].items[0]))
}

/// For each item that is met: its number, the length of the following, and JSON fields of a line.
fn push_evidence(index: &Index, met: &Met, id: &str, into: &mut Vec<u8>) {
    for &(text, grams) in &met.texts {
        let text = &index.texts[text as usize];
        for &number in &text.items {
            let item = &index.items[number as usize];
            let quoted = |text: &str| String::from_utf8_lossy(&json(text)).into_owned();
            let mut fields = format!(
                "\"id\":{id},\"against\":{{\"file\":{},\"id\":{},\"offset\":{}",
                quoted(&index.files[item.file as usize].file),
                item.id,
                item.offset
            );
            if let Some(key) = &item.key {
                fields.push_str(&format!(",\"key\":{}", quoted(key)));
            }
            if item.copies > 1 {
                fields.push_str(&format!(",\"copies\":{}", item.copies));
            }
            let share = f64::from(grams) / f64::from(text.grams);
            fields.push_str(&format!("}},\"ngrams\":{grams},\"share\":{share}"));
            into.extend_from_slice(&number.to_le_bytes());
            into.extend_from_slice(&(fields.len() as u32).to_le_bytes());
            into.extend_from_slice(fields.as_bytes());
        }
    }
}

/// A document's additions with a field, in place of one of this name from an earlier run.
fn with(additions: &[u8], key: &str, value: &str) -> Vec<u8> {
    let mut kept = additions.to_vec();
    if memchr::memmem::find(additions, format!("\"{key}\"").as_bytes()).is_some() {
        let mut fields: Map<String, Value> = serde_json::from_slice(&[b"{", additions, b"}"].concat()).unwrap_or_default();
        fields.remove(key);
        let object = Value::Object(fields).to_string();
        kept = object.as_bytes()[1..object.len() - 1].to_vec();
    }
    crate::batch::push_addition(&mut kept, key, value);
    kept
}

impl Builder {
    /// The items of a batch that was parsed with all its strings: each text, or of a record without one each string but
    /// its source. They are normalized as documents are.
    pub fn add_batch(&mut self, batch: &Batch, how: &Normalize, source: &str) {
        let mut items = Batch::new(batch.path.clone(), String::new(), 0, 1);
        let mut origins: Vec<(&Document, Option<String>)> = Vec::new();
        let mut add = |text: &str, document, key| {
            let start = items.texts.len();
            items.texts.push_str(text);
            items.documents.push(Document { text: start..items.texts.len(), ..Document::new(0, text.len() as u64) });
            origins.push((document, key));
        };
        for document in &batch.documents {
            match &document.state {
                State::Kept => add(&batch.texts[document.text.clone()], document, None),
                State::Malformed { .. } if !document.metadata.is_empty() => {
                    let fields = batch.metadata[document.metadata.clone()].strip_prefix(b",").unwrap_or_default();
                    let record: Value = serde_json::from_slice(&[b"{", fields, b"}"].concat()).unwrap_or_default();
                    strings(&record, "", &mut |key, text| {
                        if key != source {
                            add(text, document, Some(key.to_owned()));
                        }
                    });
                }
                State::Malformed { .. } | State::Dropped { .. } => self.unreadable(),
            }
        }
        let raw: Vec<_> = items.documents.iter().map(|item| item.text.clone()).collect();
        items.normalize(how);
        for ((item, raw), (document, key)) in items.documents.iter().zip(raw).zip(origins) {
            let normalized = (item.state == State::Kept).then(|| &items.texts[item.text.clone()]);
            let id = String::from_utf8_lossy(&batch.metadata[document.id.clone()]);
            let offset = batch.records[document.record].offset;
            self.add(&items.texts[raw], normalized, &Origin { id: &id, offset, key: key.as_deref() });
        }
    }
}

/// Every string in a value, with its keys joined by dots.
fn strings(value: &Value, key: &str, found: &mut impl FnMut(&str, &str)) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::String(text) => found(key, text),
        Value::Array(values) => values.iter().enumerate().for_each(|(at, value)| strings(value, &below(&at.to_string()), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| strings(value, &below(name), found)),
        _ => {}
    }
}
