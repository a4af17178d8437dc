//! A worker's table of pretokens, made for one miss to memory a pretoken: a line of the cache holds three keys of
//! 16 bytes and their counts. A key is padded with its length, so that one that ends in NULs stays apart; the few that
//! look like a padded one, and all that are longer, stand in a second table with their bytes in an arena.
//!
//! Counts are 32 bits in a line; what goes beyond is carried into a map, so that sums are right in 64.

use super::run::Sorted;
use crate::bpe::pages::{self, prefetch};
use crate::error::Result;
use rayon::slice::ParallelSliceMut;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes of a key.
const INLINE: usize = 16;
const FIRST_BITS: u32 = 9;

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    keys: [u128; 3],
    /// 0: free, and so are those behind it.
    counts: [u32; 3],
}

const EMPTY: Line = Line { keys: [0; 3], counts: [0; 3] };

#[derive(Clone, Copy)]
struct Long {
    start: u32,
    len: u32,
    hash: u32,
    /// 0: free.
    count: u32,
}

/// Where a pretoken goes.
#[derive(Clone, Copy)]
pub enum Place {
    Short { key: u128, hash: u64 },
    Long { hash: u64 },
}

impl Place {
    /// Of `text[start..end]`.
    #[inline]
    pub fn of(text: &[u8], start: usize, end: usize) -> Self {
        let len = end - start;
        if len < INLINE || (len == INLINE && text[end - 1] >= INLINE as u8) {
            let bytes = match text.get(start..start + INLINE) {
                Some(bytes) => u128::from_le_bytes(bytes.try_into().expect("sixteen bytes")),
                None => {
                    let mut bytes = [0; INLINE];
                    bytes[..len].copy_from_slice(&text[start..end]);
                    u128::from_le_bytes(bytes)
                }
            };
            let key = bytes & MASKS[len] | PADS[len];
            Place::Short { key, hash: hash(key) }
        } else {
            Place::Long { hash: xxh3_64(&text[start..end]) }
        }
    }
}

/// The bits of a key's own bytes, and what stands behind them.
const MASKS: [u128; INLINE + 1] = {
    let mut masks = [u128::MAX; INLINE + 1];
    let mut len = 0;
    while len < INLINE {
        masks[len] = (1 << (8 * len)) - 1;
        len += 1;
    }
    masks
};
const PADS: [u128; INLINE + 1] = {
    let mut pads = [0; INLINE + 1];
    let mut len = 0;
    while len < INLINE {
        pads[len] = (u128::MAX / 255 * len as u128) & !MASKS[len];
        len += 1;
    }
    pads
};

#[inline]
fn hash(key: u128) -> u64 {
    let product = u128::from(key as u64 ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(u128::from((key >> 64) as u64 ^ 0xe703_7ed1_a0b4_28db));
    (product >> 64) as u64 ^ product as u64
}

pub struct Table {
    lines: Vec<Line>,
    bits: u32,
    short: usize,
    slots: Vec<Long>,
    long: usize,
    arena: Vec<u8>,
    /// What did not fit into 32 bits.
    carried: HashMap<Vec<u8>, u64>,
}

impl Table {
    pub fn new() -> Self {
        Table {
            lines: vec![EMPTY; 1 << FIRST_BITS],
            bits: FIRST_BITS,
            short: 0,
            slots: vec![Long { start: 0, len: 0, hash: 0, count: 0 }; 1 << FIRST_BITS],
            long: 0,
            arena: Vec::new(),
            carried: HashMap::new(),
        }
    }

    /// Asks for what `add` will look at.
    #[inline]
    pub fn soon(&self, place: Place) {
        match place {
            Place::Short { hash, .. } => prefetch(&self.lines[(hash >> (64 - self.bits)) as usize]),
            Place::Long { hash } => prefetch(&self.slots[hash as usize & (self.slots.len() - 1)]),
        }
    }

    /// Counts a pretoken so many times.
    #[inline(always)]
    pub fn add(&mut self, pretoken: &[u8], place: Place, times: u64) {
        match place {
            Place::Short { key, hash } => self.add_short(pretoken, key, hash, times),
            Place::Long { hash } => self.add_long(pretoken, hash, times),
        }
    }

    #[inline(always)]
    fn add_short(&mut self, pretoken: &[u8], key: u128, hash: u64, times: u64) {
        let mut at = (hash >> (64 - self.bits)) as usize;
        loop {
            let line = &mut self.lines[at];
            for i in 0..3 {
                if line.counts[i] == 0 {
                    line.keys[i] = key;
                    self.short += 1;
                }
                if line.keys[i] == key {
                    increase(&mut line.counts[i], &mut self.carried, pretoken, times);
                    return;
                }
            }
            at = (at + 1) & (self.lines.len() - 1);
        }
    }

    fn add_long(&mut self, pretoken: &[u8], hash: u64, times: u64) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.count == 0 {
                *slot = Long { start: self.arena.len() as u32, len: pretoken.len() as u32, hash: hash as u32, count: 0 };
                self.arena.extend_from_slice(pretoken);
                self.long += 1;
            }
            if slot.hash == hash as u32
                && slot.len as usize == pretoken.len()
                && self.arena[slot.start as usize..][..pretoken.len()] == *pretoken
            {
                increase(&mut slot.count, &mut self.carried, pretoken, times);
                return;
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    pub fn must_grow(&self) -> bool {
        self.short * 4 > self.lines.len() * 9 || self.long * 2 > self.slots.len()
    }

    /// The most memory that it takes to grow, or to be sorted.
    pub fn bytes_to_grow(&self) -> usize {
        let (lines, slots) = (size_of_val(&self.lines[..]), size_of_val(&self.slots[..]));
        let more = if self.short * 4 > self.lines.len() * 9 { 2 * lines } else { 2 * slots };
        lines + slots + more + self.arena.capacity()
    }

    /// Bytes of long pretokens, which double when their room does.
    pub fn arena_bytes(&self) -> usize {
        self.arena.len()
    }

    pub fn grow(&mut self) {
        if self.short * 4 > self.lines.len() * 9 {
            self.bits += 1;
            let old = std::mem::replace(&mut self.lines, pages::filled(EMPTY, 1 << self.bits));
            let mask = self.lines.len() - 1;
            for (key, count) in old.iter().flat_map(short) {
                let mut at = (hash(key) >> (64 - self.bits)) as usize;
                let free = loop {
                    match self.lines[at].counts.iter().position(|&count| count == 0) {
                        Some(free) => break free,
                        None => at = (at + 1) & mask,
                    }
                };
                (self.lines[at].keys[free], self.lines[at].counts[free]) = (key, count);
            }
        } else {
            let twice = self.slots.len() * 2;
            let old = std::mem::replace(&mut self.slots, vec![Long { start: 0, len: 0, hash: 0, count: 0 }; twice]);
            for slot in old.into_iter().filter(|slot| slot.count > 0) {
                let mut at = slot.hash as usize & (twice - 1);
                while self.slots[at].count > 0 {
                    at = (at + 1) & (twice - 1);
                }
                self.slots[at] = slot;
            }
        }
    }

    pub fn into_sorted(self) -> SortedTable {
        let Table { lines, slots, arena, carried, short: short_ones, long, .. } = self;
        let mut entries = pages::with_capacity(short_ones + long);
        entries.extend(lines.iter().flat_map(short).map(|(key, count)| Entry::of_key(key, count)));
        drop(lines);
        let long = slots.iter().filter(|slot| slot.count > 0);
        entries.extend(long.map(|slot| Entry::of_long(&arena[slot.start as usize..][..slot.len as usize], slot)));
        drop(slots);
        entries.par_sort_unstable_by(|a, b| compare((a, &arena), (b, &arena)));
        let mut sorted = SortedTable { entries, arena, next: 0, pretoken: Vec::new() };
        let mut spelled = Vec::new();
        for (pretoken, more) in carried {
            let found = sorted.entries.binary_search_by(|entry| {
                entry.spell(&sorted.arena, &mut spelled);
                spelled.cmp(&pretoken)
            });
            sorted.entries[found.expect("what is carried was counted")].count += more;
        }
        sorted
    }
}

/// What would not fit is carried; one stays, as 0 is free.
#[inline(always)]
fn increase(count: &mut u32, carried: &mut HashMap<Vec<u8>, u64>, pretoken: &[u8], times: u64) {
    let sum = u64::from(*count) + times;
    if sum <= u64::from(LARGEST) {
        *count = sum as u32;
    } else {
        *carried.entry(pretoken.to_vec()).or_default() += sum - 1;
        *count = 1;
    }
}

/// Tests count on no further, so that they carry.
const LARGEST: u32 = if cfg!(test) { 3 } else { u32::MAX };

fn short(line: &Line) -> impl Iterator<Item = (u128, u32)> + '_ {
    line.keys.iter().copied().zip(line.counts).filter(|&(_, count)| count > 0)
}

/// A pretoken with its count: the first 16 bytes as two numbers that compare as the bytes do, padded with zeros.
pub struct Entry {
    prefix: u64,
    rest: u64,
    pub count: u64,
    len: u32,
    /// Where all bytes stand in the arena, for a long one.
    start: u32,
}

impl Entry {
    fn of_key(key: u128, count: u32) -> Self {
        let last = (key >> 120) as usize;
        let len = if last < INLINE { last } else { INLINE };
        let bytes = (key & MASKS[len]).to_le_bytes();
        let number = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        Entry { prefix: number(0), rest: number(8), count: u64::from(count), len: len as u32, start: NOWHERE }
    }

    fn of_long(pretoken: &[u8], &Long { start, len, count, .. }: &Long) -> Self {
        let number = |at: usize| u64::from_be_bytes(pretoken[at..at + 8].try_into().expect("sixteen bytes"));
        Entry { prefix: number(0), rest: number(8), count: u64::from(count), len, start }
    }

    /// Replaces `into` by the bytes.
    pub fn spell(&self, arena: &[u8], into: &mut Vec<u8>) {
        into.clear();
        if self.start != NOWHERE {
            into.extend_from_slice(&arena[self.start as usize..][..self.len as usize]);
            return;
        }
        into.extend_from_slice(&self.prefix.to_be_bytes());
        into.extend_from_slice(&self.rest.to_be_bytes());
        into.truncate(self.len as usize);
    }

    fn is_long(&self) -> bool {
        self.len as usize > INLINE
    }
}

const NOWHERE: u32 = u32::MAX;

/// Entries and arenas, compared as the bytes are: by the first sixteen, then by all, then by length (padding equals NUL).
pub fn compare(a: (&Entry, &[u8]), b: (&Entry, &[u8])) -> std::cmp::Ordering {
    let by_key = (a.0.prefix, a.0.rest).cmp(&(b.0.prefix, b.0.rest));
    by_key.then_with(|| {
        if a.0.is_long() && b.0.is_long() {
            return a.1[a.0.start as usize..][..a.0.len as usize].cmp(&b.1[b.0.start as usize..][..b.0.len as usize]);
        }
        a.0.len.cmp(&b.0.len)
    })
}

pub struct SortedTable {
    pub entries: Vec<Entry>,
    pub arena: Vec<u8>,
    next: usize,
    pretoken: Vec<u8>,
}

impl Sorted for SortedTable {
    fn advance(&mut self) -> Result<bool> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(false) };
        entry.spell(&self.arena, &mut self.pretoken);
        self.next += 1;
        Ok(true)
    }

    fn pretoken(&self) -> &[u8] {
        &self.pretoken
    }

    fn count(&self) -> u64 {
        self.entries[self.next - 1].count
    }
}
