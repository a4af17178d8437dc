//! `kopipe_core::sample`: a synthetic corpus, file by file.

use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::pool;
use kopipe_core::Error;
use kopipe_core::sample::{FILE_SIZE, Sampler};
use kopipe_core::scratch::Format;
use napi::Env;
use napi::bindgen_prelude::{Buffer, Object};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::Arc;

#[napi(object)]
pub struct SampledFile {
    pub documents: i64,
    /// Bytes of JSON lines.
    pub bytes: i64,
    pub file: SealedFile,
    pub truth: SealedFile,
}

/// Makes the files of a sample; each is a function of the seed and its number.
#[napi]
pub struct CorpusSampler {
    sampler: Arc<Sampler>,
}

#[napi]
impl CorpusSampler {
    #[napi(constructor)]
    pub fn new(seed: i64) -> Self {
        CorpusSampler { sampler: Arc::new(Sampler::new(seed as u64)) }
    }

    /// Bytes of JSON lines of every file but the last.
    #[napi(getter)]
    pub fn file_size(&self) -> i64 {
        FILE_SIZE as i64
    }

    /// Writes a file of `size` bytes of JSON lines, and what is planted in it beside it.
    #[napi(ts_return_type = "Promise<SampledFile>")]
    pub fn write_file<'env>(
        &self,
        env: &'env Env,
        number: u32,
        size: i64,
        format: String,
        path: String,
        truth: String,
    ) -> napi::Result<Object<'env>> {
        let format = Format::parse(&format).ok_or_else(|| to_js(&Error::invalid(format!("no format {format:?}"))))?;
        let sampler = self.sampler.clone();
        let job = move || sampler.write_file(disk(), u64::from(number), size as u64, format, &PathBuf::from(path), &PathBuf::from(truth));
        pool::run(env, job, |made| SampledFile {
            documents: made.documents as i64,
            bytes: made.bytes as i64,
            file: made.file.into(),
            truth: made.truth.into(),
        })
    }

    /// Writes a text file in EUC-KR, and gives its line of the truth.
    #[napi(ts_return_type = "Promise<Buffer>")]
    pub fn write_euc_kr<'env>(&self, env: &'env Env, number: u32, path: String) -> napi::Result<Object<'env>> {
        let sampler = self.sampler.clone();
        pool::run(env, move || sampler.write_euc_kr(disk(), u64::from(number), &PathBuf::from(path)), Buffer::from)
    }
}

/// Joins files into one, in order: the pieces of truth.jsonl, too large to pass through JavaScript.
#[napi(ts_return_type = "Promise<SealedFile>")]
pub fn join_files<'env>(env: &'env Env, pieces: Vec<String>, path: String) -> napi::Result<Object<'env>> {
    let pieces: Vec<PathBuf> = pieces.into_iter().map(PathBuf::from).collect();
    pool::run(env, move || disk().join(&pieces, &PathBuf::from(path)), SealedFile::from)
}
