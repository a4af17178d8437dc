//! One pass over a text for what the cheap judgements need: characters, Hangul, white space, and a flag for everything
//! that the normalizer may have to change.
//!
//! Blocks of 64 bytes are classed by branch-free comparisons that the compiler vectorizes (AVX2 where the CPU has
//! it); only blocks with a byte outside ASCII, common punctuation, Hangul and CJK are decoded. `scan_slow` is the
//! obvious twin the tests compare with.

use super::characters::is_hangul;
use super::flags::{Flags, flags_of};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    pub chars: u64,
    /// Syllables and jamo of every block.
    pub hangul: u64,
    pub white_space: u64,
    /// U+FFFD.
    pub replaced: u64,
    pub private_use: u64,
    pub flags: Flags,
}

pub fn scan_slow(text: &str) -> Scan {
    let mut scan = Scan::default();
    for (at, c) in text.char_indices() {
        scan.character(c, &text.as_bytes()[at..]);
    }
    scan
}

impl Scan {
    /// `following` are the bytes from the character on.
    fn character(&mut self, c: char, following: &[u8]) {
        self.chars += 1;
        if let Ok(byte) = u8::try_from(c as u32)
            && byte.is_ascii()
        {
            let [next, third, fourth] = [1, 2, 3].map(|n| following.get(n).copied().unwrap_or(0));
            self.white_space += u64::from(is_ascii_space(byte));
            self.flags |= Flags::UNCLEAN.when(is_control(byte) | (byte == b'\r'))
                | Flags::LINES.when(ends_badly(byte, next, third, fourth) || following.len() == 1 && is_blank(byte))
                | Flags::BLANKS.when(is_blank(byte) & is_blank(next))
                | Flags::REPEATS.when(repeats(byte, next, third, fourth));
            return;
        }
        self.hangul += u64::from(is_hangul(c));
        self.white_space += u64::from(c.is_whitespace());
        self.replaced += u64::from(c == char::REPLACEMENT_CHARACTER);
        let flags = flags_of(c, following);
        self.private_use += u64::from(flags.has(Flags::PRIVATE_USE));
        self.flags |= flags;
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

/// Three bytes more than the block are looked at: the character and what follows it.
const VIEW: usize = BLOCK + 3;

#[inline(always)]
fn scan_blocks(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let mut scan = Scan::default();
    let mut at = 0;
    while let Some(view) = bytes[at..].first_chunk::<VIEW>() {
        if !scan.plain(view) {
            scan.characters_starting_in(text, at, at + BLOCK);
        }
        at += BLOCK;
    }
    // What is left, once or twice: letters behind it change nothing but the count. Most texts are short.
    while at < bytes.len() {
        let left = &bytes[at..bytes.len().min(at + VIEW)];
        let mut view = [PADDING; VIEW];
        view[..left.len()].copy_from_slice(left);
        if scan.plain(&view) {
            scan.chars -= BLOCK.saturating_sub(left.len()) as u64;
        } else {
            scan.characters_starting_in(text, at, bytes.len().min(at + BLOCK));
        }
        at += BLOCK;
    }
    scan.flags |= Flags::LINES.when(bytes.last().is_some_and(|&byte| is_blank(byte)));
    scan
}

const PADDING: u8 = b'a';

/// Whether the character that starts with these bytes must be decoded to be judged. Continuation bytes never.
#[inline(always)]
fn is_odd(byte: u8, next: u8, third: u8) -> bool {
    // Latin-1's signs but the no-break space and the soft hyphen, and two middle dots, which may be more.
    let sign = (byte == 0xC2) & ((next < 0xA1) | (next == 0xAD) | (next == 0xB7) & (third == 0xC2));
    let below_punctuation = byte.wrapping_sub(0xC4) < 0xE2 - 0xC4;
    // Dashes, quotation marks and bullets, U+2010–2024; brackets and commas, U+3001–301B.
    let punctuation = (byte == 0xE2) & ((next != 0x80) | (third.wrapping_sub(0x90) > 0xA4 - 0x90));
    let brackets = (byte == 0xE3) & ((next != 0x80) | (third.wrapping_sub(0x81) > 0x9B - 0x81));
    let below_syllables = (byte == 0xEA) & (next < 0xB0);
    let above_syllables = (byte == 0xED) & (next >= 0x9E);
    is_control(byte) | sign | below_punctuation | punctuation | brackets | below_syllables | above_syllables | (byte >= 0xEE)
}

#[inline(always)]
fn is_control(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\n') & (byte != b'\t') & (byte != b'\r') | (byte == 0x7F)
}

/// As `char::is_whitespace`, less the controls that are odd.
#[inline(always)]
fn is_ascii_space(byte: u8) -> bool {
    (byte == b' ') | (byte.wrapping_sub(b'\t') < 5)
}

#[inline(always)]
fn is_blank(byte: u8) -> bool {
    (byte == b' ') | (byte == b'\t')
}

/// A blank before a line's end, or the third blank line.
#[inline(always)]
fn ends_badly(byte: u8, next: u8, third: u8, fourth: u8) -> bool {
    is_blank(byte) & ((next == b'\n') | (next == b'\r')) | (byte == b'\n') & (next == b'\n') & (third == b'\n') & (fourth == b'\n')
}

/// A mark of ASCII that stands three times (four times where three are an ellipsis), or twice with the same behind it
/// (`?!?!`).
#[inline(always)]
fn repeats(byte: u8, next: u8, third: u8, fourth: u8) -> bool {
    let ellipsis = (byte | 2 == b'.') & (byte == fourth);
    (byte == third) & ((byte == next) & (is_mark(byte) | ellipsis) | (next == fourth) & is_mark(byte))
}

/// ! ; ? ^ ~: of the pairs one bit differs.
#[inline(always)]
fn is_mark(byte: u8) -> bool {
    (byte == b'!') | (byte | 4 == b'?') | (byte | 0x20 == b'~')
}

/// The place of the next character that a judgement on single characters may change, from a place on.
pub fn next_odd(text: &str, from: usize) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        return unsafe { next_odd_avx2(text.as_bytes(), from) };
    }
    next_odd_of(text.as_bytes(), from)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn next_odd_avx2(bytes: &[u8], from: usize) -> Option<usize> {
    next_odd_of(bytes, from)
}

#[inline(always)]
fn next_odd_of(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(view) = bytes[at..].first_chunk::<VIEW>() {
        let mut found = 0u8;
        for i in 0..BLOCK {
            found |= u8::from(is_odd(view[i], view[i + 1], view[i + 2])) | u8::from(view[i] == b'\r');
        }
        if found != 0 {
            break;
        }
        at += BLOCK;
    }
    let next = |i: usize| bytes.get(i).copied().unwrap_or(0);
    (at..bytes.len()).find(|&i| is_odd(bytes[i], next(i + 1), next(i + 2)) | (bytes[i] == b'\r'))
}

impl Scan {
    /// Takes in a block that has no odd character; otherwise nothing.
    #[inline(always)]
    fn plain(&mut self, view: &[u8; VIEW]) -> bool {
        // A byte for each: one for all, a bit each, is not vectorized (ten times the cost).
        let (mut chars, mut hangul, mut space, mut odd) = (0u8, 0u8, 0u8, 0u8);
        let (mut carriage, mut lines, mut blanks, mut repeated, mut suspicious) = (0u8, 0u8, 0u8, 0u8, 0u8);
        for i in 0..BLOCK {
            let (byte, next, third, fourth) = (view[i], view[i + 1], view[i + 2], view[i + 3]);
            chars += u8::from((byte as i8) >= -64);
            hangul += u8::from(byte.wrapping_sub(0xEA) < 4);
            space += u8::from(is_ascii_space(byte));
            odd |= u8::from(is_odd(byte, next, third));
            carriage |= u8::from(byte == b'\r');
            lines |= u8::from(ends_badly(byte, next, third, fourth));
            blanks |= u8::from(is_blank(byte) & is_blank(next));
            repeated |= u8::from(repeats(byte, next, third, fourth));
            suspicious |= u8::from((byte == 0xC3) | (byte.wrapping_sub(0xE4) < 6));
        }
        if odd != 0 {
            return false;
        }
        self.chars += u64::from(chars);
        self.hangul += u64::from(hangul);
        self.white_space += u64::from(space);
        self.flags |= Flags::UNCLEAN.when(carriage != 0)
            | Flags::LINES.when(lines != 0)
            | Flags::BLANKS.when(blanks != 0)
            | Flags::REPEATS.when(repeated != 0)
            | Flags::SUSPICIOUS.when(suspicious != 0);
        true
    }

    fn characters_starting_in(&mut self, text: &str, from: usize, to: usize) {
        let mut start = from;
        while start < to && !text.is_char_boundary(start) {
            start += 1;
        }
        let end = text.ceil_char_boundary(to);
        if start < end {
            for (at, c) in text[start..end].char_indices() {
                self.character(c, &text.as_bytes()[start + at..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::characters::is_repeatable;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_its_slow_twin(text in "(?s)([가-힣]{1,40}|[ -~\n]{1,40}|.{0,30}|[ㄱ-ㅣᄀ-ᇿ一-龥]{1,9}|[!?~ \t\r\n.·…–“」]{1,9}|[À-ÿ\u{A0}\u{AD}]{1,5}){0,12}") {
            prop_assert_eq!(scan(&text), scan_slow(&text));
            prop_assert_eq!(scan_blocks(&text), scan_slow(&text));
        }
    }

    #[test]
    fn counts_what_stands_there() {
        let scan = scan("한글 ㅋㅋ abc\n中文");
        assert_eq!((scan.chars, scan.hangul, scan.white_space), (12, 4, 3));
        assert!(!scan.flags.has(Flags::UNCLEAN | Flags::MAYBE_NOT_NFC));
        assert!(scan.flags.has(Flags::COMPATIBILITY_JAMO) && scan.flags.has(Flags::SUSPICIOUS));
    }

    #[test]
    fn marks_are_what_is_repeatable_in_ascii() {
        let is_known = |byte| is_mark(byte) || matches!(byte, b'.' | b',');
        assert!((0..128).all(|byte| is_known(byte) == is_repeatable(char::from(byte))));
    }
}
