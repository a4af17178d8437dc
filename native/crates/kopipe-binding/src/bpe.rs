//! `kopipe_core::bpe`: counting batches, training, and a loaded tokenizer.

use crate::batch::{Batch, lock};
use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::pool;
use kopipe_core::Error;
use kopipe_core::bpe::{self, InitialAlphabet, Progress, TrainSettings};
use napi::Env;
use napi::bindgen_prelude::{Buffer, Object};
use napi_derive::napi;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

fn units_of(name: &str) -> napi::Result<bpe::Units> {
    bpe::Units::from_name(name).ok_or_else(|| to_js(&Error::invalid(format!("there are no units {name}"))))
}

fn pattern_of(name: &str) -> napi::Result<bpe::Pattern> {
    bpe::Pattern::from_name(name).ok_or_else(|| to_js(&Error::invalid(format!("there is no pattern {name}"))))
}

/// Counts the distinct pretokens of batches, within `memory` bytes; what exceeds them is spilled to `folder`.
#[napi]
pub struct PretokenCounts {
    pub(crate) inner: Arc<bpe::PretokenCounts>,
}

#[napi(object)]
pub struct CountedPretokens {
    /// Distinct pretokens, and their bytes; and how many of them came once.
    pub types: i64,
    pub type_bytes: i64,
    pub once: i64,
    pub pretokens: i64,
    /// Of the texts as they came.
    pub characters: i64,
    pub eojeol: i64,
    pub sealed: SealedFile,
}

#[napi]
impl PretokenCounts {
    /// `units` and `pattern` as in `BpeSettings`.
    #[napi(factory)]
    pub fn create(folder: String, units: String, pattern: String, memory: i64, workers: u32) -> napi::Result<Self> {
        let (normalizer, pattern) = (units_of(&units)?.normalizer(), pattern_of(&pattern)?);
        let inner = bpe::PretokenCounts::new(disk().clone(), normalizer, pattern, Path::new(&folder), memory as u64, workers as usize);
        Ok(PretokenCounts { inner: Arc::new(inner.map_err(|e| to_js(&e))?) })
    }

    /// Counts the kept documents. As many batches at a time as there are workers.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn add<'env>(&self, env: &'env Env, batch: &Batch) -> napi::Result<Object<'env>> {
        let (inner, batch) = (self.inner.clone(), batch.shared());
        let job = move || {
            let started = Instant::now();
            inner.add(lock(&batch)?.texts())?;
            Ok(started.elapsed().as_secs_f64())
        };
        pool::run(env, job, |seconds| seconds)
    }

    /// Merges all counts into one file.
    #[napi(ts_return_type = "Promise<CountedPretokens>")]
    pub fn seal<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        let inner = self.inner.clone();
        pool::run(
            env,
            move || inner.seal(Path::new(&path)),
            |counted| CountedPretokens {
                types: counted.types as i64,
                type_bytes: counted.type_bytes as i64,
                once: counted.once as i64,
                pretokens: counted.pretokens as i64,
                characters: counted.characters as i64,
                eojeol: counted.eojeol as i64,
                sealed: counted.sealed.into(),
            },
        )
    }
}

#[napi(object)]
pub struct BpeSettings {
    /// Special tokens, the 256 bytes and the merged tokens together.
    pub vocabulary_size: u32,
    pub min_frequency: i64,
    /// What cut the pretokens.
    pub pattern: String,
    /// A pair that a merge made is merged only where it is shorter than this, in bytes.
    pub max_token_length: Option<u32>,
    /// Begin with the bytes that occur only, not with all 256.
    pub found_alphabet: bool,
    /// The bytes to begin with are at most so many, the most frequent.
    pub limit_alphabet: Option<u32>,
    /// What tokens are made of, and may be.
    #[napi(ts_type = "'bytes' | 'syllables' | 'jamo'")]
    pub units: String,
    pub specials: Vec<String>,
    pub memory: i64,
    /// What was counted: distinct pretokens and their bytes.
    pub types: i64,
    pub type_bytes: i64,
}

/// One training, which may be watched and stopped while it runs.
#[napi]
pub struct BpeTraining {
    settings: Arc<TrainSettings>,
    pattern: bpe::Pattern,
    progress: Arc<Progress>,
}

#[napi(object)]
pub struct TrainedTokenizer {
    pub vocabulary_size: u32,
    pub merges: u32,
    /// Whether every byte is a token; with fewer, text cannot be encoded.
    pub has_all_bytes: bool,
    pub sealed: SealedFile,
}

#[napi]
impl BpeTraining {
    #[napi(constructor)]
    pub fn new(settings: BpeSettings) -> napi::Result<Self> {
        let pattern = pattern_of(&settings.pattern)?;
        let settings = TrainSettings {
            vocabulary_size: settings.vocabulary_size as usize,
            min_frequency: settings.min_frequency as u64,
            max_token_length: settings.max_token_length.map(|length| length as usize),
            initial_alphabet: if settings.found_alphabet { InitialAlphabet::Found } else { InitialAlphabet::Bytes },
            limit_alphabet: settings.limit_alphabet.map(|limit| limit as usize),
            units: units_of(&settings.units)?,
            specials: settings.specials,
            memory: settings.memory as u64,
            types: settings.types as u64,
            type_bytes: settings.type_bytes as u64,
        };
        Ok(BpeTraining { settings: Arc::new(settings), pattern, progress: Arc::default() })
    }

    /// Trains on sealed counts and writes the tokenizer.
    #[napi(ts_return_type = "Promise<TrainedTokenizer>")]
    pub fn run<'env>(&self, env: &'env Env, counts: String, tokenizer: String) -> napi::Result<Object<'env>> {
        let (settings, pattern, progress) = (self.settings.clone(), self.pattern, self.progress.clone());
        let job = move || {
            let trained = bpe::train(disk(), Path::new(&counts), &settings, &progress)?;
            let sealed = disk().commit(Path::new(&tokenizer), trained.to_json(pattern).as_bytes())?;
            Ok((trained, sealed))
        };
        pool::run(env, job, |(trained, sealed)| TrainedTokenizer {
            vocabulary_size: trained.spellings.len() as u32,
            merges: trained.merges.len() as u32,
            has_all_bytes: trained.has_all_bytes(),
            sealed: sealed.into(),
        })
    }

    /// Merges made so far.
    #[napi(getter)]
    pub fn merges(&self) -> i64 {
        self.progress.merges.load(Relaxed) as i64
    }

    /// Passes over words on disk so far; 0 while everything is in memory.
    #[napi(getter)]
    pub fn passes(&self) -> i64 {
        self.progress.passes.load(Relaxed) as i64
    }

    /// How much of the work is done, 0 to 1.
    #[napi(getter)]
    pub fn share(&self) -> f64 {
        self.progress.share()
    }

    /// `run` rejects with `interrupted` at the next merge.
    #[napi]
    pub fn cancel(&self) {
        self.progress.cancelled.store(true, Relaxed);
    }
}

/// A loaded `tokenizer.json`.
#[napi]
pub struct Tokenizer {
    inner: Arc<bpe::Encoders>,
}

#[napi(ts_return_type = "Promise<Tokenizer>")]
pub fn load_tokenizer<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(
        env,
        move || bpe::Tokenizer::load(disk(), &PathBuf::from(path)),
        |inner| Tokenizer { inner: Arc::new(bpe::Encoders::new(inner)) },
    )
}

#[napi]
impl Tokenizer {
    /// One more than the largest id.
    #[napi(getter)]
    pub fn vocabulary_size(&self) -> u32 {
        self.inner.tokenizer().vocabulary_size() as u32
    }

    /// xxh3-128 of the file.
    #[napi(getter)]
    pub fn digest(&self) -> String {
        self.inner.tokenizer().digest().to_owned()
    }

    /// Id of a special token, or null.
    #[napi]
    pub fn special(&self, text: String) -> Option<u32> {
        self.inner.tokenizer().special(&text)
    }

    /// The ids of one text, for looking at; whole corpora go through batches. Special tokens are text, unless they are
    /// asked for.
    #[napi]
    pub fn encode(&self, text: String, specials: Option<bool>) -> napi::Result<Vec<u32>> {
        let specials = if specials == Some(true) { bpe::Specials::All } else { bpe::Specials::Only(&[]) };
        let added = self.inner.tokenizer().added(specials).map_err(|e| to_js(&e))?;
        Ok(self.inner.with(|encoder| encoder.ids(&text, &added)))
    }

    /// The bytes behind an id: UTF-8, or a part of a character.
    #[napi]
    pub fn bytes(&self, id: u32) -> napi::Result<Buffer> {
        Ok(self.inner.tokenizer().decode(&[id]).map_err(|e| to_js(&e))?.into())
    }

    /// The text behind ids; bytes that are no UTF-8 become U+FFFD.
    #[napi]
    pub fn decode(&self, ids: Vec<u32>) -> napi::Result<String> {
        let bytes = self.inner.tokenizer().decode(&ids).map_err(|e| to_js(&e))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The core's tokenizer with its workers' caches, for the bindings of other rooms.
    pub fn shared(&self) -> Arc<bpe::Encoders> {
        self.inner.clone()
    }
}
