//! What of a text the model knows, as rows of its input matrix: words with their character n-grams, and word n-grams.
//!
//! The words lie in the file; a table finds them. Everything else is hashed into buckets, with fastText's hash: FNV-1a that
//! takes bytes as signed.

use super::Arguments;
use super::bytes::Cursor;
use super::table::Table;
use crate::error::Result;
use std::ops::{Range, RangeInclusive};

/// The token at the end of every line.
pub const END: &[u8] = b"</s>";
/// Tokens that begin so are no words.
pub const LABEL: &[u8] = b"__label__";

const FIRST: u32 = 2_166_136_261;
/// A word n-gram's hash is that of the one before times this, plus the next word's.
const NGRAM: u64 = 116_049_371;

pub struct Features {
    entries: Vec<Entry>,
    table: Table,
    pub(super) words: usize,
    pub(super) bucket: u32,
    pub(super) word_ngrams: usize,
    pub(super) chars: RangeInclusive<usize>,
    pub(super) pruned: Option<Pruned>,
}

/// What was found of a text, in room that the next one uses again.
#[derive(Default)]
pub struct Found {
    pub rows: Vec<u32>,
    hashes: Vec<u32>,
    word: Vec<u8>,
}

/// A word or a label, where it lies.
struct Entry {
    start: usize,
    length: u32,
    hash: u32,
}

/// Which buckets were kept when the model was made smaller, and their rows behind the words.
pub(super) struct Pruned {
    pub(super) pairs: Vec<(u32, u32)>,
    table: Table,
}

impl Features {
    /// Reads the dictionary; gives the labels and their counts with it.
    pub fn read(at: &mut Cursor, arguments: &Arguments) -> Result<(Features, Vec<i64>, Vec<String>)> {
        let [size, words, labels] = at.i32s()?.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        at.i64()?;
        let pruned = at.i64()?;
        // The shortest entry is a NUL, a count and a type.
        if words.saturating_add(labels) != size || size > at.left() / 10 {
            return Err(at.wrong(format!("its dictionary has {size} entries, {words} words and {labels} labels")));
        }
        let mut entries: Vec<Entry> = Vec::with_capacity(size);
        let (mut table, mut counts, mut names) = (Table::new(size), Vec::with_capacity(labels), Vec::with_capacity(labels));
        for number in 0..size {
            let Range { start, end } = at.string()?;
            let word = at.get(start..end);
            let (count, kind) = (at.i64()?, at.u8()?);
            if usize::from(kind) != usize::from(number >= words) {
                return Err(at.wrong(format!("entry {number} of its dictionary has type {kind}: words come first, labels behind them")));
            }
            if number >= words {
                counts.push(count);
                names.push(String::from_utf8_lossy(word).into_owned());
            }
            let entry = Entry { start, length: u32::try_from(word.len()).map_err(|_| at.wrong("a word is 4 GiB long"))?, hash: hash(word) };
            let same = |other: u32| entries[other as usize].hash == entry.hash && entries[other as usize].bytes(at) == word;
            if !table.insert(entry.hash, number as u32, same) {
                return Err(at.wrong("too many of its words have one hash"));
            }
            entries.push(entry);
        }
        let pruned = if pruned < 0 { None } else { Some(Pruned::read(at, pruned)?) };
        let Arguments { word_ngrams, bucket, chars, .. } = arguments;
        let features = Features { entries, table, words, bucket: *bucket, word_ngrams: *word_ngrams, chars: chars.clone(), pruned };
        Ok((features, counts, names))
    }

    pub fn is_pruned(&self) -> bool {
        self.pruned.is_some()
    }

    #[cfg(any(test, fuzzing))]
    pub fn dictionary<'f>(&self, file: &'f [u8]) -> std::collections::HashMap<&'f [u8], usize> {
        self.entries.iter().enumerate().map(|(number, entry)| (&file[entry.range()], number)).collect()
    }

    /// How many rows may be asked for.
    pub fn rows_needed(&self) -> usize {
        let behind = match &self.pruned {
            Some(pruned) => pruned.pairs.iter().map(|&(_, row)| row as usize + 1).max().unwrap_or(0),
            None => self.bucket as usize,
        };
        self.words + behind
    }

    /// The rows of a text in fastText's order, in `found.rows`.
    pub fn rows(&self, file: &[u8], text: &[u8], found: &mut Found) {
        let Found { rows, hashes, word } = found;
        rows.clear();
        hashes.clear();
        let (mut at, mut ended) = (0, false);
        while at < text.len() && !ended {
            if is_space(text[at]) {
                at += 1;
                continue;
            }
            let (start, mut hash) = (at, FIRST);
            while at < text.len() && !is_space(text[at]) {
                hash = hashed(hash, text[at]);
                at += 1;
            }
            let token = &text[start..at];
            // To fastText a line ends here, even where the text itself says so.
            ended = token == END;
            if self.add_token(file, token, hash, rows) {
                hashes.push(hash);
                if *self.chars.end() > 0 && !ended {
                    word.clear();
                    word.push(b'<');
                    word.extend_from_slice(token);
                    word.push(b'>');
                    self.add_char_ngrams(word, rows);
                }
            }
        }
        if !ended && self.add_token(file, END, hash(END), rows) {
            hashes.push(hash(END));
        }
        self.add_word_ngrams(hashes, rows);
    }

    /// Whether it is a word; its row where it is known.
    fn add_token(&self, file: &[u8], token: &[u8], hash: u32, rows: &mut Vec<u32>) -> bool {
        let same = |number: u32| {
            let entry = &self.entries[number as usize];
            entry.hash == hash && file[entry.range()] == *token
        };
        match self.table.find(hash, same) {
            Some(number) if (number as usize) < self.words => {
                rows.push(number);
                true
            }
            Some(_) => false,
            None => !token.starts_with(LABEL),
        }
    }

    /// Of a word between `<` and `>`, which do not stand alone.
    fn add_char_ngrams(&self, word: &[u8], rows: &mut Vec<u32>) {
        let continues = |at: usize| word.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        for first in (0..word.len()).filter(|&at| !continues(at)) {
            let (mut hash, mut at) = (FIRST, first);
            for chars in 1..=*self.chars.end() {
                if at == word.len() {
                    break;
                }
                hash = hashed(hash, word[at]);
                at += 1;
                while continues(at) {
                    hash = hashed(hash, word[at]);
                    at += 1;
                }
                if chars >= *self.chars.start() && !(chars == 1 && (first == 0 || at == word.len())) {
                    self.add_bucket(hash % self.bucket, rows);
                }
            }
        }
    }

    fn add_word_ngrams(&self, hashes: &[u32], rows: &mut Vec<u32>) {
        if self.word_ngrams < 2 {
            return;
        }
        // fastText holds the hashes as signed.
        let signed = |hash: u32| hash as i32 as u64;
        for (first, &hash) in hashes.iter().enumerate() {
            let mut sum = signed(hash);
            for &next in hashes[first + 1..].iter().take(self.word_ngrams - 1) {
                sum = sum.wrapping_mul(NGRAM).wrapping_add(signed(next));
                self.add_bucket((sum % u64::from(self.bucket)) as u32, rows);
            }
        }
    }

    #[inline]
    fn add_bucket(&self, bucket: u32, rows: &mut Vec<u32>) {
        match &self.pruned {
            None => rows.push(self.words as u32 + bucket),
            Some(pruned) => rows.extend(pruned.row(bucket).map(|row| self.words as u32 + row)),
        }
    }
}

impl Entry {
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.length as usize
    }

    fn bytes<'b>(&self, at: &Cursor<'b>) -> &'b [u8] {
        at.get(self.range())
    }
}

impl Pruned {
    fn read(at: &mut Cursor, count: i64) -> Result<Pruned> {
        let count = usize::try_from(count).ok().filter(|count| *count <= at.left() / 8);
        let count = count.ok_or_else(|| at.wrong("it has more pruned buckets than bytes"))?;
        let (mut pairs, mut table) = (Vec::<(u32, u32)>::with_capacity(count), Table::new(count));
        for number in 0..count {
            let [bucket, row] = at.i32s()?.map(|value| u32::try_from(value).ok());
            let Some(pair) = bucket.zip(row) else { return Err(at.wrong("a pruned bucket or its row is negative")) };
            if !table.insert(pair.0, number as u32, |other| pairs[other as usize].0 == pair.0) {
                return Err(at.wrong("its pruned buckets have too many of one hash"));
            }
            pairs.push(pair);
        }
        Ok(Pruned { pairs, table })
    }

    fn row(&self, bucket: u32) -> Option<u32> {
        self.table.find(bucket, |number| self.pairs[number as usize].0 == bucket).map(|number| self.pairs[number as usize].1)
    }
}

#[inline]
fn hashed(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as i8 as u32).wrapping_mul(16_777_619)
}

pub fn hash(word: &[u8]) -> u32 {
    word.iter().fold(FIRST, |hash, &byte| hashed(hash, byte))
}

/// White space to fastText: of Unicode's only what ASCII has, and NUL.
#[inline]
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x0B | 0x0C | 0)
}
