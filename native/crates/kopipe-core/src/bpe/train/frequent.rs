//! The pairs at or above a threshold: count, the words that hold them, and which comes next.
//!
//! A pair's list is written once, at its exact size: all its occurrences are born with the merge that makes its newer
//! symbol, so that its count only falls afterwards. Hence a pair born below the threshold need not be kept.

use super::beside::{Beside, Side};
use super::pairs::{pair, split};
use super::sketch::Sketch;
use super::vocabulary::Vocabulary;
use super::words::{Symbol, Words};
use crate::bpe::pages;
use crate::bpe::pages::prefetch;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// No pair: ids are below 2³¹.
const NONE: u64 = u64::MAX;
const NO_LIST: u32 = u32::MAX;
/// Pairs whose slots are asked for before the one at hand is changed.
const SOON: usize = 8;
/// While there are no more symbols than this, pairs are counted in a square.
const SQUARE: usize = 512;
/// Bytes for the bounds of pairs, when there are more.
const SKETCH: u64 = 1 << 23;
/// From so many places on, the two sides of a merge are worth two workers.
const WORTH_TWO: usize = 1 << 13;

#[derive(Clone, Copy)]
struct Slot {
    pair: u64,
    count: u64,
    list: u32,
}

const EMPTY: Slot = Slot { pair: NONE, count: 0, list: NO_LIST };

pub struct Frequent {
    pub threshold: u64,
    slots: Vec<Slot>,
    used: usize,
    lists: Vec<Vec<u32>>,
    free: Vec<u32>,
    /// Count when it was pushed and the pair: the largest count first, then the smallest pair.
    queue: BinaryHeap<(u64, Reverse<u64>)>,
}

impl Frequent {
    fn with_capacity(threshold: u64, pairs: usize) -> Self {
        let slots = pages::filled(EMPTY, (pairs * 2).next_power_of_two().max(1 << 10));
        Frequent { threshold, slots, used: 0, lists: Vec::new(), free: Vec::new(), queue: BinaryHeap::with_capacity(pairs) }
    }

    #[inline]
    fn home(&self, pair: u64) -> usize {
        (pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.slots.len().trailing_zeros())) as usize
    }

    /// Where the pair stands, or would.
    #[inline]
    fn slot(&self, pair: u64) -> usize {
        let mut at = self.home(pair);
        while self.slots[at].pair != pair && self.slots[at].pair != NONE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    fn add(&mut self, pair: u64, count: u64, list: Vec<u32>) {
        let list = match self.free.pop() {
            Some(free) => {
                self.lists[free as usize] = list;
                free
            }
            None => {
                self.lists.push(list);
                self.lists.len() as u32 - 1
            }
        };
        let at = self.slot(pair);
        self.used += usize::from(self.slots[at].pair == NONE);
        self.slots[at] = Slot { pair, count, list };
        self.queue.push((count, Reverse(pair)));
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
    }

    fn grow(&mut self) {
        // What is dead is left behind: often that is room enough.
        let live: Vec<Slot> = std::mem::take(&mut self.slots).into_iter().filter(|slot| slot.list != NO_LIST).collect();
        self.used = live.len();
        self.slots = pages::filled(EMPTY, (live.len() * 4).next_power_of_two().max(1 << 10));
        for slot in live {
            let at = self.slot(slot.pair);
            self.slots[at] = slot;
        }
    }

    fn bury(&mut self, at: usize) -> Vec<u32> {
        let slot = &mut self.slots[at];
        let list = std::mem::replace(&mut slot.list, NO_LIST);
        slot.count = 0;
        self.free.push(list);
        std::mem::take(&mut self.lists[list as usize])
    }

    /// Takes the pair to merge next, with the words that may hold it.
    pub fn pop(&mut self) -> Option<((u32, u32), Vec<u32>)> {
        loop {
            let (count, Reverse(two)) = self.queue.pop()?;
            let at = self.slot(two);
            let now = self.slots[at].count;
            if now == count {
                return Some((split(two), self.bury(at)));
            }
            if now >= self.threshold {
                self.queue.push((now, Reverse(two)));
            } else {
                self.bury(at);
            }
        }
    }

    fn lose(&mut self, two: u64, count: u64) {
        let at = self.slot(two);
        if self.slots[at].pair == two {
            // The merged pair itself may be among them (`aaa`): it is done, whatever its count.
            self.slots[at].count = self.slots[at].count.saturating_sub(count);
        }
    }

    /// Takes the occurrences that a merge consumed from the counts of the old pairs, and adds the new pairs. What stood
    /// beside comes in the order of the words, in one piece or several.
    pub fn update(&mut self, (left, right): (u32, u32), id: u32, beside: &mut [Beside], vocabulary: &Vocabulary) {
        let threshold = self.threshold;
        let (mut lefts, mut rights): (Vec<&mut Side>, Vec<&mut Side>) = (Vec::new(), Vec::new());
        let (mut count, mut words) = (0, Vec::new());
        for Beside { left, right, itself } in beside {
            lefts.push(left);
            rights.push(right);
            count += std::mem::take(&mut itself.count);
            words.append(&mut itself.words);
        }
        let places: usize = lefts.iter().map(|side| side.places.len()).sum();
        let mut make_left = || lists(&mut lefts, threshold, |symbol| vocabulary.may_merge(symbol, id));
        let mut make_right = || lists(&mut rights, threshold, |symbol| vocabulary.may_merge(id, symbol));
        let (of_left, of_right) = if places < WORTH_TWO { (make_left(), make_right()) } else { rayon::join(make_left, make_right) };
        self.apply(lefts[0], of_left, |symbol| (pair(symbol, left), pair(symbol, id)));
        self.apply(rights[0], of_right, |symbol| (pair(right, symbol), pair(id, symbol)));
        lefts.into_iter().chain(rights).for_each(Side::clear);
        self.lose(pair(right, left), count);
        if count >= threshold && vocabulary.may_merge(id, id) {
            words.shrink_to_fit();
            self.add(pair(id, id), count, words);
        }
    }

    fn apply(&mut self, side: &Side, mut lists: Vec<Vec<u32>>, pairs: impl Fn(u32) -> (u64, u64)) {
        for (i, &symbol) in side.touched.iter().enumerate() {
            if let Some(&soon) = side.touched.get(i + SOON) {
                prefetch(&self.slots[self.home(pairs(soon).0)]);
            }
            let (old, new) = pairs(symbol);
            let sum = side.sums[symbol as usize];
            self.lose(old, sum.count);
            if sum.list != NO_LIST {
                self.add(new, sum.count, std::mem::take(&mut lists[sum.list as usize]));
            }
        }
    }
}

/// Brings the sums of all pieces into the first, and makes the lists of the pairs that are kept.
fn lists(sides: &mut [&mut Side], threshold: u64, may_merge: impl Fn(u32) -> bool) -> Vec<Vec<u32>> {
    let Some((first, more)) = sides.split_first_mut() else { return Vec::new() };
    for other in more.iter() {
        for &symbol in &other.touched {
            let sum = other.sums[symbol as usize];
            let all = &mut first.sums[symbol as usize];
            if all.places == 0 {
                first.touched.push(symbol);
            }
            all.places += sum.places;
            all.count += sum.count;
        }
    }
    let mut lists: Vec<Vec<u32>> = Vec::new();
    for &symbol in &first.touched {
        let sum = &mut first.sums[symbol as usize];
        sum.list = NO_LIST;
        if sum.count >= threshold && may_merge(symbol) {
            sum.list = lists.len() as u32;
            lists.push(Vec::with_capacity(sum.places as usize));
        }
    }
    if !lists.is_empty() {
        for places in std::iter::once(&first.places).chain(more.iter().map(|side| &side.places)) {
            for &(word, symbol) in places {
                if let Some(list) = lists.get_mut(first.sums[symbol as usize].list as usize)
                    && list.last() != Some(&word)
                {
                    list.push(word);
                }
            }
        }
    }
    lists
}

/// What a pair comes to in a range of the words.
#[derive(Clone, Copy)]
struct Found {
    pair: u64,
    range: u32,
    /// How many words of the range hold it.
    words: u32,
    count: u64,
}

impl Frequent {
    /// Counts all pairs anew, and lists the words of those at or above the threshold.
    pub fn scan<S: Symbol>(words: &Words<S>, threshold: u64, vocabulary: &Vocabulary) -> Self {
        let ranges = words.ranges(rayon::current_num_threads());
        let square = vocabulary.len() <= SQUARE;
        // Most pairs are rare, and a sum for each of those would take more memory than all else.
        let sketch = Sketch::new(if square { 0 } else { SKETCH }, vocabulary.len());
        if !square {
            ranges.par_iter().for_each(|range| words.iter(range.clone()).for_each(|(_, count, symbols)| sketch.add_word(symbols, count)));
        }
        let may_be_frequent = |left, right| sketch.bound(left, right) >= threshold;
        let mut found: Vec<Found> = (0..ranges.len())
            .into_par_iter()
            .flat_map_iter(|range| {
                let words = words.iter(ranges[range].clone());
                if square { in_square(words, vocabulary.len(), range) } else { in_map(words, range, may_be_frequent) }
            })
            .collect();
        found.par_sort_unstable_by_key(|found| (found.pair, found.range));
        // What all pairs come to first: only the lists of the frequent ones are worth writing, and at their exact size.
        let mut kept: Vec<(u64, u64, Vec<AtomicU32>)> = Vec::new();
        let mut cursors = vec![Vec::new(); ranges.len()];
        for same in found.chunk_by(|a, b| a.pair == b.pair) {
            let count = same.iter().map(|found| found.count).sum::<u64>();
            let (left, right) = split(same[0].pair);
            if count < threshold || !vocabulary.may_merge(left, right) {
                continue;
            }
            let mut total = 0;
            let mut by_range = same.iter().peekable();
            for (range, cursors) in cursors.iter_mut().enumerate() {
                cursors.push(total);
                total += by_range.next_if(|found| found.range == range as u32).map_or(0, |found| found.words);
            }
            kept.push((same[0].pair, count, (0..total).map(|_| AtomicU32::new(NO_LIST)).collect()));
        }
        drop(found);
        let mut frequent = Frequent::with_capacity(threshold, kept.len());
        for (i, &(pair, count, _)) in kept.iter().enumerate() {
            let at = frequent.slot(pair);
            frequent.slots[at] = Slot { pair, count, list: i as u32 };
            frequent.queue.push((count, Reverse(pair)));
        }
        frequent.used = kept.len();
        let in_square: Vec<u32> = if square { frequent.square(vocabulary.len()) } else { Vec::new() };
        cursors.into_par_iter().zip_eq(ranges).for_each(|(mut cursors, range)| {
            for (word, _, symbols) in words.iter(range) {
                for two in symbols.windows(2) {
                    let (left, right) = (two[0].id(), two[1].id());
                    let list = if square {
                        in_square[left as usize * vocabulary.len() + right as usize]
                    } else {
                        frequent.list(pair(left, right))
                    };
                    if list == NO_LIST {
                        continue;
                    }
                    let (cursor, list) = (&mut cursors[list as usize], &kept[list as usize].2);
                    // Before it stands the last word of the range, or one of the range before.
                    if *cursor == 0 || list[*cursor as usize - 1].load(Relaxed) != word {
                        list[*cursor as usize].store(word, Relaxed);
                        *cursor += 1;
                    }
                }
            }
        });
        frequent.lists = kept.into_iter().map(|(_, _, list)| list.into_iter().map(AtomicU32::into_inner).collect()).collect();
        frequent
    }

    fn list(&self, pair: u64) -> u32 {
        self.slots[self.slot(pair)].list
    }

    fn square(&self, symbols: usize) -> Vec<u32> {
        let mut square = vec![NO_LIST; symbols * symbols];
        for slot in self.slots.iter().filter(|slot| slot.pair != NONE) {
            let (left, right) = split(slot.pair);
            square[left as usize * symbols + right as usize] = slot.list;
        }
        square
    }
}

#[derive(Clone, Copy)]
struct Tally {
    count: u64,
    words: u32,
    last: u32,
}

impl Tally {
    const ZERO: Tally = Tally { count: 0, words: 0, last: u32::MAX };

    #[inline]
    fn add(&mut self, word: u32, count: u64) {
        self.count += count;
        self.words += u32::from(self.last != word);
        self.last = word;
    }

    fn found(self, pair: u64, range: usize) -> Found {
        Found { pair, range: range as u32, words: self.words, count: self.count }
    }
}

fn in_square<'w, S: Symbol>(words: impl Iterator<Item = (u32, u64, &'w [S])>, symbols: usize, range: usize) -> Vec<Found> {
    let mut square = vec![Tally::ZERO; symbols * symbols];
    for (word, count, ids) in words {
        for two in ids.windows(2) {
            square[two[0].id() as usize * symbols + two[1].id() as usize].add(word, count);
        }
    }
    let seen = square.into_iter().enumerate().filter(|(_, tally)| tally.words > 0);
    seen.map(|(at, tally)| tally.found(pair((at / symbols) as u32, (at % symbols) as u32), range)).collect()
}

fn in_map<'w, S: Symbol>(words: impl Iterator<Item = (u32, u64, &'w [S])>, range: usize, wanted: impl Fn(u32, u32) -> bool) -> Vec<Found> {
    let mut map = super::pairs::PairMap::with_capacity(1 << 16);
    let mut tallies: Vec<Tally> = Vec::new();
    for (word, count, ids) in words {
        for two in ids.windows(2) {
            let (left, right) = (two[0].id(), two[1].id());
            if !wanted(left, right) {
                continue;
            }
            let at = map.get_or_insert(pair(left, right), tallies.len() as u64) as usize;
            if at == tallies.len() {
                tallies.push(Tally::ZERO);
            }
            tallies[at].add(word, count);
        }
    }
    map.iter().map(|(pair, at)| tallies[at as usize].found(pair, range)).collect()
}
