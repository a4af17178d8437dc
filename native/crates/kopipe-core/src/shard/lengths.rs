//! Lengths of documents, and what becomes of documents in samples of one length.
//!
//! One pass over the lengths. Memory: .6 MB whatever there is to measure; lengths below 65,536 are held one by one, longer
//! ones to the next 256th of a power of two. Cost: 4 ns a document.

use std::ops::Range;

/// Lengths below are counted one by one.
const EXACT: u64 = 1 << 16;
const EXACT_BITS: u32 = EXACT.trailing_zeros();
/// Of a power of two from there on, so many ranges have a count each.
const STEPS_BITS: u32 = 8;

pub struct Lengths {
    counts: Vec<u64>,
    documents: u64,
}

impl Default for Lengths {
    fn default() -> Self {
        let ranges = ((u64::BITS - EXACT_BITS) as usize) << STEPS_BITS;
        Lengths { counts: vec![0; EXACT as usize + ranges], documents: 0 }
    }
}

impl Lengths {
    pub fn add(&mut self, tokens: u64) {
        self.counts[bin(tokens)] += 1;
        self.documents += 1;
    }

    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// The smallest length that at least this share of the documents does not exceed (nearest rank); of a range, its end.
    pub fn quantile(&self, share: f64) -> u64 {
        let rank = ((share * self.documents as f64).ceil() as u64).max(1);
        let mut below = 0;
        for (at, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank {
                return last_of(at);
            }
        }
        0
    }

    /// Documents of 2^(k-1) up to 2^k − 1 tokens, by k.
    pub fn by_power(&self) -> Vec<u64> {
        let mut powers = Vec::new();
        for (at, &count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let power = (u64::BITS - last_of(at).leading_zeros()) as usize;
            powers.resize(powers.len().max(power + 1), 0);
            powers[power] += count;
        }
        powers
    }
}

fn bin(tokens: u64) -> usize {
    if tokens < EXACT {
        return tokens as usize;
    }
    let power = u64::BITS - 1 - tokens.leading_zeros();
    let step = (tokens >> (power - STEPS_BITS)) - (1 << STEPS_BITS);
    EXACT as usize + ((power - EXACT_BITS) as usize * (1 << STEPS_BITS)) + step as usize
}

/// The longest that is counted there.
fn last_of(bin: usize) -> u64 {
    let Some(range) = (bin as u64).checked_sub(EXACT) else { return bin as u64 };
    let power = (range >> STEPS_BITS) as u32 + EXACT_BITS;
    let width = 1u64 << (power - STEPS_BITS);
    ((1 << STEPS_BITS) + (range & ((1 << STEPS_BITS) - 1))) * width + (width - 1)
}

/// What becomes of documents that follow each other and are cut into samples as GPT-NeoX cuts them: sample k has the tokens
/// from k · length to (k + 1) · length, both of them, and what does not fill the last is in none.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Packing {
    pub samples: u64,
    /// Samples in which a document ends and another begins.
    pub with_boundary: u64,
    /// Documents, or parts of such, in all samples.
    pub pieces: u64,
    pub documents: u64,
    /// Documents that no sample holds whole.
    pub cut: u64,
    pub tokens: u64,
}

impl Packing {
    /// `tokens` is the sum of the lengths.
    pub fn of(lengths: impl Iterator<Item = u64>, tokens: u64, sample: u64) -> Packing {
        let samples = tokens.saturating_sub(1) / sample;
        let mut packing = Packing { samples, pieces: samples, tokens, ..Packing::default() };
        let mut last = None;
        let mut at = 0;
        for length in lengths.filter(|length| *length > 0) {
            let document = at..at + length;
            at = document.end;
            packing.documents += 1;
            packing.cut += u64::from(!is_whole(&document, samples, sample));
            // A boundary has a token on either side, and one sample has both.
            if document.end < tokens && document.end <= samples * sample {
                packing.pieces += 1;
                let within = Some((document.end - 1) / sample);
                packing.with_boundary += u64::from(within != last);
                last = within;
            }
        }
        packing
    }
}

fn is_whole(document: &Range<u64>, samples: u64, sample: u64) -> bool {
    samples > 0 && document.end - 1 <= ((document.start / sample).min(samples - 1) + 1) * sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Token by token.
    fn slow(lengths: &[u64], sample: u64) -> Packing {
        let owners: Vec<usize> = lengths.iter().enumerate().flat_map(|(i, n)| vec![i; *n as usize]).collect();
        let samples: Vec<&[usize]> = (0..)
            .map(|k| k * sample as usize)
            .take_while(|at| at + (sample as usize) < owners.len())
            .map(|at| &owners[at..=at + sample as usize])
            .collect();
        let distinct = |of: &[usize]| of.chunk_by(|a, b| a == b).count() as u64;
        let whole = |document: usize| {
            let all = owners.iter().filter(|o| **o == document).count();
            samples.iter().any(|s| s.iter().filter(|o| **o == document).count() == all)
        };
        let present: Vec<usize> = (0..lengths.len()).filter(|i| lengths[*i] > 0).collect();
        Packing {
            samples: samples.len() as u64,
            with_boundary: samples.iter().filter(|s| distinct(s) > 1).count() as u64,
            pieces: samples.iter().map(|s| distinct(s)).sum(),
            documents: present.len() as u64,
            cut: present.iter().filter(|i| !whole(**i)).count() as u64,
            tokens: owners.len() as u64,
        }
    }

    proptest! {
        #[test]
        fn packing_is_what_counting_token_by_token_finds(lengths in prop::collection::vec(0u64..30, 0..40), sample in 1u64..40) {
            prop_assert_eq!(Packing::of(lengths.iter().copied(), lengths.iter().sum(), sample), slow(&lengths, sample));
        }

        #[test]
        fn quantiles_are_those_of_the_sorted_lengths(lengths in prop::collection::vec(prop_oneof![0u64..90_000, 0u64..1 << 40], 1..60), share in 0f64..=1.0) {
            let mut all = Lengths::default();
            lengths.iter().for_each(|n| all.add(*n));
            let mut sorted = lengths.clone();
            sorted.sort_unstable();
            let exact = sorted[((share * lengths.len() as f64).ceil() as usize).max(1) - 1];
            let found = all.quantile(share);
            prop_assert!(found >= exact && found - exact <= if exact < EXACT { 0 } else { exact >> STEPS_BITS }, "{found} for {exact}");
            for (power, count) in all.by_power().iter().enumerate() {
                prop_assert_eq!(*count, lengths.iter().filter(|n| (u64::BITS - n.leading_zeros()) as usize == power).count() as u64);
            }
        }
    }
}
