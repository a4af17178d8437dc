//! `kopipe_core::samples`: a dataset of shards, and the order in which training sees it.

use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::Error;
use kopipe_core::samples::{self, Plan, Split};
use napi::Env;
use napi::bindgen_prelude::{Int32Array, Object};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::Arc;

/// Shards read as one dataset, in the order given.
#[napi]
pub struct Dataset {
    inner: Arc<samples::Dataset>,
}

#[napi]
impl Dataset {
    /// Maps `PREFIX.bin` and `PREFIX.idx` of each prefix and checks every rule of the format.
    #[napi(ts_return_type = "Promise<Dataset>")]
    pub fn open<'env>(env: &'env Env, prefixes: Vec<String>) -> napi::Result<Object<'env>> {
        let prefixes: Vec<PathBuf> = prefixes.into_iter().map(PathBuf::from).collect();
        pool::run(env, move || samples::Dataset::open(disk(), &prefixes), |dataset| Dataset { inner: Arc::new(dataset) })
    }

    #[napi(getter)]
    pub fn tokens(&self) -> i64 {
        self.inner.tokens() as i64
    }

    #[napi(getter)]
    pub fn documents(&self) -> i64 {
        self.inner.documents() as i64
    }

    #[napi(getter, ts_return_type = "'u16' | 'i32'")]
    pub fn dtype(&self) -> &'static str {
        self.inner.dtype().name()
    }

    /// First sequence of each shard, and the end.
    #[napi(getter)]
    pub fn starts(&self) -> Vec<i64> {
        self.inner.starts().iter().map(|start| *start as i64).collect()
    }

    /// The largest token there is; reads every token once.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn largest_token<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let dataset = self.inner.clone();
        pool::run(env, move || Ok(dataset.largest_token()), |token| token)
    }
}

/// Tokens of one sequence, as a sample has them.
#[napi(object)]
pub struct SamplePiece {
    /// The shard, by its number among the prefixes that were opened, and the sequence there.
    pub shard: u32,
    pub sequence: i64,
    /// The first token, counted from the sequence's first.
    pub offset: i64,
    pub count: i64,
    /// Of the whole sequence.
    pub length: i64,
}

/// Which samples to build.
#[napi(object)]
pub struct SamplePlan {
    #[napi(ts_type = "'train' | 'valid' | 'test'")]
    pub split: String,
    /// Shares of train, valid and test; GPT-NeoX's default is 969, 30, 1.
    pub split_weights: Vec<f64>,
    /// Tokens a sample, without the one that is only predicted.
    pub sequence_length: u32,
    /// At least so many samples; the documents are repeated in whole epochs until they suffice.
    pub samples: i64,
    pub seed: u32,
    /// Tokens must be below it.
    pub vocabulary: u32,
}

/// Training samples in GPT-NeoX's order; sample positions are those of the shuffled order.
#[napi]
pub struct SampleIndex {
    inner: Arc<samples::SampleIndex>,
}

#[napi]
impl SampleIndex {
    #[napi(ts_return_type = "Promise<SampleIndex>")]
    pub fn build<'env>(env: &'env Env, dataset: &Dataset, plan: SamplePlan) -> napi::Result<Object<'env>> {
        let dataset = dataset.inner.clone();
        let plan = core_plan(&plan).map_err(|e| to_js(&e))?;
        pool::run(env, move || samples::SampleIndex::build(dataset, &plan), |index| SampleIndex { inner: Arc::new(index) })
    }

    /// Number of samples.
    #[napi(getter)]
    pub fn length(&self) -> i64 {
        self.inner.len() as i64
    }

    /// How often the documents are repeated to give that many samples.
    #[napi(getter)]
    pub fn epochs(&self) -> i64 {
        self.inner.epochs() as i64
    }

    /// The tokens of the samples at these positions, sequence length + 1 each, one after another.
    #[napi(ts_return_type = "Promise<Int32Array>")]
    pub fn gather<'env>(&self, env: &'env Env, positions: Vec<i64>) -> napi::Result<Object<'env>> {
        let index = self.inner.clone();
        // A negative position becomes one beyond the end, which the core refuses.
        let positions: Vec<u64> = positions.into_iter().map(|p| p as u64).collect();
        pool::run(env, move || index.gather(&positions), Int32Array::new)
    }

    /// What the sample at a position is made of, in order; null where there is no such sample.
    #[napi]
    pub fn pieces(&self, position: i64) -> Option<Vec<SamplePiece>> {
        let pieces = self.inner.pieces(u64::try_from(position).ok()?)?;
        let dataset = self.inner.dataset();
        let of = |samples::Piece { sequence, offset, count }| {
            let (shard, local) = dataset.place(sequence)?;
            let length = dataset.size(sequence).into();
            Some(SamplePiece { shard: shard as u32, sequence: local as i64, offset: offset as i64, count: count as i64, length })
        };
        pieces.into_iter().map(of).collect()
    }

    /// Entropy, in nats a token, of the tokens to be predicted in the first `samples` samples.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn unigram_loss<'env>(&self, env: &'env Env, samples: i64) -> napi::Result<Object<'env>> {
        let index = self.inner.clone();
        pool::run(env, move || index.unigram_loss(samples as u64), |loss| loss)
    }
}

fn core_plan(plan: &SamplePlan) -> kopipe_core::Result<Plan> {
    let split = match plan.split.as_str() {
        "train" => Split::Train,
        "valid" => Split::Valid,
        "test" => Split::Test,
        other => return Err(Error::invalid(format!("a split is train, valid or test, got {other:?}"))),
    };
    let split_weights = plan.split_weights.as_slice().try_into();
    let split_weights = split_weights.map_err(|_| Error::invalid(format!("a split has 3 weights, got {}", plan.split_weights.len())))?;
    Ok(Plan {
        split,
        split_weights,
        sequence_length: plan.sequence_length as usize,
        samples: plan.samples.max(0) as u64,
        seed: plan.seed,
        vocabulary: plan.vocabulary,
    })
}
