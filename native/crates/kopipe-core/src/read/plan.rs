//! How a file is cut into units, and whether each can be entered on its own.

use super::container::{self, Container, PlainText};
use super::decoded::Compression;
use super::frames::{self, Entry};
use super::rows;
use crate::error::Result;
use crate::formats::Framing;
use crate::io::Io;
use std::path::Path;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub container: Container,
    pub compression: Compression,
    /// How many units the file has, where each can be entered; else it is read from its beginning, unit after unit.
    pub units: Option<u64>,
    /// For each unit the place where to enter a compressed file.
    pub entries: Vec<Entry>,
}

/// Smaller zstd files are not worth a look at their frames.
const WORTH_ENTERING: u64 = 1 << 24;

pub fn plan(io: &Io, path: &Path, unit_size: u64, plain_text: PlainText) -> Result<Plan> {
    let (container, compression) = container::detect(io, path)?;
    let mut plan = Plan { container, compression, units: None, entries: Vec::new() };
    let file = io.open(path)?;
    let bytes = file.len()?;
    match (container, compression) {
        (Container::Parquet | Container::Arrow, Compression::Plain) => {
            plan.units = Some(rows::units(io, path, container, unit_size)?.len().max(1) as u64);
        }
        _ if !matches!(container.framing(plain_text), Framing::Lines) => {}
        (_, Compression::Plain) if !super::stream::is_utf16(io, path)? => plan.units = Some(bytes.div_ceil(unit_size).max(1)),
        (_, Compression::Zstd) if bytes >= WORTH_ENTERING.min(unit_size) => {
            if let Some(entries) = frames::entries(io, path, unit_size)? {
                plan.units = Some(entries.len() as u64);
                plan.entries = entries;
            }
        }
        _ => {}
    }
    Ok(plan)
}
