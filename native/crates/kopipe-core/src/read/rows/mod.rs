//! Parquet and Arrow: rows instead of bytes. A document's place is the number of its row.
//!
//! A unit is a run of row groups (Parquet) or record batches (Arrow) that begins where the sizes before it reach the
//! next multiple of the unit size. Both libraries are fed by strangers: what they refuse, or panic on, is damage, told
//! with the row where it was met, and the next unit goes on.

mod arrow;
mod pages;
mod parquet;
mod unpacked;

use super::container::Container;
use super::decoded::Compression;
use super::{ReadOptions, file_name};
use crate::batch::{Batch, Damage, Layout, Record};
use crate::error::{Error, Result};
use crate::io::Io;
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Rows that were read, or why they could not be; either way of this unit.
struct Piece {
    unit: u64,
    first_row: u64,
    rows: std::result::Result<RecordBatch, String>,
}

/// Where rows come from, in order; nothing behind the last unit.
trait Source: Send {
    fn next(&mut self) -> Result<Option<Piece>>;
    /// Bytes of the file that were read so far, by estimate.
    fn file_bytes(&self) -> u64;
    /// The last unit of the file, where it is known.
    fn last_unit(&self) -> Option<u64>;
}

/// The row groups or record batches of each unit.
pub fn units(io: &Io, path: &Path, container: Container, unit_size: u64) -> Result<Vec<Range<usize>>> {
    guarded(path, || match container {
        Container::Parquet => parquet::units(io, path, unit_size),
        _ => arrow::units(io, path, unit_size),
    })
}

/// Cuts pieces of these sizes into units: a piece belongs to the unit in which it begins.
fn cut(sizes: impl Iterator<Item = u64>, unit_size: u64) -> Vec<Range<usize>> {
    let mut units: Vec<Range<usize>> = Vec::new();
    let (mut total, mut next) = (0u64, 0u64);
    for (number, size) in sizes.enumerate() {
        if total >= next {
            units.push(number..number);
            next = (total / unit_size + 1).saturating_mul(unit_size);
        }
        if let Some(unit) = units.last_mut() {
            unit.end = number + 1;
        }
        total = total.saturating_add(size);
    }
    units
}

pub struct RowReader {
    path: PathBuf,
    name: String,
    options: ReadOptions,
    source: Box<dyn Source>,
    unit: u64,
    ordinal: u32,
    /// What has been read and not yet given out, and how many rows of it make a batch: asked once, as it looks at every row.
    ahead: Option<Piece>,
    rows_a_batch: usize,
    finished: bool,
}

impl RowReader {
    pub fn open(io: &Io, path: &Path, container: Container, compression: Compression, options: ReadOptions) -> Result<Self> {
        let source = guarded(path, || -> Result<Box<dyn Source>> {
            Ok(match (container, compression) {
                (Container::Parquet, _) => Box::new(parquet::ParquetSource::open(io, path, compression, &options)?),
                (Container::Arrow, Compression::Plain) => Box::new(arrow::FileSource::open(io, path, &options)?),
                _ => Box::new(arrow::StreamSource::open(io, path, container, compression, &options)?),
            })
        })?;
        let (unit, ordinal) = (options.unit, options.record.map_or(0, |(_, ordinal)| ordinal));
        let mut reader = RowReader {
            path: path.into(),
            name: file_name(path),
            options,
            source,
            unit,
            ordinal,
            ahead: None,
            rows_a_batch: 1,
            finished: false,
        };
        reader.ahead = reader.read()?;
        Ok(reader)
    }

    /// The next piece that has rows from where reading begins.
    fn read(&mut self) -> Result<Option<Piece>> {
        let start = self.options.record.map_or(0, |(row, _)| row);
        loop {
            let source = &mut self.source;
            let Some(mut piece) = guarded(&self.path, || source.next())? else { return Ok(None) };
            if let Ok(rows) = &piece.rows {
                let before = start.saturating_sub(piece.first_row).min(rows.num_rows() as u64);
                if before == rows.num_rows() as u64 {
                    continue;
                }
                let rows = rows.slice(before as usize, rows.num_rows() - before as usize);
                self.rows_a_batch = rows_within(&rows, self.options.batch_size);
                piece.rows = Ok(rows);
                piece.first_row += before;
            }
            return Ok(Some(piece));
        }
    }

    pub fn next_batch(&mut self) -> Result<Option<Batch>> {
        if self.finished {
            return Ok(None);
        }
        let mut batch = Batch::new(self.path.clone(), self.name.clone(), self.unit, self.options.unit_size);
        batch.first_ordinal = self.ordinal;
        match self.ahead.take() {
            Some(Piece { unit, first_row, rows: Ok(rows) }) if unit == self.unit => {
                let here = self.rows_a_batch.min(rows.num_rows());
                fill(&mut batch, rows.slice(0, here), first_row);
                self.ordinal += here as u32;
                self.ahead = if here < rows.num_rows() {
                    Some(Piece { unit, first_row: first_row + here as u64, rows: Ok(rows.slice(here, rows.num_rows() - here)) })
                } else {
                    self.read()?
                };
            }
            Some(Piece { unit, first_row, rows: Err(what) }) if unit == self.unit => {
                batch.position = first_row;
                batch.damage = Some(Damage { offset: first_row, what });
                self.ahead = self.read()?;
            }
            ahead => self.ahead = ahead,
        }
        batch.file_bytes = self.source.file_bytes();
        if self.ahead.as_ref().is_none_or(|ahead| ahead.unit > self.unit) {
            batch.ends_unit = true;
            batch.ends_file = self.ahead.is_none() && self.source.last_unit().is_none_or(|last| self.unit >= last);
            self.unit += 1;
            self.ordinal = 0;
            self.finished = self.ahead.is_none();
        }
        Ok(Some(batch))
    }
}

fn fill(batch: &mut Batch, rows: RecordBatch, first_row: u64) {
    batch.position = first_row + rows.num_rows() as u64;
    // Length and place in `raw` are known when the row is parsed: which column is the text is not asked here.
    batch.records = (0..rows.num_rows())
        .map(|row| Record { start: row, end: row + 1, offset: first_row + row as u64, length: 0, whole: true })
        .collect();
    batch.layout = Layout::Rows(rows);
}

/// Bytes of these rows; shared buffers count by what is seen of them, of a dictionary by what a value has in the mean.
pub fn size_of(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(|column| seen_of(column)).sum()
}

fn seen_of(column: &dyn Array) -> usize {
    if let Some(column) = column.as_string_view_opt() {
        column.total_bytes_len() + size_of_val(column.views().inner().as_slice())
    } else if let Some(column) = column.as_binary_view_opt() {
        column.total_bytes_len() + size_of_val(column.views().inner().as_slice())
    } else if let Some(column) = column.as_any_dictionary_opt() {
        seen_of(column.keys()) + column.keys().len() * (seen_of(column.values()) / column.values().len().max(1))
    } else {
        column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
    }
}

/// How many rows make a batch: by their mean size, and at least one.
fn rows_within(rows: &RecordBatch, batch_size: usize) -> usize {
    let mean = (size_of(rows) / rows.num_rows().max(1)).max(1);
    (batch_size / mean).clamp(1, rows.num_rows())
}

/// Runs what a library does with foreign bytes: a panic is damage like any other error of its.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::corrupt(path, 0, "it is not what its format promises")))
}

#[cfg(test)]
mod tests;
