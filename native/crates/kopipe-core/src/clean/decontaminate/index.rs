//! What is known of the evaluation texts, and what a document shares with them.

use super::filter::Filter;
use super::grams::{Unit, mixed};
use super::{Met, characters, eojeol};
use crate::by_hash::ByHash;
use serde::Serialize;
use std::collections::HashMap;
use std::ops::Range;

/// A text of the evaluation files; several items may be this text.
#[derive(Debug, Default)]
pub struct Text {
    /// Different n-grams that it is known by, at least one.
    pub grams: u32,
    /// One of each file that has it, in the order of the files.
    pub items: Vec<u32>,
}

/// The first item of a file that is a text, and how many of the file are.
#[derive(Debug)]
pub struct Item {
    pub file: u32,
    /// As JSON.
    pub id: Box<str>,
    /// First byte of its record in the decoded stream.
    pub offset: u64,
    /// Which string of the record it is, where that is not its text.
    pub key: Option<Box<str>>,
    pub copies: u32,
}

/// How many items of a file there are: searched for, too short to be, not to be read (malformed, or mojibake); and how many
/// were met.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCounts {
    pub file: String,
    pub items: u64,
    pub used: u64,
    pub too_short: u64,
    pub unreadable: u64,
    pub met: u64,
}

#[derive(Debug)]
pub struct Index {
    pub unit: Unit,
    pub files: Vec<FileCounts>,
    pub items: Vec<Item>,
    pub texts: Vec<Text>,
    /// What n-grams have this hash: one, whose text says so. Another of the same stands under `next` of it.
    pub grams: ByHash<u64, Gram>,
    /// The texts as they are compared, one behind another: words with a blank behind each, or letters alone.
    pub folded: String,
    pub lists: Vec<Vec<u32>>,
    /// Texts that must be the whole document, to the letter.
    pub whole: HashMap<Box<str>, u32>,
    pub longest_whole: usize,
    /// Of how they begin and how long they are.
    pub whole_filter: Filter,
    /// How many units n-grams have, ascending: `n`, and those of shorter texts.
    pub lengths: Vec<usize>,
    /// Runs of words, or of letters: what a document is searched for first. Of the n-grams that one was chosen for a bit for
    /// each length.
    pub filter: Filter,
    pub anchors: ByHash<u64, u128>,
    /// In eojeol the least bytes of a text of one word, and of the words of a text of two.
    pub single: usize,
    pub double: usize,
}

/// An n-gram of the evaluation texts.
#[derive(Debug, Clone, Copy)]
pub struct Gram {
    /// Where it stands in `folded`.
    pub at: u32,
    /// The text that has it; with the highest bit, the number of a list of texts.
    pub texts: u32,
}

/// Where an n-gram is looked for when another stands under its hash.
pub fn next(hash: u64) -> u64 {
    mixed(hash, 1)
}

/// What a text that is not empty is first looked for by where it must be the whole document.
pub fn whole_hash(text: &str) -> u64 {
    mixed(eojeol::head(text.as_bytes(), 0, text.len()), text.len() as u64)
}

/// Marks a list of texts.
pub const LIST: u32 = 1 << 31;

/// An n-gram that stands in a document, at these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub gram: u64,
    pub texts: u32,
    pub start: usize,
    pub end: usize,
}

/// What a search needs again for the next document.
#[derive(Debug, Default)]
pub struct Buffers {
    pub found: Vec<Found>,
    pub eojeol: eojeol::Buffers,
    pub characters: characters::Buffers,
}

impl Index {
    /// The n-gram with this hash that stands at one of its places as `stands` says, and what it is known by.
    #[inline(always)]
    pub fn gram(&self, mut hash: u64, stands: impl Fn(&[u8]) -> bool) -> Option<(u64, u32)> {
        loop {
            let gram = self.grams.get(&hash)?;
            if stands(&self.folded.as_bytes()[gram.at as usize..]) {
                return Some((hash, gram.texts));
            }
            hash = next(hash);
        }
    }

    /// What the document shares with the evaluation texts, if anything.
    pub fn met(&self, text: &str, buffers: &mut Buffers) -> Option<Met> {
        if let Some(whole) = self.whole(text) {
            let start = text.len() - text.trim_start().len();
            return Some(Met { texts: vec![(whole, 1)], spans: vec![Range { start, end: start + text.trim().len() }] });
        }
        buffers.found.clear();
        if !self.grams.is_empty() {
            match self.unit {
                Unit::Eojeol => eojeol::find(self, text, &mut buffers.eojeol, &mut buffers.found),
                Unit::Characters => characters::find(self, text, &mut buffers.characters, &mut buffers.found),
            }
        }
        (!buffers.found.is_empty()).then(|| self.gathered(&mut buffers.found))
    }

    fn whole(&self, text: &str) -> Option<u32> {
        if self.longest_whole == 0 {
            return None;
        }
        let text = text.trim();
        let may_be = !text.is_empty() && text.len() <= self.longest_whole && self.whole_filter.seen().has(whole_hash(text));
        if may_be { self.whole.get(text).copied() } else { None }
    }

    fn gathered(&self, found: &mut [Found]) -> Met {
        let mut met = Met::default();
        found.sort_unstable();
        let mut texts = Vec::new();
        for same in found.chunk_by(|a, b| a.gram == b.gram) {
            let value = same[0].texts;
            if value & LIST == 0 {
                texts.push(value);
            } else {
                texts.extend_from_slice(&self.lists[(value & !LIST) as usize]);
            }
        }
        texts.sort_unstable();
        met.texts = texts.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        found.sort_unstable_by_key(|found| (found.start, found.end));
        for Found { start, end, .. } in found {
            match met.spans.last_mut() {
                Some(last) if *start <= last.end => last.end = last.end.max(*end),
                _ => met.spans.push(*start..*end),
            }
        }
        met
    }

    /// Counts by file, with the items that are met as their numbers say.
    pub fn counts(&self, met: &[u32]) -> Vec<FileCounts> {
        let mut files = self.files.clone();
        for item in met.iter().filter_map(|item| self.items.get(*item as usize)) {
            files[item.file as usize].met += u64::from(item.copies);
        }
        files
    }

    /// Bytes it takes, near enough.
    pub fn bytes(&self) -> usize {
        let items: usize = self.items.iter().map(|item| size_of::<Item>() + item.id.len() + item.key.as_ref().map_or(0, |k| k.len())).sum();
        let texts: usize = self.texts.iter().map(|text| size_of::<Text>() + 4 * text.items.capacity()).sum();
        let lists: usize = self.lists.iter().map(|list| size_of::<Vec<u32>>() + 4 * list.capacity()).sum();
        let whole: usize = self.whole.keys().map(|text| text.len() + 32).sum();
        // A slot of a hash table has a byte of its own, and one of eight stays free.
        let tables = self.grams.capacity() * 17 * 8 / 7 + self.anchors.capacity() * 33 * 8 / 7;
        items + texts + lists + whole + tables + self.filter.bytes() + self.whole_filter.bytes() + self.folded.len()
    }
}
