//! Near-duplicates: MinHash signatures, bands, candidates, comparison.
//!
//! A profile says which signature a document has: `ko`, whose candidates are compared before anything is dropped, or
//! `datatrove`, whose clusters are equal to that program's. Sources: Broder, "On the resemblance and containment of
//! documents" (1997); huggingface/datatrove, `pipeline/dedup/minhash.py`; the comparison after the bands follows what
//! marin-community/marin measured (#6854, #8114).

pub mod alike;
pub mod candidate;
pub mod candidates;
pub mod components;
pub mod datatrove;
pub mod edges;
pub mod ko;
pub mod permutations;
pub mod runs;
mod shared;
pub mod shingles;
pub mod sketch;
pub mod sketched;
pub mod verify;

use super::signatures::NO_BAND;
use datatrove::Datatrove;

/// Which signature a document has, and whether candidates are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Ko,
    Datatrove,
}

/// Signs documents one after another.
pub enum Signer {
    Ko,
    Datatrove(Box<Datatrove>),
}

impl Profile {
    pub fn signer(self) -> Signer {
        match self {
            Profile::Ko => Signer::Ko,
            Profile::Datatrove => Signer::Datatrove(Box::default()),
        }
    }

    pub fn bands(self) -> usize {
        match self {
            Profile::Ko => ko::BANDS,
            Profile::Datatrove => datatrove::BANDS,
        }
    }

    /// Whether candidates are compared before anything is dropped.
    pub fn compares(self) -> bool {
        self == Profile::Ko
    }
}

impl Signer {
    /// Adds a document's bands, `NO_BAND` each where it is too short for a shingle.
    pub fn push_bands(&mut self, text: &str, into: &mut Vec<u64>) {
        match self {
            Signer::Ko => ko::push_bands(text, into),
            Signer::Datatrove(signer) => match signer.bands(text) {
                Some(bands) => into.extend(bands.map(|band| band.max(NO_BAND + 1))),
                None => into.extend([NO_BAND; datatrove::BANDS]),
            },
        }
    }
}
