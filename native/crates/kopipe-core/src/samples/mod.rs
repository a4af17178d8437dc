//! Training samples read straight from the mapped shards.
//!
//! Every sample is `sequence_length + 1` tokens: as many are read, and for each the next one is predicted. `stream` is
//! GPT-NeoX's way, the default: documents follow each other without padding, neighbouring samples share one token, and what
//! is cut at a sample's end goes on in the next one. Its index equals, number for number, what EleutherAI's gpt-neox builds
//! with `pack_impl: packed` (`megatron/data/gpt2_dataset.py` and `helpers.cpp` at commit 0321b40e37ee); test/golden/samples.py
//! is those functions in numpy. One difference is left out on purpose: that commit's `__len__` hides the last sample, here
//! all are counted. `best_fit` keeps samples inside documents; `blend` takes several datasets in turn.
//!
//! The order is a function of the plan and the datasets alone: a position says all of where a run stands.
//!
//! Memory: 4.25 bytes a document and epoch, 4 bytes a sample; best-fit 4 and 8. Times are in docs/samples.md.

mod best_fit;
mod blend;
mod dataset;
mod gather;
mod random_state;
mod stream;

use crate::error::{Error, Result};
use best_fit::BestFit;
use blend::Blend;
pub use dataset::{Dataset, Split};
pub use gather::{Gathered, Run};
pub use random_state::RandomState;
use std::sync::Arc;
use stream::Stream;
use xxhash_rust::xxh3::Xxh3;

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
    pub packing: Packing,
    pub marks: Marks,
    /// The token that stands where a sample has none.
    pub padding: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Neox,
    BestFit,
}

/// What is gathered beside tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    pub starts: bool,
    pub weights: bool,
}

pub struct SampleIndex {
    plan: Plan,
    parts: Vec<Part>,
    /// Of several parts, with their weights.
    blend: Option<(Blend, Vec<f64>)>,
}

/// Tokens that lie side by side in a shard and in a sample: a document, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Counted over the shards of all datasets, in order.
    pub shard: usize,
    /// Counted from the shard's first token.
    pub first: u64,
    pub count: u32,
}

/// A dataset of a blend; its weight and shares of splits are its own.
#[derive(Clone)]
pub struct Blended {
    pub dataset: Arc<Dataset>,
    pub weight: f64,
    pub split_weights: [f64; 3],
}

struct Part {
    split_weights: [f64; 3],
    dataset: Arc<Dataset>,
    documents: u64,
    layout: Layout,
}

enum Layout {
    Stream(Stream),
    BestFit(BestFit),
}

/// What became of a dataset's documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Packed {
    /// How often its documents come.
    pub epochs: u64,
    /// Of all epochs.
    pub samples: u64,
    pub documents: u64,
    /// Documents that do not lie in one sample, in the mean of the epochs.
    pub cut: f64,
    /// Share of the samples' places that predict a token of the place's own document, or with GPT-NeoX's packing any.
    pub utilisation: f64,
}

impl SampleIndex {
    /// Samples of one dataset.
    pub fn build(dataset: Arc<Dataset>, plan: &Plan) -> Result<SampleIndex> {
        Ok(SampleIndex { plan: *plan, parts: vec![Part::build(dataset, plan)?], blend: None })
    }

    /// Exactly `plan.samples` samples of several datasets, each with an order of its own, in shares by their weights. The
    /// shares of splits are each dataset's own, not the plan's.
    pub fn blend(datasets: Vec<Blended>, plan: &Plan) -> Result<SampleIndex> {
        if plan.samples >= u64::from(u32::MAX) {
            return Err(Error::invalid(format!("{} samples are more than a blend counts (2^32)", plan.samples)));
        }
        let weights: Vec<f64> = datasets.iter().map(|blended| blended.weight).collect();
        let shares = blend::shares(&weights, plan.samples)?;
        let part = |(Blended { dataset, split_weights, .. }, &(_, samples)): (Blended, &(f64, u64))| {
            Part::build(dataset, &Plan { samples, split_weights, ..*plan })
        };
        let parts = datasets.into_iter().zip(&shares).map(part).collect::<Result<_>>()?;
        let shares: Vec<f64> = shares.iter().map(|(share, _)| *share).collect();
        let blend = Blend::build(&shares, plan.samples as usize);
        Ok(SampleIndex { plan: *plan, parts, blend: Some((blend, weights)) })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.blend.as_ref().map_or_else(|| self.parts[0].layout.len(), |(blend, _)| blend.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How often the documents of each dataset come.
    pub fn epochs(&self) -> Vec<u64> {
        self.parts.iter().map(|part| part.layout.epochs()).collect()
    }

    /// Of each dataset; looks at the length of every document.
    pub fn packed(&self) -> Vec<Packed> {
        self.parts.iter().map(Part::packed).collect()
    }

    /// xxh3-128 of what decides the order: the plan, and the shards by their documents and tokens. 32 hexadecimal digits.
    pub fn digest(&self) -> String {
        let Plan { split, sequence_length, samples, seed, packing, .. } = self.plan;
        let weights = self.blend.as_ref().map(|(_, weights)| weights);
        let mut digest = Xxh3::new();
        digest.update(format!("{split:?} {sequence_length} {samples} {seed} {packing:?} {weights:?}").as_bytes());
        for part in &self.parts {
            digest.update(format!("|{:?} {:?}", part.split_weights, part.dataset.contents()).as_bytes());
        }
        format!("{:032x}", digest.digest128())
    }

    /// The samples at these positions of the shuffled order.
    pub fn gather(&self, positions: &[u64]) -> Result<Gathered> {
        let places = positions.iter().map(|position| self.checked(*position)).collect::<Result<Vec<_>>>()?;
        let Plan { sequence_length: length, vocabulary, padding, marks, .. } = self.plan;
        gather::Order { length, vocabulary, padding, marks, parts: &self.parts }.gather(&places)
    }

    /// What the sample at a position is made of, in order, and of which dataset; nothing where there is no such sample.
    pub fn runs(&self, position: u64) -> Option<(&Dataset, Vec<Run>)> {
        let position = usize::try_from(position).ok().filter(|position| *position < self.len())?;
        let (part, position) = self.locate(position);
        let part = &self.parts[part];
        Some((&part.dataset, gather::runs_of(part, position)))
    }

    /// Where the tokens of the samples at these positions lie, in order: for a reader that maps the shards itself.
    pub fn spans(&self, positions: &[u64]) -> Result<Vec<Vec<Span>>> {
        let shards = |part: &Part| part.dataset.contents().len();
        let before: Vec<usize> = self.parts.iter().scan(0, |sum, part| Some(std::mem::replace(sum, *sum + shards(part)))).collect();
        let of = |position: u64| -> Result<Vec<Span>> {
            let (part, position) = self.checked(position)?;
            let dataset = &self.parts[part].dataset;
            let span = |Run { sequence, offset, count }: Run| {
                let (shard, begin) = dataset.begin(sequence);
                Span { shard: before[part] + shard, first: begin + u64::from(offset), count }
            };
            Ok(gather::runs_of(&self.parts[part], position).into_iter().map(span).collect())
        };
        positions.iter().map(|position| of(*position)).collect()
    }

    /// Part and position there; an error where there is no such sample.
    fn checked(&self, position: u64) -> Result<(usize, usize)> {
        match usize::try_from(position) {
            Ok(position) if position < self.len() => Ok(self.locate(position)),
            _ => Err(Error::invalid(format!("sample {position} was asked for; there are {}", self.len()))),
        }
    }

    /// Part and position there.
    fn locate(&self, position: usize) -> (usize, usize) {
        self.blend.as_ref().map_or((0, position), |(blend, _)| blend.locate(position))
    }

    /// Entropy, in nats a token, of how often each token is to be predicted in the first `samples` samples: the loss of
    /// the best model that knows frequencies only.
    pub fn unigram_loss(&self, samples: u64) -> Result<f64> {
        let length = self.plan.sequence_length;
        let mut counts = vec![0u64; self.plan.vocabulary as usize];
        for position in 0..samples {
            let Gathered { tokens, weights, .. } = self.gather(&[position])?;
            for (place, &token) in tokens[1..=length].iter().enumerate() {
                counts[token as usize] += u64::from(weights.get(place).is_none_or(|weight| *weight > 0.0));
            }
        }
        let total = counts.iter().sum::<u64>() as f64;
        Ok(counts.iter().filter(|c| **c > 0).map(|&c| c as f64 / total * (total / c as f64).ln()).sum())
    }
}

impl Part {
    fn build(dataset: Arc<Dataset>, plan: &Plan) -> Result<Part> {
        let Plan { sequence_length: length, samples, seed, .. } = *plan;
        let sequences = plan.split.range(plan.split_weights, dataset.sequences())?;
        // A dataset's sequences fit an i32.
        let sequences = sequences.start as u32..sequences.end as u32;
        let tokens: u64 = dataset.sizes(sequences.clone()).map(u64::from).sum();
        if tokens == 0 || length == 0 {
            let what = format!("the {:?} split holds {tokens} tokens: no sample of {length} can be cut", plan.split);
            return Err(Error::invalid(what));
        }
        let documents = sequences.len() as u64;
        let layout = match plan.packing {
            Packing::Neox => Layout::Stream(Stream::build(&dataset, sequences, tokens, length, samples, seed)?),
            Packing::BestFit => Layout::BestFit(BestFit::build(&dataset, sequences, length, samples, seed)?),
        };
        Ok(Part { split_weights: plan.split_weights, dataset, documents, layout })
    }

    fn packed(&self) -> Packed {
        let epochs = self.layout.epochs();
        let (cut, utilisation) = match &self.layout {
            Layout::Stream(stream) => (stream.cut(&self.dataset) as f64 / epochs as f64, 1.0),
            Layout::BestFit(best_fit) => (best_fit.cut() as f64, best_fit.utilisation()),
        };
        Packed { epochs, samples: self.layout.len() as u64, documents: self.documents, cut, utilisation }
    }
}

impl Layout {
    fn epochs(&self) -> u64 {
        match self {
            Layout::Stream(stream) => stream.epochs(),
            Layout::BestFit(best_fit) => best_fit.epochs(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Layout::Stream(stream) => stream.len(),
            Layout::BestFit(best_fit) => best_fit.len(),
        }
    }
}

#[cfg(test)]
mod best_fit_tests;
#[cfg(test)]
mod blend_tests;
#[cfg(test)]
mod tests;
