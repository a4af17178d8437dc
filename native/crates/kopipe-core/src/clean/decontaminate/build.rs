//! Evaluation texts → the index. Which n-grams are frames, and which runs of words are rare, is known when all texts are
//! there. At the peak that is about 100 bytes an n-gram.

use super::eojeol::{self, head, pair, single, triple};
use super::filter::Filter;
use super::grams::{Unit, Units, letter_hash, weights, word_hash};
use super::index::{FileCounts, Gram, Index, Item, LIST, Text, next, whole_hash};
use super::{LETTERS, LONGEST, SHARED, SHORTEST, characters, words};
use crate::by_hash::ByHash;
use crate::error::{Error, Result};
use std::cmp::Reverse;
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
    /// For each text that is found by n-grams its number, where it stands in `folded`, and its n-grams.
    drafts: Vec<(u32, Range<usize>, Range<usize>)>,
    /// As the index has them.
    folded: String,
    /// The n-grams of each text, with the first places of their own in `folded`.
    grams: Vec<u64>,
    places: Vec<u32>,
    edges: words::Edges,
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
            places: Vec::new(),
            edges: words::Edges::default(),
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
        words::each(text, &mut self.edges, |from, to| {
            self.folded.push_str(&text[from..to]);
            if self.unit == Unit::Eojeol {
                self.folded.push(' ');
            }
        });
        self.folded[start..].make_ascii_lowercase();
        let folded = &self.folded[start..];
        let mut own: Vec<(u64, usize)> = Vec::new();
        let units = windows(self.unit, self.n, folded, |gram, units| own.push((gram, units.start)));
        own.sort_unstable();
        own.dedup_by_key(|(gram, _)| *gram);
        let is_whole = own.is_empty();
        let digest = if is_whole { xxh3_128(text.as_bytes()) ^ 1 } else { xxh3_128(folded.as_bytes()) };
        if let Some(&known) = self.known.get(&digest) {
            self.folded.truncate(start);
            return known;
        }
        let first = self.grams.len();
        self.grams.extend(own.iter().map(|(gram, _)| *gram));
        self.places.extend(own.iter().map(|(_, unit)| (start + units.start(*unit)) as u32));
        let number = self.texts.len() as u32;
        self.known.insert(digest, number);
        self.texts.push(Text { grams: 1, items: Vec::new() });
        if is_whole {
            self.folded.truncate(start);
            self.whole.insert(text.into(), number);
        } else {
            self.drafts.push((number, start..self.folded.len(), first..self.grams.len()));
        }
        number
    }

    /// Bytes that the index will take at the most while it is built.
    pub fn bytes(&self) -> usize {
        self.folded.len() + 100 * self.grams.len() + 200 * self.items.len()
    }

    /// The n-gram that begins here in a text with this end.
    fn gram_at(&self, at: usize, end: usize) -> &str {
        let rest = &self.folded[at..end];
        let bytes = match self.unit {
            Unit::Eojeol => rest.match_indices(' ').nth(self.n - 1).map(|(blank, _)| blank + 1),
            Unit::Characters => rest.char_indices().nth(self.n).map(|(behind, _)| behind),
        };
        &rest[..bytes.unwrap_or(rest.len())]
    }

    /// Fails where the texts are more than the index can point into.
    pub fn finish(mut self) -> Result<Index> {
        if self.folded.len() > u32::MAX as usize {
            return Err(Error::invalid("evaluation texts of more than 4 GiB: decontaminate against fewer at a time"));
        }
        self.known = HashMap::new();
        let mut shared: ByHash<u64, u32> = ByHash::default();
        self.grams.iter().for_each(|gram| *shared.entry(*gram).or_default() += 1);
        // At once, since a table that grows stands beside itself.
        let mut grams: ByHash<u64, Gram> = ByHash::with_capacity_and_hasher(shared.len(), Default::default());
        let mut lists: Vec<Vec<u32>> = Vec::new();
        for (number, text, range) in &self.drafts {
            let own = || self.grams[range.clone()].iter().zip(&self.places[range.clone()]);
            let is_own = |gram: &u64| shared[gram] <= SHARED;
            // A text of nothing but frames is known by these.
            let all = !own().any(|(gram, _)| is_own(gram));
            let mut kept = 0;
            for (&gram, &at) in own().filter(|(gram, _)| all || is_own(gram)) {
                kept += 1;
                let mut hash = gram;
                // Another n-gram may have this hash.
                while let Some(other) = grams.get(&hash)
                    && !self.folded[other.at as usize..].starts_with(self.gram_at(at as usize, text.end))
                {
                    hash = next(hash);
                }
                match grams.get_mut(&hash) {
                    None => drop(grams.insert(hash, Gram { at, texts: *number })),
                    Some(Gram { texts, .. }) if *texts & LIST != 0 => lists[(*texts & !LIST) as usize].push(*number),
                    Some(Gram { texts, .. }) => {
                        lists.push(vec![*texts, *number]);
                        *texts = LIST | (lists.len() as u32 - 1);
                    }
                }
            }
            self.texts[*number as usize].grams = kept;
        }
        drop((shared, self.grams, self.places));
        let mut index = Index {
            unit: self.unit,
            files: self.files,
            items: self.items,
            texts: self.texts,
            longest_whole: self.whole.keys().map(|text| text.len()).max().unwrap_or(0),
            whole_filter: Filter::default(),
            whole: self.whole,
            grams,
            lists,
            folded: self.folded,
            lengths: Vec::new(),
            filter: Filter::default(),
            anchors: ByHash::default(),
            single: usize::MAX,
            double: usize::MAX,
        };
        index.whole_filter = Filter::new(index.whole.len());
        index.whole.keys().for_each(|text| index.whole_filter.add(whole_hash(text)));
        let texts: Vec<Range<usize>> = self.drafts.into_iter().map(|(_, range, _)| range).collect();
        choose_anchors(&mut index, self.n, &texts);
        Ok(index)
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
            folded.char_indices().for_each(|(at, letter)| units.push(at, at + letter.len_utf8(), letter_hash(letter)));
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

/// The runs of a text that an n-gram of it may be looked for by.
struct Runs {
    hashes: Vec<u64>,
    /// Units of a run.
    units: usize,
    /// In eojeol the bytes of each word.
    bytes: Vec<usize>,
}

fn runs(unit: Unit, n: usize, folded: &str) -> Runs {
    if unit == Unit::Characters {
        return Runs { hashes: characters::windows(folded), units: characters::WINDOW, bytes: Vec::new() };
    }
    let words: Vec<&[u8]> = folded.split_terminator(' ').map(str::as_bytes).collect();
    let heads: Vec<u64> = words.iter().map(|word| head(word, 0, word.len())).collect();
    let units = eojeol::RUN.min(n).min(words.len());
    let hashes = match units {
        0 | 1 => heads.into_iter().map(single).collect(),
        2 => heads.windows(2).map(|two| pair(two[0], two[1])).collect(),
        _ => heads.windows(3).map(|three| triple(pair(three[0], three[1]), pair(three[1], three[2]))).collect(),
    };
    Runs { hashes, units, bytes: words.iter().map(|word| word.len()).collect() }
}

/// For each n-gram a run in it that is rare among the texts: that of the n-gram before it, where it has it.
fn choose_anchors(index: &mut Index, n: usize, texts: &[Range<usize>]) {
    let mut counts: ByHash<u64, u32> = ByHash::default();
    for text in texts {
        let runs = runs(index.unit, n, &index.folded[text.clone()]);
        runs.hashes.into_iter().for_each(|run| *counts.entry(run).or_default() += 1);
    }
    let mut lengths = 0u128;
    for text in texts {
        let text = &index.folded[text.clone()];
        let Runs { hashes, units: run, bytes } = runs(index.unit, n, text);
        let mut chosen = None;
        windows(index.unit, n, text, |gram, units| {
            if !index.grams.contains_key(&gram) {
                return;
            }
            lengths |= 1 << units.len();
            let last = units.end - run;
            // The last of the rarest serves most of the n-grams that follow.
            let least = |at: &usize| (counts[&hashes[*at]], Reverse(*at));
            let at = chosen.filter(|at| *at >= units.start);
            let Some(at) = at.or_else(|| (units.start..=last).min_by_key(least)) else { return };
            chosen = Some(at);
            match (index.unit, run) {
                (Unit::Eojeol, 1) => index.single = index.single.min(bytes[at]),
                (Unit::Eojeol, 2) => index.double = index.double.min(bytes[at] + bytes[at + 1]),
                _ => {}
            }
            *index.anchors.entry(hashes[at]).or_default() |= 1 << units.len();
        });
    }
    index.lengths = (1..=LONGEST).filter(|length| lengths >> length & 1 == 1).collect();
    index.filter = Filter::new(index.anchors.len());
    index.anchors.keys().for_each(|run| index.filter.add(*run));
}
