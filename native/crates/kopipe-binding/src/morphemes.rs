//! `kopipe_core::bpe`'s marking of morphemes: what an analyser in JavaScript is asked, and its answers.

use crate::bpe::PretokenCounts;
use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::bpe;
use napi::Env;
use napi::bindgen_prelude::{Object, Uint32Array};
use napi_derive::napi;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Goes through sealed counts for the pretokens whose morphemes an analyser is asked for, one batch at a time.
#[napi]
pub struct MorphemeMarking {
    inner: Arc<Mutex<bpe::Marking>>,
    into: Arc<bpe::PretokenCounts>,
}

/// Pretokens to be analysed.
#[napi]
pub struct AskedPretokens {
    inner: Arc<bpe::Asked>,
}

#[napi]
impl MorphemeMarking {
    /// Parts and what stays whole are counted into `into`; asked for are pretokens that occur at least `minimum` times.
    #[napi(factory)]
    pub fn open(counts: String, minimum: i64, into: &PretokenCounts) -> napi::Result<Self> {
        let inner = bpe::Marking::open(disk(), Path::new(&counts), minimum as u64).map_err(|e| to_js(&e))?;
        Ok(MorphemeMarking { inner: Arc::new(Mutex::new(inner)), into: into.inner.clone() })
    }

    /// The next pretokens to ask about, of about so many bytes; null behind the last.
    #[napi(ts_return_type = "Promise<AskedPretokens | null>")]
    pub fn next<'env>(&self, env: &'env Env, bytes: u32) -> napi::Result<Object<'env>> {
        let (inner, into) = (self.inner.clone(), self.into.clone());
        let job = move || inner.lock().unwrap_or_else(PoisonError::into_inner).next(bytes as usize, &into);
        pool::run(env, job, |asked| (!asked.is_empty()).then(|| AskedPretokens { inner: Arc::new(asked) }))
    }

    /// Counts the parts of what was asked, and gives how many pretokens have several. `cuts` has for each line its number
    /// of boundaries, then those, in bytes.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn count<'env>(&self, env: &'env Env, asked: &AskedPretokens, cuts: Uint32Array) -> napi::Result<Object<'env>> {
        let (asked, into) = (asked.inner.clone(), self.into.clone());
        pool::run(env, move || bpe::count_parts(&asked, &cuts, &into), |cut| cut as i64)
    }

    /// Bytes of the counts that were gone through.
    #[napi(getter)]
    pub fn position(&self) -> i64 {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).position() as i64
    }
}

#[napi]
impl AskedPretokens {
    /// One a line, without a blank before it.
    #[napi(getter)]
    pub fn text(&self) -> String {
        self.inner.text.clone()
    }

    #[napi(getter)]
    pub fn length(&self) -> u32 {
        self.inner.len() as u32
    }
}
