//! Several shards read as one: their sequences numbered through in the order given, as in GPT-NeoX's merged file.

use crate::error::{Error, Result};
use crate::io::Io;
use crate::shard::{Dtype, Shard};
use rayon::prelude::*;
use std::ops::Range;
use std::path::PathBuf;

pub struct Dataset {
    shards: Vec<Shard>,
    /// First sequence of each shard, and the end.
    starts: Vec<usize>,
    /// The shard of every 2^`step`-th sequence: the one asked for is this or soon behind it.
    near: Vec<u32>,
    step: u32,
}

/// Entries of `near` at least; they fit the second cache.
const NEAR: usize = 4096;

/// The three parts that GPT-NeoX cuts a dataset into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    Train,
    Valid,
    Test,
}

impl Dataset {
    /// Opens `PREFIX.bin` / `PREFIX.idx` of each prefix, as many at once as there are threads. All must hold tokens of
    /// one type.
    pub fn open(io: &Io, prefixes: &[PathBuf]) -> Result<Dataset> {
        let mut shards: Vec<Shard> = Vec::with_capacity(prefixes.len());
        let mut starts = vec![0];
        let opened: Vec<Result<Shard>> = prefixes.par_iter().map(|prefix| Shard::open(io, prefix)).collect();
        for (prefix, shard) in prefixes.iter().zip(opened) {
            let shard = shard?;
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
        let step = (starts[starts.len() - 1] / (NEAR + prefixes.len())).checked_ilog2().map_or(0, |bits| bits + 1);
        let near = (0..=starts[starts.len() - 1] >> step).map(|i| starts.partition_point(|start| *start <= i << step) as u32 - 1).collect();
        let dataset = Dataset { shards, starts, near, step };
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

    /// Sequences and tokens of each shard.
    pub fn contents(&self) -> Vec<(usize, u64)> {
        self.shards.iter().map(|shard| (shard.layout().sequences, shard.layout().tokens)).collect()
    }

    pub fn dtype(&self) -> Dtype {
        self.shards[0].layout().dtype
    }

    /// Length of a sequence in tokens.
    pub fn size(&self, sequence: u32) -> u32 {
        let (shard, local) = self.locate(sequence);
        shard.size(local)
    }

    /// Lengths of neighbouring sequences, in order.
    pub fn sizes(&self, sequences: Range<u32>) -> impl Iterator<Item = u32> {
        let (start, end) = (sequences.start as usize, sequences.end as usize);
        self.shards.iter().zip(self.starts.windows(2)).flat_map(move |(shard, bounds)| {
            let local = |sequence: usize| sequence.clamp(bounds[0], bounds[1]) - bounds[0];
            (local(start)..local(end)).map(move |sequence| shard.size(sequence))
        })
    }

    /// The bytes of `count` tokens of a sequence from `offset` on. Both must lie within the sequence.
    pub fn bytes(&self, sequence: u32, offset: u32, count: u32) -> &[u8] {
        let (shard, local) = self.locate(sequence);
        shard.bytes(local, offset as usize, count as usize)
    }

    /// The shard that has a sequence, and the token there, counted from the shard's first, that it begins with.
    pub fn begin(&self, sequence: u32) -> (usize, u64) {
        let (shard, local) = self.place(sequence);
        (shard, (self.shards[shard].begin(local) / self.dtype().width()) as u64)
    }

    /// Asks for a sequence's length, which `size` will read soon.
    pub fn prefetch_size(&self, sequence: u32) {
        let (shard, local) = self.locate(sequence);
        shard.prefetch_size(local);
    }

    /// Asks for where a sequence lies, which `bytes` will read soon.
    pub fn prefetch_pointer(&self, sequence: u32) {
        let (shard, local) = self.locate(sequence);
        shard.prefetch_pointer(local);
    }

    /// The largest token there is; reads every token once.
    pub fn largest_token(&self) -> i32 {
        let largest = |shard: &Shard| match shard.layout().dtype {
            Dtype::U16 => shard.all_bytes().as_chunks().0.iter().map(|token| i32::from(u16::from_le_bytes(*token))).max(),
            Dtype::I32 => shard.all_bytes().as_chunks().0.iter().map(|token| i32::from_le_bytes(*token)).max(),
        };
        self.shards.par_iter().filter_map(largest).max().unwrap_or(0)
    }

    /// First sequence of each shard, and the end.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The shard that has a sequence, and its number there.
    pub fn place(&self, sequence: u32) -> (usize, usize) {
        let sequence = sequence as usize;
        let mut shard = self.near[sequence >> self.step] as usize;
        while self.starts[shard + 1] <= sequence {
            shard += 1;
        }
        (shard, sequence - self.starts[shard])
    }

    fn locate(&self, sequence: u32) -> (&Shard, usize) {
        let (shard, local) = self.place(sequence);
        (&self.shards[shard], local)
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
