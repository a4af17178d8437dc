//! Some documents of each source, kept while all are counted: what a report shows and what is verified needs no second
//! pass over the input.
//!
//! Of each source those with the smallest hashes of their texts stay (a bottom-k sample): spread evenly over the input,
//! and the same whatever the order, the workers, the batches. A text that stands there twice is kept once. Everything
//! is bounded: documents and bytes of a source, characters of a document, sources. Of more sources those with the
//! smallest hashes of their names stand alone, and the others share one place.
//!
//! Cost: a hash and a look-up a document, too little to be seen beside counting (499,238 documents of 253 MB).

use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::io::{Io, Sealed};
use crate::scratch::{Format, compress};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_128;

const MOST_SOURCES: usize = 64;
const MOST_DOCUMENTS: usize = 1000;
/// Of text, a source.
const MOST_BYTES: usize = 256 << 10;
/// A longer document is cut.
const MOST_CHARACTERS: usize = 2000;
/// An id longer than this, as JSON, is left out, and a source of a longer name does not stand alone.
const LONGEST_NAME: usize = 256;
/// Where the sources are that do not stand alone.
const OTHERS: &str = "(other sources)";

#[derive(Default)]
pub struct DocumentSample {
    /// By the hash of a source's name.
    groups: BTreeMap<u128, (String, Group)>,
    others: Group,
}

/// The documents that stay of a source: those of the smallest hashes, as many as fit.
#[derive(Default)]
struct Group {
    documents: BTreeMap<u128, Kept>,
    bytes: usize,
    /// The smallest hash that did not fit: nothing from there on ever will.
    limit: Option<u128>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    /// As JSON.
    id: Vec<u8>,
    /// The beginning of the document.
    text: String,
    /// Of the whole document.
    bytes: usize,
}

impl Group {
    fn wants(&self, hash: u128) -> bool {
        self.limit.is_none_or(|limit| hash < limit)
    }

    /// Of equal texts the one with the smaller id stays.
    fn add(&mut self, hash: u128, kept: Kept) {
        if !self.wants(hash) {
            return;
        }
        match self.documents.entry(hash) {
            Entry::Occupied(mut there) if kept.id < there.get().id => drop(there.insert(kept)),
            Entry::Occupied(_) => {}
            Entry::Vacant(place) => {
                self.bytes += kept.text.len();
                place.insert(kept);
            }
        }
        while self.documents.len() > MOST_DOCUMENTS || self.bytes > MOST_BYTES {
            let Some((hash, last)) = self.documents.pop_last() else { break };
            self.bytes -= last.text.len();
            self.limit = Some(hash);
        }
    }

    /// The same as if all documents of `more` had come here.
    fn merge(&mut self, more: Group) {
        for (hash, kept) in more.documents {
            self.add(hash, kept);
        }
        let limit = self.limit.into_iter().chain(more.limit).min();
        while let Some(last) = self.documents.last_entry().filter(|last| limit.is_some_and(|limit| *last.key() >= limit)) {
            self.bytes -= last.remove().text.len();
        }
        self.limit = limit;
    }
}

impl DocumentSample {
    /// Offers the kept documents of a batch.
    pub fn add(&mut self, batch: &Batch) {
        let names: Vec<u128> = batch.sources.iter().map(|source| xxh3_128(source.as_bytes())).collect();
        for document in batch.kept().filter(|document| !document.text.is_empty()) {
            let (source, text) = (document.source as usize, &batch.texts[document.text.clone()]);
            let hash = xxh3_128(text.as_bytes());
            self.offer(names[source], &batch.sources[source], hash, || {
                let id = &batch.metadata[document.id.clone()];
                Kept::new(text, if id.len() <= LONGEST_NAME { id } else { b"null" })
            });
        }
    }

    fn offer(&mut self, name: u128, source: &str, hash: u128, kept: impl FnOnce() -> Kept) {
        let group = self.group(name, source);
        if group.wants(hash) {
            group.add(hash, kept());
        }
    }

    /// Where documents of a source go. A source that loses its place never gets one again, as there are only ever more.
    fn group(&mut self, name: u128, source: &str) -> &mut Group {
        if !self.groups.contains_key(&name) {
            let is_full = self.groups.len() == MOST_SOURCES;
            let is_behind = is_full && self.groups.last_key_value().is_some_and(|(last, _)| *last < name);
            if source.len() > LONGEST_NAME || is_behind {
                return &mut self.others;
            }
            if let Some((_, (_, group))) = is_full.then(|| self.groups.pop_last()).flatten() {
                self.others.merge(group);
            }
        }
        &mut self.groups.entry(name).or_insert_with(|| (source.to_owned(), Group::default())).1
    }

    /// Writes what stayed: `{id, source, text, bytes}` a line, by source and hash; `bytes` are those of the whole document.
    pub fn commit(&self, io: &Io, path: &Path) -> Result<Sealed> {
        let mut groups: Vec<(&str, &Group)> = self.groups.values().map(|(source, group)| (source.as_str(), group)).collect();
        groups.sort_unstable_by_key(|&(source, _)| source);
        groups.push((OTHERS, &self.others));
        let mut lines = Vec::new();
        for (source, kept) in groups.into_iter().flat_map(|(source, group)| group.documents.values().map(move |kept| (source, kept))) {
            let failed = |e: serde_json::Error| Error::Internal(e.to_string());
            lines.extend_from_slice(b"{\"id\":");
            lines.extend_from_slice(&kept.id);
            lines.extend_from_slice(b",\"source\":");
            serde_json::to_writer(&mut lines, source).map_err(failed)?;
            lines.extend_from_slice(b",\"text\":");
            serde_json::to_writer(&mut lines, &kept.text).map_err(failed)?;
            lines.extend_from_slice(format!(",\"bytes\":{}}}\n", kept.bytes).as_bytes());
        }
        io.commit(path, &compress(&lines, Format::JsonlZst)?)
    }
}

impl Kept {
    fn new(text: &str, id: &[u8]) -> Self {
        let end = text.char_indices().nth(MOST_CHARACTERS).map_or(text.len(), |(at, _)| at);
        Kept { id: id.to_vec(), text: text[..end].to_owned(), bytes: text.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Documents of many sources and lengths; some texts stand there twice.
    fn documents() -> Vec<(String, String, String)> {
        let text = |i: usize| format!("{} 문서", i % 27_000).repeat(if i.is_multiple_of(3) { 1 } else { 1 + i % 7 * (i % 11) * 15 });
        let source = |i: usize| if i.is_multiple_of(3) { format!("short-{}", i % 4) } else { format!("{}", i % 70 * (i % 3)) };
        (0..30_000).map(|i| (source(i), format!("\"{i}\""), text(i))).collect()
    }

    fn sample<'d>(documents: impl Iterator<Item = &'d (String, String, String)>) -> DocumentSample {
        let mut sample = DocumentSample::default();
        for (source, id, text) in documents {
            sample.offer(xxh3_128(source.as_bytes()), source, xxh3_128(text.as_bytes()), || Kept::new(text, id.as_bytes()));
        }
        sample
    }

    /// By its definition: all documents of a place sorted, and the longest beginning that fits.
    fn twin(documents: &[(String, String, String)]) -> BTreeMap<String, Vec<(u128, Kept)>> {
        let mut names: Vec<&String> = documents.iter().map(|(source, ..)| source).collect();
        names.sort_unstable_by_key(|name| (xxh3_128(name.as_bytes()), *name));
        names.dedup();
        names.truncate(MOST_SOURCES);
        let mut all: BTreeMap<String, BTreeMap<u128, Kept>> = BTreeMap::new();
        for (source, id, text) in documents {
            let place = if names.contains(&source) { source } else { OTHERS };
            let (group, kept) = (all.entry(place.to_owned()).or_default(), Kept::new(text, id.as_bytes()));
            let there = group.entry(xxh3_128(text.as_bytes())).or_insert_with(|| kept.clone());
            there.id = there.id.clone().min(kept.id);
        }
        let fitting = |group: BTreeMap<u128, Kept>| {
            let mut bytes = 0;
            let fits = |(_, kept): &(u128, Kept)| {
                bytes += kept.text.len();
                bytes <= MOST_BYTES
            };
            group.into_iter().take(MOST_DOCUMENTS).take_while(fits).collect::<Vec<_>>()
        };
        all.into_iter().map(|(place, group)| (place, fitting(group))).collect()
    }

    fn groups(sample: DocumentSample) -> BTreeMap<String, Vec<(u128, Kept)>> {
        let alone = sample.groups.into_values();
        alone.chain([(OTHERS.to_owned(), sample.others)]).map(|(source, group)| (source, group.documents.into_iter().collect())).collect()
    }

    #[test]
    fn equals_the_definition_in_any_order() {
        let documents = documents();
        let expected = twin(&documents);
        assert_eq!(expected.len(), MOST_SOURCES + 1, "more sources than stand alone");
        let largest = expected.values().map(|group| group.iter().map(|(_, kept)| kept.text.len()).sum::<usize>()).max();
        assert!(largest > Some(MOST_BYTES / 2) && largest <= Some(MOST_BYTES), "{largest:?}");
        assert_eq!(expected.values().map(Vec::len).max(), Some(MOST_DOCUMENTS));
        assert!(groups(sample(documents.iter())) == expected);
        assert!(groups(sample(documents.iter().rev())) == expected);
        let shuffled = (0..documents.len()).map(|i| &documents[i * 7919 % documents.len()]);
        assert!(groups(sample(shuffled)) == expected);
    }

    #[test]
    fn documents_are_cut_between_characters() {
        let long = "가".repeat(MOST_CHARACTERS + 5);
        let kept = Kept::new(&long, b"1");
        assert_eq!((kept.text.chars().count(), kept.bytes), (MOST_CHARACTERS, long.len()));
    }
}
