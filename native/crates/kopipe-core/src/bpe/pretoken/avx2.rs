//! A block in two registers, with AVX2.

use super::Pretokens;
use super::block::Bytes64;
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
pub struct Avx2(__m256i, __m256i);

/// A bit for each byte that is all ones.
///
/// # Safety
///
/// The CPU has AVX2.
#[inline(always)]
unsafe fn bits(low: __m256i, high: __m256i) -> u64 {
    // SAFETY: of the caller.
    let (low, high) = unsafe { (_mm256_movemask_epi8(low), _mm256_movemask_epi8(high)) };
    u64::from(high as u32) << 32 | u64::from(low as u32)
}

// No closures: those are functions of their own, without the instructions.
impl Bytes64 for Avx2 {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: of the caller.
        unsafe { Avx2(_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())) }
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> u64 {
        // SAFETY: the value proves the instructions, here and below.
        unsafe {
            let byte = _mm256_set1_epi8(byte as i8);
            bits(_mm256_cmpeq_epi8(self.0, byte), _mm256_cmpeq_epi8(self.1, byte))
        }
    }

    #[inline(always)]
    fn within(self, first: u8, last: u8) -> u64 {
        // SAFETY: as above.
        unsafe {
            let (first, most) = (_mm256_set1_epi8(first as i8), _mm256_set1_epi8((last - first) as i8));
            let (low, high) = (_mm256_sub_epi8(self.0, first), _mm256_sub_epi8(self.1, first));
            bits(_mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low), _mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high))
        }
    }

    #[inline(always)]
    fn lowered(self) -> Self {
        // SAFETY: as above.
        unsafe {
            let bit = _mm256_set1_epi8(0x20);
            Avx2(_mm256_or_si256(self.0, bit), _mm256_or_si256(self.1, bit))
        }
    }

    #[inline(always)]
    fn lookup(self, table: &[u8; 16]) -> Self {
        // SAFETY: as above; a table has 16 bytes.
        unsafe {
            let table = _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast()));
            let low_half = _mm256_set1_epi8(0x0f);
            let (low, high) = (_mm256_and_si256(self.0, low_half), _mm256_and_si256(self.1, low_half));
            Avx2(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high))
        }
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u64 {
        // SAFETY: as above.
        unsafe {
            let (low, high) = (_mm256_max_epu8(self.0, other.0), _mm256_max_epu8(self.1, other.1));
            bits(_mm256_cmpeq_epi8(low, self.0), _mm256_cmpeq_epi8(high, self.1))
        }
    }
}

/// What counts and finds bits in one instruction; every CPU with AVX2 that was built has it.
pub fn has_bits() -> bool {
    std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
        && std::arch::is_x86_feature_detected!("lzcnt")
        && std::arch::is_x86_feature_detected!("popcnt")
}

pub fn is_available() -> bool {
    std::arch::is_x86_feature_detected!("avx2") && has_bits()
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub fn next_ends(pretokens: &mut Pretokens, ends: &mut Vec<u32>) {
    // SAFETY: the CPU has what this function is compiled for.
    unsafe { pretokens.next_ends_by::<Avx2>(ends) }
}
