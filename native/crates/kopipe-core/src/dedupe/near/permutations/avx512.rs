//! AVX-512: a permutation a lane, eight or sixteen at once; a document's minima stay in registers.

use super::{MERSENNE, PERMUTATIONS, Pairs};
use std::arch::x86_64::*;

const LANES32: usize = 16;
const LANES64: usize = 8;
/// Seven of the fourteen registers of minima, with as many of a and of b: 21 of 32 registers.
const GROUP: usize = PERMUTATIONS / LANES64 / 2;

/// Seven registers of minima, seven of a, seven of b.
#[target_feature(enable = "avx512f")]
pub fn lower32(shingles: &[u32], pairs: &Pairs<u32>, minima: &mut [u32; PERMUTATIONS]) {
    let a = load32(&pairs.a);
    let b = load32(&pairs.b);
    let mut lowest = load32(minima);
    for &shingle in shingles {
        let x = _mm512_set1_epi32(shingle as i32);
        for i in 0..lowest.len() {
            let value = _mm512_add_epi32(_mm512_mullo_epi32(x, a[i]), b[i]);
            lowest[i] = _mm512_min_epu32(lowest[i], value);
        }
    }
    for (place, lowest) in minima.as_chunks_mut::<LANES32>().0.iter_mut().zip(lowest) {
        // SAFETY: the chunk has the 64 bytes that are written.
        unsafe { _mm512_storeu_si512(place.as_mut_ptr().cast(), lowest) };
    }
}

#[target_feature(enable = "avx512f")]
fn load32(from: &[u32; PERMUTATIONS]) -> [__m512i; PERMUTATIONS / LANES32] {
    std::array::from_fn(|i| {
        let chunk = &from.as_chunks::<LANES32>().0[i];
        // SAFETY: the chunk has the 64 bytes that are read.
        unsafe { _mm512_loadu_si512(chunk.as_ptr().cast()) }
    })
}

/// See `Lowest61` in the parent.
#[target_feature(enable = "avx512f,avx512dq")]
pub fn lowest61(hashes: &[u64], pairs: &Pairs<u64>, lowest: &mut [i64; PERMUTATIONS]) -> bool {
    let mut signs = _mm512_set1_epi64(-1);
    for (at, places) in lowest.as_chunks_mut::<{ GROUP * LANES64 }>().0.iter_mut().enumerate() {
        let a = load64(&pairs.a.as_chunks().0[at]);
        let b = load64(&pairs.b.as_chunks().0[at]);
        let mut group = [_mm512_set1_epi64(i64::MAX); GROUP];
        for &hash in hashes {
            let hash = _mm512_set1_epi64(hash as i64);
            for i in 0..GROUP {
                let value = _mm512_add_epi64(_mm512_mullo_epi64(hash, a[i]), b[i]);
                let below = _mm512_andnot_si512(value, _mm512_set1_epi64(MERSENNE as i64));
                let residue = _mm512_sub_epi64(_mm512_srli_epi64::<61>(value), below);
                group[i] = _mm512_min_epi64(group[i], residue);
                signs = _mm512_and_si512(signs, residue);
            }
        }
        for (place, group) in places.as_chunks_mut::<LANES64>().0.iter_mut().zip(group) {
            // SAFETY: the chunk has the 64 bytes that are written.
            unsafe { _mm512_storeu_si512(place.as_mut_ptr().cast(), group) };
        }
    }
    _mm512_movepi64_mask(signs) == u8::MAX
}

#[target_feature(enable = "avx512f")]
fn load64(from: &[u64; GROUP * LANES64]) -> [__m512i; GROUP] {
    std::array::from_fn(|i| {
        let chunk = &from.as_chunks::<LANES64>().0[i];
        // SAFETY: the chunk has the 64 bytes that are read.
        unsafe { _mm512_loadu_si512(chunk.as_ptr().cast()) }
    })
}
