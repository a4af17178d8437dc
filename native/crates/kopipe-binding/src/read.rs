//! `kopipe_core::read`: a file as batches.

use crate::batch::Batch;
use crate::files::disk;
use crate::pool;
use kopipe_core::Error;
use kopipe_core::read::{ReadOptions, Reader, sniff};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// `plain`, `gzip` or `zstd`, by the first bytes of the file.
#[napi(ts_return_type = "Promise<'plain' | 'gzip' | 'zstd'>")]
pub fn sniff_compression<'env>(env: &'env Env, path: String) -> napi::Result<Object<'env>> {
    pool::run(env, move || sniff(disk(), &PathBuf::from(path)), |compression| compression.name())
}

#[napi(object)]
pub struct ReaderOptions {
    /// Where to enter the decoded stream: a unit's boundary, or the exact start of a record.
    pub start: i64,
    /// Ordinal of the first record there within its unit.
    pub ordinal: u32,
    /// Where the last unit ends; without, at the end of the stream.
    pub end: Option<i64>,
    pub unit_size: i64,
    pub batch_size: i64,
    /// A raw record over this many bytes is not held.
    pub max_record: i64,
}

/// Reads a file as batches of whole records. `next` may not be called again before it has settled.
#[napi]
pub struct DocumentReader {
    path: PathBuf,
    options: ReadOptions,
    /// Opened by the first `next`, on a worker.
    reader: Arc<Mutex<Option<Reader>>>,
}

#[napi]
impl DocumentReader {
    #[napi(constructor)]
    pub fn new(path: String, options: ReaderOptions) -> Self {
        let options = ReadOptions {
            start: options.start as u64,
            ordinal: options.ordinal,
            end: options.end.map(|end| end as u64),
            unit_size: options.unit_size as u64,
            batch_size: options.batch_size as usize,
            max_record: options.max_record as usize,
        };
        DocumentReader { path: path.into(), options, reader: Arc::default() }
    }

    /// The next batch, or null after the last.
    #[napi(ts_return_type = "Promise<Batch | null>")]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (reader, path, options) = (self.reader.clone(), self.path.clone(), self.options.clone());
        let job = move || {
            let mut reader = reader.lock().map_err(|_| Error::Internal("the reader failed before".into()))?;
            if reader.is_none() {
                *reader = Some(Reader::open(disk(), &path, options)?);
            }
            reader.as_mut().map_or(Ok(None), Reader::next_batch)
        };
        pool::run(env, job, |batch| batch.map(Batch::from))
    }

    /// Gives the file and the buffers back; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut reader) = self.reader.lock() {
            *reader = None;
        }
    }
}
