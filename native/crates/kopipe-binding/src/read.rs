//! `kopipe_core::read`: a file as batches.

use crate::batch::Batch;
use crate::error::to_js;
use crate::files::disk;
use crate::pool;
use kopipe_core::Error;
use kopipe_core::read::{Entry, PlainText, ReadOptions, Reader, plan};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What a file is, and how it is cut into units.
#[napi(object)]
pub struct FilePlan {
    /// `jsonl`, `json`, `csv`, `tsv`, `text`, `html`, `parquet`, `arrow`, `arrow-stream`, `warc` or `tar`.
    pub container: String,
    /// `plain`, `gzip` or `zstd`.
    pub compression: String,
    /// How many units it has, where each can be entered; else it is read from its beginning, unit after unit.
    pub units: Option<i64>,
    /// For each unit the place where to enter a compressed file.
    pub entries: Vec<FileEntry>,
}

/// A frame begins at byte `file` of the file and at byte `decoded` of the decoded stream.
#[napi(object)]
#[derive(Clone)]
pub struct FileEntry {
    pub file: i64,
    pub decoded: i64,
}

#[napi(ts_return_type = "Promise<FilePlan>")]
pub fn plan_file<'env>(
    env: &'env Env,
    path: String,
    unit_size: i64,
    #[napi(ts_arg_type = "'file' | 'paragraph' | 'line'")] plain_text: String,
) -> napi::Result<Object<'env>> {
    let plain_text = plain_text_of(&plain_text)?;
    pool::run(
        env,
        move || plan(disk(), &PathBuf::from(path), unit_size as u64, plain_text),
        |plan| FilePlan {
            container: plan.container.name().to_owned(),
            compression: plan.compression.name().to_owned(),
            units: plan.units.map(|units| units as i64),
            entries: plan.entries.iter().map(|e| FileEntry { file: e.file as i64, decoded: e.decoded as i64 }).collect(),
        },
    )
}

fn plain_text_of(name: &str) -> napi::Result<PlainText> {
    PlainText::parse(name).ok_or_else(|| to_js(&Error::invalid(format!("a document is a file, a paragraph or a line, not {name:?}"))))
}

#[napi(object)]
pub struct ReaderOptions {
    /// The first unit that is read.
    pub unit: i64,
    /// The exact start of a record within it and its ordinal, to enter there.
    pub position: Option<i64>,
    pub ordinal: Option<u32>,
    /// Behind the last unit; without, at the end of the file.
    pub end_unit: Option<i64>,
    pub unit_size: i64,
    pub batch_size: i64,
    /// A raw record over this many bytes is not held.
    pub max_record: i64,
    /// What a document is in a file of plain text.
    #[napi(ts_type = "'file' | 'paragraph' | 'line'")]
    pub plain_text: String,
    /// The source of documents that do not say theirs; without, the file's name without extensions.
    pub source: Option<String>,
    /// A place before the first unit where the compressed file can be entered.
    pub entry: Option<FileEntry>,
}

/// Reads a file as batches of whole records. `next` may not be called again before it has settled.
#[napi]
pub struct DocumentReader {
    path: PathBuf,
    options: ReadOptions,
    source: Option<String>,
    /// Opened by the first `next`, on a worker.
    reader: Arc<Mutex<Option<Reader>>>,
}

#[napi]
impl DocumentReader {
    #[napi(constructor)]
    pub fn new(path: String, options: ReaderOptions) -> napi::Result<Self> {
        let source = options.source;
        let options = ReadOptions {
            unit: options.unit as u64,
            record: options.position.map(|position| (position as u64, options.ordinal.unwrap_or(0))),
            end_unit: options.end_unit.map(|end| end as u64),
            unit_size: options.unit_size as u64,
            batch_size: options.batch_size as usize,
            max_record: options.max_record as usize,
            plain_text: plain_text_of(&options.plain_text)?,
            entry: options.entry.map(|e| Entry { file: e.file as u64, decoded: e.decoded as u64 }),
        };
        Ok(DocumentReader { path: path.into(), options, source, reader: Arc::default() })
    }

    /// The next batch, or null after the last.
    #[napi(ts_return_type = "Promise<Batch | null>")]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (reader, path, options, source) = (self.reader.clone(), self.path.clone(), self.options.clone(), self.source.clone());
        let job = move || {
            let mut reader = reader.lock().map_err(|_| Error::Internal("the reader failed before".into()))?;
            if reader.is_none() {
                *reader = Some(Reader::open(disk(), &path, options)?);
            }
            let started = Instant::now();
            let mut batch = reader.as_mut().map_or(Ok(None), Reader::next_batch)?;
            if let Some(batch) = &mut batch {
                batch.file_source = source;
            }
            Ok(batch.map(|batch| (batch, started.elapsed().as_secs_f64())))
        };
        pool::run_first(env, job, |read| read.map(|(batch, seconds)| Batch::read(batch, seconds)))
    }

    /// Gives the file and the buffers back; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut reader) = self.reader.lock() {
            *reader = None;
        }
    }
}
