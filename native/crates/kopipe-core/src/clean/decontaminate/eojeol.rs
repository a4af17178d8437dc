//! N-grams of words in a document. Of every word, the one before it and the one before that eight bytes are joined and looked
//! for in the filter; the few that pass are looked up, and around those that were chosen for n-grams the n-grams are made. A
//! text of one or two words is looked up where words are as long.

use super::grams::{Units, mixed, word_hash};
use super::index::{Found, Index};
use super::words;
use std::ops::Range;

/// Words that an n-gram is looked for by, where it has as many.
pub const RUN: usize = 3;

#[derive(Debug, Default)]
pub struct Buffers {
    edges: words::Edges,
    /// Where a run begins, with its hash.
    candidates: Vec<(u32, u64)>,
    units: Units,
    /// For each length, behind the last place where an n-gram was looked for.
    done: Vec<usize>,
}

/// The first so many of eight bytes.
pub static FIRST: [u64; 9] =
    [0, 0xFF, 0xFFFF, 0xFF_FFFF, 0xFFFF_FFFF, 0xFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF, 0xFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF];

/// What stands for a word: its first eight bytes, zeros behind a shorter one. Latin letters are the same in either case, at
/// the price of a bit of every byte.
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
    (eight | 0x2020_2020_2020_2020) & FIRST[(end - start).min(8)]
}

/// Of a text of one word.
pub fn single(word: u64) -> u64 {
    mixed(word, 1)
}

#[inline(always)]
pub fn pair(first: u64, second: u64) -> u64 {
    mixed(first, second.rotate_left(32))
}

/// Of three words, by the pairs they make.
#[inline(always)]
pub fn triple(first: u64, second: u64) -> u64 {
    first.rotate_left(23).wrapping_add(second)
}

/// What is known of the words before one.
#[derive(Debug, Default, Clone, Copy)]
struct Before {
    /// The head of the last one, its bytes, and what it makes with the one before it.
    word: u64,
    bytes_of: usize,
    pair_hash: u64,
    /// Where the last two begin.
    starts: [u32; 2],
}

pub fn find(index: &Index, text: &str, buffers: &mut Buffers, found: &mut Vec<Found>) {
    let Buffers { edges, candidates, .. } = buffers;
    candidates.clear();
    let bytes = text.as_bytes();
    let few = index.single.min(index.double);
    let mut before = Before::default();
    words::each_row(text, edges, |row| {
        // Copies, so that they are in registers.
        let (few, filter) = (few, index.filter.seen());
        let Before { mut word, mut pair_hash, mut bytes_of, mut starts } = before;
        for &[start, end] in row {
            let now = head(bytes, start as usize, end as usize);
            let of_two = pair(word, now);
            let of_three = triple(pair_hash, of_two);
            if filter.has(of_three) {
                candidates.push((starts[0], of_three));
            }
            let length = (end - start) as usize;
            if length + bytes_of >= few {
                if length >= index.single && filter.has(single(now)) {
                    candidates.push((start, single(now)));
                }
                if filter.has(of_two) {
                    candidates.push((starts[1], of_two));
                }
            }
            starts = [starts[1], start];
            (word, pair_hash, bytes_of) = (now, of_two, length);
        }
        before = Before { word, pair_hash, bytes_of, starts };
    });
    if candidates.is_empty() {
        return;
    }
    buffers.done.clear();
    buffers.done.resize(index.lengths.len(), 0);
    let candidates = std::mem::take(&mut buffers.candidates);
    for &(start, hash) in &candidates {
        if let Some(lengths) = index.anchors.get(&hash) {
            around(index, text, start as usize, *lengths, buffers, found);
        }
    }
    buffers.candidates = candidates;
}

/// Looks for every n-gram, of the lengths that have their bit, with the run that begins here.
#[inline(never)]
fn around(index: &Index, text: &str, at: usize, lengths: u128, buffers: &mut Buffers, found: &mut Vec<Found>) {
    let longest = 127 - lengths.leading_zeros() as usize;
    // Words before the run, then it and what follows.
    let run = RUN.min(longest);
    let (mut before, mut start) = (Vec::with_capacity(longest), at);
    while before.len() + run < longest
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
        for from in (first + RUN.min(length)).saturating_sub(length)..=first {
            if from + length > units.len() || units.start(from) < *done {
                continue;
            }
            let stands = |known: &[u8]| equal(text, units, from..from + length, known);
            if let Some((gram, texts)) = index.gram(units.hash(from, length), stands) {
                found.push(Found { gram, texts, start: units.start(from), end: units.end(from + length - 1) });
            }
        }
        *done = (*done).max(at + 1);
    }
}

/// Whether these words are those that stand there, each with a blank behind it.
fn equal(text: &str, units: &Units, mut words: Range<usize>, mut known: &[u8]) -> bool {
    words.all(|word| {
        let word = &text.as_bytes()[units.start(word)..units.end(word)];
        let Some((same, behind)) = known.split_at_checked(word.len()) else { return false };
        known = behind.get(1..).unwrap_or_default();
        same.eq_ignore_ascii_case(word) && behind.first() == Some(&b' ')
    })
}
