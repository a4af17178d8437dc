//! Reading documents: a file becomes a stream of batches of whole records, cut at the boundaries of units.
//!
//! What a file is (`container`) and how it is compressed (`decoded`) is told by its bytes, then by its name. Text
//! containers are one decoded stream that `formats` cuts into records (`stream`); Parquet and Arrow come as rows
//! (`rows`). Where a file can be entered is planned once (`plan`), and never changes what is read.

mod container;
pub(crate) mod decoded;
mod frames;
mod plan;
pub mod replay;
mod rows;
mod stream;
mod utf16;

pub use container::{Container, PlainText, is_html};
pub use decoded::{Compression, Decoded, sniff};
pub use frames::Entry;
pub use plan::{Plan, plan};
pub use rows::size_of;

use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::io::Io;
use std::path::Path;

#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The first unit that is read.
    pub unit: u64,
    /// Where to enter within it, and the ordinal of the record there; without, at its beginning.
    pub record: Option<(u64, u32)>,
    /// Behind the last unit; without, at the end of the file.
    pub end_unit: Option<u64>,
    pub unit_size: u64,
    /// Bytes of raw records a batch holds, more only where one record is longer.
    pub batch_size: usize,
    /// A raw record over this many bytes is not held.
    pub max_record: usize,
    /// What a document is in a file of plain text.
    pub plain_text: PlainText,
    /// A place before the first unit where the compressed file can be entered.
    pub entry: Option<Entry>,
}

pub enum Reader {
    Stream(stream::StreamReader),
    Rows(rows::RowReader),
}

impl Reader {
    pub fn open(io: &Io, path: &Path, options: ReadOptions) -> Result<Self> {
        if options.unit_size == 0 || options.batch_size == 0 {
            return Err(Error::invalid("a unit and a batch hold at least one byte"));
        }
        let (container, compression) = container::detect(io, path)?;
        match container {
            Container::Parquet | Container::Arrow | Container::ArrowStream => {
                rows::RowReader::open(io, path, container, compression, options).map(Reader::Rows)
            }
            _ => stream::StreamReader::open(io, path, container, compression, options).map(Reader::Stream),
        }
    }

    /// The next batch, or nothing after the last unit. The last batch of each unit says so, and may be empty.
    pub fn next_batch(&mut self) -> Result<Option<Batch>> {
        match self {
            Reader::Stream(reader) => reader.next_batch(),
            Reader::Rows(reader) => reader.next_batch(),
        }
    }
}

/// The name of a file, of which generated ids are made.
fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
