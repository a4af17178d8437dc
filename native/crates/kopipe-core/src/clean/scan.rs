//! One pass over a text for what the cheap judgements need: characters, Hangul, white space, and whether the
//! normalizer has anything to look at.
//!
//! Blocks of 64 bytes are classed by branch-free comparisons that the compiler vectorizes (AVX2 where the CPU has
//! it); only blocks with a byte outside ASCII text, common Hangul and CJK are decoded. `scan_slow` is the obvious
//! twin the tests compare with.

use super::characters::{is_cleaned, is_hangul, may_not_be_nfc};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    pub chars: u64,
    /// Syllables and jamo of every block.
    pub hangul: u64,
    pub white_space: u64,
    /// A character the clean-up removes or replaces may stand in the text.
    pub unclean: bool,
    /// The text may not be NFC.
    pub maybe_not_nfc: bool,
}

pub fn scan_slow(text: &str) -> Scan {
    let mut scan = Scan::default();
    for c in text.chars() {
        scan.character(c);
    }
    scan
}

impl Scan {
    fn character(&mut self, c: char) {
        self.chars += 1;
        self.hangul += u64::from(is_hangul(c));
        self.white_space += u64::from(c.is_whitespace());
        self.unclean |= is_cleaned(c);
        self.maybe_not_nfc |= may_not_be_nfc(c);
    }
}

pub fn scan(text: &str) -> Scan {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        return unsafe { scan_avx2(text) };
    }
    scan_blocks(text)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn scan_avx2(text: &str) -> Scan {
    scan_blocks(text)
}

const BLOCK: usize = 64;

#[inline(always)]
fn scan_blocks(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let mut scan = Scan::default();
    let mut at = 0;
    // One byte more than the block is looked at: a lead byte and what follows it.
    while at + BLOCK < bytes.len() {
        let (Some(block), Some(next)) = (bytes[at..].first_chunk::<BLOCK>(), bytes[at + 1..].first_chunk::<BLOCK>()) else { break };
        let (mut chars, mut hangul, mut space, mut odd) = (0u8, 0u8, 0u8, 0u8);
        for i in 0..BLOCK {
            let (byte, next) = (block[i], next[i]);
            chars += u8::from((byte as i8) >= -64);
            hangul += u8::from(byte.wrapping_sub(0xEA) < 4);
            space += u8::from((byte == b' ') | (byte == b'\n') | (byte == b'\t'));
            odd |= u8::from(is_odd(byte, next));
        }
        if odd == 0 {
            scan.chars += u64::from(chars);
            scan.hangul += u64::from(hangul);
            scan.white_space += u64::from(space);
        } else {
            scan.characters_starting_in(text, at, at + BLOCK);
        }
        at += BLOCK;
    }
    scan.characters_starting_in(text, at, bytes.len());
    scan
}

/// Whether the character that starts with these bytes must be decoded to be judged. Continuation bytes never.
#[inline(always)]
fn is_odd(byte: u8, next: u8) -> bool {
    let control = (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | (byte == 0x7F);
    let below_cjk = byte.wrapping_sub(0xC0) < 0x24;
    let below_syllables = (byte == 0xEA) & (next < 0xB0);
    let above_syllables = (byte == 0xED) & (next >= 0x9E);
    control | below_cjk | below_syllables | above_syllables | (byte >= 0xEE)
}

impl Scan {
    fn characters_starting_in(&mut self, text: &str, from: usize, to: usize) {
        let bytes = text.as_bytes();
        let mut start = from;
        while start < to && !text.is_char_boundary(start) {
            start += 1;
        }
        let mut end = to.min(bytes.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        if start < end {
            for c in text[start..end].chars() {
                self.character(c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_its_slow_twin(text in "(?s)([가-힣]{1,40}|[ -~\n]{1,40}|.{0,30}|[ㄱ-ㅣᄀ-ᇿ一-龥]{1,9}){0,12}") {
            prop_assert_eq!(scan(&text), scan_slow(&text));
            prop_assert_eq!(scan_blocks(&text), scan_slow(&text));
        }
    }

    #[test]
    fn counts_what_stands_there() {
        let scan = scan("한글 ㅋㅋ abc\n中文");
        assert_eq!((scan.chars, scan.hangul, scan.white_space), (12, 4, 3));
        assert!(!scan.unclean && !scan.maybe_not_nfc);
    }
}
