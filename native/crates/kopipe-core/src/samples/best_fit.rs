//! Samples that keep inside documents: Ding et al., "Fewer Truncations Improve Language Modeling" (2024).
//!
//! A sample has room for length + 1 tokens. A document that is longer is cut into pieces of that many, each beginning with
//! the token that the one before ends with, as neighbouring samples of a stream do; all but its last piece fill a sample.
//! The last pieces, and all other documents, are placed by best-fit decreasing: the longest first, each in the sample with
//! the least room that suffices, of several the one that came to that room last. So every token of a document is predicted
//! once, but for its first, and a document of one token is in no sample.
//!
//! Of one length, the documents stand in an order shuffled by the seed; the samples of an epoch are shuffled by the same
//! random numbers after them. Every epoch has all samples before any comes again.
//!
//! A sample with least room is found among at most length + 1 amounts of room, in a tree of bits: three words are looked
//! at for lengths to 262,143. Memory: 4 bytes a document, 4 a sample of several and 4 a sample in the order; 12 and 12 while
//! it is built.

use super::gather::Run;
use super::{Dataset, RandomState};
use crate::bpe::pages::{self, prefetch};
use crate::error::{Error, Result};
use std::ops::Range;

/// A piece has a token and the next at least.
const SHORTEST: usize = 2;
const NONE: u32 = u32::MAX;
/// Documents looked at ahead where each is a miss.
const AHEAD: usize = 32;

pub struct BestFit {
    length: usize,
    epochs: u64,
    /// Documents whose last piece stands in a sample, sample by sample.
    pieces: Vec<u32>,
    /// The first piece of each sample that is made of last pieces, and the end.
    bounds: Vec<u32>,
    /// Documents that are cut, and the number of pieces before theirs that fill samples of their own.
    cut: Vec<(u32, u32)>,
    /// Tokens of an epoch that are predicted.
    predicted: u64,
    order: Vec<u32>,
}

impl BestFit {
    /// `samples` at least, in whole epochs.
    pub fn build(dataset: &Dataset, sequences: Range<u32>, length: usize, samples: u64, seed: u32) -> Result<BestFit> {
        let mut random = RandomState::new(seed);
        let Pieces { sorted, ends, cut, filling, predicted } = Pieces::of(dataset, sequences, length, &mut random)?;
        let (sample_of, together) = place(&ends, sorted.len(), length + 1);
        let (pieces, bounds) = group(sorted, sample_of, together);

        let each = u64::from(together) + u64::from(filling);
        if each == 0 {
            return Err(Error::invalid("no document has two tokens: there is nothing to predict"));
        }
        let epochs = samples.div_ceil(each).max(1);
        if epochs.saturating_mul(each) > u64::from(u32::MAX) {
            let what = format!("{each} samples in {epochs} epochs are more than an index counts (2^32)");
            return Err(Error::invalid(what));
        }
        let mut order = pages::with_capacity((epochs * each) as usize);
        for epoch in 0..epochs {
            order.extend(0..each as u32);
            random.shuffle(&mut order[(epoch * each) as usize..]);
        }
        Ok(BestFit { length, epochs, pieces, bounds, cut, predicted, order })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    /// Documents that are longer than a sample.
    pub fn cut(&self) -> u64 {
        self.cut.len() as u64
    }

    /// Share of the places of all samples that predict a token.
    pub fn utilisation(&self) -> f64 {
        let samples = self.len() as u64 / self.epochs;
        self.predicted as f64 / (samples * self.length as u64) as f64
    }

    /// The sample at a position of the shuffled order.
    pub fn near(&self, position: usize) -> u32 {
        let sample = self.order[position];
        if let Some(bound) = self.bounds.get(sample as usize) {
            prefetch(bound);
        }
        sample
    }

    /// Asks for the lengths that `runs` needs.
    pub fn prefetch(&self, dataset: &Dataset, sample: u32) {
        for &document in self.together(sample) {
            dataset.prefetch_size(document);
        }
    }

    /// The pieces that a sample is, of length + 1 tokens together or less.
    pub fn runs(&self, dataset: &Dataset, sample: u32, mut run: impl FnMut(Run)) {
        let together = self.bounds.len() as u32 - 1;
        if sample >= together {
            let piece = sample - together;
            let (sequence, before) = self.cut[self.cut.partition_point(|(_, before)| *before <= piece) - 1];
            run(Run { sequence, offset: (piece - before) * self.length as u32, count: self.length as u32 + 1 });
            return;
        }
        for &sequence in self.together(sample) {
            let (filling, rest) = cut(dataset.size(sequence), self.length);
            run(Run { sequence, offset: filling * self.length as u32, count: rest });
        }
    }

    fn together(&self, sample: u32) -> &[u32] {
        match self.bounds.get(sample as usize..sample as usize + 2) {
            Some(bounds) => &self.pieces[bounds[0] as usize..bounds[1] as usize],
            None => &[],
        }
    }
}

/// How many pieces of a document of so many tokens fill a sample of their own, and the tokens of its last piece; of none
/// where there is nothing to predict.
fn cut(tokens: u32, length: usize) -> (u32, u32) {
    if (tokens as usize) < SHORTEST {
        return (0, 0);
    }
    let filling = (tokens - 2) / length as u32;
    (filling, tokens - filling * length as u32)
}

/// The last pieces of all documents, the longest first.
struct Pieces {
    sorted: Vec<u32>,
    /// By number of tokens, the end of such pieces in `sorted`.
    ends: Vec<u32>,
    cut: Vec<(u32, u32)>,
    filling: u32,
    predicted: u64,
}

impl Pieces {
    fn of(dataset: &Dataset, sequences: Range<u32>, length: usize, random: &mut RandomState) -> Result<Pieces> {
        let mut counts = vec![0u32; length + 2];
        let (mut filling, mut cuts, mut predicted) = (0u64, 0, 0);
        for tokens in dataset.sizes(sequences.clone()) {
            let (own, rest) = cut(tokens, length);
            counts[rest as usize] += 1;
            filling += u64::from(own);
            cuts += usize::from(own > 0);
            predicted += u64::from(tokens.saturating_sub(1));
        }
        counts[0] = 0;
        let Ok(filling) = u32::try_from(filling) else {
            return Err(Error::invalid(format!("{filling} samples are more than an index counts (2^32)")));
        };
        // Where the next piece of a length goes, and in the end where they end.
        let mut ends = vec![0u32; length + 2];
        for rest in (SHORTEST..=length).rev() {
            ends[rest] = ends[rest + 1] + counts[rest + 1];
        }
        let mut sorted = pages::filled(0, counts.iter().map(|count| *count as usize).sum());
        let mut cut_documents = Vec::with_capacity(cuts);
        let mut before = 0;
        for (sequence, tokens) in sequences.clone().zip(dataset.sizes(sequences)) {
            let (own, rest) = cut(tokens, length);
            if rest > 0 {
                sorted[ends[rest as usize] as usize] = sequence;
                ends[rest as usize] += 1;
            }
            if own > 0 {
                cut_documents.push((sequence, before));
                before += own;
            }
        }
        for rest in (SHORTEST..=length + 1).rev() {
            random.shuffle(&mut sorted[(ends[rest] - counts[rest]) as usize..ends[rest] as usize]);
        }
        Ok(Pieces { sorted, ends, cut: cut_documents, filling, predicted })
    }
}

/// Best-fit decreasing: the sample of each piece, and the number of samples.
fn place(ends: &[u32], pieces: usize, capacity: usize) -> (Vec<u32>, u32) {
    let mut sample_of = pages::with_capacity(pieces);
    // Samples by room: the last that came to it, and for each sample the one before.
    let mut last = vec![NONE; capacity + 1];
    let mut before: Vec<u32> = Vec::new();
    let mut rooms = Rooms::new(capacity + 1);
    for tokens in (SHORTEST..=capacity).rev() {
        while sample_of.len() < ends[tokens] as usize {
            let (sample, room) = match rooms.at_least(tokens) {
                Some(room) => {
                    let sample = last[room];
                    last[room] = before[sample as usize];
                    if last[room] == NONE {
                        rooms.remove(room);
                    }
                    (sample, room - tokens)
                }
                None => {
                    before.push(NONE);
                    (before.len() as u32 - 1, capacity - tokens)
                }
            };
            sample_of.push(sample);
            if room >= SHORTEST {
                before[sample as usize] = last[room];
                last[room] = sample;
                rooms.insert(room);
            }
        }
    }
    (sample_of, before.len() as u32)
}

/// Pieces sample by sample, those of one in the order in which they were placed, and where each sample begins.
fn group(sorted: Vec<u32>, sample_of: Vec<u32>, samples: u32) -> (Vec<u32>, Vec<u32>) {
    // Counted one further, so that placing moves each begin to where it belongs.
    let mut bounds = pages::filled(0u32, samples as usize + 2);
    let soon = |bounds: &[u32], i: usize| {
        if let Some(&sample) = sample_of.get(i + AHEAD) {
            prefetch(&bounds[sample as usize + 1]);
        }
    };
    for (i, &sample) in sample_of.iter().enumerate() {
        soon(&bounds, i);
        bounds[sample as usize + 2] += 1;
    }
    for i in 2..bounds.len() {
        bounds[i] += bounds[i - 1];
    }
    let mut pieces = pages::filled(0, sorted.len());
    for (i, &sample) in sample_of.iter().enumerate() {
        soon(&bounds, i);
        let at = &mut bounds[sample as usize + 1];
        pieces[*at as usize] = sorted[i];
        *at += 1;
    }
    bounds.pop();
    (pieces, bounds)
}

/// A set of small numbers that finds the smallest not below another: a tree of words, a bit for each word below.
struct Rooms {
    levels: Vec<Vec<u64>>,
}

impl Rooms {
    fn new(end: usize) -> Rooms {
        let mut levels = vec![vec![0u64; end.div_ceil(64)]];
        while levels[levels.len() - 1].len() > 1 {
            let words = levels[levels.len() - 1].len().div_ceil(64);
            levels.push(vec![0; words]);
        }
        Rooms { levels }
    }

    fn insert(&mut self, mut number: usize) {
        for level in &mut self.levels {
            level[number / 64] |= 1 << (number % 64);
            number /= 64;
        }
    }

    fn remove(&mut self, mut number: usize) {
        for level in &mut self.levels {
            level[number / 64] &= !(1 << (number % 64));
            if level[number / 64] != 0 {
                return;
            }
            number /= 64;
        }
    }

    fn at_least(&self, number: usize) -> Option<usize> {
        let mut number = number;
        for (height, level) in self.levels.iter().enumerate() {
            let word = level.get(number / 64)? & (u64::MAX << (number % 64));
            if word != 0 {
                let found = number / 64 * 64 + word.trailing_zeros() as usize;
                // Down again: below a set bit there is one.
                return Some(self.levels[..height].iter().rev().fold(found, |at, level| at * 64 + level[at].trailing_zeros() as usize));
            }
            number = number / 64 + 1;
        }
        None
    }
}
