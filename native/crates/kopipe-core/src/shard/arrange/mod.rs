//! Documents in another order than that of the inputs, some several times and some not at all: a shuffle, and a blend of
//! sources by epochs.
//!
//! An external merge sort. Encoded documents are gathered to a run, sorted by their places and written to scratch
//! (`run.rs`); at the end all runs are merged (`merge.rs`). What a place is depends on the order asked for and on the
//! document's number in the input alone, so neither the length of a run nor memory leaves a trace. A shuffled place is a
//! hash of seed, number and occurrence in 64 bits: sorted by it, every order is as likely as any other, over the whole
//! corpus. Each token is written twice and read once.
//!
//! A run is several files, by split and by the first bits of the place, so that a file's room is given back when all of it
//! stands in finished shards: at the most a sixteenth of a shuffled split exists twice.

mod merge;
mod run;
#[cfg(test)]
mod tests;

pub use merge::{Arranged, Piece};
pub use run::{Run, RunFile, RunWriter};
use serde::Deserialize;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// How often documents stand in the result, and where.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Of the shuffle; without, documents keep their order, and come again when all have been there.
    pub seed: Option<u64>,
    /// How often each source's documents stand there at the most; 1 for those that are not named. Of a fraction, so many
    /// documents, chosen by a hash of their tokens.
    pub epochs: BTreeMap<String, f64>,
    /// From a cluster's size on, how often its document stands there: FineWeb-2's rehydration. Ascending; below the first, once.
    pub repeats: Vec<(u64, u32)>,
}

/// Bits of a shuffled place that say in which file of a run it is.
const FILE_BITS: u32 = 4;

/// Where a document stands: files in order, in each sorted by the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    split: u8,
    file: u32,
    major: u64,
    ordinal: u64,
    occurrence: u32,
}

impl Place {
    fn new(order: &Order, split: u8, ordinal: u64, occurrence: u32) -> Place {
        let (file, major) = match order.seed {
            None => (occurrence, 0),
            Some(seed) => {
                let mut key = [0; 12];
                key[..8].copy_from_slice(&ordinal.to_le_bytes());
                key[8..].copy_from_slice(&occurrence.to_le_bytes());
                let hash = xxh3_64_with_seed(&key, seed);
                ((hash >> (64 - FILE_BITS)) as u32, hash)
            }
        };
        Place { split, file, major, ordinal, occurrence }
    }
}

/// Apart from the hash that decides a document's split.
const DRAW_SEED: u64 = u64::from_le_bytes(*b"kopdrawn");

/// The same for a document in every run with the same tokenizer, evenly distributed: what a fraction of an epoch is held
/// against. `document` are its tokens as they lie in `.bin`.
fn chance(document: &[u8]) -> u64 {
    xxh3_64_with_seed(document, DRAW_SEED)
}

/// Whether a document that stands there `times` times does so for this, counted from 0: of 2.25 times, every document
/// has two, and a quarter of them a third.
fn is_drawn(occurrence: u32, chance: u64, times: f64) -> bool {
    let left = times - f64::from(occurrence);
    left >= 1.0 || (left > 0.0 && (chance as f64) < left * 2f64.powi(64))
}

impl Order {
    fn repeats_of(&self, cluster_size: u64) -> u32 {
        self.repeats.iter().rev().find(|(from, _)| *from <= cluster_size).map_or(1, |(_, times)| *times)
    }

    fn epochs_of(&self, source: &str) -> f64 {
        self.epochs.get(source).copied().unwrap_or(1.0)
    }
}

/// How many documents the one stands for, given what stands under its "kopipe".
fn cluster_size(additions: &[u8]) -> u64 {
    #[derive(Deserialize)]
    struct Additions {
        cluster_size: Option<u64>,
    }
    let object = [b"{", additions, b"}"].concat();
    serde_json::from_slice::<Additions>(&object).ok().and_then(|found| found.cluster_size).unwrap_or(1)
}

/// What stands before the tokens of a document in a file of a run, little-endian.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Head {
    major: u64,
    ordinal: u64,
    chance: u64,
    /// Of the text.
    bytes: u64,
    occurrence: u32,
    /// How often it stands in an epoch.
    repeats: u32,
    /// Number of the source in the run.
    source: u32,
    /// Tokens, the end of document included.
    length: u32,
}

impl Head {
    const BYTES: usize = 48;

    fn to_bytes(self) -> [u8; Head::BYTES] {
        let mut bytes = [0; Head::BYTES];
        for (slot, number) in bytes.chunks_exact_mut(8).zip([self.major, self.ordinal, self.chance, self.bytes]) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        for (slot, number) in bytes[32..].chunks_exact_mut(4).zip([self.occurrence, self.repeats, self.source, self.length]) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8; Head::BYTES]) -> Head {
        let wide = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let narrow = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        Head {
            major: wide(0),
            ordinal: wide(8),
            chance: wide(16),
            bytes: wide(24),
            occurrence: narrow(32),
            repeats: narrow(36),
            source: narrow(40),
            length: narrow(44),
        }
    }
}
