//! A block in one register, with AVX-512 BW and VBMI2.

use super::Pretokens;
use super::block::{BLOCK, Bytes64, VIEW};
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
pub struct Avx512(__m512i);

impl Bytes64 for Avx512 {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: of the caller.
        unsafe { Avx512(_mm512_loadu_si512(from.cast())) }
    }

    /// Where the text is over it is not read, and not copied either: texts are often short.
    #[inline(always)]
    unsafe fn first_three(text: &[u8]) -> [Self; 3] {
        let from = text.as_ptr();
        // SAFETY: of the caller; a masked load reads what its bits are set for.
        unsafe {
            if text.len() >= VIEW {
                return [Self::load(from), Self::load(from.add(1)), Self::load(from.add(2))];
            }
            let left = |from: usize| u64::MAX.checked_shr((BLOCK - text.len().saturating_sub(from).min(BLOCK)) as u32).unwrap_or(0);
            [
                Avx512(_mm512_maskz_loadu_epi8(left(0), from.cast())),
                Avx512(_mm512_maskz_loadu_epi8(left(1), from.wrapping_add(1).cast())),
                Avx512(_mm512_maskz_loadu_epi8(left(2), from.wrapping_add(2).cast())),
            ]
        }
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> u64 {
        // SAFETY: the value proves the instructions, here and below.
        unsafe { _mm512_cmpeq_epi8_mask(self.0, _mm512_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    fn within(self, first: u8, last: u8) -> u64 {
        // SAFETY: as above.
        unsafe {
            let above = _mm512_sub_epi8(self.0, _mm512_set1_epi8(first as i8));
            _mm512_cmple_epu8_mask(above, _mm512_set1_epi8((last - first) as i8))
        }
    }

    #[inline(always)]
    fn lowered(self) -> Self {
        // SAFETY: as above.
        unsafe { Avx512(_mm512_or_si512(self.0, _mm512_set1_epi8(0x20))) }
    }

    #[inline(always)]
    fn lookup(self, table: &[u8; 16]) -> Self {
        // SAFETY: as above.
        unsafe {
            let table = _mm512_broadcast_i32x4(_mm_loadu_si128(table.as_ptr().cast()));
            Avx512(_mm512_shuffle_epi8(table, _mm512_and_si512(self.0, _mm512_set1_epi8(0x0f))))
        }
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u64 {
        // SAFETY: as above.
        unsafe { _mm512_cmpge_epu8_mask(self.0, other.0) }
    }

    #[inline(always)]
    unsafe fn write_places(self, bits: u64, base: u32, mut into: *mut u32) {
        // SAFETY: as above; sixteen at a time, up to 64, which `into` has room for.
        unsafe {
            let places = _mm512_set_epi64(
                0x3f3e_3d3c_3b3a_3938,
                0x3736_3534_3332_3130,
                0x2f2e_2d2c_2b2a_2928,
                0x2726_2524_2322_2120,
                0x1f1e_1d1c_1b1a_1918,
                0x1716_1514_1312_1110,
                0x0f0e_0d0c_0b0a_0908,
                0x0706_0504_0302_0100,
            );
            let places = _mm512_maskz_compress_epi8(bits, places);
            let base = _mm512_set1_epi32(base as i32);
            let mut write = |sixteen| {
                _mm512_storeu_si512(into.cast(), _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), base));
                into = into.add(16);
            };
            write(_mm512_castsi512_si128(places));
            let count = bits.count_ones();
            if count > 16 {
                write(_mm512_extracti32x4_epi32::<1>(places));
                if count > 32 {
                    write(_mm512_extracti32x4_epi32::<2>(places));
                    write(_mm512_extracti32x4_epi32::<3>(places));
                }
            }
        }
    }
}

pub fn is_available() -> bool {
    std::arch::is_x86_feature_detected!("avx512bw") && std::arch::is_x86_feature_detected!("avx512vbmi2") && super::avx2::has_bits()
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt")]
pub fn next_ends(pretokens: &mut Pretokens, ends: &mut Vec<u32>) {
    // SAFETY: the CPU has what this function is compiled for.
    unsafe { pretokens.next_ends_by::<Avx512>(ends) }
}
