//! Minima of many shingle hashes under 112 permutations: the inner loop of MinHash.
//!
//! The minima run along; the matrix of shingles × permutations that numpy builds is never there, so a long document
//! costs no more memory than a short one. Two families: 32-bit multiply-add of kopipe's own (profile `ko`), and
//! datatrove's, mod 2^64 and then mod the prime 2^61 − 1. The textbook loop stands beside each and is what a CPU without
//! AVX2 runs.
//!
//! Measured, nanoseconds a shingle (AVX-512, AVX2, textbook): 32 bits 1.4, 2.9, 26; 61 bits 6.8, 27, 126. A document adds about
//! 10 and 80.
//!
//! Source: Broder, "On the resemblance and containment of documents" (1997); multiply-add hashing in place of
//! permutations, Carter and Wegman (1979).

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(test)]
mod tests;

use crate::samples::RandomState;
use std::sync::LazyLock;

pub const PERMUTATIONS: usize = 112;

/// Permutation i takes x to `a[i] · x + b[i]`.
pub struct Pairs<T> {
    a: [T; PERMUTATIONS],
    b: [T; PERMUTATIONS],
}

/// The pairs of the 32-bit family: the high words of SplitMix64's outputs from seed 0, first all of a (made odd, so that
/// multiplying is one-to-one), then all of b.
static PAIRS32: Pairs<u32> = {
    let mut pairs = Pairs { a: [0; PERMUTATIONS], b: [0; PERMUTATIONS] };
    let mut i = 0;
    while i < PERMUTATIONS {
        pairs.a[i] = (splitmix(i as u64) >> 32) as u32 | 1;
        pairs.b[i] = (splitmix((PERMUTATIONS + i) as u64) >> 32) as u32;
        i += 1;
    }
    pairs
};

/// The n-th output of SplitMix64 seeded with 0 (Steele, Lea and Flood, 2014).
const fn splitmix(n: u64) -> u64 {
    let mut z = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// 2^61 − 1.
const MERSENNE: u64 = (1 << 61) - 1;

/// datatrove's pairs: numpy's RandomState(1), all of a in [1, 2^61 − 2], then all of b in [0, 2^61 − 2].
static PAIRS61: LazyLock<Pairs<u64>> = LazyLock::new(|| {
    let mut random = RandomState::new(1);
    let a = std::array::from_fn(|_| 1 + random.interval(MERSENNE - 2));
    let b = std::array::from_fn(|_| random.interval(MERSENNE - 1));
    Pairs { a, b }
});

/// Lowers each `minima[i]` to the least of `a[i] · x + b[i]` mod 2^32 over the shingles' hashes x. Start from
/// `u32::MAX`.
pub fn lower32(shingles: &[u32], minima: &mut [u32; PERMUTATIONS]) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            // SAFETY: the CPU has AVX-512 F.
            return unsafe { avx512::lower32(shingles, &PAIRS32, minima) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2.
            return unsafe { avx2::lower32(shingles, &PAIRS32, minima) };
        }
    }
    #[cfg(target_arch = "aarch64")]
    return neon::lower32(shingles, &PAIRS32, minima);
    #[cfg(not(target_arch = "aarch64"))]
    lower32_textbook(shingles, minima);
}

#[cfg(any(test, not(target_arch = "aarch64")))]
fn lower32_textbook(shingles: &[u32], minima: &mut [u32; PERMUTATIONS]) {
    for x in shingles {
        for (i, minimum) in minima.iter_mut().enumerate() {
            *minimum = (*minimum).min(PAIRS32.a[i].wrapping_mul(*x).wrapping_add(PAIRS32.b[i]));
        }
    }
}

/// Lowers each `minima[i]` to the least of ((h · a[i] + b[i]) mod 2^64) mod (2^61 − 1) over the shingles' hashes h: what
/// datatrove computes. Start from `u64::MAX`.
pub fn lower61(hashes: &[u64], minima: &mut [u64; PERMUTATIONS]) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512dq") {
            // SAFETY: the CPU has AVX-512 F and DQ.
            return lower61_by(|block, pairs, lowest| unsafe { avx512::lowest61(block, pairs, lowest) }, hashes, minima);
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2.
            return lower61_by(|block, pairs, lowest| unsafe { avx2::lowest61(block, pairs, lowest) }, hashes, minima);
        }
    }
    #[cfg(target_arch = "aarch64")]
    return lower61_by(neon::lowest61, hashes, minima);
    #[cfg(not(target_arch = "aarch64"))]
    lower61_textbook(hashes, minima);
}

/// Hashes that are gone over once for each group of permutations: they stay in the first cache.
const BLOCK: usize = 1024;

/// The least residue of a block of hashes under each permutation, less 2^61 − 1; whether every residue was negative.
///
/// With v = h · a + b mod 2^64, (v mod 2^61) + (v >> 61) is v's residue or, if it reaches 2^61 − 1, more by that. Less
/// 2^61 − 1 the residue is (v >> 61) − (!v mod 2^61): negative, unless the sum did reach it, once in 2^58 values. So the
/// loop only looks whether it happened; then the textbook does the block again.
type Lowest61 = fn(&[u64], &Pairs<u64>, &mut [i64; PERMUTATIONS]) -> bool;

fn lower61_by(lowest: Lowest61, hashes: &[u64], minima: &mut [u64; PERMUTATIONS]) {
    let mut residues = [0; PERMUTATIONS];
    for block in hashes.chunks(BLOCK) {
        if lowest(block, &PAIRS61, &mut residues) {
            for (minimum, residue) in minima.iter_mut().zip(residues) {
                *minimum = (*minimum).min(MERSENNE.wrapping_add_signed(residue));
            }
        } else {
            lower61_textbook(block, minima);
        }
    }
}

fn lower61_textbook(hashes: &[u64], minima: &mut [u64; PERMUTATIONS]) {
    let pairs = &*PAIRS61;
    for h in hashes {
        for (i, minimum) in minima.iter_mut().enumerate() {
            *minimum = (*minimum).min(h.wrapping_mul(pairs.a[i]).wrapping_add(pairs.b[i]) % MERSENNE);
        }
    }
}
