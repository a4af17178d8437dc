//! `kopipe_core::stats`: batches are looked at by all workers, and taken in the order of the input.

use crate::batch::{Batch, lock};
use crate::bpe::Tokenizer;
use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::bpe::Specials;
use kopipe_core::io::Sealed;
use kopipe_core::stats::{Corpus, Fertility, Gathered, LICENCES, Look, Rate};
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What `clean` looks at on its way: one document in `one_in`.
pub fn sample(one_in: u32) -> napi::Result<Look> {
    Ok(Look { rate: Rate::sample(power_of_two(one_in)?), fertility: None })
}

fn power_of_two(one_in: u32) -> napi::Result<u64> {
    if one_in.is_power_of_two() {
        return Ok(u64::from(one_in));
    }
    Err(to_js(&Error::invalid(format!("one document in {one_in}: expected a power of two"))))
}

/// Keys of metadata that name the licence of a document.
#[napi]
pub fn licence_keys() -> Vec<&'static str> {
    LICENCES.to_vec()
}

pub fn write(path: &str, corpus: &Corpus) -> Result<Sealed> {
    let mut file = disk().create(Path::new(path))?;
    file.write(&corpus.store()?)?;
    file.commit()
}

/// What documents are made of.
#[napi]
pub struct CorpusTally {
    look: Arc<Look>,
    corpus: Arc<Mutex<Corpus>>,
}

#[napi]
impl CorpusTally {
    /// Of all documents what is cheap is measured, of one in `one_in` the rest; with a tokenizer their tokens are counted. `masks`
    /// are strings of the documents that are tokens.
    #[napi(constructor)]
    pub fn new(one_in: u32, tokenizer: Option<&Tokenizer>, masks: Vec<String>) -> napi::Result<Self> {
        let of = |tokenizer: &Tokenizer| {
            let encoders = tokenizer.shared();
            let added = encoders.tokenizer().added(Specials::Only(&masks)).map_err(|e| to_js(&e))?;
            Ok::<_, napi::Error>(Fertility { encoders, added })
        };
        let rate = Rate { one_in: power_of_two(one_in)?, measures_all: true };
        let look = Look { rate, fertility: tokenizer.map(of).transpose()? };
        Ok(CorpusTally { corpus: Arc::default(), look: Arc::new(look) })
    }

    /// Looks at the kept documents of a parsed batch, side by side with others.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn look<'env>(&self, env: &'env Env, batch: &Batch) -> napi::Result<Object<'env>> {
        let (look, batch) = (self.look.clone(), batch.shared());
        let job = move || {
            let mut batch = lock(&batch)?;
            batch.gathered = Some(Box::new(Gathered::of(&batch, &look)));
            Ok(())
        };
        pool::run(env, job, |()| ())
    }

    /// Adds what was found in a batch: batches come in the order of the input.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn take<'env>(&self, env: &'env Env, batch: &Batch) -> napi::Result<Object<'env>> {
        let (corpus, batch) = (self.corpus.clone(), batch.shared());
        let job = move || match lock(&batch)?.gathered.take() {
            Some(gathered) => {
                lock(&corpus)?.take(*gathered);
                Ok(())
            }
            None => Err(Error::Internal("a batch that was not looked at".into())),
        };
        pool::run(env, job, |()| ())
    }

    /// Adds what a run of `clean` has left of a part; parts come in their order.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn add_file<'env>(&self, env: &'env Env, path: String) -> napi::Result<Object<'env>> {
        let (corpus, path) = (self.corpus.clone(), PathBuf::from(path));
        let job = move || {
            let part = Corpus::read(&disk().read(&path)?).map_err(|e| Error::corrupt(&path, 0, e.to_string()))?;
            lock(&corpus)?.merge(part)
        };
        pool::run(env, job, |()| ())
    }

    /// What there is to tell, as JSON.
    #[napi]
    pub fn report(&self) -> napi::Result<String> {
        let corpus = lock(&self.corpus).map_err(|e| to_js(&e))?;
        serde_json::to_string(&corpus.report()).map_err(|e| to_js(&Error::Internal(e.to_string())))
    }
}
