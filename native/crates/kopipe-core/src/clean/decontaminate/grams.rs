//! The units of a text, words or letters, and the hash of any run of them: a polynomial modulo 2^64 over the hashes of the
//! units, so that each window costs two multiplications whatever its length.

use super::LONGEST;
use super::words::is_letter;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

/// What an n-gram is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Eojeol,
    Characters,
}

const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

const POWERS: [u64; LONGEST + 1] = {
    let (mut powers, mut i) = ([1u64; LONGEST + 1], 1);
    while i <= LONGEST {
        powers[i] = powers[i - 1].wrapping_mul(BASE);
        i += 1;
    }
    powers
};

/// Units one after another, with where they stand.
#[derive(Debug)]
pub struct Units {
    places: Vec<(usize, usize)>,
    /// The hash of all units before each, and of all.
    prefixes: Vec<u64>,
}

impl Default for Units {
    fn default() -> Self {
        Units { places: Vec::new(), prefixes: vec![0] }
    }
}

impl Units {
    pub fn clear(&mut self) {
        self.places.clear();
        self.prefixes.truncate(1);
    }

    pub fn push(&mut self, start: usize, end: usize, hash: u64) {
        let before = self.prefixes[self.places.len()];
        self.prefixes.push(before.wrapping_mul(BASE).wrapping_add(hash));
        self.places.push((start, end));
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn start(&self, unit: usize) -> usize {
        self.places[unit].0
    }

    pub fn end(&self, unit: usize) -> usize {
        self.places[unit].1
    }

    /// The hash of `length` units from one on; at most `LONGEST`.
    pub fn hash(&self, from: usize, length: usize) -> u64 {
        let window = self.prefixes[from + length].wrapping_sub(self.prefixes[from].wrapping_mul(POWERS[length]));
        mixed(window, length as u64)
    }
}

/// All bits of the result depend on all of both.
#[inline(always)]
pub fn mixed(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0xA076_1D64_78BD_642F) * u128::from(b ^ 0xE703_7ED1_A0B4_28DB);
    (product >> 64) as u64 ^ product as u64
}

/// Of a word, whatever the case of its Latin letters.
pub fn word_hash(word: &[u8]) -> u64 {
    match word.iter().any(u8::is_ascii_uppercase) {
        true => xxh3_64(&word.to_ascii_lowercase()),
        false => xxh3_64(word),
    }
}

pub fn letter_hash(letter: char) -> u64 {
    mixed(u64::from(u32::from(letter.to_ascii_lowercase())), 0)
}

/// The letters of a text that count, summed up: as many as its letters and one. Digits do not, nor what repeats.
pub fn weights(letters: impl Iterator<Item = char>) -> Vec<u32> {
    let (mut sums, mut last, mut sum) = (vec![0], None, 0);
    for letter in letters {
        debug_assert!(is_letter(letter));
        sum += u32::from(!letter.is_numeric() && last != Some(letter));
        sums.push(sum);
        last = Some(letter);
    }
    sums
}
