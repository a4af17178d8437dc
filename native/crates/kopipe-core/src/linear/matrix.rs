//! A matrix of a model, where it lies in the file: 32-bit floats, or product-quantized codes with their centroids.
//!
//! Floats are summed in fastText's order, so that the sums are the same. Nothing is aligned there; unaligned loads cost
//! nothing.

use super::bytes::Cursor;
use crate::error::Result;
use std::ops::Range;

/// Centroids of a sub-quantizer: a code is a byte.
const CENTROIDS: usize = 256;

pub enum Matrix {
    Dense { rows: usize, columns: usize, values: Range<usize> },
    Quantized { rows: usize, codes: Range<usize>, quantizer: Quantizer, norms: Option<(Range<usize>, Quantizer)> },
}

/// Cuts a vector into parts of `part` values, the last may be shorter; a byte says which of 256 each is.
pub struct Quantizer {
    columns: usize,
    parts: usize,
    part: usize,
    last: usize,
    centroids: Range<usize>,
}

impl Matrix {
    pub fn read(at: &mut Cursor, quantized: bool, dim: usize) -> Result<Matrix> {
        let with_norms = quantized && at.flag("whether norms are quantized")?;
        let (rows, columns) = (at.count("rows")?, at.count("columns")?);
        if columns != dim || rows == 0 {
            return Err(at.wrong(format!("a matrix of {rows} by {columns} stands in a model of dimension {dim}")));
        }
        if !quantized {
            let cells = rows.checked_mul(columns).ok_or_else(|| at.wrong("its matrix is larger than a file"))?;
            return Ok(Matrix::Dense { rows, columns, values: at.take_all(cells, 4)? });
        }
        let length = at.i32()?;
        let codes = at.take(usize::try_from(length).map_err(|_| at.wrong(format!("it has {length} codes")))?)?;
        let quantizer = Quantizer::read(at)?;
        if quantizer.columns != columns || rows.checked_mul(quantizer.parts) != Some(codes.len()) {
            let (of, parts) = (quantizer.columns, quantizer.parts);
            return Err(at.wrong(format!("{rows} by {columns} take {} codes of {parts} parts of {of}", codes.len())));
        }
        let norms = if with_norms { Some((at.take(rows)?, Quantizer::read(at)?)) } else { None };
        if norms.as_ref().is_some_and(|(_, norm)| norm.columns != 1) {
            return Err(at.wrong("a norm is one value"));
        }
        Ok(Matrix::Quantized { rows, codes, quantizer, norms })
    }

    pub fn rows(&self) -> usize {
        match self {
            Matrix::Dense { rows, .. } | Matrix::Quantized { rows, .. } => *rows,
        }
    }

    pub fn columns(&self) -> usize {
        match self {
            Matrix::Dense { columns, .. } => *columns,
            Matrix::Quantized { quantizer, .. } => quantizer.columns,
        }
    }

    /// Adds a row to a vector.
    #[inline]
    pub fn add_row(&self, file: &[u8], row: usize, to: &mut [f32]) {
        match self {
            Matrix::Dense { columns, values, .. } => {
                for (x, value) in to.iter_mut().zip(floats(file, values.start, row * columns, *columns)) {
                    *x += value;
                }
            }
            Matrix::Quantized { codes, quantizer, .. } => {
                let norm = self.norm(file, row);
                for (part, &code) in file[codes.clone()][row * quantizer.parts..][..quantizer.parts].iter().enumerate() {
                    let to = &mut to[part * quantizer.part..];
                    to.iter_mut().zip(quantizer.centroid(file, part, code)).for_each(|(x, value)| *x += norm * value);
                }
            }
        }
    }

    /// A row times a vector.
    pub fn dot(&self, file: &[u8], row: usize, with: &[f32]) -> f32 {
        match self {
            Matrix::Dense { columns, values, .. } => {
                let row = floats(file, values.start, row * columns, *columns);
                row.zip(with).fold(0.0, |sum, (value, x)| sum + value * x)
            }
            Matrix::Quantized { codes, quantizer, .. } => {
                let codes = &file[codes.clone()][row * quantizer.parts..][..quantizer.parts];
                let mut sum = 0.0;
                for (part, &code) in codes.iter().enumerate() {
                    let with = &with[part * quantizer.part..];
                    sum = quantizer.centroid(file, part, code).zip(with).fold(sum, |sum, (value, x)| sum + value * x);
                }
                sum * self.norm(file, row)
            }
        }
    }

    /// Every row times a vector: rows side by side, each sum in its own order.
    pub fn dots(&self, file: &[u8], with: &[f32], into: &mut Vec<f32>) {
        const SIDE_BY_SIDE: usize = 8;
        into.clear();
        if let Matrix::Dense { rows, columns, values } = self {
            while into.len() + SIDE_BY_SIDE <= *rows {
                let mut sums = [0f32; SIDE_BY_SIDE];
                let of: [&[[u8; 4]]; SIDE_BY_SIDE] =
                    std::array::from_fn(|i| cells(file, values.start, (into.len() + i) * columns, *columns));
                for (column, x) in with.iter().enumerate() {
                    for (sum, row) in sums.iter_mut().zip(&of) {
                        *sum += f32::from_le_bytes(row[column]) * x;
                    }
                }
                into.extend(sums);
            }
        }
        into.extend((into.len()..self.rows()).map(|row| self.dot(file, row, with)));
    }

    fn norm(&self, file: &[u8], row: usize) -> f32 {
        match self {
            Matrix::Quantized { norms: Some((codes, quantizer)), .. } => {
                quantizer.centroid(file, 0, file[codes.clone()][row]).next().unwrap_or(1.0)
            }
            _ => 1.0,
        }
    }
}

impl Quantizer {
    fn read(at: &mut Cursor) -> Result<Quantizer> {
        let [columns, parts, part, last] = at.i32s()?.map(|value| usize::try_from(value).unwrap_or(0));
        let whole = parts.saturating_sub(1).checked_mul(part).and_then(|before| before.checked_add(last));
        if parts == 0 || last == 0 || last > part || whole != Some(columns) {
            return Err(at.wrong(format!("{columns} columns are not {parts} parts of {part}, the last of {last}")));
        }
        let centroids = at.take_all(columns, 4 * CENTROIDS)?;
        Ok(Quantizer { columns, parts, part, last, centroids })
    }

    #[inline]
    fn centroid<'f>(&self, file: &'f [u8], part: usize, code: u8) -> impl Iterator<Item = f32> + use<'f> {
        let length = if part + 1 == self.parts { self.last } else { self.part };
        floats(file, self.centroids.start, part * CENTROIDS * self.part + usize::from(code) * length, length)
    }
}

#[inline]
fn cells(file: &[u8], start: usize, first: usize, count: usize) -> &[[u8; 4]] {
    file[start + 4 * first..start + 4 * (first + count)].as_chunks().0
}

#[inline]
fn floats(file: &[u8], start: usize, first: usize, count: usize) -> impl Iterator<Item = f32> + use<'_> {
    cells(file, start, first, count).iter().map(|bytes| f32::from_le_bytes(*bytes))
}
