//! What a pair of tokens merges to, and the merge loops: the lowest rank first, the leftmost of equals.
//!
//! Pairs stand in a table by a perfect hash (hash and displace): a look-up is two loads and no branch, so that those of a
//! word run side by side; 8 bytes a pair where ids fit 16 bits. Ranks are numbers of their own, since imported
//! tokenizers have ids in another order. Short words are merged by scanning their ranks, long ones with a heap, so that a
//! line of a megabyte takes n log n.
//!
//! Source: Belazzougui, Botelho and Dietzfelbinger, "Hash, displace, and compress" (2009).

use super::id::Id;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hint::select_unpredictable;

/// The rank of a pair that does not merge. Ranks are below it: six bits beside them are for a place in a short word.
pub const NEVER: u32 = u32::MAX >> 6;

/// Symbols of a word that is merged by scanning; beyond, the heap is faster.
pub const SHORT: usize = PLACES - 2;

/// Of such a word and the borders before and behind it.
pub const PLACES: usize = 64;

/// No token: no pair has it.
const BORDER: u32 = u32::MAX;

pub struct Merges<I: Id> {
    ranks: Ranks<I>,
    /// The token of each rank, where tokens do not simply follow each other from `first`.
    results: Vec<u32>,
    first: u32,
}

/// The rank of each pair.
struct Ranks<I: Id> {
    /// By bucket, the high bits of a pair's first hash: what its place in `slots` is computed with.
    displacements: Vec<u16>,
    slots: Vec<Slot<I::Pair>>,
    /// How far a number is shifted down to be a bucket, and to be a place in `slots`.
    shifts: [u32; 2],
}

#[derive(Clone, Copy)]
struct Slot<P> {
    pair: P,
    rank: u32,
}

impl<I: Id> Merges<I> {
    /// Of a pair that stands twice the last rank counts, as in HF.
    pub fn new(merges: impl ExactSizeIterator<Item = (u32, u32, u32)>) -> Self {
        let (mut ranks, mut results) = (HashMap::with_capacity(merges.len()), Vec::with_capacity(merges.len()));
        for (rank, (left, right, result)) in merges.enumerate() {
            ranks.insert((left, right), rank as u32);
            results.push(result);
        }
        let first = results.first().copied().unwrap_or(0);
        if results.iter().copied().eq(first..first + results.len() as u32) {
            results = Vec::new();
        }
        let pairs: Vec<_> = ranks.into_iter().map(|((left, right), rank)| Slot { pair: I::pair(left, right), rank }).collect();
        let mut size = pairs.len().next_power_of_two().max(16);
        if pairs.len() * 20 > size * 19 {
            size *= 2;
        }
        loop {
            if let Some(ranks) = Ranks::displaced(&pairs, size) {
                return Merges { ranks, results, first };
            }
            size *= 2;
        }
    }

    /// `NEVER` where the pair does not merge.
    #[inline(always)]
    pub fn rank(&self, left: u32, right: u32) -> u32 {
        let pair = I::pair(left, right);
        let [bucket, hash] = I::hash(pair);
        let Ranks { displacements, slots, shifts } = &self.ranks;
        let slot = &slots[place(hash, displacements[(bucket >> shifts[0]) as usize], shifts[1])];
        // Whether a pair merges is as good as random: a branch would often be mistaken.
        select_unpredictable(slot.pair == pair, slot.rank, NEVER)
    }

    /// The token that the merge of a rank makes.
    #[inline(always)]
    pub fn result(&self, rank: u32) -> u32 {
        if self.results.is_empty() { self.first + rank } else { self.results[rank as usize] }
    }

    /// Every pair with its rank.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        self.ranks.slots.iter().filter(|slot| slot.rank != NEVER).map(|slot| {
            let (left, right) = I::tokens(slot.pair);
            (left, right, slot.rank)
        })
    }

    /// Merges the `len` symbols of `word` from its second place on, which stay in their places: where some are left is told
    /// in bits. The lowest of rank << 6 | place is the lowest rank and the leftmost of equals at once. With borders that
    /// merge with nothing every symbol has neighbours, so a merge looks up two pairs without a branch.
    #[inline(always)]
    pub fn merge_short(&self, word: &mut [u32; PLACES], len: usize) -> u64 {
        debug_assert!((1..=SHORT).contains(&len));
        (word[0], word[len + 1]) = (BORDER, BORDER);
        let mut offers = [u32::MAX; PLACES];
        for at in 1..len {
            offers[at] = self.offer(word[at], word[at + 1], at as u32);
        }
        let lanes = (len + 1).div_ceil(8);
        let mut live = u64::MAX >> (SHORT - len);
        loop {
            let mut least = [u32::MAX; 8];
            for eight in &offers.as_chunks::<8>().0[..lanes] {
                for (least, &offer) in least.iter_mut().zip(eight) {
                    *least = (*least).min(offer);
                }
            }
            let best = least.into_iter().fold(u32::MAX, u32::min);
            if best >> 6 == NEVER {
                return live & !(1 | 2 << len);
            }
            let at = best & 63;
            let merged = self.result(best >> 6);
            word[at as usize] = merged;
            let above = live & (!1 << at);
            let beyond = above & above.wrapping_sub(1);
            live ^= above ^ beyond;
            let below = live & !(u64::MAX << at);
            let before = 63 ^ below.leading_zeros();
            let with_next = self.offer(merged, word[beyond.trailing_zeros() as usize & 63], at);
            let with_last = self.offer(word[before as usize & 63], merged, before);
            offers[above.trailing_zeros() as usize & 63] = u32::MAX;
            offers[at as usize] = with_next;
            offers[before as usize & 63] = with_last;
        }
    }

    #[inline(always)]
    fn offer(&self, left: u32, right: u32, at: u32) -> u32 {
        self.rank(left, right) << 6 | at
    }

    /// Merges with a list of neighbours and a heap of (rank, place): for words of any length.
    pub fn merge_long(&self, word: &mut Vec<u32>) {
        const GONE: u32 = u32::MAX;
        let mut next: Vec<u32> = (1..=word.len() as u32).collect();
        let mut before: Vec<u32> = (0..word.len() as u32).map(|at| at.wrapping_sub(1)).collect();
        let mut heap = BinaryHeap::new();
        let offer = |heap: &mut BinaryHeap<_>, word: &[u32], left: u32, right: u32| {
            if let (Some(&a), Some(&b)) = (word.get(left as usize), word.get(right as usize)) {
                let rank = self.rank(a, b);
                if rank != NEVER {
                    heap.push(Reverse((rank, left, a, b)));
                }
            }
        };
        for at in 1..word.len() as u32 {
            offer(&mut heap, word, at - 1, at);
        }
        while let Some(Reverse((rank, at, a, b))) = heap.pop() {
            let (left, right) = (at as usize, next[at as usize] as usize);
            // Offers of pairs that have changed since are void.
            if word[left] != a || word.get(right) != Some(&b) {
                continue;
            }
            word[left] = self.result(rank);
            word[right] = GONE;
            next[left] = next[right];
            if let Some(before) = before.get_mut(next[left] as usize) {
                *before = at;
            }
            offer(&mut heap, word, before[left], at);
            offer(&mut heap, word, at, next[left]);
        }
        word.retain(|&symbol| symbol != GONE);
    }
}

#[inline(always)]
fn place(hash: u32, displacement: u16, shift: u32) -> usize {
    let factor = 0x9e37_79b1_u32.wrapping_add(u32::from(displacement) << 1);
    (hash.wrapping_mul(factor) >> shift) as usize
}

impl<I: Id> Ranks<I> {
    /// Finds a displacement for every bucket, the fullest first, with which all pairs have places of their own.
    fn displaced(pairs: &[Slot<I::Pair>], size: usize) -> Option<Self> {
        let mut buckets = vec![Vec::new(); size / 4];
        let shifts = [buckets.len(), size].map(|len| u32::BITS - len.ilog2());
        for slot in pairs {
            let [bucket, hash] = I::hash(slot.pair);
            buckets[(bucket >> shifts[0]) as usize].push((hash, *slot));
        }
        let mut order: Vec<usize> = (0..buckets.len()).collect();
        order.sort_by_key(|&at| Reverse(buckets[at].len()));
        let mut displacements = vec![0; buckets.len()];
        let mut slots = vec![Slot { pair: I::pair(0, 0), rank: NEVER }; size];
        let mut places = Vec::new();
        for at in order {
            let bucket = &buckets[at];
            displacements[at] = (0..=u16::MAX).find(|&displacement| {
                places.clear();
                bucket.iter().all(|&(hash, _)| {
                    let place = place(hash, displacement, shifts[1]);
                    let is_free = slots[place].rank == NEVER && !places.contains(&place);
                    places.push(place);
                    is_free
                })
            })?;
            for (&place, (_, slot)) in places.iter().zip(bucket) {
                slots[place] = *slot;
            }
        }
        Some(Ranks { displacements, slots, shifts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_pair_has_its_last_rank(pairs in prop::collection::vec((0u32..60, 0u32..60), 0..900)) {
            check::<u16>(&pairs)?;
            check::<u32>(&pairs)?;
        }
    }

    fn check<I: Id>(pairs: &[(u32, u32)]) -> Result<(), TestCaseError> {
        let merges = Merges::<I>::new(pairs.iter().map(|&(left, right)| (left, right, left + right)));
        let ranks: HashMap<_, _> = pairs.iter().zip(0..).collect();
        for left in 0..60 {
            for right in 0..60 {
                let rank = ranks.get(&(left, right)).copied();
                prop_assert_eq!(merges.rank(left, right), rank.unwrap_or(NEVER));
                prop_assert!(rank.is_none_or(|rank| merges.result(rank) == left + right));
            }
        }
        Ok(())
    }

    /// As many as the largest vocabularies have: all find places, in a table not much larger than they are.
    #[test]
    fn as_many_as_there_are_find_places() {
        let left = |at: u32| xxhash_rust::xxh3::xxh3_64(&at.to_le_bytes()) as u32;
        let pairs = |count: u32| (0..count).map(move |at| (left(at) % count, at, at));
        let (narrow, wide) = (Merges::<u16>::new(pairs(65_000)), Merges::<u32>::new(pairs(500_000)));
        assert!(narrow.ranks.slots.len() <= 1 << 17 && wide.ranks.slots.len() <= 1 << 20);
        assert!(pairs(65_000).all(|(left, right, rank)| narrow.rank(left, right) == rank));
        assert!(pairs(500_000).all(|(left, right, rank)| wide.rank(left, right) == rank));
    }
}
