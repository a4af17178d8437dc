//! The documents that duplicates are looked for among: what cleaning left of each unit, in input order.

use super::places::Places;
use super::signatures::Blocks;
use crate::error::Result;
use crate::io::Io;
use serde::Deserialize;
use std::ops::Range;
use std::path::PathBuf;

/// A cleaned unit: its signatures, its scratch blocks and how many records it had.
#[derive(Debug, Clone, Deserialize)]
pub struct Unit {
    pub signatures: PathBuf,
    pub blocks: PathBuf,
    pub records: u32,
}

pub struct Documents {
    units: Vec<Unit>,
    pub places: Places,
    /// Sources from the one whose documents stay before all others' on; those not named come last, all alike.
    priority: Vec<String>,
}

impl Documents {
    pub fn new(units: Vec<Unit>, priority: Vec<String>) -> Result<Self> {
        Ok(Documents { places: Places::new(units.iter().map(|unit| unit.records))?, units, priority })
    }

    /// Each unit with the numbers of its records.
    pub fn units(&self) -> impl Iterator<Item = (&Unit, Range<u32>)> {
        self.units.iter().enumerate().map(|(i, unit)| (unit, self.places.of_unit(i)))
    }

    pub fn unit(&self, number: usize) -> (&Unit, Range<u32>) {
        (&self.units[number], self.places.of_unit(number))
    }

    /// The rank of each source: of two duplicates the document of the lower rank stays.
    pub fn ranks(&self, sources: &[String]) -> Vec<u32> {
        let rank = |source: &String| self.priority.iter().position(|named| named == source).unwrap_or(self.priority.len());
        sources.iter().map(|source| rank(source) as u32).collect()
    }
}

impl Unit {
    pub fn signatures(&self, io: &Io) -> Result<Blocks> {
        Blocks::open(io, &self.signatures)
    }
}

/// A bit for each record.
pub struct Bits(Vec<u64>);

impl Bits {
    pub fn new(records: usize) -> Self {
        Bits(vec![0; records.div_ceil(64)])
    }

    pub fn set(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    pub fn get(&self, number: u32) -> bool {
        self.0[number as usize / 64] >> (number % 64) & 1 == 1
    }
}
