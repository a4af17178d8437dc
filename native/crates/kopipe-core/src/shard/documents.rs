//! A finished shard for looking at: its documents by number, where each lies, how long it is, its tokens.
//!
//! Opening checks the index (20 bytes a document, about 1 GB/s) and the length of `.bin`; of the tokens only those are
//! read that are asked for.

use super::index::Index;
use super::open::with_extension;
use super::{Dtype, Layout, Unlisted};
use crate::error::Result;
use crate::io::Io;
use memmap2::Mmap;
use std::ops::Range;
use std::path::Path;

pub struct Documents {
    index: Index,
    tokens: Mmap,
}

/// A document and its length in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    pub document: usize,
    pub tokens: u64,
}

impl Documents {
    /// Opens `PREFIX.bin` and `PREFIX.idx`. Sequences that its index lists in no document are a document each.
    pub fn open(io: &Io, prefix: &Path) -> Result<Documents> {
        let index = Index::open(io, &with_extension(prefix, "idx"), Unlisted::Documents)?;
        let path = with_extension(prefix, "bin");
        let tokens = io.map(&path)?;
        index.layout().check_length(&path, tokens.len() as u64)?;
        Ok(Documents { index, tokens })
    }

    pub fn layout(&self) -> Layout {
        self.index.layout()
    }

    /// Documents that the index lists; those from here on are sequences of their own.
    pub fn listed(&self) -> usize {
        self.index.listed()
    }

    /// The tokens of `.bin` that some documents are, one behind the other.
    pub fn place(&self, documents: Range<usize>) -> Range<u64> {
        self.index.start(documents.start)..self.index.start(documents.end)
    }

    /// Lengths of documents in tokens, in order.
    pub fn lengths(&self, documents: Range<usize>) -> impl Iterator<Item = u64> {
        let mut from = self.index.start(documents.start);
        documents.map(move |document| {
            let end = self.index.start(document + 1);
            end - std::mem::replace(&mut from, end)
        })
    }

    /// The first of the shortest documents and the first of the longest.
    pub fn extremes(&self) -> Option<(Length, Length)> {
        let all = (0..).zip(self.lengths(0..self.layout().documents)).map(|(document, tokens)| Length { document, tokens });
        all.fold(None, |found, length| {
            let (shortest, longest) = found.unwrap_or((length, length));
            Some((
                if length.tokens < shortest.tokens { length } else { shortest },
                if length.tokens > longest.tokens { length } else { longest },
            ))
        })
    }

    /// Tokens from one of `.bin` to another. A negative one is given as what it is in 32 bits.
    pub fn read(&self, tokens: Range<u64>) -> Vec<u32> {
        let bytes = self.bytes(tokens);
        match self.layout().dtype {
            Dtype::U16 => bytes.as_chunks::<2>().0.iter().map(|token| u16::from_le_bytes(*token).into()).collect(),
            Dtype::I32 => bytes.as_chunks::<4>().0.iter().map(|token| u32::from_le_bytes(*token)).collect(),
        }
    }

    /// The same as they lie there.
    pub(super) fn bytes(&self, tokens: Range<u64>) -> &[u8] {
        let width = self.layout().dtype.width();
        &self.tokens[tokens.start as usize * width..tokens.end as usize * width]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::index_of;
    use proptest::prelude::*;

    proptest! {
        /// Every document is where the format's table puts it, however many sequences it has, listed or not.
        #[test]
        fn documents_are_those_that_were_written(
            documents in prop::collection::vec((prop::collection::vec(0u32..60_000, 1..40), 1usize..4), 1..20),
            wide in any::<bool>(),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let prefix = dir.path().join("00000");
            let (texts, sequences): (Vec<Vec<u32>>, Vec<usize>) =
                documents.into_iter().map(|(tokens, count)| { let count = count.min(tokens.len()); (tokens, count) }).unzip();
            let dtype = if wide { Dtype::I32 } else { Dtype::U16 };
            std::fs::write(prefix.with_extension("idx"), index_of(dtype, &texts, &sequences)).unwrap();
            let narrow = |token: &u32| if wide { token.to_le_bytes().to_vec() } else { (*token as u16).to_le_bytes().to_vec() };
            std::fs::write(prefix.with_extension("bin"), texts.iter().flatten().flat_map(narrow).collect::<Vec<u8>>()).unwrap();
            let shard = Documents::open(&Io::default(), &prefix).unwrap();
            prop_assert_eq!(shard.listed(), texts.len());
            for (document, text) in texts.iter().enumerate() {
                prop_assert_eq!(&shard.read(shard.place(document..document + 1)), text);
            }
            let lengths: Vec<u64> = texts.iter().map(|text| text.len() as u64).collect();
            prop_assert_eq!(shard.lengths(0..texts.len()).collect::<Vec<_>>(), lengths.clone());
            let (shortest, longest) = shard.extremes().unwrap();
            prop_assert_eq!(shortest.tokens, *lengths.iter().min().unwrap());
            prop_assert_eq!(shortest.document, lengths.iter().position(|n| *n == shortest.tokens).unwrap());
            prop_assert_eq!(longest.tokens, *lengths.iter().max().unwrap());
            prop_assert_eq!(longest.document, lengths.iter().position(|n| *n == longest.tokens).unwrap());
        }
    }
}
