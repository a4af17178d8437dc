//! What was encoded lately: a table of a bounded size, whatever the input.
//!
//! A key is the pretoken itself, padded with 0xFF, which no UTF-8 has: equal keys are equal pretokens. Two entries share
//! a place; a new one comes first and pushes the older one out, so that the frequent, which come again and again, are
//! mostly there (the 10,000 most frequent pretokens are 68 % of Korean). Memory is asked for in huge pages: a place is
//! a miss in the caches, and need not be one in the TLB too. A table begins small and grows with what it is given to keep:
//! the first touch of 48 MB takes .05 to .2 s, which is most of what a small input takes.

use super::id::Id;
use crate::bpe::pages::{self, prefetch};

/// By the length of a pretoken: 0xFF for every byte behind it.
static PADDINGS: [[u64; 4]; 33] = {
    let mut paddings = [[u64::MAX; 4]; 33];
    let mut len = 0;
    while len < 33 {
        let mut byte = 0;
        while byte < len {
            paddings[len][byte / 8] &= !(0xff << (byte % 8 * 8));
            byte += 1;
        }
        len += 1;
    }
    paddings
};

/// A pretoken of up to 8 × `WORDS` bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key<const WORDS: usize>(pub [u64; WORDS]);

impl<const WORDS: usize> Key<WORDS> {
    /// The key of no pretoken.
    pub const NONE: Self = Key([u64::MAX; WORDS]);

    /// Of the first `len` bytes, at most 8 × `WORDS`; what stands behind them is read where there is enough.
    #[inline(always)]
    pub fn of(bytes: &[u8], len: usize) -> Self {
        debug_assert!(len <= 8 * WORDS);
        let mut key = [0; WORDS];
        if bytes.len() >= 8 * WORDS {
            for (word, eight) in key.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *word = u64::from_le_bytes(*eight);
            }
        } else {
            // The text ends here: no byte behind it may be read.
            let mut padded = [[0xff; 8]; WORDS];
            padded.as_flattened_mut()[..len].copy_from_slice(&bytes[..len]);
            key = padded.map(u64::from_le_bytes);
        }
        for (word, padding) in key.iter_mut().zip(&PADDINGS[len]) {
            *word |= padding;
        }
        Key(key)
    }

    #[inline(always)]
    pub fn hash(self) -> u64 {
        const SEEDS: [u64; 4] = [0x9e37_79b9_7f4a_7c15, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3];
        let mut hash = 0;
        for (two, seeds) in self.0.as_chunks::<2>().0.iter().zip(SEEDS.as_chunks::<2>().0) {
            let product = u128::from(two[0] ^ seeds[0]) * u128::from(two[1] ^ seeds[1]);
            hash ^= (product >> 64) as u64 ^ product as u64;
        }
        hash
    }
}

/// A pretoken and its tokens; `T` is an array of them, `[I; ROOM]`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Entry<I, const WORDS: usize, T> {
    key: Key<WORDS>,
    pub tokens: T,
    count: I,
}

impl<I: Id, const WORDS: usize, T> Entry<I, WORDS, T> {
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.count.number() as usize
    }
}

#[repr(align(64))]
struct Line<T>([T; 2]);

pub struct Cache<I, const WORDS: usize, T> {
    lines: Lines<I, WORDS, T>,
    /// How many lines there may be.
    most: usize,
    /// How many entries came since the table has had its size.
    kept: usize,
}

type Lines<I, const WORDS: usize, T> = Box<[Line<Entry<I, WORDS, T>>]>;

/// Times as many lines when as many entries came as there is room for.
const GROWTH: usize = 4;

impl<I: Id, const WORDS: usize, T: Default + Copy + AsMut<[I]>> Cache<I, WORDS, T> {
    /// Of at most `bytes`; of a sixteenth at first.
    pub fn new(bytes: usize) -> Self {
        let most = 1 << (bytes / size_of::<Line<Entry<I, WORDS, T>>>()).ilog2();
        Cache { lines: Self::lines(most / GROWTH.pow(2)), most, kept: 0 }
    }

    fn lines(count: usize) -> Lines<I, WORDS, T> {
        let none = Entry { key: Key::NONE, tokens: T::default(), count: I::of(0) };
        let mut lines = pages::with_capacity(count);
        lines.resize_with(count, || Line([none; 2]));
        lines.into_boxed_slice()
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let lines = Self::lines(self.lines.len() * GROWTH);
        let small = std::mem::replace(&mut self.lines, lines);
        // The older first: the younger pushes it back where both have one place again.
        for entry in small.iter().flat_map(|Line([first, second])| [second, first]).filter(|entry| entry.key != Key::NONE) {
            self.place_first(*entry, entry.key.hash());
        }
        self.kept = 0;
    }

    #[inline(always)]
    fn place(&self, hash: u64) -> usize {
        hash as usize & (self.lines.len() - 1)
    }

    /// Asks for what a hash leads to.
    #[inline(always)]
    pub fn soon(&self, hash: u64) {
        let line = &self.lines[self.place(hash)];
        prefetch(&line.0[0]);
        if size_of_val(line) > 64 {
            prefetch(&line.0[1]);
        }
    }

    /// The entry of a key, or one of another key with `false`: the caller may read its tokens before it knows.
    #[inline(always)]
    pub fn find(&self, key: Key<WORDS>, hash: u64) -> (&Entry<I, WORDS, T>, bool) {
        let [first, second] = &self.lines[self.place(hash)].0;
        let entry = if second.key == key { second } else { first };
        (entry, entry.key == key)
    }

    /// Keeps the tokens of a pretoken, if there is room for so many.
    pub fn keep(&mut self, key: Key<WORDS>, hash: u64, tokens: &[u32]) {
        let mut kept = Entry { key, tokens: T::default(), count: I::of(tokens.len() as u32) };
        let room = kept.tokens.as_mut();
        if tokens.len() <= room.len() {
            for (kept, &token) in room.iter_mut().zip(tokens) {
                *kept = I::of(token);
            }
            self.place_first(kept, hash);
            self.kept += 1;
            if self.kept > 2 * self.lines.len() && self.lines.len() < self.most {
                self.grow();
            }
        }
    }

    #[inline(always)]
    fn place_first(&mut self, entry: Entry<I, WORDS, T>, hash: u64) {
        let place = self.place(hash);
        let [first, second] = &mut self.lines[place].0;
        *second = std::mem::replace(first, entry);
    }
}
