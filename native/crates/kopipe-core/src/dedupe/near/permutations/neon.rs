//! NEON, which every arm64 has: as AVX2, in registers of half the size. No speed is claimed.

use super::{MERSENNE, PERMUTATIONS, Pairs};
use std::arch::aarch64::*;

const LANES32: usize = 4;
const LANES64: usize = 2;
const GROUP32: usize = 7;
const GROUP64: usize = 4;

pub fn lower32(shingles: &[u32], pairs: &Pairs<u32>, minima: &mut [u32; PERMUTATIONS]) {
    for (at, places) in minima.as_chunks_mut::<{ GROUP32 * LANES32 }>().0.iter_mut().enumerate() {
        let a = load32(&pairs.a.as_chunks().0[at]);
        let b = load32(&pairs.b.as_chunks().0[at]);
        let mut lowest = load32(places);
        for &shingle in shingles {
            // SAFETY: every arm64 has NEON.
            unsafe {
                let x = vdupq_n_u32(shingle);
                for i in 0..GROUP32 {
                    lowest[i] = vminq_u32(lowest[i], vmlaq_u32(b[i], x, a[i]));
                }
            }
        }
        for (place, lowest) in places.as_chunks_mut::<LANES32>().0.iter_mut().zip(lowest) {
            // SAFETY: the chunk has the 16 bytes that are written.
            unsafe { vst1q_u32(place.as_mut_ptr(), lowest) };
        }
    }
}

fn load32(from: &[u32; GROUP32 * LANES32]) -> [uint32x4_t; GROUP32] {
    // SAFETY: the chunk has the 16 bytes that are read.
    std::array::from_fn(|i| unsafe { vld1q_u32(from.as_chunks::<LANES32>().0[i].as_ptr()) })
}

/// See `Lowest61` in the parent. The product mod 2^64 is put together from three of 32 bits.
pub fn lowest61(hashes: &[u64], pairs: &Pairs<u64>, lowest: &mut [i64; PERMUTATIONS]) -> bool {
    // SAFETY: every arm64 has NEON; the chunks have the 16 bytes that are read and written.
    unsafe {
        let mersenne = vdupq_n_u64(MERSENNE);
        let mut signs = vdupq_n_s64(-1);
        for (at, places) in lowest.as_chunks_mut::<{ GROUP64 * LANES64 }>().0.iter_mut().enumerate() {
            let load = |from: &[u64; PERMUTATIONS], i: usize| vld1q_u64(from[(at * GROUP64 + i) * LANES64..][..LANES64].as_ptr());
            let a: [uint64x2_t; GROUP64] = std::array::from_fn(|i| load(&pairs.a, i));
            let b: [uint64x2_t; GROUP64] = std::array::from_fn(|i| load(&pairs.b, i));
            let mut group = [vdupq_n_s64(i64::MAX); GROUP64];
            for &hash in hashes {
                let (hash_low, hash_high) = (vdup_n_u32(hash as u32), vdup_n_u32((hash >> 32) as u32));
                for i in 0..GROUP64 {
                    let (a_low, a_high) = (vmovn_u64(a[i]), vshrn_n_u64::<32>(a[i]));
                    let crossed = vmla_u32(vmul_u32(hash_low, a_high), hash_high, a_low);
                    let high = vshlq_n_u64::<32>(vmovl_u32(crossed));
                    let value = vaddq_u64(vmlal_u32(b[i], hash_low, a_low), high);
                    let below = vbicq_u64(mersenne, value);
                    let residue = vreinterpretq_s64_u64(vsubq_u64(vshrq_n_u64::<61>(value), below));
                    group[i] = vbslq_s64(vcgtq_s64(group[i], residue), residue, group[i]);
                    signs = vandq_s64(signs, residue);
                }
            }
            for (place, group) in places.as_chunks_mut::<LANES64>().0.iter_mut().zip(group) {
                vst1q_s64(place.as_mut_ptr(), group);
            }
        }
        vgetq_lane_s64::<0>(signs) < 0 && vgetq_lane_s64::<1>(signs) < 0
    }
}
