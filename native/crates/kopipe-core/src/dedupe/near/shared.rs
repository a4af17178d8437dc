//! How much two sketches have in common, counted. Where every hash has the same bits in both, they are held against each
//! other by blocks, all pairs of eight and eight at once: a merge waits at every step for what the last comparison said.
//! 1 ns a hash of each (AVX2), of the merge 3.

/// Hashes of the union after which two texts that have little in common are left: of 64 that are .8 alike fewer than
/// half are shared once in 100 million times.
const GLANCE: usize = 64;

/// The Jaccard index |A ∩ B| / |A ∪ B| of two sorted samples, each hash once; nothing where a glance tells that they have
/// little in common. Of most pairs their beginnings tell all: the glance is no longer than these, and ends with the first of them
/// that is a whole sample.
pub fn jaccard(first: &[u32], second: &[u32]) -> Option<f32> {
    let (begin, other) = (&first[..first.len().min(GLANCE)], &second[..second.len().min(GLANCE)]);
    let end = begin.last().min(other.last());
    let up_to_end = |hashes: &[u32]| hashes.iter().filter(|hash| Some(*hash) <= end).count();
    let both = shared(begin, other);
    if up_to_end(begin) + up_to_end(other) - both < GLANCE {
        return Some(index(both, first.len() + second.len() - both));
    }
    if 2 * both < GLANCE {
        return None;
    }
    let (mut i, mut j, mut both) = (0, 0, 0);
    for _ in 0..GLANCE {
        let (a, b) = (first[i], second[j]);
        both += usize::from(a == b);
        (i, j) = (i + usize::from(a <= b), j + usize::from(b <= a));
    }
    if 2 * both < GLANCE {
        return None;
    }
    both += shared(&first[i..], &second[j..]);
    Some(index(both, first.len() + second.len() - both))
}

/// The same by a merge, of samples whose hashes are to be shortened by so many bits, after which some are one.
pub fn jaccard_of_shortened((first, less): (&[u32], u32), (second, less_other): (&[u32], u32)) -> Option<f32> {
    let (mut i, mut j, mut both, mut all) = (0, 0, 0, 0);
    while i < first.len() && j < second.len() {
        let (a, b) = (first[i] >> less, second[j] >> less_other);
        both += usize::from(a == b);
        all += 1;
        i = past_equals(first, i + usize::from(a <= b), less);
        j = past_equals(second, j + usize::from(b <= a), less_other);
        if all == GLANCE && 2 * both < GLANCE {
            return None;
        }
    }
    let rest = |hashes: &[u32], mut at: usize, less: u32| {
        let mut count = 0;
        while at < hashes.len() {
            (at, count) = (past_equals(hashes, at + 1, less), count + 1);
        }
        count
    };
    all += rest(first, i, less) + rest(second, j, less_other);
    Some(index(both, all))
}

fn index(both: usize, all: usize) -> f32 {
    both as f32 / all.max(1) as f32
}

/// The next position whose hash is another one than that before it: with fewer bits some are the same.
#[inline(always)]
fn past_equals(hashes: &[u32], mut at: usize, less: u32) -> usize {
    if less > 0 {
        while at > 0 && at < hashes.len() && hashes[at] >> less == hashes[at - 1] >> less {
            at += 1;
        }
    }
    at
}

/// How many hashes are in both.
fn shared(first: &[u32], second: &[u32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        return unsafe { shared_avx2(first, second) };
    }
    by_blocks(first, second)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn shared_avx2(first: &[u32], second: &[u32]) -> usize {
    by_blocks(first, second)
}

const BLOCK: usize = 8;

/// The block that ends first goes: each pair of equal hashes meets once.
#[inline(always)]
fn by_blocks(mut first: &[u32], mut second: &[u32]) -> usize {
    let mut hits = [0u32; BLOCK];
    while let (Some(a), Some(b)) = (first.first_chunk::<BLOCK>(), second.first_chunk::<BLOCK>()) {
        for &hash in a {
            for (hits, &other) in hits.iter_mut().zip(b) {
                *hits += u32::from(hash == other);
            }
        }
        let (end, end_other) = (a[BLOCK - 1], b[BLOCK - 1]);
        first = &first[BLOCK * usize::from(end <= end_other)..];
        second = &second[BLOCK * usize::from(end_other <= end)..];
    }
    let mut both = hits.iter().sum::<u32>() as usize;
    while let (Some(a), Some(b)) = (first.first(), second.first()) {
        both += usize::from(a == b);
        (first, second) = (&first[usize::from(a <= b)..], &second[usize::from(b <= a)..]);
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn equal_their_slow_twins(
            first in prop::collection::btree_set(0u32..3000, 0..500),
            gone in 0u32..40,
            more in prop::collection::btree_set(0u32..3000, 0..200),
            less in 0u32..3,
        ) {
            // Of the first some are in the second, and others beside them.
            let second: BTreeSet<u32> = first.iter().copied().filter(|hash| hash * 7 % 41 >= gone).chain(more).collect();
            let sorted = |set: &BTreeSet<u32>| set.iter().copied().collect::<Vec<u32>>();
            let (a, b) = (sorted(&first), sorted(&second));
            let slow = |first: &BTreeSet<u32>, second: &BTreeSet<u32>| {
                let union: Vec<&u32> = first.union(second).collect();
                let both = |of: &[&u32]| of.iter().filter(|hash| first.contains(hash) && second.contains(hash)).count();
                // The glance is as long as both last.
                let last = first.last().min(second.last());
                let little = union.get(..GLANCE).is_some_and(|glance| last >= glance.last().copied() && 2 * both(glance) < GLANCE);
                (!little).then(|| both(&union) as f32 / union.len().max(1) as f32)
            };
            prop_assert_eq!(by_blocks(&a, &b), first.intersection(&second).count());
            prop_assert_eq!(shared(&a, &b), by_blocks(&a, &b));
            prop_assert_eq!(jaccard(&a, &b), slow(&first, &second));
            prop_assert_eq!(jaccard_of_shortened((&a, 0), (&b, 0)), slow(&first, &second));
            let shortened = |set: &BTreeSet<u32>| set.iter().map(|hash| hash >> less).collect::<BTreeSet<u32>>();
            let finer: Vec<u32> = shortened(&second).into_iter().collect();
            prop_assert_eq!(jaccard_of_shortened((&a, less), (&finer, 0)), slow(&shortened(&first), &shortened(&second)));
        }
    }
}
