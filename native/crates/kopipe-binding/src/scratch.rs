//! `kopipe_core::scratch`: units written once, and read once more as frames of the result.

use crate::batch::{Batch, lock};
use crate::dedupe::{DuplicateOutcomes, poisoned};
use crate::error::to_js;
use crate::files::{SealedFile, disk};
use crate::lines::LineCuts;
use crate::pool;
use crate::stats::{sample, write};
use kopipe_core::columns::Shape;
use kopipe_core::scratch::{self, Format, Output, Part, Place};
use kopipe_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

#[napi(object)]
pub struct SealedUnit {
    pub blocks: SealedFile,
    pub signatures: SealedFile,
    /// Hashes of the lines, where they are counted.
    pub lines: Option<SealedFile>,
    /// How many records the unit has.
    pub records: u32,
    /// xxh3-128 of the records as they were read.
    pub input: String,
    /// What keys and values the documents have, as JSON: for results with columns.
    pub shape: String,
    /// Documents that were written at once, with the bytes of their JSON lines.
    pub documents: i64,
    pub document_bytes: i64,
    /// Of the documents that were written at once.
    pub statistics: Option<SealedFile>,
    /// What writing took.
    pub seconds: f64,
}

/// Writes one unit's scratch files; append in input order.
#[napi]
pub struct ScratchUnit {
    writer: Arc<Mutex<Option<scratch::ScratchWriter>>>,
    seconds: Arc<Mutex<f64>>,
}

#[napi]
impl ScratchUnit {
    /// `lines` is where hashes of lines go, where they are counted; `documents` is the format of the result where batches were encoded
    /// to be written at once; `unsynced`: after a power cut the files are as `isWhole` says.
    #[napi(factory)]
    pub fn create(
        blocks: String,
        signatures: String,
        lines: Option<String>,
        documents: Option<String>,
        unsynced: bool,
    ) -> napi::Result<Self> {
        let documents = documents.map(|format| format_of(&format)).transpose()?;
        let lines = lines.as_deref().map(Path::new);
        let writer = scratch::ScratchWriter::create(disk(), Path::new(&blocks), Path::new(&signatures), lines, documents, unsynced);
        Ok(ScratchUnit { writer: Arc::new(Mutex::new(Some(writer.map_err(|e| to_js(&e))?))), seconds: Arc::default() })
    }

    /// Gives the frames of documents that the batch fills.
    #[napi(ts_return_type = "Promise<Frame[]>")]
    pub fn append<'env>(&self, env: &'env Env, batch: &Batch) -> napi::Result<Object<'env>> {
        let (writer, batch, seconds) = (self.writer.clone(), batch.shared(), self.seconds.clone());
        let job = move || {
            let started = Instant::now();
            let frames = open(lock(&writer)?.as_mut())?.append(&mut *lock(&batch)?)?;
            *lock(&seconds)? += started.elapsed().as_secs_f64();
            Ok(frames)
        };
        pool::run(env, job, |frames| frames.into_iter().map(Frame::from).collect::<Vec<_>>())
    }

    /// The last frame of documents, once all batches are appended.
    #[napi]
    pub fn rest(&self) -> napi::Result<Option<Frame>> {
        let rest = || Ok(open(lock(&self.writer)?.as_mut())?.rest());
        rest().map(|frame| frame.map(Frame::from)).map_err(|e: Error| to_js(&e))
    }

    /// `statistics` is where those of the documents go that were written at once.
    #[napi(ts_return_type = "Promise<SealedUnit>")]
    pub fn seal<'env>(&self, env: &'env Env, statistics: Option<String>) -> napi::Result<Object<'env>> {
        let (writer, seconds) = (self.writer.clone(), self.seconds.clone());
        let job = move || {
            let started = Instant::now();
            let sealed = open(lock(&writer)?.take())?.seal()?;
            let shape = serde_json::to_string(&sealed.shape).map_err(|e| Error::Internal(e.to_string()))?;
            let statistics = statistics.map(|path| write(&path, &sealed.corpus)).transpose()?;
            Ok((sealed, shape, statistics, *lock(&seconds)? + started.elapsed().as_secs_f64()))
        };
        pool::run(env, job, |(sealed, shape, statistics, seconds)| SealedUnit {
            statistics: statistics.map(SealedFile::from),
            seconds,
            blocks: sealed.blocks.into(),
            signatures: sealed.signatures.into(),
            lines: sealed.lines.map(SealedFile::from),
            records: sealed.records,
            input: sealed.input,
            shape,
            documents: sealed.written.docs as i64,
            document_bytes: sealed.written.bytes as i64,
        })
    }

    /// Removes what was not sealed; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut writer) = self.writer.lock() {
            *writer = None;
        }
    }
}

fn open<T>(inner: Option<T>) -> Result<T> {
    inner.ok_or_else(|| Error::Internal("used after it was closed".into()))
}

/// What the documents of all units have, from what `seal` said of each, in input order.
#[napi]
pub struct DocumentShape {
    inner: Arc<Shape>,
}

#[napi]
impl DocumentShape {
    /// `additions`: the last pass adds something to documents of its own.
    #[napi(factory)]
    pub fn merge(units: Vec<String>, additions: bool) -> napi::Result<Self> {
        let mut merged = Shape::with_additions(additions);
        for unit in units {
            merged.merge(&serde_json::from_str(&unit).map_err(|e| to_js(&Error::invalid(format!("a shape: {e}"))))?);
        }
        Ok(DocumentShape { inner: Arc::new(merged) })
    }
}

fn format_of(name: &str) -> napi::Result<Format> {
    Format::parse(name).ok_or_else(|| to_js(&Error::invalid(format!("no format {name:?}"))))
}

/// JSON lines of one of a unit's files, encoded on any worker.
#[napi]
pub struct Frame {
    inner: Arc<Mutex<scratch::Frame>>,
    output: Output,
}

impl From<scratch::Frame> for Frame {
    fn from(frame: scratch::Frame) -> Self {
        Frame { output: frame.output, inner: Arc::new(Mutex::new(frame)) }
    }
}

#[napi]
impl Frame {
    #[napi(getter, ts_return_type = "'documents' | 'rejects' | 'duplicates' | 'contamination'")]
    pub fn output(&self) -> &'static str {
        match self.output {
            Output::Documents => "documents",
            Output::Rejects => "rejects",
            Output::Duplicates => "duplicates",
            Output::Contamination => "contamination",
        }
    }

    /// Makes of the lines what stands in the file.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn encode<'env>(&self, env: &'env Env, format: String, shape: &DocumentShape) -> napi::Result<Object<'env>> {
        let (format, inner, shape) = (format_of(&format)?, self.inner.clone(), shape.inner.clone());
        let job = move || {
            let started = Instant::now();
            lock(&inner)?.encode(format, &shape)?;
            Ok(started.elapsed().as_secs_f64())
        };
        pool::run(env, job, |seconds| seconds)
    }
}

/// A unit whose scratch was written.
#[napi(object)]
pub struct WrittenUnit {
    pub blocks: String,
    /// The file it was read from.
    pub input: String,
    /// Its number, and that of its part in the artifact.
    pub unit: u32,
}

/// Reads a unit's scratch file as frames of the result.
#[napi]
pub struct Survivors {
    inner: Arc<Mutex<scratch::Survivors>>,
    seconds: Arc<Mutex<f64>>,
}

#[napi(object)]
pub struct Written {
    pub documents: i64,
    /// Bytes of JSON lines.
    pub bytes: i64,
    /// Documents that go, duplicates and those of repeated lines, by reason and source, with the bytes of their input text, as JSON.
    pub duplicates: String,
    /// What had been cut from them by source and kind, as JSON.
    pub cut: String,
    /// Numbers of the evaluation items that documents met, ascending.
    pub met: Vec<u32>,
    /// What was cut in this pass from documents that stay, by source and kind, as JSON.
    pub cut_now: String,
    /// What the unit tells of the most frequent lines, by their places among them, as JSON; empty where it tells nothing.
    pub lines: String,
    /// What reading scratch took.
    pub seconds: f64,
}

#[napi]
impl Survivors {
    /// `format` is that of the documents, none where they are written already; `lines` go from the documents that stay.
    #[napi(ts_return_type = "Promise<Survivors>")]
    pub fn open<'env>(
        env: &'env Env,
        written: WrittenUnit,
        format: Option<String>,
        outcomes: &DuplicateOutcomes,
        lines: Option<&LineCuts>,
        one_in: u32,
    ) -> napi::Result<Object<'env>> {
        let WrittenUnit { blocks, input, unit } = written;
        let look = sample(one_in)?;
        let format = format.map(|format| format_of(&format)).transpose()?;
        let lines = lines.map(|lines| lines.of_unit(unit)).transpose().map_err(|e| to_js(&e))?;
        let outcomes = outcomes.shared();
        let job = move || {
            let outcomes = outcomes.map_or(Ok(Vec::new()), |outcomes| outcomes.write().map_err(|_| poisoned())?.of_unit(unit))?;
            scratch::Survivors::open(disk(), Path::new(&blocks), Place { file: input, unit }, format, outcomes, lines, look)
        };
        pool::run_first(env, job, |survivors| Survivors { inner: Arc::new(Mutex::new(survivors)), seconds: Arc::default() })
    }

    #[napi(ts_return_type = "Promise<Frame | null>")]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (inner, seconds) = (self.inner.clone(), self.seconds.clone());
        let job = move || {
            let started = Instant::now();
            let frame = lock(&inner)?.next_frame()?;
            *lock(&seconds)? += started.elapsed().as_secs_f64();
            Ok(frame)
        };
        pool::run_first(env, job, |frame| frame.map(Frame::from))
    }

    /// Complete after the last frame.
    #[napi]
    pub fn written(&self) -> napi::Result<Written> {
        let inner = lock(&self.inner).map_err(|e| to_js(&e))?;
        let failed = |e: serde_json::Error| to_js(&Error::Internal(e.to_string()));
        let duplicates = serde_json::to_string(&inner.written.duplicates).map_err(failed)?;
        let cut = serde_json::to_string(&inner.written.cut).map_err(failed)?;
        let cut_now = serde_json::to_string(&inner.written.cut_now).map_err(failed)?;
        let lines = serde_json::to_string(&inner.written.lines).map_err(failed)?;
        let seconds = *lock(&self.seconds).map_err(|e| to_js(&e))?;
        Ok(Written {
            seconds,
            documents: inner.written.documents.docs as i64,
            bytes: inner.written.documents.bytes as i64,
            duplicates,
            cut,
            met: inner.written.met.iter().copied().collect(),
            cut_now,
            lines,
        })
    }
}

#[napi(object)]
pub struct SealedPart {
    pub file: SealedFile,
    pub statistics: Option<SealedFile>,
}

/// A file of the result under construction: frames are appended in order, `commit` makes it exist.
#[napi]
pub struct PartFile {
    file: Arc<Mutex<Option<Part>>>,
}

#[napi]
impl PartFile {
    #[napi(factory)]
    pub fn create(path: String, format: String, shape: &DocumentShape) -> napi::Result<Self> {
        let file = Part::create(disk(), Path::new(&path), format_of(&format)?, &shape.inner).map_err(|e| to_js(&e))?;
        Ok(PartFile { file: Arc::new(Mutex::new(Some(file))) })
    }

    /// Writes the frame and empties it.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn append<'env>(&self, env: &'env Env, frame: &Frame) -> napi::Result<Object<'env>> {
        let (file, frame) = (self.file.clone(), frame.inner.clone());
        let job = move || {
            let started = Instant::now();
            // Its bytes are given back at once, not when JavaScript's collector comes by.
            open(lock(&file)?.as_mut())?.append(&mut *lock(&frame)?)?;
            Ok(started.elapsed().as_secs_f64())
        };
        pool::run_first(env, job, |seconds| seconds)
    }

    /// `statistics` is where those of its documents go.
    #[napi(ts_return_type = "Promise<SealedPart>")]
    pub fn commit<'env>(&self, env: &'env Env, statistics: Option<String>) -> napi::Result<Object<'env>> {
        let file = self.file.clone();
        let job = move || {
            let (file, corpus) = open(lock(&file)?.take())?.commit()?;
            Ok((file, statistics.map(|path| write(&path, &corpus)).transpose()?))
        };
        pool::run(env, job, |(file, statistics)| SealedPart { file: file.into(), statistics: statistics.map(SealedFile::from) })
    }

    /// Removes what was not committed; calling it again does nothing.
    #[napi]
    pub fn close(&self) {
        if let Ok(mut file) = self.file.lock() {
            *file = None;
        }
    }
}
