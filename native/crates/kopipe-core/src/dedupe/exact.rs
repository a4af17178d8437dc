//! Exact duplicates by 128-bit digest: of the documents with one digest the one of the highest priority stays, then the
//! first in input order; one that is known from an earlier artifact before all.
//!
//! The digest space is cut into partitions that each fit their share of the memory; a partition reads the digests of
//! all units, sorts those that fall into it, and leaves its duplicates sorted by number.

use super::groups::{Keyed, groups};
use super::{Documents, records};
use crate::error::Result;
use crate::io::Io;
use std::path::Path;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A document and another one that stays in its place, by number.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromBytes, IntoBytes, Immutable)]
pub struct Copied {
    pub number: u32,
    pub of: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Digest {
    digest: [u64; 2],
    rank: u32,
    number: u32,
}

impl Keyed for Digest {
    fn bits(&self) -> u32 {
        self.digest[1] as u32
    }

    fn same_key(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

/// Bytes that sorting takes for each document.
pub const BYTES_OF_EACH: u64 = 2 * size_of::<Digest>() as u64;

/// Finds the duplicates of the `partition`-th of `partitions` equal parts of the digests, and writes them as `Copied`.
pub fn find(io: &Io, documents: &Documents, partition: u64, partitions: u64, path: &Path) -> Result<()> {
    let mut digests = Vec::new();
    for (unit, numbers) in documents.units() {
        let mut blocks = unit.signatures(io)?;
        while let Some(block) = blocks.next_block()? {
            let ranks = documents.ranks(&numbers, &blocks.sources(&block)?);
            let columns = blocks.ordinals(&block)?.into_iter().zip(blocks.source_numbers(&block)?).zip(blocks.digests(&block)?);
            digests.extend(
                columns.filter(|(_, digest)| partition_of(digest[0], partitions) == partition).map(|((ordinal, source), digest)| Digest {
                    digest,
                    rank: ranks[source as usize],
                    number: numbers.start + ordinal,
                }),
            );
        }
    }
    let mut copies = Vec::new();
    groups(&digests, |same| {
        let own = same[1..].iter().filter(|copy| !documents.is_known(copy.number));
        copies.extend(own.map(|copy| Copied { number: copy.number, of: same[0].number }));
    });
    copies.sort_unstable();
    records::write(io, path, &copies)
}

/// Which of equal parts of the hashes a hash falls into.
pub fn partition_of(hash: u64, partitions: u64) -> u64 {
    ((u128::from(hash) * u128::from(partitions)) >> 64) as u64
}
