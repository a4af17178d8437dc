//! `kopipe_core::samples`: a dataset of shards, and the order in which training sees it.

use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::Error;
use kopipe_core::normal::normal;
use kopipe_core::samples::{self, Blended, Marks, Packing, Plan, Span, Split};
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Float32Array, Int32Array, Object};
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
    /// GPT-NeoX's, without a word; or samples that keep inside documents.
    #[napi(ts_type = "'neox' | 'best-fit'")]
    pub packing: Option<String>,
    /// Whether `starts` are gathered.
    pub starts: Option<bool>,
    /// Whether `weights` are gathered.
    pub weights: Option<bool>,
    /// The token that stands where a sample has none; 0 without a word.
    pub padding: Option<u32>,
}

/// Samples one after another.
#[napi(object)]
pub struct Gathered {
    /// Sequence length + 1 a sample.
    pub tokens: Int32Array,
    /// Sequence length a sample: of each place that is read, the place where its document begins. Empty unless asked for.
    pub starts: Int32Array,
    /// As many: 1 where the token after the place is of its document, 0 elsewhere. Empty unless asked for.
    pub weights: Float32Array,
    /// Places whose prediction counts.
    pub counted: i64,
}

/// What became of a dataset's documents.
#[napi(object)]
pub struct Packed {
    /// How often its documents come.
    pub epochs: i64,
    /// Of all epochs.
    pub samples: i64,
    pub documents: i64,
    /// Documents that do not lie in one sample, in the mean of the epochs.
    pub cut: f64,
    /// Share of the samples' places that predict a token.
    pub utilisation: f64,
}

/// Training samples; their positions are those of the shuffled order.
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

    /// Exactly `plan.samples` samples of several datasets, in shares by their weights. `split_weights` are each dataset's
    /// own; the plan's are not looked at.
    #[napi(
        ts_args_type = "datasets: Array<Dataset>, weights: Array<number>, splitWeights: Array<Array<number>>, plan: SamplePlan",
        ts_return_type = "Promise<SampleIndex>"
    )]
    pub fn blend<'env>(
        env: &'env Env,
        datasets: Vec<ClassInstance<Dataset>>,
        weights: Vec<f64>,
        split_weights: Vec<Vec<f64>>,
        plan: SamplePlan,
    ) -> napi::Result<Object<'env>> {
        if weights.len() != datasets.len() || split_weights.len() != datasets.len() {
            let (weights, splits) = (weights.len(), split_weights.len());
            let what = format!("{weights} weights and {splits} splits for {} datasets", datasets.len());
            return Err(to_js(&Error::invalid(what)));
        }
        let parts = datasets
            .iter()
            .zip(weights)
            .zip(&split_weights)
            .map(|((dataset, weight), shares)| Ok(Blended { dataset: dataset.inner.clone(), weight, split_weights: three(shares)? }));
        let datasets = parts.collect::<kopipe_core::Result<Vec<_>>>().map_err(|e| to_js(&e))?;
        let plan = core_plan(&plan).map_err(|e| to_js(&e))?;
        let build = move || samples::SampleIndex::blend(datasets, &plan);
        pool::run(env, build, |index| SampleIndex { inner: Arc::new(index) })
    }

    /// Number of samples.
    #[napi(getter)]
    pub fn length(&self) -> i64 {
        self.inner.len() as i64
    }

    /// How often the documents of each dataset come.
    #[napi(getter)]
    pub fn epochs(&self) -> Vec<i64> {
        self.inner.epochs().into_iter().map(|epochs| epochs as i64).collect()
    }

    /// What decides the order, as 32 hexadecimal digits: the plan, and the shards by their documents and tokens.
    #[napi(getter)]
    pub fn digest(&self) -> String {
        self.inner.digest()
    }

    /// Of each dataset; looks at the length of every document.
    #[napi(ts_return_type = "Promise<Array<Packed>>")]
    pub fn packed<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let index = self.inner.clone();
        pool::run(env, move || Ok(index.packed()), |parts| parts.into_iter().map(packed).collect::<Vec<_>>())
    }

    /// The samples at these positions.
    #[napi(ts_return_type = "Promise<Gathered>")]
    pub fn gather<'env>(&self, env: &'env Env, positions: Vec<i64>) -> napi::Result<Object<'env>> {
        let index = self.inner.clone();
        // A negative position becomes one beyond the end, which the core refuses.
        let positions: Vec<u64> = positions.into_iter().map(|p| p as u64).collect();
        pool::run(
            env,
            move || index.gather(&positions),
            |samples::Gathered { tokens, starts, weights, counted }| Gathered {
                tokens: Int32Array::new(tokens),
                starts: Int32Array::new(starts),
                weights: Float32Array::new(weights),
                counted: counted as i64,
            },
        )
    }

    /// Where the tokens of the samples at these positions lie, a list a sample: shard, first token there and number of tokens
    /// of each of its documents in turn. Shards are counted over all datasets, in order.
    #[napi(ts_return_type = "Promise<Array<Array<number>>>")]
    pub fn spans<'env>(&self, env: &'env Env, positions: Vec<i64>) -> napi::Result<Object<'env>> {
        let index = self.inner.clone();
        let positions: Vec<u64> = positions.into_iter().map(|p| p as u64).collect();
        let flat = |spans: Vec<Span>| -> Vec<i64> {
            spans.iter().flat_map(|Span { shard, first, count }| [*shard as i64, *first as i64, i64::from(*count)]).collect()
        };
        pool::run(env, move || index.spans(&positions), move |samples| samples.into_iter().map(flat).collect::<Vec<_>>())
    }

    /// What the sample at a position is made of, in order; null where there is no such sample.
    #[napi]
    pub fn pieces(&self, position: i64) -> Option<Vec<SamplePiece>> {
        let (dataset, runs) = self.inner.runs(u64::try_from(position).ok()?)?;
        let of = |samples::Run { sequence, offset, count }| {
            let (shard, local) = dataset.place(sequence);
            let length = dataset.size(sequence).into();
            SamplePiece { shard: shard as u32, sequence: local as i64, offset: offset.into(), count: count.into(), length }
        };
        Some(runs.into_iter().map(of).collect())
    }

    /// Entropy, in nats a token, of the tokens to be predicted in the first `samples` samples.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn unigram_loss<'env>(&self, env: &'env Env, samples: i64) -> napi::Result<Object<'env>> {
        let index = self.inner.clone();
        pool::run(env, move || index.unigram_loss(samples as u64), |loss| loss)
    }
}

/// Normal numbers of mean 0, a function of the key: the first weights of a tensor.
#[napi(ts_return_type = "Promise<Float32Array>")]
pub fn normal_numbers<'env>(env: &'env Env, count: i64, deviation: f64, key: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || Ok(normal(count as usize, deviation, &key)), Float32Array::new)
}

fn packed(samples::Packed { epochs, samples, documents, cut, utilisation }: samples::Packed) -> Packed {
    Packed { epochs: epochs as i64, samples: samples as i64, documents: documents as i64, cut, utilisation }
}

fn three(split_weights: &[f64]) -> kopipe_core::Result<[f64; 3]> {
    let three = split_weights.try_into();
    three.map_err(|_| Error::invalid(format!("a split has 3 weights, got {}", split_weights.len())))
}

fn core_plan(plan: &SamplePlan) -> kopipe_core::Result<Plan> {
    let split = match plan.split.as_str() {
        "train" => Split::Train,
        "valid" => Split::Valid,
        "test" => Split::Test,
        other => return Err(Error::invalid(format!("a split is train, valid or test, got {other:?}"))),
    };
    let packing = match plan.packing.as_deref() {
        None | Some("neox") => Packing::Neox,
        Some("best-fit") => Packing::BestFit,
        Some(other) => return Err(Error::invalid(format!("a packing is neox or best-fit, got {other:?}"))),
    };
    Ok(Plan {
        split,
        split_weights: three(&plan.split_weights)?,
        sequence_length: plan.sequence_length as usize,
        samples: plan.samples.max(0) as u64,
        seed: plan.seed,
        vocabulary: plan.vocabulary,
        packing,
        marks: Marks { starts: plan.starts.unwrap_or(false), weights: plan.weights.unwrap_or(false) },
        padding: plan.padding.unwrap_or(0),
    })
}
