//! What is known of the evaluation texts, and what a document shares with them.

use super::filter::Filter;
use super::grams::Unit;
use super::{Met, characters, eojeol};
use serde::Serialize;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// Hashes are their own hash.
#[derive(Debug, Default)]
pub struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes of 64 bits are looked up")
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

pub type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Itself>>;

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
    /// The text of an n-gram; with the highest bit, the number of a list of texts.
    pub grams: ByHash<u32>,
    pub lists: Vec<Vec<u32>>,
    /// Texts that must be the whole document, to the letter.
    pub whole: HashMap<Box<str>, u32>,
    pub longest_whole: usize,
    /// How many units n-grams have, ascending: `n`, and those of shorter texts.
    pub lengths: Vec<usize>,
    /// Pairs of words, or windows of letters: what a document is searched for first.
    pub filter: Filter,
    pub pairs: ByHash<Near>,
    /// In eojeol the least bytes of a text of one word.
    pub single: usize,
}

/// For what n-grams a pair of words, or a window of letters, was chosen.
#[derive(Debug, Default, Clone, Copy)]
pub struct Near {
    /// A bit for each length.
    pub lengths: u128,
    /// Bits of what stands behind it in these n-grams; where nothing does, of what does before it.
    pub next: u64,
    pub previous: u64,
}

/// Marks a list in the values of `grams`.
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
        if text.len() > self.longest_whole { None } else { self.whole.get(text).copied() }
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
        let tables = self.grams.capacity() * 17 * 8 / 7 + self.pairs.capacity() * 49 * 8 / 7;
        items + texts + lists + whole + tables + self.filter.bytes()
    }
}
