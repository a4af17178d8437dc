//! GPT-NeoX's packing: documents in a shuffled order, laid end to end and cut every `length` tokens.
//!
//! Sample s begins at token s × length of that stream, so where it begins need not be stored: only the tokens before every
//! 32nd document are, and the way from there is added up when a sample is read. GPT-NeoX's sample_idx, 8 bytes a sample and
//! made one after the other, becomes a quarter of a byte a document, made by all workers at once.

use super::gather::Run;
use super::{Dataset, RandomState};
use crate::bpe::pages::{self, prefetch};
use crate::error::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// Places between two that know how many tokens are before them.
const BLOCK: usize = 32;
/// Samples between two that know the block they begin in.
const GUIDED: usize = 64;

pub struct Stream {
    length: usize,
    epochs: u64,
    /// Sequences, tiled over all epochs and shuffled together: GPT-NeoX's doc_idx.
    documents: Vec<u32>,
    /// Tokens before each block of places, and all tokens.
    blocks: Vec<u64>,
    /// The block in which every `GUIDED`-th sample begins.
    guides: Vec<u32>,
    /// GPT-NeoX's shuffle_idx.
    order: Vec<u32>,
}

/// Where the search for a sample's begin starts.
#[derive(Clone, Copy, Default)]
pub struct Near {
    sample: usize,
    block: usize,
}

impl Stream {
    /// `samples` at least: the smallest number of epochs E with (E · tokens − 1) / length ≥ samples.
    pub fn build(dataset: &Dataset, sequences: Range<u32>, tokens: u64, length: usize, samples: u64, seed: u32) -> Result<Stream> {
        let wanted = u128::from(samples) * length as u128 + 1;
        let epochs = wanted.div_ceil(u128::from(tokens)).max(1);
        let samples = (epochs * u128::from(tokens) - 1) / length as u128;
        let places = epochs * sequences.len() as u128;
        if places > u128::from(u32::MAX) || samples >= u128::from(u32::MAX) {
            let what = format!("{samples} samples over {places} documents in {epochs} epochs are more than an index counts (2^32)");
            return Err(Error::invalid(what));
        }

        let mut random = RandomState::new(seed);
        let mut documents = pages::with_capacity(places as usize);
        for _ in 0..epochs {
            documents.extend(sequences.clone());
        }
        random.shuffle(&mut documents);
        let (blocks, order) = rayon::join(
            || blocks(dataset, &documents),
            || {
                let mut order = pages::with_capacity(samples as usize);
                order.extend(0..samples as u32);
                random.shuffle(&mut order);
                order
            },
        );
        let guides = guides(&blocks, length, samples as usize);
        Ok(Stream { length, epochs: epochs as u64, documents, blocks, guides, order })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    /// Documents, of all epochs, that do not lie within one sample. They are read in order of the stream.
    pub fn cut(&self, dataset: &Dataset) -> u64 {
        let of = |(block, places): (usize, &[u32])| {
            let mut at = self.blocks[block];
            sizes(dataset, places)
                .filter(|&size| {
                    let first = at;
                    at += u64::from(size);
                    // Its pairs of a token and the next: those in one sample have the same quotient.
                    size > 1 && first / self.length as u64 != (at - 2) / self.length as u64
                })
                .count() as u64
        };
        self.documents.par_chunks(BLOCK).enumerate().map(of).sum()
    }

    /// The sample at a position of the shuffled order; asks for the documents around its begin.
    pub fn near(&self, position: usize) -> Near {
        let sample = self.order[position] as usize;
        let (first, last) = (self.guides[sample / GUIDED] as usize, self.guides[sample / GUIDED + 1] as usize);
        let token = sample as u64 * self.length as u64;
        let block = first + self.blocks[first + 1..=last].partition_point(|before| *before <= token);
        for places in self.around(block).chunks(16) {
            prefetch(&places[0]);
        }
        Near { sample, block }
    }

    /// Asks for the lengths that `runs` adds up.
    pub fn prefetch(&self, dataset: &Dataset, near: Near) {
        for &document in self.around(near.block) {
            dataset.prefetch_size(document);
        }
    }

    /// The runs of documents that a sample is, length + 1 tokens, from its begin on.
    pub fn runs(&self, dataset: &Dataset, near: Near, mut run: impl FnMut(Run)) {
        let (mut place, mut offset) = self.begin(dataset, near);
        let mut missing = self.length as u32 + 1;
        while missing > 0 {
            let sequence = self.documents[place];
            let count = missing.min(dataset.size(sequence) - offset);
            if count > 0 {
                run(Run { sequence, offset, count });
            }
            missing -= count;
            (place, offset) = (place + 1, 0);
        }
    }

    /// Place and offset of a sample's first token.
    fn begin(&self, dataset: &Dataset, Near { sample, block }: Near) -> (usize, u32) {
        let mut missing = sample as u64 * self.length as u64 - self.blocks[block];
        let mut place = block * BLOCK;
        loop {
            let size = u64::from(dataset.size(self.documents[place]));
            if missing < size {
                return (place, missing as u32);
            }
            missing -= size;
            place += 1;
        }
    }

    /// The documents of a block, and some that may follow in its samples.
    fn around(&self, block: usize) -> &[u32] {
        &self.documents[block * BLOCK..((block + 1) * BLOCK + 8).min(self.documents.len())]
    }
}

/// Lengths at places; each is a miss, so all are asked for first.
fn sizes<'a>(dataset: &'a Dataset, places: &'a [u32]) -> impl Iterator<Item = u32> {
    places.iter().for_each(|&document| dataset.prefetch_size(document));
    places.iter().map(|&document| dataset.size(document))
}

fn blocks(dataset: &Dataset, documents: &[u32]) -> Vec<u64> {
    let mut blocks = vec![0; documents.len().div_ceil(BLOCK) + 1];
    let of = |places: &[u32]| sizes(dataset, places).map(u64::from).sum::<u64>();
    blocks[1..].par_iter_mut().zip(documents.par_chunks(BLOCK)).for_each(|(block, places)| *block = of(places));
    let mut before = 0;
    for block in &mut blocks {
        before += *block;
        *block = before;
    }
    blocks
}

/// One more than there are groups of samples, so that each has an end.
fn guides(blocks: &[u64], length: usize, samples: usize) -> Vec<u32> {
    let mut block = 0;
    let last = blocks.len() - 2;
    let guide = |group: usize| {
        let token = (group * GUIDED) as u64 * length as u64;
        while block < last && blocks[block + 1] <= token {
            block += 1;
        }
        block as u32
    };
    (0..=samples / GUIDED + 1).map(guide).collect()
}

#[cfg(test)]
impl Stream {
    pub fn documents(&self) -> &[u32] {
        &self.documents
    }

    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// GPT-NeoX's sample_idx, end included. What begins before any document begins with the first, be it empty.
    pub fn sample_idx(&self, dataset: &Dataset) -> Vec<(u32, u32)> {
        let begin = |sample: usize| {
            let block = self.blocks[1..].partition_point(|before| *before <= (sample * self.length) as u64);
            let (place, offset) = self.begin(dataset, Near { sample, block });
            if sample == 0 { (0, 0) } else { (place as u32, offset) }
        };
        (0..=self.len()).map(begin).collect()
    }
}
