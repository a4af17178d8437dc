//! datatrove's MinHash signatures, value for value: its normalization, words by white space, shingles of five, 112
//! permutations, 14 bands of 8.
//!
//! What users of datatrove have tuned their thresholds to, and what kopipe's clusters can be compared with one for one.
//! datatrove's own Korean word tokenizer is not reproduced: it is fed decomposed text that it does not understand.
//!
//! Measured on Korean text, nanoseconds a byte: normalization 1.6–2.3, XXH64 1.4–2.2, permutations 0.7 (AVX-512) or 2.6 (AVX2);
//! together 4.0–4.6 or 5.1–7.0. Without gain: writing syllables and ASCII without a branch (twice the time), keeping the
//! place in registers, an XXH64 of one's own with or without branches in its tail (within 12 %).
//!
//! Source: huggingface/datatrove 0.10.1, `pipeline/dedup/minhash.py` and `utils/text.py`, whose golden values the tests
//! compare with; XXH64 by Yann Collet.

mod characters;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod textbook;
mod words;

use super::permutations::{PERMUTATIONS, lower61};
use words::Words;
use xxhash_rust::xxh3::xxh3_64;
use xxhash_rust::xxh64::xxh64;

pub const BANDS: usize = 14;
const ROWS: usize = PERMUTATIONS / BANDS;
/// Words a shingle.
const SHINGLE: usize = 5;

/// Makes signatures, in buffers of its own: 64 KiB and what the five longest words in a row take when decomposed (at
/// most three bytes a byte), whatever the document's length. Five words in a row may have 1.4 GB.
pub struct Datatrove {
    words: Words,
    hashes: Vec<u64>,
    minima: [u64; PERMUTATIONS],
}

impl Default for Datatrove {
    fn default() -> Self {
        Self::new()
    }
}

impl Datatrove {
    pub fn new() -> Self {
        Datatrove { words: Words::new(), hashes: Vec::new(), minima: [u64::MAX; PERMUTATIONS] }
    }

    /// The least residue of the shingles' hashes under each permutation. None for a text of under five words: datatrove
    /// gives it no signature, so it is nobody's duplicate.
    pub fn signature(&mut self, text: &str) -> Option<&[u64; PERMUTATIONS]> {
        self.minima = [u64::MAX; PERMUTATIONS];
        let mut found = false;
        self.words.start();
        let mut more = true;
        while more {
            more = self.words.next_batch(text, SHINGLE - 1);
            self.hashes.clear();
            self.hashes.extend(self.words.shingles::<SHINGLE>().map(|shingle| xxh64(shingle, 0)));
            found |= !self.hashes.is_empty();
            lower61(&self.hashes, &mut self.minima);
        }
        found.then_some(&self.minima)
    }

    /// A hash for each band: equal where all eight values of the band are, and by a collision of 64 bits.
    pub fn bands(&mut self, text: &str) -> Option<[u64; BANDS]> {
        self.signature(text).map(bands_of)
    }
}

fn bands_of(signature: &[u64; PERMUTATIONS]) -> [u64; BANDS] {
    let bands = signature.as_chunks::<ROWS>().0;
    std::array::from_fn(|band| {
        let mut bytes = [0; ROWS * size_of::<u64>()];
        for (place, value) in bytes.as_chunks_mut().0.iter_mut().zip(bands[band]) {
            *place = value.to_le_bytes();
        }
        xxh3_64(&bytes)
    })
}
