//! A document that shares a band with another, as it waits for its comparison: where it belongs, and what it is compared
//! by. As bytes: u32 bytes that follow · u32 component · u32 rank · u32 longest first · u32 number · u32 number of bands ·
//! bands u32 · the sketch.

use super::sketch::Sketch;
use zerocopy::{FromBytes, IntoBytes};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub key: Key,
    /// The low halves of the band hashes.
    pub bands: Vec<u32>,
    pub sketch: Sketch,
}

/// The order in which documents are compared: component by component, and within one as survivors are chosen, by the
/// priority of their source, then the longest, then the first in input order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub component: u32,
    pub rank: u32,
    /// All ones less the bytes of the text.
    pub shortness: u32,
    pub number: u32,
}

impl Key {
    pub fn new(component: u32, rank: u32, length: u32, number: u32) -> Self {
        Key { component, rank, shortness: u32::MAX - length, number }
    }
}

/// Bytes of the length before each record.
const LENGTH: usize = 4;
const NUMBERS: usize = 5;

impl Candidate {
    pub fn push(&self, into: &mut Vec<u8>) {
        let Key { component, rank, shortness, number } = self.key;
        let numbers: [u32; NUMBERS] = [component, rank, shortness, number, self.bands.len() as u32];
        let start = into.len();
        into.extend_from_slice(&[0; LENGTH]);
        into.extend_from_slice(numbers.as_bytes());
        into.extend_from_slice(self.bands.as_bytes());
        self.sketch.push(into);
        let length = (into.len() - start - LENGTH) as u32;
        into[start..start + LENGTH].copy_from_slice(&length.to_le_bytes());
    }

    /// The first record of some bytes and how many it takes; nothing where it is not there whole.
    pub fn read(bytes: &[u8]) -> Option<(Candidate, usize)> {
        let length = u32::from_le_bytes(*bytes.first_chunk::<LENGTH>()?) as usize;
        let record = bytes.get(LENGTH..LENGTH + length)?;
        let (numbers, rest) = record.split_at_checked(4 * NUMBERS)?;
        let [component, rank, shortness, number, bands] = <[u32; NUMBERS]>::read_from_bytes(numbers).ok()?;
        let (bands, sketch) = rest.split_at_checked(4 * bands as usize)?;
        let bands = bands.chunks_exact(4).filter_map(|word| u32::read_from_bytes(word).ok()).collect();
        let key = Key { component, rank, shortness, number };
        Some((Candidate { key, bands, sketch: Sketch::read(sketch)? }, LENGTH + length))
    }

    /// Bytes it takes in memory.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + 4 * (self.bands.len() + self.sketch.hashes.capacity())
    }
}
