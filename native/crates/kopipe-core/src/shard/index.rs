//! The documents of a shard, wherever its index has them from.

use super::open::{i64_at, u64_at};
use super::{HEADER, Layout, Unlisted};
use crate::error::Result;
use crate::io::Io;
use memmap2::Mmap;
use std::path::Path;

/// An `.idx` that was checked: where its documents end.
pub struct Index {
    bytes: Mmap,
    layout: Layout,
    /// Documents that it lists; those behind them are a sequence each.
    listed: usize,
    /// First sequence behind them.
    behind: usize,
}

impl Index {
    pub fn open(io: &Io, path: &Path, unlisted: Unlisted) -> Result<Index> {
        Index::of_bytes(path, io.map(path)?, unlisted)
    }

    pub fn of_bytes(path: &Path, bytes: Mmap, unlisted: Unlisted) -> Result<Index> {
        let layout = Layout::of_index(path, &bytes, unlisted)?;
        let listed = u64_at(&bytes, 26) as usize - 1;
        let behind = i64_at(&bytes, HEADER + 12 * layout.sequences + 8 * listed) as usize;
        Ok(Index { bytes, layout, listed, behind })
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Documents that are listed; those from here on are inferred.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// The token at which a document begins; for the one behind the last, where they end.
    pub fn start(&self, document: usize) -> u64 {
        let Layout { dtype, sequences, tokens, .. } = self.layout;
        let sequence = if document <= self.listed {
            i64_at(&self.bytes, HEADER + 12 * sequences + 8 * document) as usize
        } else {
            self.behind + document - self.listed
        };
        if sequence == sequences {
            return tokens;
        }
        i64_at(&self.bytes, HEADER + 4 * sequences + 8 * sequence) as u64 / dtype.width() as u64
    }
}
