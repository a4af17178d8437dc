//! Training samples in GPT-NeoX's order, read straight from the mapped shards.
//!
//! Every sample is `sequence_length + 1` tokens; neighbours share one token, documents follow each other without padding,
//! and what is cut at a sample's end goes on in the next one. The index equals, number for number, what EleutherAI's
//! gpt-neox builds with `pack_impl: packed` (`megatron/data/gpt2_dataset.py` and `helpers.cpp` at commit 0321b40e37ee);
//! test/golden/samples.py is those functions in numpy. One difference is left out on purpose: that commit's `__len__`
//! hides the last sample, here all are counted.
//!
//! Memory: 4 bytes a document and epoch, 12 bytes a sample.

mod dataset;
mod random_state;

use crate::error::{Error, Result};
pub use dataset::{Dataset, Split};
pub use random_state::RandomState;
use std::sync::Arc;

/// Which samples to build.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub split: Split,
    /// Shares of train, valid and test; GPT-NeoX's default is 969, 30, 1.
    pub split_weights: [f64; 3],
    /// Tokens a sample, without the one that is only predicted.
    pub sequence_length: usize,
    /// At least so many samples; the documents are repeated in whole epochs until they suffice.
    pub samples: u64,
    pub seed: u32,
    /// Tokens must be below it.
    pub vocabulary: u32,
}

/// Tokens of one sequence of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    pub sequence: usize,
    pub offset: usize,
    pub count: usize,
}

pub struct SampleIndex {
    dataset: Arc<Dataset>,
    sequence_length: usize,
    vocabulary: u32,
    epochs: u64,
    /// Sequences, tiled over all epochs and shuffled together.
    documents: Vec<i32>,
    /// Where each sample begins: position in `documents`, offset there. One more than there are samples.
    bounds: Vec<(u32, u32)>,
    order: Vec<u32>,
}

impl SampleIndex {
    pub fn build(dataset: Arc<Dataset>, plan: &Plan) -> Result<SampleIndex> {
        let sequences = plan.split.range(plan.split_weights, dataset.sequences())?;
        let tokens: u64 = sequences.clone().map(|s| u64::from(dataset.size(s))).sum();
        if tokens == 0 || plan.sequence_length == 0 {
            let what = format!("the {:?} split holds {tokens} tokens: no sample of {} can be cut", plan.split, plan.sequence_length);
            return Err(Error::invalid(what));
        }
        // The smallest E with (E · tokens − 1) / sequence_length ≥ samples.
        let wanted = u128::from(plan.samples) * plan.sequence_length as u128 + 1;
        let epochs = wanted.div_ceil(u128::from(tokens)).max(1);
        let samples = (epochs * u128::from(tokens) - 1) / plan.sequence_length as u128;
        let places = epochs * sequences.len() as u128;
        if places > u128::from(u32::MAX) || samples >= u128::from(u32::MAX) {
            let what = format!("{samples} samples over {places} documents in {epochs} epochs are more than an index counts (2^32)");
            return Err(Error::invalid(what));
        }
        let (epochs, samples) = (epochs as u64, samples as usize);

        let mut random = RandomState::new(plan.seed);
        let mut documents: Vec<i32> = (0..epochs).flat_map(|_| sequences.clone().map(|s| s as i32)).collect();
        random.shuffle(&mut documents);
        let bounds = bounds(&dataset, &documents, plan.sequence_length, samples);
        let mut order: Vec<u32> = (0..samples as u32).collect();
        random.shuffle(&mut order);
        let (sequence_length, vocabulary) = (plan.sequence_length, plan.vocabulary);
        Ok(SampleIndex { dataset, sequence_length, vocabulary, epochs, documents, bounds, order })
    }

    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    /// The tokens of the samples at these positions of the shuffled order, `sequence_length + 1` each, one after another.
    pub fn gather(&self, positions: &[u64]) -> Result<Vec<i32>> {
        let mut tokens = Vec::with_capacity(positions.len() * (self.sequence_length + 1));
        for &position in positions {
            let Some(&sample) = usize::try_from(position).ok().and_then(|p| self.order.get(p)) else {
                return Err(Error::invalid(format!("sample {position} was asked for; there are {}", self.len())));
            };
            self.read(sample as usize, &mut tokens);
        }
        match tokens.iter().find(|t| **t < 0 || **t as u32 >= self.vocabulary) {
            None => Ok(tokens),
            Some(stray) => Err(Error::invalid(format!(
                "token {stray} is outside the vocabulary of {}: the shards were packed with another tokenizer",
                self.vocabulary
            ))),
        }
    }

    /// Entropy, in nats a token, of how often each token is to be predicted in the first `samples` samples: the loss of
    /// the best model that knows frequencies only.
    pub fn unigram_loss(&self, samples: u64) -> Result<f64> {
        let mut counts = vec![0u64; self.vocabulary as usize];
        for position in 0..samples {
            for &token in &self.gather(&[position])?[1..] {
                counts[token as usize] += 1;
            }
        }
        let total = counts.iter().sum::<u64>() as f64;
        Ok(counts.iter().filter(|c| **c > 0).map(|&c| c as f64 / total * (total / c as f64).ln()).sum())
    }

    /// What the sample at a position of the shuffled order is made of, in order; nothing where there is no such sample.
    pub fn pieces(&self, position: u64) -> Option<Vec<Piece>> {
        let sample = *self.order.get(usize::try_from(position).ok()?)? as usize;
        let (mut place, mut offset) = (self.bounds[sample].0 as usize, self.bounds[sample].1 as usize);
        let mut missing = self.sequence_length + 1;
        let mut pieces = Vec::new();
        while missing > 0 {
            let sequence = self.documents[place] as usize;
            let count = missing.min(self.dataset.size(sequence) as usize - offset);
            if count > 0 {
                pieces.push(Piece { sequence, offset, count });
            }
            missing -= count;
            (place, offset) = (place + 1, 0);
        }
        Some(pieces)
    }

    fn read(&self, sample: usize, into: &mut Vec<i32>) {
        let (mut place, mut offset) = (self.bounds[sample].0 as usize, self.bounds[sample].1 as usize);
        let mut missing = self.sequence_length + 1;
        while missing > 0 {
            let sequence = self.documents[place] as usize;
            let count = missing.min(self.dataset.size(sequence) as usize - offset);
            self.dataset.read(sequence, offset, count, into);
            missing -= count;
            (place, offset) = (place + 1, 0);
        }
    }
}

/// GPT-NeoX's `build_sample_idx`: a sample ends on the token that the next one begins with.
fn bounds(dataset: &Dataset, documents: &[i32], sequence_length: usize, samples: usize) -> Vec<(u32, u32)> {
    let mut bounds = Vec::with_capacity(samples + 1);
    let (mut place, mut offset) = (0usize, 0usize);
    bounds.push((0, 0));
    for _ in 0..samples {
        let mut missing = sequence_length + 1;
        loop {
            let length = dataset.size(documents[place] as usize) as usize - offset;
            if length >= missing {
                offset += missing - 1;
                break;
            }
            missing -= length;
            (place, offset) = (place + 1, 0);
        }
        bounds.push((place as u32, offset as u32));
    }
    bounds
}

#[cfg(test)]
mod tests;
