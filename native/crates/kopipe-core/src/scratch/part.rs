//! The files of a part of the result: frames of documents, encoded side by side and written behind each other.
//!
//! A frame is cut by document bytes alone, 4 MiB of JSON lines (a zstd frame, a gzip member, a record batch) or 32 MiB
//! (a row group), so the bytes of a file depend on nothing else.

use super::placed::Placed;
use crate::columns::{ArrowFile, Message, ParquetFile, RowGroup, Shape};
use crate::error::{Error, Result};
use crate::io::{Io, NewFile, Sealed};
use crate::stats::{Corpus, Gathered, Look};
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

/// Bytes of JSON lines a frame holds before it is cut.
pub const FRAME: usize = 4 << 20;
/// The same of a row group: small ones cost readers more than they save.
const ROW_GROUP: usize = 32 << 20;
const LEVEL: i32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Jsonl,
    JsonlGz,
    JsonlZst,
    Parquet,
    Arrow,
}

impl Format {
    pub const ALL: [(Format, &'static str); 5] = [
        (Format::JsonlZst, "jsonl.zst"),
        (Format::JsonlGz, "jsonl.gz"),
        (Format::Jsonl, "jsonl"),
        (Format::Parquet, "parquet"),
        (Format::Arrow, "arrow"),
    ];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, n)| *n == name).map(|(format, _)| *format)
    }

    pub fn frame(self) -> usize {
        if self == Format::Parquet { ROW_GROUP } else { FRAME }
    }
}

/// Which of the unit's files a frame belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    Documents,
    Rejects,
    Duplicates,
    Contamination,
}

pub struct Frame {
    pub output: Output,
    content: Content,
    statistics: Statistics,
}

/// Of documents: where they stand, and once it is encoded what they are made of.
enum Statistics {
    None,
    Waiting(Placed, Arc<Look>),
    Gathered(Box<Gathered>),
}

/// JSON lines, and what they become.
enum Content {
    Lines(Vec<u8>),
    Bytes(Vec<u8>),
    RowGroup(RowGroup),
    Message(Message),
}

impl Frame {
    pub fn new(output: Output, lines: Vec<u8>) -> Self {
        Frame { output, content: Content::Lines(lines), statistics: Statistics::None }
    }

    /// The same with its documents to be looked at.
    pub fn with(self, placed: Placed, look: Arc<Look>) -> Self {
        Frame { statistics: Statistics::Waiting(placed, look), ..self }
    }

    /// Bytes of JSON lines, where it has not been encoded.
    #[cfg(test)]
    pub fn line_bytes(&self) -> usize {
        if let Content::Lines(lines) = &self.content { lines.len() } else { 0 }
    }

    /// Looks at the documents, and replaces the JSON lines by what stands in the file.
    pub fn encode(&mut self, format: Format, shape: &Shape) -> Result<()> {
        let Content::Lines(lines) = &mut self.content else { return Err(Error::Internal("a frame is encoded once".into())) };
        if let Statistics::Waiting(placed, look) = &self.statistics {
            self.statistics = Statistics::Gathered(Box::new(placed.gather(lines, look)));
        }
        self.content = match format {
            Format::Jsonl => Content::Bytes(std::mem::take(lines)),
            Format::Parquet => Content::RowGroup(RowGroup::encode(lines, shape)?),
            Format::Arrow => Content::Message(Message::encode(lines, shape)?),
            _ => Content::Bytes(compress(lines, format)?),
        };
        Ok(())
    }
}

thread_local! {
    /// A compressor's tables are megabytes: a worker keeps its own.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// JSON lines as one zstd frame, one gzip member, or as they are.
pub fn compress(lines: &[u8], format: Format) -> Result<Vec<u8>> {
    let internal = |e: std::io::Error| Error::Internal(format!("compressing: {e}"));
    match format {
        Format::JsonlZst => COMPRESSOR.with_borrow_mut(|kept| {
            let compressor = match kept {
                Some(compressor) => compressor,
                None => kept.insert(zstd::bulk::Compressor::new(LEVEL).map_err(internal)?),
            };
            compressor.include_checksum(true).map_err(internal)?;
            compressor.compress(lines).map_err(internal)
        }),
        Format::JsonlGz => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut encoder, lines).map_err(internal)?;
            encoder.finish().map_err(internal)
        }
        Format::Jsonl | Format::Parquet | Format::Arrow => Ok(lines.to_vec()),
    }
}

/// A file of the result under construction.
pub struct Part {
    file: File,
    /// What its documents are made of.
    corpus: Corpus,
}

enum File {
    Bytes(NewFile),
    Parquet(Box<ParquetFile>),
    Arrow(ArrowFile),
}

impl Part {
    pub fn create(io: &Io, path: &Path, format: Format, shape: &Shape) -> Result<Self> {
        let file = io.create(path)?;
        let file = match format {
            Format::Parquet => File::Parquet(Box::new(ParquetFile::create(file, shape)?)),
            Format::Arrow => File::Arrow(ArrowFile::create(file, shape)?),
            _ => File::Bytes(file),
        };
        Ok(Part { file, corpus: Corpus::default() })
    }

    /// Writes an encoded frame and gives its memory back.
    pub fn append(&mut self, frame: &mut Frame) -> Result<()> {
        if let Statistics::Gathered(gathered) = std::mem::replace(&mut frame.statistics, Statistics::None) {
            self.corpus.take(*gathered);
        }
        match (&mut self.file, std::mem::replace(&mut frame.content, Content::Bytes(Vec::new()))) {
            (File::Bytes(file), Content::Bytes(bytes)) => file.write(&bytes),
            (File::Parquet(file), Content::RowGroup(group)) => file.append(group),
            (File::Arrow(file), Content::Message(message)) => file.append(message),
            _ => Err(Error::Internal("a frame of another format".into())),
        }
    }

    /// Seals the file, and tells what the documents are made of that were to be looked at.
    pub fn commit(self) -> Result<(Sealed, Corpus)> {
        let sealed = match self.file {
            File::Bytes(file) => file.commit(),
            File::Parquet(file) => file.commit(),
            File::Arrow(file) => file.commit(),
        };
        Ok((sealed?, self.corpus))
    }
}
