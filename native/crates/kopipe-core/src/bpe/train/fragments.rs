//! Distinct fragments of words with the sum of their counts, within a bound of memory that is kept by cutting finer.
//!
//! A fragment is a stretch of a word without a pair under the threshold. Where the tables would outgrow their share, the
//! threshold rises and every fragment is cut again: what would have been collected with that threshold from the start.

use super::sketch::Sketch;
use super::words::{Symbol, Words};
use crate::bpe::pages;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator};
use xxhash_rust::xxh3::xxh3_64;
use zerocopy::IntoBytes;

#[derive(Clone, Copy)]
struct Slot {
    /// 0: free.
    count: u64,
    start: u32,
    len: u32,
    hash: u32,
}

const FREE: Slot = Slot { count: 0, start: 0, len: 0, hash: 0 };

/// The fragments of one part of all hashes.
struct Table<S> {
    slots: Vec<Slot>,
    used: usize,
    symbols: Vec<S>,
    /// An odd number.
    order: u32,
}

impl<S: Symbol> Table<S> {
    /// For fragments without a pair under the threshold.
    fn new(threshold: u64) -> Self {
        let order = xxh3_64(&threshold.to_le_bytes()) as u32 | 1;
        Table { slots: vec![FREE; 1 << 4], used: 0, symbols: Vec::new(), order }
    }

    /// Where a search begins. The table grows by a quarter, as the bound is kept while old and new slots are there.
    ///
    /// Each table has an order of its own: what comes in the order of another, as when fragments are cut again, would
    /// pile up at the front of one that is still small.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        ((u64::from(hash.wrapping_mul(self.order)) * self.slots.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    fn add(&mut self, hash: u32, count: u64, symbols: &[u32]) {
        let mut at = self.home(hash);
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                break;
            }
            if slot.hash == hash && slot.len as usize == symbols.len() {
                let held = &self.symbols[slot.start as usize..][..symbols.len()];
                if held.iter().zip(symbols).all(|(held, &symbol)| held.id() == symbol) {
                    slot.count += count;
                    return;
                }
            }
            at = self.next(at);
        }
        self.slots[at] = Slot { count, start: self.symbols.len() as u32, len: symbols.len() as u32, hash };
        self.symbols.extend(symbols.iter().map(|&symbol| S::of(symbol)));
        self.used += 1;
        if self.used * 3 > self.slots.len() * 2 {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let more = self.slots.len() / 4 * 5;
        for slot in std::mem::replace(&mut self.slots, pages::filled(FREE, more)) {
            if slot.count > 0 {
                let mut at = self.home(slot.hash);
                while self.slots[at].count > 0 {
                    at = self.next(at);
                }
                self.slots[at] = slot;
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u64, &[S])> {
        let held = self.slots.iter().filter(|slot| slot.count > 0);
        held.map(|slot| (slot.count, &self.symbols[slot.start as usize..][..slot.len as usize]))
    }

    /// What is used: the room of vectors that grow is in the share.
    fn bytes(&self) -> usize {
        self.slots.len() * size_of::<Slot>() + self.symbols.len() * size_of::<S>()
    }
}

/// Fragments on their way into the tables, one list a table: hash, count (low, high), number of symbols, symbols.
type Bins = Vec<Vec<u32>>;

pub struct Fragments<'s, S> {
    sketch: &'s Sketch,
    threshold: u64,
    /// The threshold rises no further: above the count of the most frequent pair nothing would be merged.
    highest: u64,
    /// Bytes that the tables may take.
    share: usize,
    tables: Vec<Table<S>>,
}

impl<'s, S: Symbol> Fragments<'s, S> {
    pub fn new(sketch: &'s Sketch, threshold: u64, highest: u64, share: usize) -> Self {
        Fragments { sketch, threshold, highest, share, tables: (0..rayon::current_num_threads()).map(|_| Table::new(threshold)).collect() }
    }

    pub fn bins(&self) -> Bins {
        vec![Vec::new(); self.tables.len()]
    }

    /// Cuts a word and puts its fragments into bins.
    #[inline]
    pub fn cut(&self, symbols: &[u32], count: u64, bins: &mut Bins) {
        let mut start = 0;
        for i in 1..=symbols.len() {
            if i == symbols.len() || self.sketch.bound(symbols[i - 1], symbols[i]) < self.threshold {
                if i - start > 1 {
                    let fragment = &symbols[start..i];
                    let hash = xxh3_64(fragment.as_bytes());
                    let bin = &mut bins[(hash >> 32) as usize % self.tables.len()];
                    bin.extend([hash as u32, count as u32, (count >> 32) as u32, fragment.len() as u32]);
                    bin.extend_from_slice(fragment);
                }
                start = i;
            }
        }
    }

    /// Takes what was cut, in order.
    pub fn add(&mut self, cut: &[Bins]) {
        self.tables.par_iter_mut().enumerate().for_each(|(i, table)| cut.iter().for_each(|bins| fill(table, &bins[i])));
        while self.bytes() > self.share && self.threshold < self.highest {
            self.cut_finer();
        }
    }

    fn bytes(&self) -> usize {
        self.tables.iter().map(Table::bytes).sum()
    }

    /// Raises the threshold until the tables have shrunk by a third.
    fn cut_finer(&mut self) {
        let full = self.bytes();
        while self.bytes() > full / 3 * 2 && self.threshold < self.highest {
            self.threshold = (self.threshold + self.threshold / 2 + 1).min(self.highest);
            pages::give_back();
            let old: Vec<Table<S>> = std::mem::take(&mut self.tables);
            self.tables = old.iter().map(|_| Table::new(self.threshold)).collect();
            // One after the other, so that the old tables go as the new ones come.
            for table in old {
                let pieces: Vec<&[Slot]> = table.slots.chunks(1 << 14).collect();
                for some in pieces.chunks(4 * self.tables.len()) {
                    let cut: Vec<Bins> = some
                        .par_iter()
                        .map(|slots| {
                            let (mut bins, mut symbols) = (self.bins(), Vec::new());
                            for slot in slots.iter().filter(|slot| slot.count > 0) {
                                symbols.clear();
                                symbols.extend(table.symbols[slot.start as usize..][..slot.len as usize].iter().map(|s| s.id()));
                                self.cut(&symbols, slot.count, &mut bins);
                            }
                            bins
                        })
                        .collect();
                    self.tables.par_iter_mut().enumerate().for_each(|(i, table)| cut.iter().for_each(|bins| fill(table, &bins[i])));
                }
            }
        }
    }

    /// The fragments as words, and the threshold below which they know nothing.
    pub fn into_words(self) -> (Words<S>, u64) {
        let numbers = |table: &Table<S>| Words::<S>::numbers(table.used as u64, table.symbols.len() as u64);
        let mut words = Words::with_capacity(self.tables.iter().map(numbers).sum::<u64>() as usize);
        for table in self.tables {
            for (count, symbols) in table.iter() {
                words.push(count, symbols.iter().map(|symbol| symbol.id()));
            }
        }
        (words.close(), self.threshold)
    }
}

fn fill<S: Symbol>(table: &mut Table<S>, mut bin: &[u32]) {
    while let [hash, low, high, len, rest @ ..] = bin {
        let (symbols, others) = rest.split_at(*len as usize);
        table.add(*hash, u64::from(*low) | u64::from(*high) << 32, symbols);
        bin = others;
    }
}
