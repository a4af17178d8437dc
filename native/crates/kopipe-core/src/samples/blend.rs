//! Several datasets in turn, each as often as its weight says: GPT-NeoX's blend.
//!
//! The next sample is of the dataset that is furthest behind its share, and is the next one of its own shuffled order:
//! EleutherAI/gpt-neox, `build_blending_indices` in megatron/data/helpers.cpp (commit 02ccedcc9489), with the weights as
//! `get_normalized_weights_and_num_samples` (data_utils.py) and `BlendableDataset` normalise them, one after the other, to
//! the last bit. That takes 9 bytes a sample; the second of its two indices is counted here from every 1024th sample on:
//! 1 byte a sample, and 4 a dataset and 1024 samples.

use crate::error::{Error, Result};

/// Samples between two at which the samples of each dataset so far are known.
const COUNTED: usize = 1024;
/// GPT-NeoX numbers datasets in a byte and refuses 255.
const MOST: usize = 254;

pub struct Blend {
    /// The dataset of each sample: GPT-NeoX's dataset_index.
    which: Vec<u8>,
    /// Samples of each dataset before every `COUNTED`-th sample.
    before: Vec<u32>,
    datasets: usize,
}

/// Weights made to sum to 1, and how many samples of each dataset a blend of `samples` may need: 0.5 % more than its share.
pub fn shares(weights: &[f64], samples: u64) -> Result<Vec<(f64, u64)>> {
    let sum = weights.iter().fold(0.0, |sum, weight| sum + weight);
    if weights.len() > MOST || !(sum > 0.0 && sum.is_finite() && weights.iter().all(|weight| *weight > 0.0)) {
        return Err(Error::invalid(format!("a blend needs a weight above 0 a dataset, of {MOST} at most, got {weights:?}")));
    }
    let of = |weight: &f64| {
        let share = weight / sum;
        (share, (samples as f64 * share * 1.005).ceil() as u64)
    };
    Ok(weights.iter().map(of).collect())
}

impl Blend {
    /// The first `samples` samples of a blend by shares.
    pub fn build(shares: &[f64], samples: usize) -> Blend {
        let sum = pairwise_sum(shares);
        let weights: Vec<f64> = shares.iter().map(|share| share / sum).collect();
        let mut counts = vec![0.0; weights.len()];
        let mut which = Vec::with_capacity(samples);
        let mut before = Vec::with_capacity((samples / COUNTED + 1) * weights.len());
        for sample in 0..samples {
            if sample % COUNTED == 0 {
                before.extend(counts.iter().map(|count| *count as u32));
            }
            let behind = |dataset: usize| weights[dataset] * (sample as f64).max(1.0) - counts[dataset];
            let (mut furthest, mut most) = (0, behind(0));
            for dataset in 1..weights.len() {
                let error = behind(dataset);
                if error > most {
                    (furthest, most) = (dataset, error);
                }
            }
            which.push(furthest as u8);
            counts[furthest] += 1.0;
        }
        Blend { which, before, datasets: weights.len() }
    }

    pub fn len(&self) -> usize {
        self.which.len()
    }

    /// The dataset of a sample, and its number there.
    pub fn locate(&self, sample: usize) -> (usize, usize) {
        let dataset = self.which[sample];
        let group = sample / COUNTED;
        let here = self.which[group * COUNTED..sample].iter().filter(|which| **which == dataset).count();
        (usize::from(dataset), self.before[group * self.datasets + usize::from(dataset)] as usize + here)
    }
}

/// numpy's sum: eight sums side by side, halves where there are more than 128.
fn pairwise_sum(numbers: &[f64]) -> f64 {
    if numbers.len() < 8 {
        return numbers.iter().fold(0.0, |sum, number| sum + number);
    }
    if numbers.len() > 128 {
        let half = numbers.len() / 2;
        let (left, right) = numbers.split_at(half - half % 8);
        return pairwise_sum(left) + pairwise_sum(right);
    }
    let (eights, rest) = numbers.as_chunks::<8>();
    let mut sums = eights[0];
    for eight in &eights[1..] {
        sums.iter_mut().zip(eight).for_each(|(sum, number)| *sum += number);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, number| sum + number)
}
