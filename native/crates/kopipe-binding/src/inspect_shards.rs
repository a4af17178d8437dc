//! `kopipe_core::shard`, the looking half: documents by number, and what a dataset is made of.

use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::Error;
use kopipe_core::samples::Split;
use kopipe_core::shard::{self, Stretch};
use napi::Env;
use napi::bindgen_prelude::{Float64Array, Object, Uint32Array};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::Arc;

/// A finished shard for looking at.
#[napi]
pub struct ShardDocuments {
    inner: Arc<shard::Documents>,
}

/// Where a document lies.
#[napi(object)]
pub struct DocumentPlace {
    /// Its first byte in `.bin`.
    pub offset: i64,
    /// In tokens.
    pub length: i64,
}

/// A document by its number, and its length in tokens.
#[napi(object)]
pub struct DocumentLength {
    pub document: i64,
    pub tokens: i64,
}

#[napi(object)]
pub struct DocumentExtremes {
    /// The first of the shortest.
    pub shortest: DocumentLength,
    pub longest: DocumentLength,
}

impl From<shard::Length> for DocumentLength {
    fn from(shard::Length { document, tokens }: shard::Length) -> Self {
        DocumentLength { document: document as i64, tokens: tokens as i64 }
    }
}

#[napi]
impl ShardDocuments {
    /// Maps `PREFIX.bin` and `PREFIX.idx` and checks the index whole. Sequences that it lists in no document are one each.
    #[napi(ts_return_type = "Promise<ShardDocuments>")]
    pub fn open<'env>(env: &'env Env, prefix: String) -> napi::Result<Object<'env>> {
        let job = move || shard::Documents::open(disk(), &PathBuf::from(prefix));
        pool::run(env, job, |inner| ShardDocuments { inner: Arc::new(inner) })
    }

    #[napi(getter)]
    pub fn documents(&self) -> i64 {
        self.inner.layout().documents as i64
    }

    /// Documents that the index lists; those from here on are sequences.
    #[napi(getter)]
    pub fn listed(&self) -> i64 {
        self.inner.listed() as i64
    }

    #[napi(getter)]
    pub fn sequences(&self) -> i64 {
        self.inner.layout().sequences as i64
    }

    #[napi(getter)]
    pub fn tokens(&self) -> i64 {
        self.inner.layout().tokens as i64
    }

    #[napi(getter, ts_return_type = "'u16' | 'i32'")]
    pub fn dtype(&self) -> &'static str {
        self.inner.layout().dtype.name()
    }

    /// Null in a shard without documents. Reads the index, none of the tokens.
    #[napi(ts_return_type = "Promise<DocumentExtremes | null>")]
    pub fn extremes<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let of =
            |(shortest, longest): (shard::Length, shard::Length)| DocumentExtremes { shortest: shortest.into(), longest: longest.into() };
        pool::run(env, move || Ok(inner.extremes()), move |found| found.map(of))
    }

    /// Where a document lies; null where there is none of that number.
    #[napi]
    pub fn place(&self, document: i64) -> Option<DocumentPlace> {
        let layout = self.inner.layout();
        let document = usize::try_from(document).ok().filter(|document| *document < layout.documents)?;
        let place = self.inner.place(document..document + 1);
        Some(DocumentPlace { offset: (place.start * layout.dtype.width() as u64) as i64, length: (place.end - place.start) as i64 })
    }

    /// The tokens of a document; null where there is none of that number.
    #[napi(ts_return_type = "Promise<Uint32Array | null>")]
    pub fn read<'env>(&self, env: &'env Env, document: i64) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let job = move || {
            let document = usize::try_from(document).ok().filter(|document| *document < inner.layout().documents);
            Ok(document.map(|document| inner.read(inner.place(document..document + 1))))
        };
        pool::run(env, job, |tokens| tokens.map(Uint32Array::new))
    }
}

/// How often each token occurs in a dataset, how long its documents are, how they fill samples.
#[napi]
pub struct ShardCensus {
    inner: Arc<shard::Census>,
}

/// Documents of one shard, by their numbers there.
#[napi(object)]
pub struct DocumentStretch {
    pub shard: u32,
    pub from: i64,
    /// Behind the last.
    pub to: i64,
}

/// Lengths of documents in tokens, and what becomes of these documents in samples.
#[napi(object)]
pub struct DocumentLengths {
    /// By the shares asked for.
    pub quantiles: Vec<i64>,
    /// Documents of 2^(k-1) up to 2^k − 1 tokens, by k.
    pub powers: Vec<i64>,
    pub documents: i64,
    pub tokens: i64,
    pub samples: i64,
    /// Samples in which a document ends and another begins.
    pub with_boundary: i64,
    /// Documents, or parts of such, in all samples.
    pub pieces: i64,
    /// Documents that no sample holds whole.
    pub cut: i64,
}

#[napi]
impl ShardCensus {
    /// Maps the shards; tokens that are not below `vocabulary` are counted apart.
    #[napi(ts_return_type = "Promise<ShardCensus>")]
    pub fn open<'env>(env: &'env Env, prefixes: Vec<String>, vocabulary: u32) -> napi::Result<Object<'env>> {
        let prefixes: Vec<PathBuf> = prefixes.into_iter().map(PathBuf::from).collect();
        let job = move || shard::Census::open(disk(), &prefixes, vocabulary);
        pool::run(env, job, |inner| ShardCensus { inner: Arc::new(inner) })
    }

    /// Documents of each shard.
    #[napi(getter)]
    pub fn documents(&self) -> Vec<i64> {
        self.inner.shards().iter().map(|shard| shard.layout().documents as i64).collect()
    }

    /// Tokens of each shard.
    #[napi(getter)]
    pub fn tokens(&self) -> Vec<i64> {
        self.inner.shards().iter().map(|shard| shard.layout().tokens as i64).collect()
    }

    /// Token type of each shard.
    #[napi(getter, ts_return_type = "('u16' | 'i32')[]")]
    pub fn dtypes(&self) -> Vec<String> {
        self.inner.shards().iter().map(|shard| shard.layout().dtype.name().to_owned()).collect()
    }

    /// Counts tokens of a shard, below 2^32 of them. Each is to be counted once, by as many calls at a time as there are
    /// workers.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn count<'env>(&self, env: &'env Env, shard: u32, from: i64, to: i64) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(env, move || inner.count(shard as usize, from as u64..to as u64), |()| ())
    }

    /// Occurrences by id; each below 2^53.
    #[napi]
    pub fn occurrences(&self) -> Float64Array {
        self.inner.counts().occurrences.into_iter().map(|count| count as f64).collect::<Vec<f64>>().into()
    }

    /// Tokens beyond the vocabulary.
    #[napi(getter)]
    pub fn stray(&self) -> i64 {
        self.inner.counts().stray as i64
    }

    /// Of documents that follow each other in this order, cut into samples of `sample` tokens. `quantiles`: shares, 0 to 1.
    #[napi(ts_return_type = "Promise<DocumentLengths>")]
    pub fn lengths<'env>(
        &self,
        env: &'env Env,
        stretches: Vec<DocumentStretch>,
        sample: u32,
        quantiles: Vec<f64>,
    ) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        let stretches: Vec<Stretch> = stretches
            .into_iter()
            .map(|stretch| Stretch { shard: stretch.shard as usize, documents: stretch.from as usize..stretch.to as usize })
            .collect();
        let job = move || {
            let (lengths, packing) = inner.lengths(&stretches, sample.into())?;
            Ok((quantiles.into_iter().map(|share| lengths.quantile(share) as i64).collect(), lengths, packing))
        };
        pool::run(env, job, |(quantiles, lengths, packing)| DocumentLengths {
            quantiles,
            powers: lengths.by_power().into_iter().map(|n| n as i64).collect(),
            documents: lengths.documents() as i64,
            tokens: packing.tokens as i64,
            samples: packing.samples as i64,
            with_boundary: packing.with_boundary as i64,
            pieces: packing.pieces as i64,
            cut: packing.cut as i64,
        })
    }
}

/// The ranges of documents that GPT-NeoX cuts a dataset into, as train, valid and test: where each begins, and the end.
#[napi]
pub fn split_bounds(weights: Vec<f64>, documents: i64) -> napi::Result<Vec<i64>> {
    let weights: [f64; 3] =
        weights.as_slice().try_into().map_err(|_| to_js(&Error::invalid(format!("a split has 3 weights, got {}", weights.len()))))?;
    let mut bounds = vec![0];
    for split in [Split::Train, Split::Valid, Split::Test] {
        bounds.push(split.range(weights, documents as usize).map_err(|e| to_js(&e))?.end as i64);
    }
    Ok(bounds)
}
