//! Samples as arrays, copied straight from the mapped shards.
//!
//! A sample is a few runs of documents that lie anywhere, so every step of the way to one is a miss: its place in the order,
//! the documents around, their lengths, where they lie, their tokens. A few samples take each step together, and each step
//! asks memory for what the next one reads. A token is looked at once: widened, and held against the largest so far.

use super::{Dataset, Layout, Marks, Part};
use crate::bpe::pages::prefetch;
use crate::error::{Error, Result};
use crate::shard::Dtype;

/// Samples that take each step together.
const TOGETHER: usize = 8;
/// Bytes that the processor fetches at a time.
const LINE: usize = 64;

/// Tokens of a document that stand side by side in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub sequence: u32,
    pub offset: u32,
    pub count: u32,
}

/// Samples one after another, `length + 1` tokens each: the first `length` are the input, the last `length` are predicted.
#[derive(Debug, Default)]
pub struct Gathered {
    pub tokens: Vec<i32>,
    /// For each of the input's places, `length` a sample, the place where its document begins in the sample; without
    /// `Marks::starts` empty. A place less this is its position in the document; places from this on are what it may see.
    pub starts: Vec<i32>,
    /// For each of the input's places 1 where the token after it is of its document, 0 where that begins another or is
    /// padding; without `Marks::weights` empty.
    pub weights: Vec<f32>,
    /// Places whose prediction counts.
    pub counted: u64,
}

/// What is to be gathered how.
pub(super) struct Order<'a> {
    pub length: usize,
    pub vocabulary: u32,
    pub padding: u32,
    pub marks: Marks,
    pub parts: &'a [Part],
}

/// Where a sample of one of the parts is found.
#[derive(Clone, Copy)]
struct Found<'a> {
    part: &'a Part,
    near: Near,
}

#[derive(Clone, Copy)]
enum Near {
    Stream(super::stream::Near),
    BestFit(u32),
}

impl Order<'_> {
    /// `places`: part and position in its shuffled order.
    pub fn gather(&self, places: &[(usize, usize)]) -> Result<Gathered> {
        let mut gathered = Gathered::default();
        gathered.tokens.reserve_exact(places.len() * (self.length + 1));
        if self.marks.starts {
            gathered.starts.reserve_exact(places.len() * self.length);
        }
        if self.marks.weights {
            gathered.weights.reserve_exact(places.len() * self.length);
        }
        let mut largest = 0;
        let mut found = Vec::with_capacity(TOGETHER);
        let mut runs: Vec<(&Dataset, Run)> = Vec::new();
        let mut pieces: Vec<(&[u8], Dtype)> = Vec::new();
        let mut ends = Vec::with_capacity(TOGETHER);
        for group in places.chunks(TOGETHER) {
            found.clear();
            found.extend(group.iter().map(|&(part, position)| Found::near(&self.parts[part], position)));
            found.iter().for_each(|found| found.prefetch());
            runs.clear();
            ends.clear();
            for found in &found {
                found.runs(|dataset, run| {
                    dataset.prefetch_pointer(run.sequence);
                    runs.push((dataset, run));
                });
                ends.push(runs.len());
            }
            pieces.clear();
            for &(dataset, run) in &runs {
                let bytes = dataset.bytes(run.sequence, run.offset, run.count);
                // The processor itself sees what follows.
                bytes.iter().step_by(LINE).take(4).for_each(prefetch);
                pieces.push((bytes, dataset.dtype()));
            }
            let mut first = 0;
            for &end in &ends {
                largest = largest.max(self.sample(&pieces[first..end], &mut gathered));
                first = end;
            }
        }
        if largest >= self.vocabulary {
            let stray = largest as i32;
            let vocabulary = self.vocabulary;
            return Err(Error::invalid(format!(
                "token {stray} is outside the vocabulary of {vocabulary}: the shards were packed with another tokenizer"
            )));
        }
        if !self.marks.weights {
            gathered.counted = (places.len() * self.length) as u64;
        }
        Ok(gathered)
    }

    /// Appends one sample; gives its largest token, a negative one as one beyond all others.
    fn sample(&self, pieces: &[(&[u8], Dtype)], into: &mut Gathered) -> u32 {
        let mut largest = 0;
        let mut start = 0;
        for &(bytes, dtype) in pieces {
            largest = largest.max(widen(bytes, dtype, &mut into.tokens));
            self.mark(start, bytes.len() / dtype.width(), true, into);
            start += bytes.len() / dtype.width();
        }
        let missing = self.length + 1 - start;
        if missing > 0 {
            largest = largest.max(self.padding);
            into.tokens.extend(std::iter::repeat_n(self.padding as i32, missing));
        }
        self.mark(start, missing, false, into);
        largest
    }

    /// Marks the places of one run, of which the last has nothing to predict, as the last place of a sample is no input.
    fn mark(&self, start: usize, count: usize, counts: bool, into: &mut Gathered) {
        let places = count.min(self.length - start.min(self.length));
        if self.marks.starts {
            into.starts.extend(std::iter::repeat_n(start as i32, places));
        }
        if self.marks.weights && count > 0 {
            let counted = if counts { count - 1 } else { 0 };
            into.weights.extend(std::iter::repeat_n(1.0, counted));
            into.weights.extend(std::iter::repeat_n(0.0, places - counted));
            into.counted += counted as u64;
        }
    }
}

impl<'a> Found<'a> {
    fn near(part: &'a Part, position: usize) -> Self {
        let near = match &part.layout {
            Layout::Stream(stream) => Near::Stream(stream.near(position)),
            Layout::BestFit(best_fit) => Near::BestFit(best_fit.near(position)),
        };
        Found { part, near }
    }

    fn prefetch(&self) {
        match (&self.part.layout, self.near) {
            (Layout::Stream(stream), Near::Stream(near)) => stream.prefetch(&self.part.dataset, near),
            (Layout::BestFit(best_fit), Near::BestFit(sample)) => best_fit.prefetch(&self.part.dataset, sample),
            _ => unreachable!("near was made by the same layout"),
        }
    }

    fn runs(&self, mut run: impl FnMut(&'a Dataset, Run)) {
        let dataset: &'a Dataset = &self.part.dataset;
        match (&self.part.layout, self.near) {
            (Layout::Stream(stream), Near::Stream(near)) => stream.runs(dataset, near, |found| run(dataset, found)),
            (Layout::BestFit(best_fit), Near::BestFit(sample)) => best_fit.runs(dataset, sample, |found| run(dataset, found)),
            _ => unreachable!("near was made by the same layout"),
        }
    }
}

/// The runs of a sample of a part, by its position in the part's shuffled order.
pub(super) fn runs_of(part: &Part, position: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    Found::near(part, position).runs(|_, run| runs.push(run));
    runs
}

/// Appends tokens as i32; gives the largest, taken for an unsigned number.
fn widen(bytes: &[u8], dtype: Dtype, into: &mut Vec<i32>) -> u32 {
    match dtype {
        Dtype::U16 => {
            let mut largest = 0u16;
            into.extend(bytes.as_chunks::<2>().0.iter().map(|bytes| {
                let token = u16::from_le_bytes(*bytes);
                largest = largest.max(token);
                i32::from(token)
            }));
            u32::from(largest)
        }
        Dtype::I32 => {
            let mut largest = 0u32;
            into.extend(bytes.as_chunks::<4>().0.iter().map(|bytes| {
                let token = u32::from_le_bytes(*bytes);
                largest = largest.max(token);
                token as i32
            }));
            largest
        }
    }
}
