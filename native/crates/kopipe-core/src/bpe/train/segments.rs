//! Training on more words than fit into memory: exactly the merges of an unbounded run, in a few passes over the disk.
//!
//! Let T be any count. The merges down to T form a segment, and a segment needs little of the words:
//!
//! - A pair's count only falls once both its symbols are there. So a pair that is under T when the segment begins is
//!   merged nowhere in it, and no merge reaches across it: of the symbols that end up on its two sides, each adjacency
//!   is one of the old pair's, so theirs come to less than T as well.
//! - Hence a word may be cut at every pair under T. Its fragments merge apart from each other, equal fragments of all
//!   words are one with the sum of their counts, and every pair that is merged in the segment is counted in full.
//! - An upper bound under T is as good as the count: a `Sketch` of fixed size says where to cut. Not to cut costs
//!   memory only.
//!
//! So a pass sums up the pairs, a second one collects the fragments, with T raised as long as they do not fit
//! (`fragments`), memory merges them down to T, and a third pass, which is the first one of the next segment, applies
//! the merges to all words, one after another. As symbols grow, pairs get rarer and T falls: rare words, which are most,
//! are cut to what they have in common with others. Where a merge spells a token that was there already, pairs may grow
//! again: the segment ends.
//!
//! Measured on 5 GB (14.9 M types, 30,003 tokens), two shared cores: in 0.6 GB four segments and eight passes take 50 s
//! and 0.5 GB of disk; in memory it takes 23 s and 2.1 GB. The merges are the same.
//!
//! Another way is known, ffbpe's: words stay in memory, and only the lists of the most frequent pairs are held. It
//! bounds the lists, not the words.

use super::blocks::{BlockWriter, Records, Source, push};
use super::fragments::Fragments;
use super::merging::{Ended, Goal, merge_down};
use super::pairs::{PairMap, pair};
use super::sketch::Sketch;
use super::vocabulary::{Start, Vocabulary};
use super::words::{Symbol, Words};
use super::{Progress, Training};
use crate::bpe::pages;
use crate::error::Result;
use crate::io::Io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock};

/// Of the memory that training may take: the sums of pairs, and the tables of fragments, which take more than twice that
/// while they are cut finer. Merging takes what the tables gave back and the rest.
const SKETCH_SHARE: u64 = 8;
const TABLES_SHARE: u64 = 4;
/// A segment goes down to at least this part of the most frequent pair's count: a guess to begin with, as finding the
/// threshold from below costs a pass over the tables for every step.
const DEPTH: u64 = 4096;
/// A bound is kept on what can be bounded; less than this is not asked for.
const LEAST_TABLES: u64 = if cfg!(test) { 1 << 12 } else { 1 << 18 };
/// Fragments as words are addressed by 32 bits.
const MOST_TABLES: u64 = 6_000_000_000;

/// The words as they stand between two segments.
struct Shelf<'t> {
    io: &'t Io,
    start: Start,
    progress: &'t Progress,
    /// What is left of the bound on memory for training itself.
    memory: u64,
    source: Source,
    sketch: Sketch,
}

impl Training<'_> {
    /// Merges until the goal is reached, in so much memory. False, and nothing is done, where a word is too long for the
    /// symbols.
    pub fn in_segments<S: Symbol>(&mut self, memory: u64) -> Result<bool> {
        let Training { io, counts, settings, progress, .. } = *self;
        let (vocabulary, merges) = (&mut self.vocabulary, &mut self.merges);
        let floor = settings.min_frequency.max(1);
        pages::give_back();
        let start = vocabulary.start();
        let sketch = Sketch::new(memory / SKETCH_SHARE, vocabulary.len());
        let mut shelf = Shelf { io, start, progress, memory, source: Source::Counts(counts.to_path_buf()), sketch };
        if shelf.sum_up()? > Words::<S>::LONGEST {
            return Ok(false);
        }
        let mut highest = u64::MAX;
        loop {
            let (mut words, threshold) = shelf.collect::<S>(floor, highest)?;
            let (first_id, begun) = (vocabulary.len(), merges.len());
            let goal = Goal { vocabulary_size: settings.vocabulary_size, floor: threshold, end_at_respelled: true };
            let ended = merge_down(&mut words, vocabulary, merges, &goal, progress)?;
            drop(words);
            pages::give_back();
            if ended == Ended::VocabularyFull || (ended == Ended::AtFloor && threshold == floor) {
                shelf.source.remove(io)?;
                return Ok(true);
            }
            if merges.len() == begun {
                // Bounds that are too high let the threshold rise above all counts.
                highest = threshold / 2;
                continue;
            }
            highest = u64::MAX;
            let applied = Applied::new(&merges[begun..], first_id, vocabulary);
            shelf.apply(&applied, vocabulary.len(), counts.with_file_name(format!("words-{begun}")))?;
        }
    }
}

impl Shelf<'_> {
    /// Sums up the pairs and gives the length of the longest word.
    fn sum_up(&self) -> Result<usize> {
        let longest = AtomicUsize::new(0);
        let work = |block: &[u8]| {
            each_word(block, |symbols, count| {
                self.sketch.add_word(symbols, count);
                longest.fetch_max(symbols.len(), Relaxed);
            });
        };
        self.source.pass(self.io, &self.start, self.progress, work, |_| Ok(()))?;
        Ok(longest.into_inner())
    }

    /// The fragments, and the least threshold between the two at which they fit.
    fn collect<S: Symbol>(&self, floor: u64, highest: u64) -> Result<(Words<S>, u64)> {
        let largest = self.sketch.largest();
        let highest = highest.min(largest).max(floor);
        let lowest = (largest / DEPTH).clamp(floor, highest);
        let share = (self.memory / TABLES_SHARE).clamp(LEAST_TABLES, MOST_TABLES) as usize;
        // Words are cut by all workers, then taken; between them the threshold may rise.
        let fragments = RwLock::new(Fragments::<S>::new(&self.sketch, lowest, highest, share));
        let cut = |block: &[u8]| {
            let fragments = fragments.read().unwrap_or_else(PoisonError::into_inner);
            let mut bins = fragments.bins();
            each_word(block, |symbols, count| fragments.cut(symbols, count, &mut bins));
            bins
        };
        let take = |cut: Vec<_>| {
            fragments.write().unwrap_or_else(PoisonError::into_inner).add(&cut);
            Ok(())
        };
        self.source.pass(self.io, &self.start, self.progress, cut, take)?;
        self.progress.collected();
        let words = fragments.into_inner().unwrap_or_else(PoisonError::into_inner).into_words();
        pages::give_back();
        Ok(words)
    }

    /// Writes the words anew with the merges applied, and sums up their pairs.
    fn apply(&mut self, applied: &Applied, symbols: usize, path: PathBuf) -> Result<()> {
        // One after the other: each takes its share.
        self.sketch = Sketch::new(0, 0);
        self.sketch = Sketch::new(self.memory / SKETCH_SHARE, symbols);
        let mut writer = BlockWriter::create(self.io, &path)?;
        let work = |block: &[u8]| {
            let (mut merged, mut buffers) = (Vec::with_capacity(block.len()), Buffers::default());
            each_word(block, |symbols, count| {
                let symbols = applied.to(symbols, &mut buffers);
                self.sketch.add_word(symbols, count);
                push(&mut merged, count, symbols);
            });
            merged
        };
        let write = |blocks: Vec<Vec<u8>>| blocks.iter().try_for_each(|block| writer.write(block));
        self.source.pass(self.io, &self.start, self.progress, work, write)?;
        writer.finish()?;
        self.source.remove(self.io)?;
        self.source = Source::Blocks(path);
        Ok(())
    }
}

fn each_word(block: &[u8], mut each: impl FnMut(&[u32], u64)) {
    let (mut records, mut symbols) = (Records(block), Vec::new());
    while let Some(count) = records.next(&mut symbols) {
        each(&symbols, count);
    }
}

/// The merges of a segment, to be applied to words.
struct Applied {
    /// Rank and id of a merged pair.
    merges: PairMap,
}

#[derive(Default)]
struct Buffers {
    symbols: Vec<u32>,
    merges: Vec<u64>,
}

/// Rank above all merges.
const NEVER: u64 = u64::MAX;

impl Applied {
    /// All merges but the last one make new symbols, in order; the last one may spell a token that was there.
    fn new(merges: &[(u32, u32)], first_id: usize, vocabulary: &Vocabulary) -> Self {
        let mut map = PairMap::with_capacity(merges.len());
        for (rank, &two) in merges.iter().enumerate() {
            let id = if first_id + rank < vocabulary.len() { (first_id + rank) as u32 } else { vocabulary.spelled(two) };
            map.insert(pair(two.0, two.1), (rank as u64) << 32 | u64::from(id));
        }
        Applied { merges: map }
    }

    fn of(&self, left: u32, right: u32) -> u64 {
        self.merges.get(pair(left, right)).unwrap_or(NEVER)
    }

    /// The word after all merges: one after another, each in one sweep from left to right.
    fn to<'b>(&self, word: &[u32], Buffers { symbols, merges }: &'b mut Buffers) -> &'b [u32] {
        symbols.clear();
        symbols.extend_from_slice(word);
        // merges[i] is that of symbols i and i + 1.
        merges.clear();
        merges.extend(word.windows(2).map(|two| self.of(two[0], two[1])));
        while let Some(&merge) = merges.iter().min()
            && merge != NEVER
        {
            let id = merge as u32;
            let (mut read, mut written) = (0, 0);
            while read < symbols.len() {
                let merged = merges.get(read) == Some(&merge);
                let last_is_new = written > 0 && symbols[written - 1] == id;
                let symbol = if merged { id } else { symbols[read] };
                if written > 0 {
                    merges[written - 1] = if merged || last_is_new { self.of(symbols[written - 1], symbol) } else { merges[read - 1] };
                }
                symbols[written] = symbol;
                written += 1;
                read += if merged { 2 } else { 1 };
            }
            symbols.truncate(written);
            merges.truncate(written.saturating_sub(1));
        }
        symbols
    }
}
