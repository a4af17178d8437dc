//! Pairs of documents that share a band. Of each band, or of a part of its hashes where it does not fit into the memory,
//! the documents are sorted by hash; those with one hash are linked to the first of them. What is known from earlier
//! artifacts has been decided: where only such documents have a hash nothing is linked.

use super::super::exact::partition_of;
use super::super::groups::{Keyed, groups};
use super::super::signatures::NO_BAND;
use super::super::{Bits, Documents, records};
use crate::error::Result;
use crate::io::Io;
use std::ops::Range;
use std::path::Path;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Two documents, by number.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromBytes, IntoBytes, Immutable)]
pub struct Edge {
    pub first: u32,
    pub second: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Banded {
    /// High and low: 12 bytes, not 16.
    hash: [u32; 2],
    number: u32,
}

impl Keyed for Banded {
    fn bits(&self) -> u32 {
        self.hash[1]
    }

    fn same_key(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

/// Bytes that sorting a band takes for each document.
pub const BYTES_OF_EACH: u64 = 2 * size_of::<Banded>() as u64;

/// What is done at once: some bands, each whole, or one of equal parts of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub bands: Range<usize>,
    pub partition: u64,
    pub partitions: u64,
}

/// Finds the edges of a share; `copies` are exact duplicates, which stand aside.
pub fn find(io: &Io, documents: &Documents, copies: &Bits, share: &Share, path: &Path) -> Result<()> {
    let mut edges = Vec::new();
    for band in share.bands.clone() {
        let mut banded = Vec::new();
        for (unit, numbers) in documents.units() {
            let mut blocks = unit.signatures(io)?;
            while let Some(block) = blocks.next_block()? {
                let columns = blocks.ordinals(&block)?.into_iter().zip(blocks.band(&block, band)?);
                banded.extend(columns.filter_map(|(ordinal, hash)| {
                    let number = numbers.start + ordinal;
                    let wanted = hash != NO_BAND && partition_of(hash, share.partitions) == share.partition && !copies.get(number);
                    wanted.then_some(Banded { hash: [(hash >> 32) as u32, hash as u32], number })
                }));
            }
        }
        groups(&banded, |same| {
            let news = same.last().is_some_and(|last| !documents.is_known(last.number));
            edges.extend(same[1..].iter().filter(|_| news).map(|other| Edge { first: same[0].number, second: other.number }));
        });
        // Documents that are alike share many bands.
        edges.sort_unstable();
        edges.dedup();
    }
    records::write(io, path, &edges)
}
