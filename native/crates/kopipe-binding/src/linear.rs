//! `kopipe_core::linear`: documents of two classes, and models trained on them.

use crate::batch::{Batch, lock};
use crate::files::{SealedFile, disk};
use crate::pool;
use kopipe_core::linear::documents::{CLASSES, Documents, Sample};
use kopipe_core::linear::train::{Progress, Settings, scores, train};
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, OnceLock};

/// Reads good (class 0) and bad documents, settles on a sample of them, and trains on it with and without each fold.
#[napi]
pub struct FilterTraining {
    seed: u64,
    samples: Arc<Mutex<Option<[Sample; CLASSES]>>>,
    documents: Arc<OnceLock<Documents>>,
    progress: Arc<Progress>,
}

/// What is trained on.
#[napi(object)]
pub struct FilterDocuments {
    pub good: ClassDocuments,
    pub bad: ClassDocuments,
    /// Texts of both classes, which were left out.
    pub in_both: i64,
    /// Bytes of text that all trainings together will go through.
    pub to_train: i64,
}

/// Different texts, and their bytes.
#[napi(object)]
pub struct ClassDocuments {
    pub docs: i64,
    pub bytes: i64,
}

/// How many texts have a score from each hundredth on and under the next.
#[napi(object)]
pub struct FoldScores {
    pub good: Vec<i64>,
    pub bad: Vec<i64>,
}

#[napi]
impl FilterTraining {
    /// `limit` bounds the bytes of text of each class.
    #[napi(constructor)]
    pub fn new(seed: i64, limit: i64) -> Self {
        let seed = seed as u64;
        let samples = std::array::from_fn(|_| Sample::new(seed, limit as u64));
        FilterTraining { seed, samples: Arc::new(Mutex::new(Some(samples))), documents: Arc::default(), progress: Arc::default() }
    }

    /// Adds the kept documents of a parsed batch, which are of a class.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn add<'env>(&self, env: &'env Env, batch: &Batch, of: u32) -> napi::Result<Object<'env>> {
        let (samples, batch) = (self.samples.clone(), batch.shared());
        let job = move || {
            let batch = lock(&batch)?;
            let mut samples = lock(&samples)?;
            let sample = samples.as_mut().and_then(|samples| samples.get_mut(of as usize));
            let sample = sample.ok_or_else(|| Error::Internal("a class that is read no more".into()))?;
            batch.texts().for_each(|text| sample.add(text));
            Ok(())
        };
        pool::run(env, job, |()| ())
    }

    /// Everything is read.
    #[napi(ts_return_type = "Promise<FilterDocuments>")]
    pub fn settle<'env>(&self, env: &'env Env, folds: u32) -> napi::Result<Object<'env>> {
        let (samples, settled) = (self.samples.clone(), self.documents.clone());
        let job = move || {
            let samples = lock(&samples)?.take().ok_or_else(|| Error::Internal("settled before".into()))?;
            let documents = Documents::new(samples, folds as usize)?;
            let documents = settled.get_or_init(|| documents);
            let [good, bad] = documents.bytes();
            let docs = documents.classes.each_ref().map(|texts| texts.len() as i64);
            // Each fold's model sees all but the fold, and the last one everything.
            let to_train = u64::from(folds) * u64::from(Settings::default().epochs) * (good + bad);
            Ok((docs, [good as i64, bad as i64], documents.in_both as i64, to_train as i64))
        };
        pool::run(env, job, |(docs, bytes, in_both, to_train)| FilterDocuments {
            good: ClassDocuments { docs: docs[0], bytes: bytes[0] },
            bad: ClassDocuments { docs: docs[1], bytes: bytes[1] },
            in_both,
            to_train,
        })
    }

    /// Trains on all but a fold and scores its texts.
    #[napi(ts_return_type = "Promise<FoldScores>")]
    pub fn fold<'env>(&self, env: &'env Env, fold: u32) -> napi::Result<Object<'env>> {
        let (seed, documents, progress) = (self.seed, self.documents.clone(), self.progress.clone());
        let job = move || {
            let documents = settled(&documents)?;
            let model = train(&documents.without(Some(fold as usize)), &Settings::default(), seed, &progress)?;
            scores(model, &documents.fold(fold as usize))
        };
        pool::run(env, job, |[good, bad]| FoldScores { good: counts(&good), bad: counts(&bad) })
    }

    /// Trains on everything and writes the model.
    #[napi(ts_return_type = "Promise<SealedFile>")]
    pub fn write<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        let (seed, documents, progress) = (self.seed, self.documents.clone(), self.progress.clone());
        let job = move || {
            let model = train(&settled(&documents)?.without(None), &Settings::default(), seed, &progress)?;
            disk().commit(&PathBuf::from(path), &model)
        };
        pool::run(env, job, SealedFile::from)
    }

    /// Bytes of text trained on so far.
    #[napi(getter)]
    pub fn trained(&self) -> i64 {
        self.progress.bytes.load(Relaxed) as i64
    }

    /// What trains rejects with `interrupted` at its next text.
    #[napi]
    pub fn cancel(&self) {
        self.progress.cancelled.store(true, Relaxed);
    }
}

fn settled(documents: &OnceLock<Documents>) -> Result<&Documents> {
    documents.get().ok_or_else(|| Error::Internal("not settled yet".into()))
}

fn counts(of: &[u64]) -> Vec<i64> {
    of.iter().map(|count| *count as i64).collect()
}
