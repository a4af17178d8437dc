//! Merges in memory: the pair of the largest count again and again, down to a floor.

use super::Progress;
use super::beside::Beside;
use super::find::Portable;
#[cfg(target_arch = "x86_64")]
use super::find::{Avx2, Avx512};
use super::frequent::Frequent;
use super::vocabulary::Vocabulary;
#[cfg(target_arch = "x86_64")]
use super::words::View;
use super::words::{Symbol, Words};
use crate::error::{Error, Result};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use std::sync::atomic::Ordering::Relaxed;

/// From so many words on, a merge is worth all workers.
const WORTH_ALL: usize = 1 << 14;

/// Why merging ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    VocabularyFull,
    /// No pair at or above the floor is left.
    AtFloor,
    /// The last merge spells a token that was there already: what is known of pairs with it holds no longer.
    Respelled,
}

pub struct Goal {
    pub vocabulary_size: usize,
    pub floor: u64,
    /// End where a merge spells a token that was there already, instead of counting all pairs anew.
    pub end_at_respelled: bool,
}

pub fn merge_down<S: Symbol>(
    words: &mut Words<S>,
    vocabulary: &mut Vocabulary,
    merges: &mut Vec<(u32, u32)>,
    goal: &Goal,
    progress: &Progress,
) -> Result<Ended> {
    let path = Path::best();
    // A guess of the count at which the vocabulary will be full; too high costs a scan, too low memory.
    let guess = words.symbols / (goal.vocabulary_size as u64 * 64);
    let mut frequent = Frequent::scan(words, guess.max(goal.floor), vocabulary);
    let mut beside: Vec<Beside> = (0..rayon::current_num_threads()).map(|_| Beside::default()).collect();
    while vocabulary.len() < goal.vocabulary_size {
        let Some((top, holders)) = frequent.pop() else {
            if frequent.threshold == goal.floor {
                return Ok(Ended::AtFloor);
            }
            let lower = (frequent.threshold / 8).max(goal.floor);
            drop(frequent);
            frequent = Frequent::scan(words, lower, vocabulary);
            continue;
        };
        if progress.cancelled.load(Relaxed) {
            return Err(Error::Cancelled);
        }
        let (id, is_new) = vocabulary.join(top);
        merges.push(top);
        progress.merges.fetch_add(1, Relaxed);
        // Not all at once: a vocabulary may be asked for that no text fills.
        beside.iter_mut().for_each(|beside| beside.know(vocabulary.len()));
        let pieces = path.merge(words, &holders, top, id, &mut beside);
        if is_new {
            frequent.update(top, id, &mut beside[..pieces], vocabulary);
            continue;
        }
        // The merge spells a special token: pairs with that id may now grow again.
        beside.iter_mut().for_each(Beside::clear);
        if goal.end_at_respelled {
            return Ok(Ended::Respelled);
        }
        frequent = Frequent::scan(words, frequent.threshold, vocabulary);
    }
    Ok(Ended::VocabularyFull)
}

/// The instructions that words are compared with.
#[derive(Clone, Copy)]
enum Path {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Path {
    fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512bw") && std::arch::is_x86_feature_detected!("bmi1") {
                return Path::Avx512;
            }
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("bmi1") {
                return Path::Avx2;
            }
        }
        Path::Portable
    }

    /// Merges the pair in all words of a list and returns how many of `beside` have something, in the order of the words.
    fn merge<S: Symbol>(self, words: &mut Words<S>, list: &[u32], pair: (u32, u32), id: u32, beside: &mut [Beside]) -> usize {
        let view = words.view();
        let piece = if list.len() < WORTH_ALL { list.len() } else { list.len().div_ceil(beside.len()) }.max(1);
        // SAFETY: a list has each word once, so pieces share none; the processor was asked.
        let merge = |beside: &mut Beside, list: &[u32]| unsafe {
            match self {
                Path::Portable => beside.merge_all::<S, Portable>(view, list, pair, id),
                #[cfg(target_arch = "x86_64")]
                Path::Avx2 => with_avx2(beside, view, list, pair, id),
                #[cfg(target_arch = "x86_64")]
                Path::Avx512 => with_avx512(beside, view, list, pair, id),
            }
        };
        if piece >= list.len() {
            merge(&mut beside[0], list);
            return 1;
        }
        beside.par_iter_mut().zip(list.par_chunks(piece)).for_each(|(beside, list)| merge(beside, list));
        beside.len()
    }
}

/// # Safety
/// As for `Beside::merge_all`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
unsafe fn with_avx2<S: Symbol>(beside: &mut Beside, view: View<S>, list: &[u32], pair: (u32, u32), id: u32) {
    // SAFETY: the caller's.
    unsafe { beside.merge_all::<S, Avx2>(view, list, pair, id) }
}

/// # Safety
/// As for `Beside::merge_all`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,bmi1")]
unsafe fn with_avx512<S: Symbol>(beside: &mut Beside, view: View<S>, list: &[u32], pair: (u32, u32), id: u32) {
    // SAFETY: the caller's.
    unsafe { beside.merge_all::<S, Avx512>(view, list, pair, id) }
}
