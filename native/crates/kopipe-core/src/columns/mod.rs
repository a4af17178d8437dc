//! Documents as columns: Parquet and Arrow as results. Their schema is known when all documents are read (`shape`);
//! each frame of JSON lines becomes a table (`table`), then a row group or a record batch, encoded on its own worker.
//!
//! Values that are no plain string, number or boolean, and keys whose values differ in kind, become columns of JSON (the
//! extension type `arrow.json`, Parquet's JSON), so that every value comes back as it was. A key a document lacks is null.

mod arrow;
mod parquet;
mod shape;
mod table;

pub use arrow::{ArrowFile, Message};
pub use parquet::{ParquetFile, RowGroup};
pub use shape::{Kind, Shape};

use crate::error::Error;

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("writing columns: {error}"))
}

#[cfg(test)]
mod tests;
