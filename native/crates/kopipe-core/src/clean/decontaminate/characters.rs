//! N-grams of letters in a document, whatever its spacing. Its letters are written one behind another; every window of
//! `WINDOW` letters is looked for in the filter, the few that pass are looked up, and around those that were chosen for
//! n-grams the n-grams are made.

use super::LETTERS;
use super::eojeol::FIRST;
use super::grams::{Units, letter_hash, mixed};
use super::index::{Found, Index};
use super::words;

/// Letters of a window; they fit into any n-gram.
pub const WINDOW: usize = 10;
const _: () = assert!(WINDOW <= LETTERS as usize);

#[derive(Debug, Default)]
pub struct Buffers {
    edges: words::Edges,
    letters: String,
    /// For each word where it begins in the document and among the letters.
    words: Vec<(u32, u32)>,
    /// Where a window begins, with its hash.
    candidates: Vec<(u32, u64)>,
    units: Units,
    /// For each length, behind the last place where an n-gram was looked for.
    done: Vec<usize>,
}

/// The hash of so many bytes, at most `4 * WINDOW`.
#[inline(always)]
fn hash(bytes: &[u8]) -> u64 {
    let mut padded = [0; 4 * WINDOW];
    padded[..bytes.len()].copy_from_slice(bytes);
    hashed(words_of(&padded))
}

#[inline(always)]
fn words_of<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let (eights, mut words) = (bytes.as_chunks::<8>().0, [0; N]);
    words.iter_mut().zip(eights).for_each(|(word, eight)| *word = u64::from_le_bytes(*eight));
    words
}

#[inline(always)]
fn hashed([first, second, third, fourth, fifth]: [u64; WINDOW / 2]) -> u64 {
    mixed(first ^ third.rotate_left(40) ^ fifth, second ^ third ^ fourth.rotate_left(20))
}

/// The windows of a text's letters by the letter they begin at.
pub fn windows(letters: &str) -> Vec<u64> {
    let mut starts: Vec<usize> = letters.char_indices().map(|(at, _)| at).collect();
    starts.push(letters.len());
    starts.windows(WINDOW + 1).map(|starts| hash(&letters.as_bytes()[starts[0]..starts[WINDOW]])).collect()
}

/// Bytes of so many letters from a place on, of as many as there are.
pub fn bytes_of(letters: &[u8], at: usize, count: usize) -> (usize, usize) {
    let (mut end, mut found) = (at, 0);
    while found < count && end < letters.len() {
        end += bytes_from(letters[end]);
        found += 1;
    }
    (end - at, found)
}

/// Of a letter that begins with this one.
#[inline(always)]
fn bytes_from(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

pub fn find(index: &Index, text: &str, buffers: &mut Buffers, found: &mut Vec<Found>) {
    let Buffers { edges, letters, words, candidates, .. } = buffers;
    letters.clear();
    words.clear();
    words::each(text, edges, |start, end| {
        words.push((start as u32, letters.len() as u32));
        letters.push_str(&text[start..end]);
    });
    letters.make_ascii_lowercase();
    search(index, letters.as_bytes(), candidates);
    if candidates.is_empty() {
        return;
    }
    buffers.done.clear();
    buffers.done.resize(index.lengths.len(), 0);
    let candidates = std::mem::take(candidates);
    for &(at, hash) in &candidates {
        if let Some(lengths) = index.anchors.get(&hash) {
            around(index, at as usize, *lengths, buffers, found);
        }
    }
    buffers.candidates = candidates;
    for found in found {
        // To the edges of words.
        let word_of = |at: usize| buffers.words.partition_point(|word| word.1 as usize <= at) - 1;
        let last = word_of(found.end - 1);
        let (raw, first_letter) = buffers.words[last];
        let behind = buffers.words.get(last + 1).map_or(buffers.letters.len(), |next| next.1 as usize);
        found.start = buffers.words[word_of(found.start)].0 as usize;
        found.end = raw as usize + behind - first_letter as usize;
    }
}

#[inline(always)]
fn search(index: &Index, letters: &[u8], candidates: &mut Vec<(u32, u64)>) {
    candidates.clear();
    let (filter, mut at) = (index.filter.seen(), 0);
    let (mut end, count) = bytes_of(letters, at, WINDOW);
    if count < WINDOW {
        return;
    }
    loop {
        let hash = match letters[at..].first_chunk::<{ 4 * WINDOW }>() {
            Some(bytes) => masked(bytes, end - at),
            None => hash(&letters[at..end]),
        };
        if filter.has(hash) {
            candidates.push((at as u32, hash));
        }
        let Some(&next) = letters.get(end) else { break };
        (at, end) = (at + bytes_from(letters[at]), end + bytes_from(next));
    }
}

/// The hash of so many of the bytes, at least `WINDOW`.
#[inline(always)]
fn masked(bytes: &[u8; 4 * WINDOW], length: usize) -> u64 {
    let mut words: [u64; WINDOW / 2] = words_of(bytes);
    for (i, word) in words.iter_mut().enumerate().skip(1) {
        *word &= FIRST[length.saturating_sub(8 * i).min(8)];
    }
    hashed(words)
}

/// Looks for every n-gram, of the lengths that have their bit, with the window that begins here.
#[inline(never)]
fn around(index: &Index, at: usize, lengths: u128, buffers: &mut Buffers, found: &mut Vec<Found>) {
    let Buffers { letters, units, done, .. } = buffers;
    let longest = 127 - lengths.leading_zeros() as usize;
    let first = fill(units, letters, at, longest - WINDOW, longest);
    for (&length, done) in index.lengths.iter().zip(done).filter(|(length, _)| lengths >> **length & 1 == 1) {
        for from in (first + WINDOW).saturating_sub(length)..=first {
            if from + length > units.len() || units.start(from) < *done {
                continue;
            }
            let (start, end) = (units.start(from), units.end(from + length - 1));
            let stands = |known: &[u8]| known.starts_with(&letters.as_bytes()[start..end]);
            if let Some((gram, texts)) = index.gram(units.hash(from, length), stands) {
                found.push(Found { gram, texts, start, end });
            }
        }
        *done = (*done).max(at + 1);
    }
}

/// Takes so many letters before a place and from it on; gives how many there were before.
fn fill(units: &mut Units, letters: &str, at: usize, before: usize, from: usize) -> usize {
    units.clear();
    let start = letters[..at].char_indices().rev().take(before).last().map_or(at, |(place, _)| place);
    let mut first = 0;
    for (place, letter) in letters[start..].char_indices() {
        let place = start + place;
        if place < at {
            first += 1;
        } else if units.len() == first + from {
            break;
        }
        units.push(place, place + letter.len_utf8(), letter_hash(letter));
    }
    first
}
