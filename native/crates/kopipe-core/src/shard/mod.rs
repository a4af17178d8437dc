//! MMIDIDX shards: `.bin` (tokens, concatenated) and `.idx`, as GPT-NeoX and Megatron-LM read them.
//!
//! `.idx`, little-endian: `MMIDIDX\0\0` · u64 version 1 · u8 dtype · u64 N sequences · u64 D = documents + 1 ·
//! i32 sizes[N] in tokens · i64 pointers[N] in bytes of `.bin` · i64 doc_idx[D], from 0 to N.

mod arrange;
mod batch;
mod census;
mod documents;
mod index;
mod lengths;
mod open;
mod scan;
mod source;
mod split;
mod token_counts;
mod verify;
mod write;

pub use arrange::{Arranged, Order, Piece, Run, RunFile, RunWriter};
pub use batch::EncodedBatch;
pub use census::{Census, Counts, Stretch};
pub use documents::{Documents, Length};
pub use lengths::{Lengths, Packing};
pub use open::{Layout, Shard, Unlisted};
pub use scan::Rules;
pub use source::{Origin, Source};
pub use split::Shares;
pub use token_counts::{TokenCounts, replay};
pub use verify::{Fault, Verified, Verifier};
pub use write::{SealedShard, ShardWriter, Tally};

/// What every `.idx` begins with.
pub const MAGIC: &[u8; 9] = b"MMIDIDX\0\0";
pub const VERSION: u64 = 1;
/// Bytes before `sizes`.
pub const HEADER: usize = 34;

/// The type of a token in `.bin`; the codes are the format's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    I32,
    U16,
}

impl Dtype {
    /// u16 below 65,500 tokens of vocabulary, i32 from there on: GPT-NeoX's rule.
    pub fn for_vocabulary(size: usize) -> Self {
        if size < crate::bpe::NARROW { Dtype::U16 } else { Dtype::I32 }
    }

    pub fn code(self) -> u8 {
        match self {
            Dtype::I32 => 4,
            Dtype::U16 => 8,
        }
    }

    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            4 => Some(Dtype::I32),
            8 => Some(Dtype::U16),
            _ => None,
        }
    }

    /// What dataset.json calls it.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::I32 => "i32",
            Dtype::U16 => "u16",
        }
    }

    /// Bytes a token.
    pub fn width(self) -> usize {
        match self {
            Dtype::I32 => 4,
            Dtype::U16 => 2,
        }
    }
}

/// An `.idx` by the table of the format, apart from the code that writes it: documents of so many sequences each, the
/// last of which has what is left.
#[cfg(test)]
fn index_of(dtype: Dtype, documents: &[Vec<u32>], sequences: &[usize]) -> Vec<u8> {
    let mut sizes = Vec::new();
    let mut bounds = vec![0u64];
    for (document, &count) in documents.iter().zip(sequences) {
        let each = document.len() / count;
        sizes.extend(vec![each as u32; count - 1]);
        sizes.push((document.len() - each * (count - 1)) as u32);
        bounds.push(sizes.len() as u64);
    }
    let mut bytes = [MAGIC.as_slice(), &VERSION.to_le_bytes(), &[dtype.code()]].concat();
    bytes.extend([sizes.len(), bounds.len()].iter().flat_map(|n| (*n as u64).to_le_bytes()));
    bytes.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
    let starts = sizes.iter().scan(0u64, |at, size| Some(std::mem::replace(at, *at + u64::from(*size))));
    bytes.extend(starts.flat_map(|start| (start * dtype.width() as u64).to_le_bytes()));
    bytes.extend(bounds.iter().flat_map(|bound| bound.to_le_bytes()));
    bytes
}
