//! Several shards read as one: their sequences numbered through in the order given, as in GPT-NeoX's merged file.

use crate::error::{Error, Result};
use crate::io::Io;
use crate::shard::{Dtype, Shard};
use std::ops::Range;
use std::path::PathBuf;

pub struct Dataset {
    shards: Vec<Shard>,
    /// First sequence of each shard, and the end.
    starts: Vec<usize>,
}

/// The three parts that GPT-NeoX cuts a dataset into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    Train,
    Valid,
    Test,
}

impl Dataset {
    /// Opens `PREFIX.bin` / `PREFIX.idx` of each prefix. All must hold tokens of one type.
    pub fn open(io: &Io, prefixes: &[PathBuf]) -> Result<Dataset> {
        let mut shards: Vec<Shard> = Vec::with_capacity(prefixes.len());
        let mut starts = vec![0];
        for prefix in prefixes {
            let shard = Shard::open(io, prefix)?;
            if let Some(first) = shards.first().filter(|first| first.layout().dtype != shard.layout().dtype) {
                let (expected, came) = (first.layout().dtype, shard.layout().dtype);
                return Err(Error::Invalid {
                    what: format!("the first shard holds {expected:?} tokens, this one {came:?}: they are not of one dataset"),
                    path: Some(prefix.clone()),
                });
            }
            starts.push(starts[starts.len() - 1] + shard.layout().sequences);
            shards.push(shard);
        }
        let dataset = Dataset { shards, starts };
        if dataset.tokens() == 0 {
            return Err(Error::invalid(format!("there are no tokens in these {} shards: nothing to train on", prefixes.len())));
        }
        // GPT-NeoX numbers them in an int32, and so does the index.
        if dataset.sequences() > i32::MAX as usize {
            return Err(Error::invalid(format!("{} sequences; GPT-NeoX's index counts to {}", dataset.sequences(), i32::MAX)));
        }
        Ok(dataset)
    }

    pub fn sequences(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    pub fn documents(&self) -> usize {
        self.shards.iter().map(|s| s.layout().documents).sum()
    }

    pub fn tokens(&self) -> u64 {
        self.shards.iter().map(|s| s.layout().tokens).sum()
    }

    pub fn dtype(&self) -> Dtype {
        self.shards[0].layout().dtype
    }

    /// Length of a sequence in tokens.
    pub fn size(&self, sequence: usize) -> u32 {
        let (shard, local) = self.locate(sequence);
        shard.size(local)
    }

    /// Appends `count` tokens of a sequence from `offset` on to `into`.
    pub fn read(&self, sequence: usize, offset: usize, count: usize, into: &mut Vec<i32>) {
        let (shard, local) = self.locate(sequence);
        shard.read(local, offset, count, into);
    }

    /// The largest token there is; reads every token once.
    pub fn largest_token(&self) -> i32 {
        let mut tokens = Vec::new();
        let mut largest = 0;
        for sequence in 0..self.sequences() {
            tokens.clear();
            self.read(sequence, 0, self.size(sequence) as usize, &mut tokens);
            largest = tokens.iter().copied().fold(largest, i32::max);
        }
        largest
    }

    /// First sequence of each shard, and the end.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The shard that has a sequence, and its number there.
    pub fn place(&self, sequence: usize) -> Option<(usize, usize)> {
        (sequence < self.sequences()).then(|| {
            let shard = self.starts.partition_point(|start| *start <= sequence) - 1;
            (shard, sequence - self.starts[shard])
        })
    }

    fn locate(&self, sequence: usize) -> (&Shard, usize) {
        let shard = self.starts.partition_point(|start| *start <= sequence) - 1;
        (&self.shards[shard], sequence - self.starts[shard])
    }
}

impl Split {
    /// The sequences of a part of a dataset of `total`, by GPT-NeoX's `get_train_valid_test_split_`: contiguous, each
    /// part's share rounded half to even, what rounding gains or loses taken from every bound after the first.
    pub fn range(self, weights: [f64; 3], total: usize) -> Result<Range<usize>> {
        let sum: f64 = weights.iter().sum();
        if !(sum > 0.0 && sum.is_finite() && weights.iter().all(|w| *w >= 0.0)) {
            return Err(Error::invalid(format!("a split needs three weights ≥ 0 of which one is more, got {weights:?}")));
        }
        let mut bounds = [0i64; 4];
        for (i, weight) in weights.iter().enumerate() {
            bounds[i + 1] = bounds[i] + (weight / sum * total as f64).round_ties_even() as i64;
        }
        let gained = bounds[3] - total as i64;
        let bound = |i: usize| if i == 0 { 0 } else { (bounds[i] - gained).max(0) as usize };
        let i = self as usize;
        Ok(bound(i)..bound(i + 1))
    }
}
