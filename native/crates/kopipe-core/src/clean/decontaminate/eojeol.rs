//! N-grams of words in a document. Every word is joined with the one before it, eight bytes of each, and looked for in the
//! filter; the few pairs that pass are looked up, and around those that were chosen for n-grams the n-grams are made. A text
//! of one word is looked up where a word is as long.

use super::grams::{Units, mixed, word_hash};
use super::index::{Found, Index, Near};
use super::words;

#[derive(Debug, Default)]
pub struct Buffers {
    /// Where a pair begins, with its hash.
    candidates: Vec<(u32, u64)>,
    units: Units,
    /// For each length, behind the last place where an n-gram was looked for.
    done: Vec<usize>,
}

/// Marks a candidate that is one word.
const SINGLE: u64 = 0;

/// The first eight bytes of a word, A–Z as a–z, zeros behind a shorter one.
#[inline(always)]
pub fn head(bytes: &[u8], start: usize, end: usize) -> u64 {
    let eight = match bytes[start..].first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => {
            let mut eight = [0; 8];
            eight[..bytes.len() - start].copy_from_slice(&bytes[start..]);
            u64::from_le_bytes(eight)
        }
    };
    let unwanted = 64 - 8 * (end - start).clamp(1, 8) as u32;
    words::lower(eight << unwanted >> unwanted)
}

pub fn pair(first: u64, second: u64) -> u64 {
    mixed(first, second.rotate_left(32))
}

pub fn find(index: &Index, text: &str, buffers: &mut Buffers, found: &mut Vec<Found>) {
    buffers.candidates.clear();
    let bytes = text.as_bytes();
    let (mut last, mut last_start) = (0, 0);
    words::each(text, |start, end| {
        let word = head(bytes, start, end);
        let hash = pair(last, word);
        if index.filter.has(hash) {
            buffers.candidates.push((last_start as u32, hash));
        }
        if end - start >= index.single {
            buffers.candidates.push((start as u32, SINGLE));
        }
        (last, last_start) = (word, start);
    });
    if buffers.candidates.is_empty() {
        return;
    }
    buffers.done.clear();
    buffers.done.resize(index.lengths.len(), 0);
    let candidates = std::mem::take(&mut buffers.candidates);
    for &(start, hash) in &candidates {
        let start = start as usize;
        if hash == SINGLE {
            around(index, text, start, 1 << 1, buffers, found);
        } else if let Some(pair) = index.pairs.get(&hash)
            && pair.has_neighbour(text, start)
        {
            around(index, text, start, pair.lengths, buffers, found);
        }
    }
    buffers.candidates = candidates;
}

/// One of 64, for a word by its head.
pub fn bit(head: u64) -> u64 {
    1 << (mixed(head, 0) >> 58)
}

impl Near {
    /// Whether the word behind the pair that begins here, or the one before it, may be that of an n-gram it was chosen for.
    fn has_neighbour(&self, text: &str, at: usize) -> bool {
        let bit = |word: Option<(usize, usize)>| word.map_or(u64::MAX, |(start, end)| bit(head(text.as_bytes(), start, end)));
        if self.next == u64::MAX || self.previous != 0 && self.previous & bit(words::before(text, at)) != 0 {
            return true;
        }
        let behind = |end| words::from(text, end).map(|word| word.1);
        self.next != 0 && behind(at).and_then(behind).is_some_and(|end| self.next & bit(words::from(text, end)) != 0)
    }
}

/// Looks for every n-gram, of the lengths that have their bit, with the pair that begins here.
#[inline(never)]
fn around(index: &Index, text: &str, at: usize, lengths: u128, buffers: &mut Buffers, found: &mut Vec<Found>) {
    let longest = 127 - lengths.leading_zeros() as usize;
    // Words before the pair, then it and what follows.
    let (mut before, mut start) = (Vec::with_capacity(longest), at);
    while before.len() + 2 < longest
        && let Some(word) = words::before(text, start)
    {
        before.push(word);
        start = word.0;
    }
    let units = &mut buffers.units;
    units.clear();
    let first = before.len();
    let mut push = |(start, end): (usize, usize)| units.push(start, end, word_hash(&text.as_bytes()[start..end]));
    before.into_iter().rev().for_each(&mut push);
    let mut end = at;
    for _ in 0..longest {
        let Some(word) = words::from(text, end) else { break };
        push(word);
        end = word.1;
    }
    for (length, done) in index.lengths.iter().copied().zip(&mut buffers.done).filter(|(length, _)| lengths >> length & 1 == 1) {
        for from in (first + 2).saturating_sub(length.max(2))..=first {
            if from + length > units.len() || units.start(from) < *done {
                continue;
            }
            let gram = units.hash(from, length);
            if let Some(&texts) = index.grams.get(&gram) {
                found.push(Found { gram, texts, start: units.start(from), end: units.end(from + length - 1) });
            }
        }
        *done = (*done).max(at + 1);
    }
}
