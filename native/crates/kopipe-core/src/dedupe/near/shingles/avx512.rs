//! AVX-512: the characters of 64 bytes at once. Lead bytes and those behind them are pressed together, each into a register,
//! and put together as code points; Hangul syllables and ASCII are judged in the lanes, all other characters by the table.
//! With their hashes .4 ns a byte of Korean, where one character after another takes 1.3.

use super::{BLOCK, LETTERS, VIEW};
use std::arch::x86_64::*;

/// Lanes of a register of code points.
const LANES: usize = BLOCK / 2;

/// Whether this CPU has what these functions need.
pub fn is_there() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vbmi2")
}

/// Code points of the characters that begin in the first `length` bytes, 0 behind them, and how many they are; nothing where
/// one of them takes four bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
fn decode(view: &[u8; VIEW], length: usize) -> Option<([__m512i; 2], usize)> {
    // SAFETY: 64 bytes from each of the first three bytes on are in the view.
    let [first, second, third] = [0, 1, 2].map(|at| unsafe { _mm512_loadu_si512(view.as_ptr().add(at).cast()) });
    let starts = _mm512_cmpgt_epi8_mask(first, _mm512_set1_epi8(0xBF_u8 as i8)) & u64::MAX >> (BLOCK - length);
    if _mm512_cmpge_epu8_mask(first, _mm512_set1_epi8(0xF0_u8 as i8)) & starts != 0 {
        return None;
    }
    let pressed = [first, second, third].map(|bytes| _mm512_maskz_compress_epi8(starts, bytes));
    let codes = [pressed.map(|bytes| _mm512_castsi512_si256(bytes)), pressed.map(|bytes| _mm512_extracti64x4_epi64::<1>(bytes))];
    Some((codes.map(|bytes| code_points(bytes)), starts.count_ones() as usize))
}

/// Of characters of up to three bytes, the first, second and third of each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn code_points(bytes: [__m256i; 3]) -> __m512i {
    let [first, second, third] = bytes.map(|bytes| _mm512_cvtepu8_epi16(bytes));
    let six = _mm512_set1_epi16(0x3F);
    let (second, third) = (_mm512_and_si512(second, six), _mm512_and_si512(third, six));
    let two = _mm512_or_si512(_mm512_slli_epi16::<6>(_mm512_and_si512(first, _mm512_set1_epi16(0x1F))), second);
    let last = _mm512_or_si512(_mm512_slli_epi16::<6>(second), third);
    let three = _mm512_or_si512(_mm512_slli_epi16::<12>(first), last);
    let code = _mm512_mask_mov_epi16(two, _mm512_cmplt_epu16_mask(first, _mm512_set1_epi16(0x80)), first);
    _mm512_mask_mov_epi16(code, _mm512_cmpge_epu16_mask(first, _mm512_set1_epi16(0xE0)), three)
}

/// What `letter` says of each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn letters_of(codes: __m512i, table: &[u16; 1 << 16]) -> __m512i {
    let within = |codes, from: u16, to: u16| {
        _mm512_cmple_epu16_mask(_mm512_sub_epi16(codes, _mm512_set1_epi16(from as i16)), _mm512_set1_epi16((to - from) as i16))
    };
    let lower = _mm512_or_si512(codes, _mm512_set1_epi16(0x20));
    let (hangul, latin) = (within(codes, 0xAC00, 0xD7A3), within(lower, 0x61, 0x7A));
    let letters = _mm512_maskz_mov_epi16(hangul | within(codes, 0x30, 0x39), codes);
    let letters = _mm512_mask_mov_epi16(letters, latin, lower);
    let mut others = _mm512_cmpge_epu16_mask(codes, _mm512_set1_epi16(0x80)) & !hangul;
    if others == 0 {
        return letters;
    }
    let (mut each, mut code) = ([0u16; LANES], [0u16; LANES]);
    // SAFETY: both have the 64 bytes that are written.
    unsafe {
        _mm512_storeu_si512(each.as_mut_ptr().cast(), letters);
        _mm512_storeu_si512(code.as_mut_ptr().cast(), codes);
    }
    while others != 0 {
        let lane = others.trailing_zeros() as usize % LANES;
        others &= others - 1;
        each[lane] = table[code[lane] as usize];
    }
    // SAFETY: it has the 64 bytes that are read.
    unsafe { _mm512_loadu_si512(each.as_ptr().cast()) }
}

/// Writes all lanes, of which the first are meant.
#[inline]
#[target_feature(enable = "avx512f")]
fn store(codes: __m512i, into: &mut [u32; LANES]) {
    let halves = [_mm512_castsi512_si256(codes), _mm512_extracti64x4_epi64::<1>(codes)];
    for (place, half) in into.as_chunks_mut::<{ LANES / 2 }>().0.iter_mut().zip(halves) {
        // SAFETY: the chunk has the 64 bytes that are written.
        unsafe { _mm512_storeu_si512(place.as_mut_ptr().cast(), _mm512_cvtepu16_epi32(half)) };
    }
}

/// The letters among the characters that begin in the first `length` bytes, and how many they are; nothing where `decode` gives none.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
pub fn letters(view: &[u8; VIEW], length: usize, into: &mut [u32; BLOCK]) -> Option<usize> {
    let (codes, characters) = decode(view, length)?;
    let table = &*LETTERS;
    let mut found = 0;
    for codes in codes.into_iter().take(characters.div_ceil(LANES)) {
        let letters = letters_of(codes, table);
        let taken = _mm512_test_epi16_mask(letters, letters);
        store(_mm512_maskz_compress_epi16(taken, letters), into[found..].first_chunk_mut()?);
        found += taken.count_ones() as usize;
    }
    Some(found)
}

/// The same of all characters.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
pub fn characters(view: &[u8; VIEW], length: usize, into: &mut [u32; BLOCK]) -> Option<usize> {
    let (codes, characters) = decode(view, length)?;
    for (codes, into) in codes.into_iter().zip(into.as_chunks_mut().0).take(characters.div_ceil(LANES)) {
        store(codes, into);
    }
    Some(characters)
}
