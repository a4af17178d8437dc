//! What is kept of each line to count it by. A unit's file is a row of blocks, one a batch: a partition of the hashes reads
//! its range of each, and checks it.
//!
//! Block: u32 lines · u32 of xxh3 of what follows to the end of the header · for each of 256 buckets of the hashes (by
//! their highest byte) u32 where it ends, u32 of xxh3 of its lines · lines, bucket after bucket, 24 bytes each.

use super::Lines;
use super::fold::{Folder, Hash};
use super::pieces::pieces;
use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::io::{Io, ReadFile};
use std::ops::Range;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes};

pub const BUCKETS: usize = 256;
const HEADER: usize = 8 + 8 * BUCKETS;

/// A line where it stands.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable)]
pub struct Standing {
    pub hash: Hash,
    /// The document in its unit, and the line there, those that are not looked at counted.
    pub ordinal: u32,
    pub piece: u32,
}

impl Standing {
    fn bucket(&self) -> usize {
        (self.hash[0] >> 56) as usize
    }
}

impl Batch {
    /// Hashes the lines of the documents that are still kept.
    pub fn hash_lines(&mut self, how: &Lines) {
        let mut folder = Folder::new(how.min_letters);
        let mut standing = Vec::new();
        self.each_kept(|batch, document| {
            let (text, ordinal) = (&batch.texts[document.text.clone()], batch.ordinal(document));
            for (piece, range) in pieces(text, how.unit).enumerate() {
                if let Some(hash) = folder.hash(&text[range]) {
                    standing.push(Standing { hash, ordinal, piece: piece as u32 });
                }
            }
        });
        self.standing = Some(standing);
    }
}

/// The block of a batch's lines, given in their order; within a bucket they keep it.
pub fn block(standing: &[Standing]) -> Vec<u8> {
    let mut ends = [0u32; BUCKETS];
    for line in standing {
        ends[line.bucket()] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += std::mem::replace(end, sum);
    }
    let mut spread = vec![Standing::new_zeroed(); standing.len()];
    for line in standing {
        let at = &mut ends[line.bucket()];
        spread[*at as usize] = *line;
        *at += 1;
    }
    let mut directory = Vec::with_capacity(2 * BUCKETS);
    let mut start = 0;
    for end in ends {
        directory.extend([end, xxh3_64(spread[start as usize..end as usize].as_bytes()) as u32]);
        start = end;
    }
    let lines = standing.len() as u32;
    let check = xxh3_64(&[lines.as_bytes(), directory.as_bytes()].concat()) as u32;
    [lines.as_bytes(), check.as_bytes(), directory.as_bytes(), spread.as_bytes()].concat()
}

/// Reads a unit's lines block by block.
pub struct LineBlocks {
    file: ReadFile,
    at: u64,
    end: u64,
}

/// A block's directory.
pub struct Directory {
    start: u64,
    /// Of each bucket where it ends, and its check.
    buckets: Vec<[u32; 2]>,
}

impl LineBlocks {
    pub fn open(io: &Io, path: &Path) -> Result<Self> {
        let file = io.open(path)?;
        let end = file.len()?;
        Ok(LineBlocks { file, at: 0, end })
    }

    pub fn next_block(&mut self) -> Result<Option<Directory>> {
        if self.at == self.end {
            return Ok(None);
        }
        let mut head = [0u8; HEADER];
        self.file.read_exact_at(self.at, &mut head)?;
        let words: Vec<u32> = head.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default())).collect();
        if xxh3_64(&[&head[..4], &head[8..]].concat()) as u32 != words[1] {
            return Err(self.damaged(self.at));
        }
        let start = self.at + HEADER as u64;
        self.at = start + u64::from(words[0]) * size_of::<Standing>() as u64;
        let buckets = words[2..].chunks_exact(2).map(|bucket| [bucket[0], bucket[1]]).collect();
        Ok(Some(Directory { start, buckets }))
    }

    /// The lines of some buckets.
    pub fn lines(&mut self, block: &Directory, buckets: Range<usize>) -> Result<Vec<Standing>> {
        let start_of = |bucket: usize| bucket.checked_sub(1).map_or(0, |before| block.buckets[before][0]);
        let first = start_of(buckets.start);
        let mut lines = vec![Standing::new_zeroed(); (start_of(buckets.end) - first) as usize];
        let at = block.start + u64::from(first) * size_of::<Standing>() as u64;
        self.file.read_exact_at(at, lines.as_mut_bytes())?;
        for bucket in buckets {
            let [end, check] = block.buckets[bucket];
            let range = (start_of(bucket) - first) as usize..(end - first) as usize;
            if xxh3_64(lines[range].as_bytes()) as u32 != check {
                return Err(self.damaged(at));
            }
        }
        Ok(lines)
    }

    fn damaged(&self, offset: u64) -> Error {
        Error::corrupt(self.file.path(), offset, "lines that are not those that were written")
    }
}
