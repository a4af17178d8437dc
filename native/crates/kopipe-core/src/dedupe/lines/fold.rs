//! What of a line is compared: its letters in lower case, and a 0 for each digit. Blanks, punctuation and signs are left out.
//!
//! CCNet leaves out Unicode's punctuation but not ASCII's, and keeps blanks; Korean is spaced as one likes, and a menu is
//! printed with and without `|`. Accents stay, as in CCNet's program (its paper takes them away). From U+4000 to
//! U+D7FF (Hanja, Hangul) a character is taken as it is. Blocks of 32 bytes are folded by comparisons that the compiler
//! vectorizes, and what is left out is squeezed out eight bytes at a time by a shuffle; only bytes that begin a character that
//! may be a sign or have a case are decoded. Cost: docs/dedupe-lines.md. `fold_slow` is the obvious twin.

use xxhash_rust::xxh3::xxh3_128;

/// What a byte becomes where nothing is kept of it.
const NOTHING: u8 = 0;

/// Bytes that are folded at a time.
const BLOCK: usize = 32;
const EIGHTS: usize = BLOCK / 8;

/// A folded line is known by these.
pub type Hash = [u64; 2];

/// Folds lines and hashes them.
pub struct Folder {
    folded: Vec<u8>,
    min_letters: usize,
}

impl Folder {
    pub fn new(min_letters: u32) -> Self {
        Folder { folded: Vec::new(), min_letters: min_letters as usize }
    }

    /// The hash of a line, 128 bits of xxh3; nothing where it has too few letters to be compared.
    pub fn hash(&mut self, line: &str) -> Option<Hash> {
        // No line of ASCII or Hangul has a letter in less than a byte.
        if line.len() < self.min_letters {
            return None;
        }
        let (length, letters) = self.fold(line);
        (letters > 0 && letters >= self.min_letters).then(|| {
            let hash = xxh3_128(&self.folded[..length]);
            [(hash >> 64) as u64, hash as u64]
        })
    }

    /// Fills `folded`, and gives how much of it, and how many letters that are.
    fn fold(&mut self, line: &str) -> (usize, usize) {
        // Lower case takes three times as many bytes at the most (U+0390 and such: six for two).
        let room = 3 * line.len() + 8;
        if self.folded.len() < room {
            self.folded.resize(room, 0);
        }
        let out = &mut self.folded[..room];
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt") {
            // SAFETY: the CPU has both.
            return unsafe { fold_avx2(line, out) };
        }
        fold_blocks(line, out, bits, squeeze)
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn fold_avx2(line: &str, out: &mut [u8]) -> (usize, usize) {
    fold_blocks(line, out, |bytes| bits_avx2(bytes), |eight, kept| squeeze_ssse3(eight, kept))
}

#[inline(always)]
fn fold_blocks(line: &str, out: &mut [u8], bits: impl Fn(&[u8; BLOCK]) -> u32, squeeze: impl Fn(u64, u8) -> u64) -> (usize, usize) {
    let bytes = line.as_bytes();
    let (mut at, mut length, mut letters) = (0, 0, 0);
    let mut padded;
    while at < bytes.len() {
        // The last block ends with the line, and begins with what is folded already.
        let from = at.min(bytes.len().saturating_sub(BLOCK));
        let block = match bytes[from..].first_chunk::<BLOCK>() {
            Some(block) => block,
            None => {
                padded = [NOTHING; BLOCK];
                padded[..bytes.len()].copy_from_slice(bytes);
                &padded
            }
        };
        let ahead = u32::MAX << (at - from);
        let Classes { folded, kept, counted, odd } = classes(block);
        let odd = bits(&odd) & ahead;
        // Up to the first that must be decoded.
        let plain = odd.trailing_zeros();
        let taken = ahead & (u64::from(u32::MAX) >> (BLOCK as u32 - plain)) as u32;
        letters += (bits(&counted) & taken).count_ones() as usize;
        let kept = (bits(&kept) & taken).to_le_bytes();
        let eights = folded.as_chunks::<8>().0;
        for i in 0..EIGHTS {
            let eight = squeeze(u64::from_le_bytes(eights[i]), kept[i]);
            out[length..length + 8].copy_from_slice(&eight.to_le_bytes());
            length += kept[i].count_ones() as usize;
        }
        at = from + plain as usize;
        if odd != 0 {
            let Some(c) = line.get(at..).and_then(|rest| rest.chars().next()) else { break };
            at += c.len_utf8();
            for c in fold_character(c) {
                length += c.encode_utf8(&mut out[length..]).len();
                letters += usize::from(c != '0');
            }
        }
    }
    (length, letters)
}

/// Of each byte of a block.
struct Classes {
    /// What it becomes.
    folded: [u8; BLOCK],
    /// 1 where anything is kept of it.
    kept: [u8; BLOCK],
    /// 1 where a letter begins.
    counted: [u8; BLOCK],
    /// 1 where a character begins that must be decoded.
    odd: [u8; BLOCK],
}

#[inline(always)]
fn classes(block: &[u8; BLOCK]) -> Classes {
    let none = [0; BLOCK];
    let mut classes = Classes { folded: none, kept: none, counted: none, odd: none };
    for (i, &byte) in block.iter().enumerate() {
        let lower = byte | 0x20;
        let letter = u8::from(lower.wrapping_sub(b'a') < 26);
        let digit = u8::from(byte.wrapping_sub(b'0') < 10);
        // What begins a character that is taken as it is, and what stands behind a first byte.
        let first = u8::from(byte.wrapping_sub(0xE4) < 10);
        let behind = u8::from((byte as i8) < -0x40);
        classes.odd[i] = u8::from(byte >= 0xC0) & !first;
        classes.counted[i] = letter | first;
        classes.kept[i] = letter | digit | first | behind;
        classes.folded[i] = letter.wrapping_neg() & lower | digit.wrapping_neg() & b'0' | (first | behind).wrapping_neg() & byte;
    }
    classes
}

/// Bytes of 0 or 1 as bits.
#[inline(always)]
fn bits(bytes: &[u8; BLOCK]) -> u32 {
    let eights = bytes.as_chunks::<8>().0.iter().enumerate();
    eights.map(|(i, eight)| ((u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32) << (8 * i)).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn bits_avx2(bytes: &[u8; BLOCK]) -> u32 {
    use std::arch::x86_64::{_mm256_loadu_si256, _mm256_movemask_epi8, _mm256_slli_epi16};
    // SAFETY: it is 32 bytes, and the load wants no alignment.
    let block = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
    _mm256_movemask_epi8(_mm256_slli_epi16::<7>(block)) as u32
}

/// Those of eight bytes that are kept, one behind another; what follows them may be anything.
#[inline(always)]
fn squeeze(eight: u64, kept: u8) -> u64 {
    let (mut squeezed, mut taken) = (0, 0);
    for i in 0..8 {
        let keeps = u32::from(kept >> i & 1);
        squeezed |= (eight >> (8 * i) & 0xFF & u64::from(keeps).wrapping_neg()) << ((8 * taken) & 63);
        taken += keeps;
    }
    squeezed
}

/// For each set of eight bytes their places, one behind another.
#[cfg(target_arch = "x86_64")]
const PLACES: [u64; 256] = {
    let (mut places, mut kept) = ([0; 256], 0);
    while kept < 256 {
        let (mut place, mut taken) = (0, 0);
        while place < 8 {
            if kept >> place & 1 == 1 {
                places[kept] |= place << (8 * taken);
                taken += 1;
            }
            place += 1;
        }
        kept += 1;
    }
    places
};

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn squeeze_ssse3(eight: u64, kept: u8) -> u64 {
    use std::arch::x86_64::{_mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_shuffle_epi8};
    static TABLE: [u64; 256] = PLACES;
    let places = _mm_cvtsi64_si128(TABLE[kept as usize] as i64);
    _mm_cvtsi128_si64(_mm_shuffle_epi8(_mm_cvtsi64_si128(eight as i64), places)) as u64
}

/// A character as it is compared.
fn fold_character(c: char) -> impl Iterator<Item = char> {
    let (taken, c) = match c {
        '\u{4000}'..='\u{D7FF}' => (true, c),
        '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => (false, c),
        c if c.is_numeric() => (true, '0'),
        c => (c.is_alphabetic(), c),
    };
    c.to_lowercase().filter(move |_| taken)
}

#[cfg(test)]
pub fn fold_slow(line: &str) -> String {
    let as_it_is = |c: &char| ('\u{4000}'..='\u{D7FF}').contains(c);
    let mut folded = String::new();
    for c in line.chars() {
        match c {
            c if as_it_is(&c) => folded.push(c),
            c if c.is_numeric() => folded.push('0'),
            c if c.is_alphabetic() => folded.extend(c.to_lowercase()),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(line: &str) -> String {
        let mut folder = Folder::new(1);
        let (length, _) = folder.fold(line);
        String::from_utf8(folder.folded[..length].to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn equals_its_slow_twin(line in r"(?s)\PC{0,40}|[가-힣ㄱ-ㅎ ａ-ｚＡ-Ｚ０-９A-Z0-9.,·…「」|é-ÿÀ-Þꙁ-ꙮ]{0,60}") {
            let slow = fold_slow(&line);
            prop_assert_eq!(&fold(&line), &slow);
            let mut out = vec![0; 3 * line.len() + 8];
            let (length, _) = fold_blocks(&line, &mut out, bits, squeeze);
            prop_assert_eq!(&out[..length], slow.as_bytes());
            let letters = slow.chars().filter(|&c| c != '0').count();
            for least in [1, 5] {
                let expected = (letters >= least as usize).then(|| xxh3_128(slow.as_bytes()));
                let expected = expected.map(|hash| [(hash >> 64) as u64, hash as u64]);
                prop_assert_eq!(Folder::new(least).hash(&line), expected);
            }
        }
    }

    #[test]
    fn every_character_equals_its_slow_twin() {
        for c in '\0'..=char::MAX {
            assert_eq!(fold(&c.to_string()), fold_slow(&c.to_string()), "{c:?}");
        }
    }

    #[test]
    fn lines_that_a_reader_takes_for_one_are_one() {
        for (a, b) in [("홈 | 로그인", "· 홈  로그인 ·"), ("2023년 5월 Login", "2024년 6월 LOGIN"), ("「그」 책", "그 책…")]
        {
            assert_eq!(fold(a), fold(b));
        }
        assert_ne!(fold("5월"), fold("12월"));
        assert_eq!(Folder::new(1).hash("2023. 5. 12."), None);
    }
}
