//! Evaluation texts → the index. Texts are kept as they are compared until all are there: which n-grams are frames, and
//! which pairs of words are rare, is known only then. At the peak that is about 100 bytes an n-gram.

use super::eojeol::{bit, head, pair};
use super::filter::Filter;
use super::grams::{Unit, Units, letter_hash, weights, word_hash};
use super::index::{ByHash, FileCounts, Index, Item, LIST, Text};
use super::{LETTERS, LONGEST, SHARED, SHORTEST, characters, words};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_128;

pub struct Builder {
    unit: Unit,
    n: usize,
    files: Vec<FileCounts>,
    items: Vec<Item>,
    texts: Vec<Text>,
    /// The number of a text by the digest of what is compared.
    known: HashMap<u128, u32>,
    whole: HashMap<Box<str>, u32>,
    /// For each text that is found by n-grams its number, its words joined by blanks in `folded`, and its n-grams.
    drafts: Vec<(u32, Range<usize>, Range<usize>)>,
    folded: String,
    grams: Vec<u64>,
}

/// What an item is beside its text.
pub struct Origin<'a> {
    /// As JSON.
    pub id: &'a str,
    pub offset: u64,
    pub key: Option<&'a str>,
}

impl Builder {
    /// `n` is 2 to `LONGEST` eojeol, or `LETTERS` to `LONGEST` characters.
    pub fn new(unit: Unit, n: usize) -> Result<Self> {
        let least = if unit == Unit::Eojeol { 2 } else { LETTERS as usize };
        if !(least..=LONGEST).contains(&n) {
            return Err(Error::invalid(format!("n-grams of {n}: expected {least} to {LONGEST}")));
        }
        Ok(Builder {
            unit,
            n,
            files: Vec::new(),
            items: Vec::new(),
            texts: Vec::new(),
            known: HashMap::new(),
            whole: HashMap::new(),
            drafts: Vec::new(),
            folded: String::new(),
            grams: Vec::new(),
        })
    }

    /// What follows is of this file.
    pub fn begin(&mut self, file: &str) {
        self.files.push(FileCounts { file: file.to_owned(), ..FileCounts::default() });
    }

    /// Takes an item in: how it came says whether it is long enough, how it is normalized what is compared. One that
    /// normalization drops has nothing to be compared.
    pub fn add(&mut self, raw: &str, normalized: Option<&str>, origin: &Origin) {
        let Some(file) = self.files.last_mut() else { return };
        file.items += 1;
        if raw.trim().chars().nth(SHORTEST - 1).is_none() {
            file.too_short += 1;
            return;
        }
        let Some(text) = normalized else {
            file.unreadable += 1;
            return;
        };
        file.used += 1;
        let text = self.text(text.trim());
        let file = self.files.len() as u32 - 1;
        let here = self.texts[text as usize].items.last().copied();
        if let Some(item) = here.map(|item| &mut self.items[item as usize]).filter(|item| item.file == file) {
            item.copies += 1;
            return;
        }
        self.texts[text as usize].items.push(self.items.len() as u32);
        let Origin { id, offset, key } = *origin;
        self.items.push(Item { file, id: id.into(), offset, key: key.map(Box::from), copies: 1 });
    }

    /// A record of the file that is no document, nor an object with strings.
    pub fn unreadable(&mut self) {
        if let Some(file) = self.files.last_mut() {
            (file.items, file.unreadable) = (file.items + 1, file.unreadable + 1);
        }
    }

    /// The number of a text, which is taken in where it is new.
    fn text(&mut self, text: &str) -> u32 {
        let start = self.folded.len();
        words::each(text, |from, to| {
            self.folded.push_str(&text[from..to]);
            self.folded.push(' ');
        });
        self.folded[start..].make_ascii_lowercase();
        let folded = &self.folded[start..];
        let first = self.grams.len();
        windows(self.unit, self.n, folded, |gram, _| self.grams.push(gram));
        self.grams[first..].sort_unstable();
        let mut distinct = first;
        for at in first..self.grams.len() {
            if at == first || self.grams[at] != self.grams[distinct - 1] {
                self.grams[distinct] = self.grams[at];
                distinct += 1;
            }
        }
        self.grams.truncate(distinct);
        let is_whole = distinct == first;
        let digest = match (is_whole, self.unit) {
            (true, _) => xxh3_128(text.as_bytes()) ^ 1,
            (false, Unit::Eojeol) => xxh3_128(folded.as_bytes()),
            (false, Unit::Characters) => xxh3_128(folded.replace(' ', "").as_bytes()),
        };
        if let Some(&known) = self.known.get(&digest) {
            self.folded.truncate(start);
            self.grams.truncate(first);
            return known;
        }
        let number = self.texts.len() as u32;
        self.known.insert(digest, number);
        self.texts.push(Text { grams: 1, items: Vec::new() });
        if is_whole {
            self.folded.truncate(start);
            self.whole.insert(text.into(), number);
        } else {
            self.drafts.push((number, start..self.folded.len(), first..distinct));
        }
        number
    }

    /// Bytes that the index will take at the most while it is built.
    pub fn bytes(&self) -> usize {
        self.folded.len() + 100 * self.grams.len() + 200 * self.items.len()
    }

    pub fn finish(mut self) -> Index {
        self.known = HashMap::new();
        let mut shared: ByHash<u32> = ByHash::default();
        self.grams.iter().for_each(|gram| *shared.entry(*gram).or_default() += 1);
        let (mut grams, mut lists): (ByHash<u32>, Vec<Vec<u32>>) = Default::default();
        for (number, _, range) in &self.drafts {
            let own = &self.grams[range.clone()];
            let is_own = |gram: &&u64| shared[*gram] <= SHARED;
            // A text of nothing but frames is known by these.
            let all = !own.iter().any(|gram| is_own(&gram));
            let mut kept = 0;
            for gram in own.iter().filter(|gram| all || is_own(gram)) {
                kept += 1;
                match grams.get_mut(gram) {
                    None => drop(grams.insert(*gram, *number)),
                    Some(value) if *value & LIST != 0 => lists[(*value & !LIST) as usize].push(*number),
                    Some(value) => {
                        lists.push(vec![*value, *number]);
                        *value = LIST | (lists.len() as u32 - 1);
                    }
                }
            }
            self.texts[*number as usize].grams = kept;
        }
        drop((shared, self.grams));
        let mut index = Index {
            unit: self.unit,
            files: self.files,
            items: self.items,
            texts: self.texts,
            longest_whole: self.whole.keys().map(|text| text.len()).max().unwrap_or(0),
            whole: self.whole,
            grams,
            lists,
            lengths: Vec::new(),
            filter: Filter::default(),
            pairs: ByHash::default(),
            single: usize::MAX,
        };
        let folded: Vec<&str> = self.drafts.iter().map(|(_, range, _)| &self.folded[range.clone()]).collect();
        match self.unit {
            Unit::Eojeol => choose_pairs(&mut index, self.n, &folded),
            Unit::Characters => choose_windows(&mut index, self.n, &folded),
        }
        index
    }
}

/// The n-grams of a folded text that count, with the units each is made of: all of a text that has fewer.
fn windows(unit: Unit, n: usize, folded: &str, mut found: impl FnMut(u64, Range<usize>)) -> Units {
    let letters = || folded.chars().filter(|c| *c != ' ');
    let sums = weights(letters());
    let (mut units, mut before) = (Units::default(), vec![0]);
    match unit {
        Unit::Eojeol => {
            for word in folded.split_terminator(' ') {
                let start = word.as_ptr() as usize - folded.as_ptr() as usize;
                units.push(start, start + word.len(), word_hash(word.as_bytes()));
                before.push(before[before.len() - 1] + word.chars().count());
            }
        }
        Unit::Characters => {
            letters().enumerate().for_each(|(at, letter)| units.push(at, at + 1, letter_hash(letter)));
            before.extend(1..=units.len());
        }
    }
    let length = n.min(units.len());
    for from in 0..(units.len() + 1 - length).min(units.len()) {
        if sums[before[from + length]] - sums[before[from]] >= LETTERS {
            found(units.hash(from, length), from..from + length);
        }
    }
    units
}

/// For each n-gram the pair of words in it that is rarest among the texts; neighbours mostly choose the same.
fn choose_pairs(index: &mut Index, n: usize, texts: &[&str]) {
    let heads_of = |text: &str| -> Vec<u64> { text.split_terminator(' ').map(|word| head(word.as_bytes(), 0, word.len())).collect() };
    let pairs_of = |heads: &[u64]| -> Vec<u64> { heads.windows(2).map(|two| pair(two[0], two[1])).collect() };
    let mut counts: ByHash<u32> = ByHash::default();
    for text in texts {
        pairs_of(&heads_of(text)).into_iter().for_each(|pair| *counts.entry(pair).or_default() += 1);
    }
    let mut lengths = 0u128;
    for text in texts {
        let heads = heads_of(text);
        let pairs = pairs_of(&heads);
        windows(Unit::Eojeol, n, text, |gram, units| {
            if !index.grams.contains_key(&gram) {
                return;
            }
            lengths |= 1 << units.len();
            let Some(at) = (units.start..units.end - 1).min_by_key(|at| (counts[&pairs[*at]], pairs[*at])) else {
                index.single = index.single.min(text.len() - 1);
                return;
            };
            let pair = index.pairs.entry(pairs[at]).or_default();
            pair.lengths |= 1 << units.len();
            if at + 2 < units.end {
                pair.next |= bit(heads[at + 2]);
            } else if at > units.start {
                pair.previous |= bit(heads[at - 1]);
            } else {
                // It is the whole text.
                pair.next = u64::MAX;
                pair.previous = u64::MAX;
            }
        });
    }
    index.lengths = (1..=LONGEST).filter(|length| lengths >> length & 1 == 1).collect();
    index.filter = Filter::new(index.pairs.len());
    index.pairs.keys().for_each(|pair| index.filter.add(*pair));
}

/// The same of windows of letters.
fn choose_windows(index: &mut Index, n: usize, texts: &[&str]) {
    let windows_of = |text: &str| characters::windows(&text.replace(' ', ""));
    let mut counts: ByHash<u32> = ByHash::default();
    for text in texts {
        windows_of(text).into_iter().for_each(|(window, ..)| *counts.entry(window).or_default() += 1);
    }
    let mut lengths = 0u128;
    for text in texts {
        let of_text = windows_of(text);
        windows(Unit::Characters, n, text, |gram, units| {
            if !index.grams.contains_key(&gram) {
                return;
            }
            lengths |= 1 << units.len();
            let all = units.start..=units.end - characters::WINDOW;
            let Some(at) = all.min_by_key(|at| (counts[&of_text[*at].0], of_text[*at].0)) else { return };
            let (window, before, behind) = of_text[at];
            let near = index.pairs.entry(window).or_default();
            near.lengths |= 1 << units.len();
            if at + characters::WINDOW + characters::BESIDE <= units.end {
                near.next |= behind.unwrap_or(u64::MAX);
            } else {
                near.previous |= before.unwrap_or(u64::MAX);
            }
        });
    }
    index.lengths = (1..=LONGEST).filter(|length| lengths >> length & 1 == 1).collect();
    index.filter = Filter::new(index.pairs.len());
    index.pairs.keys().for_each(|window| index.filter.add(*window));
}
