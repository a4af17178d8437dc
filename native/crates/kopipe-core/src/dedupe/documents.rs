//! The documents that duplicates are looked for among: those that earlier artifacts keep an index of, then what cleaning
//! left of each unit, in input order.

use super::places::Places;
use super::signatures::Blocks;
use crate::error::Result;
use crate::io::Io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A cleaned unit: its signatures, what its documents are compared by, and how many records it had.
#[derive(Debug, Clone)]
pub struct Unit {
    pub signatures: PathBuf,
    pub texts: Texts,
    pub records: u32,
}

/// What the documents of a unit are compared by: a block for each block of signatures.
#[derive(Debug, Clone)]
pub enum Texts {
    /// Scratch blocks.
    Blocks(PathBuf),
    /// Sketches that were kept.
    Sketches(PathBuf),
    /// They are not compared.
    Nothing,
}

/// A part of an earlier artifact: its documents have been decided, and stay.
#[derive(Debug, Clone)]
pub struct Known {
    /// As a place names it.
    pub artifact: Arc<str>,
    pub part: u32,
    pub unit: Unit,
}

/// A document by its unit and its ordinal there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The earlier artifact whose part the unit is.
    pub artifact: Option<Arc<str>>,
    pub unit: u32,
    pub ordinal: u32,
}

/// The rank of the documents of earlier artifacts.
pub const KNOWN: u32 = 0;

pub struct Documents {
    units: Vec<Unit>,
    /// Artifact and part of the first of them, which are known.
    known: Vec<(Arc<str>, u32)>,
    /// The number of the first record that is not known.
    first_own: u32,
    pub places: Places,
    /// Sources from the one whose documents stay before all others' on; those not named come last, all alike.
    priority: Vec<String>,
}

impl Documents {
    pub fn new(known: Vec<Known>, own: Vec<Unit>, priority: Vec<String>) -> Result<Self> {
        let (known, mut units): (Vec<_>, Vec<_>) = known.into_iter().map(|Known { artifact, part, unit }| ((artifact, part), unit)).unzip();
        units.extend(own);
        let places = Places::new(units.iter().map(|unit| unit.records))?;
        Ok(Documents { first_own: places.first_of(known.len()), places, units, known, priority })
    }

    /// Each unit with the numbers of its records, the known ones first.
    pub fn units(&self) -> impl Iterator<Item = (&Unit, Range<u32>)> {
        self.units.iter().enumerate().map(|(i, unit)| (unit, self.places.of_unit(i)))
    }

    /// Those that are not known.
    pub fn own_units(&self) -> impl Iterator<Item = (&Unit, Range<u32>)> {
        self.units().skip(self.known.len())
    }

    pub fn unit(&self, number: usize) -> (&Unit, Range<u32>) {
        (&self.units[number], self.places.of_unit(number))
    }

    /// The numbers of the records of a unit that is not known.
    pub fn of_own_unit(&self, unit: usize) -> Range<u32> {
        self.places.of_unit(self.known.len() + unit)
    }

    /// The number of a record, counted from the first that is not known.
    pub fn own(&self, record: u32) -> u32 {
        self.first_own + record
    }

    pub fn is_known(&self, number: u32) -> bool {
        number < self.first_own
    }

    pub fn place(&self, number: u32) -> Place {
        let (unit, ordinal) = self.places.place(number);
        match self.known.get(unit as usize) {
            Some((artifact, part)) => Place { artifact: Some(artifact.clone()), unit: *part, ordinal },
            None => Place { artifact: None, unit: unit - self.known.len() as u32, ordinal },
        }
    }

    /// The rank of each source of a unit with these records: of two duplicates the document of the lower rank stays.
    pub fn ranks(&self, numbers: &Range<u32>, sources: &[String]) -> Vec<u32> {
        let position = |source: &String| self.priority.iter().position(|named| named == source).unwrap_or(self.priority.len());
        let rank = |source| if self.is_known(numbers.start) { KNOWN } else { KNOWN + 1 + position(source) as u32 };
        sources.iter().map(rank).collect()
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
