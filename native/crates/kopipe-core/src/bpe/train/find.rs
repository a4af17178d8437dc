//! Where a pair stands in a word, and closing the gap behind a merge: the innermost loop of training.
//!
//! A whole word of up to 32 symbols is compared at once: with AVX-512 in one comparison, with AVX2 in two; the portable
//! path is the reference. Chosen at run time, once a training.

use super::words::Symbol;

/// Symbols that are looked at together; longer words take the slow path.
pub const AT_ONCE: usize = 32;

pub trait Find: Send + Sync {
    /// Bit i is set where the pair stands at symbol i.
    ///
    /// # Safety
    /// `AT_ONCE` symbols can be read from `word` on; `len` is at most that; the processor has what the path needs.
    unsafe fn find<S: Symbol>(word: *const S, len: usize, left: S, right: S) -> u32;

    /// Puts `id` in place of the symbols `at` and `at + 1`.
    ///
    /// # Safety
    /// As for `find`; the symbols belong to the caller.
    #[inline(always)]
    unsafe fn replace<S: Symbol>(word: *mut S, len: usize, at: usize, id: S) {
        // SAFETY: `at + 1 < len`.
        unsafe {
            *word.add(at) = id;
            std::ptr::copy(word.add(at + 2), word.add(at + 1), len - at - 2);
        }
    }
}

pub struct Portable;

impl Find for Portable {
    #[inline(always)]
    unsafe fn find<S: Symbol>(word: *const S, len: usize, left: S, right: S) -> u32 {
        // SAFETY: the caller's.
        let symbols = unsafe { std::slice::from_raw_parts(word, len) };
        symbols.windows(2).enumerate().fold(0, |found, (i, two)| found | u32::from(two[0] == left && two[1] == right) << i)
    }
}

/// Bits of the places where a pair can begin in a word of `len` symbols.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn beginnings(len: usize) -> u32 {
    ((1u64 << len) as u32).wrapping_sub(1) >> 1
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Find, Symbol, beginnings};
    use std::arch::x86_64::*;

    pub struct Avx512;

    impl Find for Avx512 {
        #[inline(always)]
        unsafe fn find<S: Symbol>(word: *const S, len: usize, left: S, right: S) -> u32 {
            // SAFETY: the caller's: 32 symbols are there to be read.
            unsafe {
                let (is_left, is_right) = if S::BITS == 16 {
                    let symbols = _mm512_loadu_si512(word.cast());
                    let equal = |id: S| _mm512_cmpeq_epi16_mask(symbols, _mm512_set1_epi16(id.id() as i16));
                    (equal(left), equal(right))
                } else {
                    let (low, high) = (_mm512_loadu_si512(word.cast()), _mm512_loadu_si512(word.add(16).cast()));
                    let equal = |id: S| {
                        let id = _mm512_set1_epi32(id.id() as i32);
                        u32::from(_mm512_cmpeq_epi32_mask(low, id)) | u32::from(_mm512_cmpeq_epi32_mask(high, id)) << 16
                    };
                    (equal(left), equal(right))
                };
                is_left & is_right >> 1 & beginnings(len)
            }
        }

        #[inline(always)]
        unsafe fn replace<S: Symbol>(word: *mut S, len: usize, at: usize, id: S) {
            // SAFETY: the caller's; what is masked is neither read nor written.
            unsafe {
                *word.add(at) = id;
                if S::BITS == 16 {
                    let rest = beginnings(len - at - 1);
                    let moved = _mm512_maskz_loadu_epi16(rest, word.add(at + 2).cast());
                    _mm512_mask_storeu_epi16(word.add(at + 1).cast(), rest, moved);
                } else {
                    std::ptr::copy(word.add(at + 2), word.add(at + 1), len - at - 2);
                }
            }
        }
    }

    pub struct Avx2;

    impl Find for Avx2 {
        #[inline(always)]
        unsafe fn find<S: Symbol>(word: *const S, len: usize, left: S, right: S) -> u32 {
            // SAFETY: the caller's: 32 symbols are there to be read.
            unsafe {
                let at = |i: usize| _mm256_loadu_si256(word.add(i).cast());
                let equal = |id: S| {
                    if S::BITS == 16 {
                        let id = _mm256_set1_epi16(id.id() as i16);
                        let both = _mm256_packs_epi16(_mm256_cmpeq_epi16(at(0), id), _mm256_cmpeq_epi16(at(16), id));
                        _mm256_movemask_epi8(_mm256_permute4x64_epi64::<0b11_01_10_00>(both)) as u32
                    } else {
                        let id = _mm256_set1_epi32(id.id() as i32);
                        let eight = |i| _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(at(i), id))) as u32;
                        eight(0) | eight(8) << 8 | eight(16) << 16 | eight(24) << 24
                    }
                };
                equal(left) & equal(right) >> 1 & beginnings(len)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    unsafe fn check<F: Find, S: Symbol>(word: &[u32], left: u32, right: u32) {
        let len = word.len();
        let mut symbols: Vec<S> = word.iter().map(|&id| S::of(id)).collect();
        symbols.resize(2 * AT_ONCE, S::of(left));
        let twin = symbols.clone();
        // SAFETY: the room is there, and the caller saw to the processor.
        unsafe {
            let expected = Portable::find(symbols.as_ptr(), len, S::of(left), S::of(right));
            assert_eq!(F::find(symbols.as_ptr(), len, S::of(left), S::of(right)), expected);
            for at in (0..len.saturating_sub(1)).filter(|at| expected >> at & 1 == 1) {
                let (mut one, mut other) = (twin.clone(), twin.clone());
                F::replace(one.as_mut_ptr(), len, at, S::of(77));
                other.splice(at..at + 2, [S::of(77)]);
                assert_eq!(
                    one[..len - 1].iter().map(|s| s.id()).collect::<Vec<_>>(),
                    other[..len - 1].iter().map(|s| s.id()).collect::<Vec<_>>()
                );
                assert!(one[len..] == twin[len..], "what is behind the word is not the word's");
            }
        }
    }

    proptest! {
        #[test]
        fn every_path_finds_and_closes_alike(word in prop::collection::vec(0u32..3, 0..=AT_ONCE), left in 0u32..3, right in 0u32..3) {
            // SAFETY: each path is taken where the processor has it.
            unsafe {
                check::<Portable, u16>(&word, left, right);
                #[cfg(target_arch = "x86_64")]
                {
                    if std::arch::is_x86_feature_detected!("avx512bw") {
                        check::<Avx512, u16>(&word, left, right);
                        check::<Avx512, u32>(&word, left, right);
                    }
                    if std::arch::is_x86_feature_detected!("avx2") {
                        check::<Avx2, u16>(&word, left, right);
                        check::<Avx2, u32>(&word, left, right);
                    }
                }
            }
        }
    }
}
