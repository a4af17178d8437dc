//! MMIDIDX shards: `.bin` (tokens, concatenated) and `.idx`, as GPT-NeoX and Megatron-LM read them.
//!
//! `.idx`, little-endian: `MMIDIDX\0\0` · u64 version 1 · u8 dtype · u64 N sequences · u64 D = documents + 1 ·
//! i32 sizes[N] in tokens · i64 pointers[N] in bytes of `.bin` · i64 doc_idx[D], from 0 to N.

mod open;
mod write;

pub use open::{Layout, Shard};
pub use write::{EncodedBatch, SealedShard, ShardWriter};

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

    /// Bytes a token.
    pub fn width(self) -> usize {
        match self {
            Dtype::I32 => 4,
            Dtype::U16 => 2,
        }
    }
}
