//! AVX2: as AVX-512, in groups that its sixteen registers hold.

use super::{MERSENNE, PERMUTATIONS, Pairs};
use std::arch::x86_64::*;

const LANES32: usize = 8;
const LANES64: usize = 4;
/// With a and b in registers: two groups of four registers of minima are as fast as one of fourteen in memory is slow.
const GROUP32: usize = 2;
const GROUP64: usize = 2;

#[target_feature(enable = "avx2")]
pub fn lower32(shingles: &[u32], pairs: &Pairs<u32>, minima: &mut [u32; PERMUTATIONS]) {
    for (at, places) in minima.as_chunks_mut::<{ GROUP32 * LANES32 }>().0.iter_mut().enumerate() {
        let a = load32(&pairs.a.as_chunks().0[at]);
        let b = load32(&pairs.b.as_chunks().0[at]);
        let mut lowest = load32(places);
        for &shingle in shingles {
            let x = _mm256_set1_epi32(shingle as i32);
            for i in 0..GROUP32 {
                let value = _mm256_add_epi32(_mm256_mullo_epi32(x, a[i]), b[i]);
                lowest[i] = _mm256_min_epu32(lowest[i], value);
            }
        }
        for (place, lowest) in places.as_chunks_mut::<LANES32>().0.iter_mut().zip(lowest) {
            // SAFETY: the chunk has the 32 bytes that are written.
            unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast(), lowest) };
        }
    }
}

#[target_feature(enable = "avx2")]
fn load32(from: &[u32; GROUP32 * LANES32]) -> [__m256i; GROUP32] {
    std::array::from_fn(|i| {
        let chunk = &from.as_chunks::<LANES32>().0[i];
        // SAFETY: the chunk has the 32 bytes that are read.
        unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) }
    })
}

/// See `Lowest61` in the parent. The product mod 2^64 is put together from three of 32 bits.
#[target_feature(enable = "avx2")]
pub fn lowest61(hashes: &[u64], pairs: &Pairs<u64>, lowest: &mut [i64; PERMUTATIONS]) -> bool {
    let mersenne = _mm256_set1_epi64x(MERSENNE as i64);
    let mut signs = _mm256_set1_epi64x(-1);
    for (at, places) in lowest.as_chunks_mut::<{ GROUP64 * LANES64 }>().0.iter_mut().enumerate() {
        let a = load64(&pairs.a.as_chunks().0[at]);
        let b = load64(&pairs.b.as_chunks().0[at]);
        let a_high: [__m256i; GROUP64] = std::array::from_fn(|i| _mm256_srli_epi64::<32>(a[i]));
        let mut group = [_mm256_set1_epi64x(i64::MAX); GROUP64];
        for &hash in hashes {
            let hash = _mm256_set1_epi64x(hash as i64);
            let hash_high = _mm256_srli_epi64::<32>(hash);
            for i in 0..GROUP64 {
                let crossed = _mm256_add_epi64(_mm256_mul_epu32(hash, a_high[i]), _mm256_mul_epu32(hash_high, a[i]));
                let low = _mm256_add_epi64(_mm256_mul_epu32(hash, a[i]), b[i]);
                let value = _mm256_add_epi64(low, _mm256_slli_epi64::<32>(crossed));
                let below = _mm256_andnot_si256(value, mersenne);
                let residue = _mm256_sub_epi64(_mm256_srli_epi64::<61>(value), below);
                group[i] = _mm256_blendv_epi8(group[i], residue, _mm256_cmpgt_epi64(group[i], residue));
                signs = _mm256_and_si256(signs, residue);
            }
        }
        for (place, group) in places.as_chunks_mut::<LANES64>().0.iter_mut().zip(group) {
            // SAFETY: the chunk has the 32 bytes that are written.
            unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast(), group) };
        }
    }
    _mm256_movemask_pd(_mm256_castsi256_pd(signs)) == 0b1111
}

#[target_feature(enable = "avx2")]
fn load64(from: &[u64; GROUP64 * LANES64]) -> [__m256i; GROUP64] {
    std::array::from_fn(|i| {
        let chunk = &from.as_chunks::<LANES64>().0[i];
        // SAFETY: the chunk has the 32 bytes that are read.
        unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) }
    })
}
