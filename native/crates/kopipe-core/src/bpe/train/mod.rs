//! BPE training on counted pretokens: HF tokenizers' merges, exactly.
//!
//! The pair of the largest count is merged next, ties to the smallest (left id, right id). Every pair's count is its
//! true current count in 64 bits; HF's stale book-keeping comes to the same merges until its i32 wraps.

mod beside;
mod count;
mod find;
mod frequent;
mod merging;
mod run;
mod table;
mod vocabulary;
mod words;
mod write;

pub use count::{CountedPretokens, PretokenCounts};

use crate::error::{Error, Result};
use crate::io::Io;
use merging::{Goal, merge_down};
use run::{RunReader, Sorted};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use vocabulary::Vocabulary;
use words::{Symbol, Words};

#[derive(Clone)]
pub struct TrainSettings {
    /// Special tokens, the 256 bytes and the merged tokens together.
    pub vocabulary_size: usize,
    pub min_frequency: u64,
    pub specials: Vec<String>,
    /// Bytes that training may take.
    pub memory: u64,
    /// What was counted: distinct pretokens and their bytes.
    pub types: u64,
    pub type_bytes: u64,
}

/// What another thread may watch, and stop.
#[derive(Default)]
pub struct Progress {
    pub merges: AtomicU64,
    pub cancelled: AtomicBool,
}

/// A trained model. Token `id` is spelled `spellings[id]`: specials as they are, the others in ByteLevel's alphabet.
#[derive(Debug, PartialEq, Eq)]
pub struct Trained {
    pub specials: Vec<String>,
    pub spellings: Vec<String>,
    /// Left id, right id, in the order of their ranks.
    pub merges: Vec<(u32, u32)>,
}

/// Trains on a sealed run of counts.
pub fn train(io: &Io, counts: &Path, settings: &TrainSettings, progress: &Progress) -> Result<Trained> {
    let all: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    let vocabulary = Vocabulary::new(&settings.specials, &all, None);
    let smallest = vocabulary.spellings.len();
    if settings.vocabulary_size < smallest {
        return Err(Error::invalid(format!(
            "expected a vocabulary of at least {smallest} tokens (the special tokens and 256 bytes), got {}",
            settings.vocabulary_size
        )));
    }
    if settings.vocabulary_size <= 1 << 16 {
        in_memory::<u16>(io, counts, settings, vocabulary, progress)
    } else {
        in_memory::<u32>(io, counts, settings, vocabulary, progress)
    }
}

fn in_memory<S: Symbol>(io: &Io, counts: &Path, settings: &TrainSettings, mut vocabulary: Vocabulary, progress: &Progress) -> Result<Trained> {
    let mut run = RunReader::open(io, counts)?;
    let mut words = Words::<S>::with_capacity(Words::<S>::numbers(settings.types, settings.type_bytes) as usize);
    let ids = vocabulary.byte_ids();
    while run.advance()? {
        words.push(run.count(), run.pretoken().iter().filter_map(|&byte| ids[byte as usize]));
    }
    let mut words = words.close();
    let goal = Goal { vocabulary_size: settings.vocabulary_size, floor: settings.min_frequency.max(1), end_at_respelled: false };
    let mut merges = Vec::new();
    merge_down(&mut words, &mut vocabulary, &mut merges, &goal, progress)?;
    Ok(Trained { specials: distinct(&settings.specials), spellings: vocabulary.spellings, merges })
}

fn distinct(specials: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for special in specials {
        if !distinct.contains(special) {
            distinct.push(special.clone());
        }
    }
    distinct
}

#[cfg(test)]
mod tests;
