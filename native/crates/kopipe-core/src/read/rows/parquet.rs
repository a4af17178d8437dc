//! Parquet, row group by row group, read a few hundred rows at a time: pages are decoded as they are reached.

use super::pages;
use super::unpacked::Unpacked;
use super::{Piece, Source, cut};
use crate::error::{Error, Result};
use crate::io::Io;
use crate::read::ReadOptions;
use crate::read::decoded::Compression;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// At most so many rows are decoded together, fewer where they are large.
const MAX_ROWS: usize = 512;
/// Bytes of a page that is unpacked; more where documents may be larger. Several rows may repeat a value of a page (a
/// dictionary), so what rows are decoded together is bound by the same number.
const LARGEST_PAGE: u64 = 1 << 27;
/// Rows are joined up to so many bytes: a batch of a hundred reviews costs its stages more than the reviews do.
const JOINED: usize = 1 << 21;

/// A file that is read in chunks, each through the seam; a compressed one where it was unpacked.
#[derive(Clone)]
struct Chunks {
    io: Io,
    path: PathBuf,
    length: u64,
    /// Of the file as it lies there.
    file_bytes: u64,
    unpacked: Option<Unpacked>,
}

trait Seekable: Read + Seek + Send {}
impl<T: Read + Seek + Send> Seekable for T {}

impl Chunks {
    fn open(io: &Io, path: &Path, compression: Compression) -> Result<Self> {
        let unpacked = match compression {
            Compression::Plain => None,
            _ => Some(Unpacked::new(io, path, compression)?),
        };
        let file_bytes = io.open(path)?.len()?;
        let length = unpacked.as_ref().map_or(file_bytes, |unpacked| unpacked.length);
        Ok(Chunks { io: io.clone(), path: path.into(), length, file_bytes, unpacked })
    }

    fn at(&self, start: u64) -> ParquetResult<Box<dyn Seekable>> {
        if let Some(unpacked) = &self.unpacked {
            return Ok(Box::new(unpacked.at(start)));
        }
        let mut file = self.io.open(&self.path).map_err(|e| ParquetError::External(Box::new(e)))?;
        file.seek(SeekFrom::Start(start)).map_err(|e| ParquetError::External(Box::new(e)))?;
        Ok(Box::new(file))
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<Box<dyn Seekable>>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(self.at(start)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        if start.saturating_add(length as u64) > self.length {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} reach behind the end of the file")));
        }
        let mut bytes = vec![0; length];
        self.at(start)?.read_exact(&mut bytes).map_err(|e| ParquetError::External(Box::new(e)))?;
        Ok(bytes.into())
    }
}

fn metadata(chunks: &Chunks) -> Result<ArrowReaderMetadata> {
    ArrowReaderMetadata::load(chunks, ArrowReaderOptions::new()).map_err(|e| told(e, &chunks.path, 0))
}

/// What the library says, as an error of the disk where it is one.
fn told(error: ParquetError, path: &Path, row: u64) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<Error>() {
            Ok(error) => *error,
            Err(inner) => match inner.downcast::<std::io::Error>() {
                Ok(error) if error.raw_os_error().is_some() => Error::io("read", path, *error),
                Ok(error) => Error::corrupt(path, row, error.to_string()),
                Err(other) => Error::corrupt(path, row, other.to_string()),
            },
        },
        other => Error::corrupt(path, row, other.to_string()),
    }
}

fn sizes(metadata: &ParquetMetaData) -> impl Iterator<Item = u64> {
    metadata.row_groups().iter().map(|group| group.total_byte_size().max(0) as u64)
}

pub fn units(io: &Io, path: &Path, unit_size: u64) -> Result<Vec<Range<usize>>> {
    Ok(cut(sizes(metadata(&Chunks::open(io, path, Compression::Plain)?)?.metadata()), unit_size))
}

pub struct ParquetSource {
    chunks: Chunks,
    metadata: ArrowReaderMetadata,
    units: Vec<Range<usize>>,
    unit: u64,
    end_unit: u64,
    /// What was decoded and is not joined to what came before.
    ahead: Option<Piece>,
    reader: Option<ParquetRecordBatchReader>,
    row: u64,
    largest_page: u64,
}

impl ParquetSource {
    pub fn open(io: &Io, path: &Path, compression: Compression, options: &ReadOptions) -> Result<Self> {
        let chunks = Chunks::open(io, path, compression)?;
        let metadata = metadata(&chunks)?;
        let units = cut(sizes(metadata.metadata()), options.unit_size);
        let end_unit = options.end_unit.unwrap_or(u64::MAX).min(units.len() as u64);
        let largest_page = LARGEST_PAGE.max(options.max_record as u64);
        let mut source =
            ParquetSource { chunks, metadata, units, unit: options.unit, end_unit, reader: None, ahead: None, row: 0, largest_page };
        source.row = source.rows_before(options.unit);
        Ok(source)
    }

    fn rows_before(&self, unit: u64) -> u64 {
        let groups = self.units.get(unit as usize).map_or(0, |unit| unit.start);
        self.metadata.metadata().row_groups()[..groups].iter().map(|group| group.num_rows().max(0) as u64).sum()
    }

    fn open_unit(&self) -> ParquetResult<ParquetRecordBatchReader> {
        let groups = self.units[self.unit as usize].clone();
        let all = &self.metadata.metadata().row_groups()[groups.clone()];
        let (bytes, rows) = all.iter().fold((0, 0), |(bytes, rows), group| (bytes + group.total_byte_size(), rows + group.num_rows()));
        let mean = (bytes / rows.max(1)).max(1) as usize;
        let page = self.largest_page(groups.clone())?;
        if page > self.largest_page {
            return Err(ParquetError::General(format!("a page of {page} bytes unpacked, over the {} that are read", self.largest_page)));
        }
        let by_page = (self.largest_page / page.max(1)).max(1) as usize;
        ParquetRecordBatchReaderBuilder::new_with_metadata(self.chunks.clone(), self.metadata.clone())
            .with_row_groups(groups.collect())
            .with_batch_size(((1 << 21) / mean).clamp(1, MAX_ROWS).min(by_page))
            .build()
    }

    fn largest_page(&self, groups: Range<usize>) -> ParquetResult<u64> {
        let mut file = BufReader::with_capacity(1 << 12, self.chunks.at(0)?);
        let mut largest = 0;
        for column in self.metadata.metadata().row_groups()[groups].iter().flat_map(|group| group.columns()) {
            let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset()).max(0) as u64;
            let end = start.saturating_add(column.compressed_size().max(0) as u64).min(self.chunks.length);
            largest = largest.max(pages::largest(&mut file, start, end).map_err(|e| ParquetError::External(Box::new(e)))?);
        }
        Ok(largest)
    }
}

impl Source for ParquetSource {
    fn next(&mut self) -> Result<Option<Piece>> {
        let first = match self.ahead.take() {
            Some(piece) => piece,
            None => match self.decoded()? {
                Some(piece) => piece,
                None => return Ok(None),
            },
        };
        let Piece { unit, first_row, rows: Ok(rows) } = first else { return Ok(Some(first)) };
        let (schema, mut bytes, mut parts) = (rows.schema(), rows.get_array_memory_size(), vec![rows]);
        while bytes < JOINED && self.ahead.is_none() {
            match self.decoded()? {
                Some(Piece { unit: of, rows: Ok(more), .. }) if of == unit && more.get_array_memory_size() < JOINED => {
                    bytes += more.get_array_memory_size();
                    parts.push(more);
                }
                Some(other) => self.ahead = Some(other),
                None => break,
            }
        }
        let rows = if parts.len() == 1 { parts.remove(0) } else { joined(&schema, &parts)? };
        Ok(Some(Piece { unit, first_row, rows: Ok(rows) }))
    }

    fn file_bytes(&self) -> u64 {
        let rows: u64 = self.metadata.metadata().row_groups().iter().map(|group| group.num_rows().max(0) as u64).sum();
        (self.chunks.file_bytes as f64 * self.row as f64 / rows.max(1) as f64) as u64
    }

    fn last_unit(&self) -> Option<u64> {
        Some(self.units.len().saturating_sub(1) as u64)
    }
}

impl ParquetSource {
    /// Rows as they are decoded together.
    fn decoded(&mut self) -> Result<Option<Piece>> {
        while self.unit < self.end_unit {
            let (unit, first_row) = (self.unit, self.row);
            if self.reader.is_none() {
                self.row = self.rows_before(unit);
                match self.open_unit() {
                    Ok(reader) => self.reader = Some(reader),
                    Err(error) => return self.damaged(told(error, &self.chunks.path, first_row), first_row),
                }
                continue;
            }
            // A reader that panicked is not asked again.
            let Some(mut reader) = self.reader.take() else { continue };
            let next = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reader.next()));
            match next {
                Ok(Some(Ok(rows))) => {
                    self.reader = Some(reader);
                    self.row += rows.num_rows() as u64;
                    return Ok(Some(Piece { unit, first_row, rows: Ok(rows) }));
                }
                Ok(Some(Err(error))) => {
                    let error = match error {
                        arrow_schema::ArrowError::ExternalError(inner) => match inner.downcast::<ParquetError>() {
                            Ok(inner) => told(*inner, &self.chunks.path, first_row),
                            Err(inner) => Error::corrupt(&self.chunks.path, first_row, inner.to_string()),
                        },
                        other => Error::corrupt(&self.chunks.path, first_row, other.to_string()),
                    };
                    return self.damaged(error, first_row);
                }
                Ok(None) => self.unit += 1,
                Err(_) => return self.damaged(Error::corrupt(&self.chunks.path, first_row, "a page is not what it promises"), first_row),
            }
        }
        Ok(None)
    }

    /// The rest of the unit is given up; an error of the disk is thrown.
    fn damaged(&mut self, error: Error, first_row: u64) -> Result<Option<Piece>> {
        match error {
            Error::Corrupt { what, .. } => {
                let unit = self.unit;
                (self.unit, self.reader) = (unit + 1, None);
                Ok(Some(Piece { unit, first_row, rows: Err(what) }))
            }
            other => Err(other),
        }
    }
}

fn joined(schema: &SchemaRef, parts: &[RecordBatch]) -> Result<RecordBatch> {
    concat_batches(schema, parts).map_err(|e| Error::Internal(format!("rows of one file do not join: {e}")))
}
