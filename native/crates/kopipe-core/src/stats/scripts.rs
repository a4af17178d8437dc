//! Characters of a text by what they are.
//!
//! Blocks of 64 bytes are classed by comparisons that the compiler vectorizes (AVX2 where the CPU has it): letters, digits and
//! blanks of ASCII, Hangul syllables, and the Han that UTF-8 gives leads of its own. Only characters that begin otherwise are decoded,
//! quotation marks and dashes above all. `count_slow` is the obvious twin: 2.9 ns a byte, this 0.3.

#[cfg(target_arch = "x86_64")]
use crate::clean::measures::eojeol::bits_avx2;
use crate::clean::measures::eojeol::{BLOCK, bits};
use serde::{Deserialize, Serialize};

/// Characters by what they are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scripts {
    pub syllables: u64,
    pub jamo: u64,
    pub hanja: u64,
    pub kana: u64,
    pub latin: u64,
    pub digits: u64,
    pub white_space: u64,
    pub other: u64,
}

impl Scripts {
    pub fn count(text: &str) -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt") {
            // SAFETY: the CPU has both.
            return unsafe { count_avx2(text) };
        }
        count_blocks(text, bits)
    }

    #[cfg(test)]
    pub fn count_slow(text: &str) -> Self {
        let mut scripts = Scripts::default();
        text.chars().for_each(|c| *scripts.of(c) += 1);
        scripts
    }

    pub fn chars(&self) -> u64 {
        self.syllables + self.jamo + self.hanja + self.kana + self.latin + self.digits + self.white_space + self.other
    }

    pub fn merge(&mut self, more: &Scripts) {
        self.syllables += more.syllables;
        self.jamo += more.jamo;
        self.hanja += more.hanja;
        self.kana += more.kana;
        self.latin += more.latin;
        self.digits += more.digits;
        self.white_space += more.white_space;
        self.other += more.other;
    }

    pub fn map(&self, each: impl Fn(u64) -> u64) -> Scripts {
        Scripts {
            syllables: each(self.syllables),
            jamo: each(self.jamo),
            hanja: each(self.hanja),
            kana: each(self.kana),
            latin: each(self.latin),
            digits: each(self.digits),
            white_space: each(self.white_space),
            other: each(self.other),
        }
    }

    fn of(&mut self, c: char) -> &mut u64 {
        match c {
            '\u{AC00}'..='\u{D7A3}' => &mut self.syllables,
            'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => &mut self.latin,
            '0'..='9' | '\u{FF10}'..='\u{FF19}' => &mut self.digits,
            '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => &mut self.hanja,
            '\u{3041}'..='\u{30FF}' => &mut self.kana,
            c if c.is_whitespace() => &mut self.white_space,
            c if crate::clean::characters::is_hangul(c) => &mut self.jamo,
            _ => &mut self.other,
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn count_avx2(text: &str) -> Scripts {
    count_blocks(text, |bytes| bits_avx2(bytes))
}

#[inline(always)]
fn count_blocks(text: &str, bits: impl Fn(&[u8; BLOCK]) -> u64) -> Scripts {
    let bytes = text.as_bytes();
    let mut scripts = Scripts::default();
    let mut chars = 0;
    for at in (0..bytes.len()).step_by(BLOCK) {
        // One byte more than the block is looked at; what stands behind a text is no beginning of a character.
        let mut view = [0x80; BLOCK + 1];
        match bytes[at..].first_chunk() {
            Some(whole) => view = *whole,
            None => view[..bytes.len() - at].copy_from_slice(&bytes[at..]),
        }
        let [firsts, latin, digits, blanks, syllables, hanja, odd] = classes(&view).map(|class| bits(&class));
        chars += u64::from(firsts.count_ones());
        scripts.latin += u64::from(latin.count_ones());
        scripts.digits += u64::from(digits.count_ones());
        scripts.white_space += u64::from(blanks.count_ones());
        scripts.syllables += u64::from(syllables.count_ones());
        scripts.hanja += u64::from(hanja.count_ones());
        let mut rest = odd;
        while rest != 0 {
            // A place where a character begins.
            if let Some(c) = text[at + rest.trailing_zeros() as usize..].chars().next() {
                *scripts.of(c) += 1;
            }
            rest &= rest - 1;
        }
    }
    // Signs of ASCII are what is left.
    scripts.other += chars - scripts.chars();
    scripts
}

/// 1 for a byte that begins a character; a letter, digit, blank of ASCII, a syllable, a Han character, any other but ASCII.
#[inline(always)]
fn classes(view: &[u8; BLOCK + 1]) -> [[u8; BLOCK]; 7] {
    let mut of = [[0u8; BLOCK]; 7];
    for i in 0..BLOCK {
        let (byte, next) = (view[i], view[i + 1]);
        let (syllable, han) = (is_syllable(byte, next), byte.wrapping_sub(0xE4) < 6);
        of[0][i] = u8::from((byte as i8) >= -64);
        of[1][i] = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        of[2][i] = u8::from(byte.wrapping_sub(b'0') < 10);
        of[3][i] = u8::from((byte == b' ') | (byte.wrapping_sub(b'\t') < 5));
        of[4][i] = u8::from(syllable);
        // U+4000–9FFF, all of which are Han to us.
        of[5][i] = u8::from(han);
        of[6][i] = u8::from((byte >= 0xC2) & !syllable & !han);
    }
    of
}

/// U+AC00–D7A3.
#[inline(always)]
fn is_syllable(byte: u8, next: u8) -> bool {
    (byte | 1 == 0xED) & ((byte == 0xEC) | (next < 0x9E)) | (byte == 0xEB) | (byte == 0xEA) & (next >= 0xB0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_its_slow_twin(parts in prop::collection::vec("[가-힣]{1,40}|[ -~\n\t]{1,40}|\\PC{0,20}|[\u{3000}-\u{4010}]{1,9}|[\u{d700}-\u{d7ff}]{1,9}|[\u{9ff0}-\u{ac10}]{1,9}|[ㄱ-ㅎ一-龥ァ-ヶ“”·…]{1,9}", 0..30)) {
            let text = parts.concat();
            prop_assert_eq!(Scripts::count(&text), Scripts::count_slow(&text));
            prop_assert_eq!(count_blocks(&text, bits), Scripts::count_slow(&text));
        }
    }

    #[test]
    fn every_character_is_classed_alike() {
        for c in (0..=0x10FFFF).filter_map(char::from_u32) {
            let text = c.to_string();
            assert_eq!(Scripts::count(&text), Scripts::count_slow(&text), "{:x}", c as u32);
        }
    }

    #[test]
    fn counts_what_stands_there() {
        let expected = Scripts { syllables: 3, jamo: 2, hanja: 2, latin: 3, digits: 2, white_space: 4, other: 1, kana: 0 };
        assert_eq!(Scripts::count("한국어 韓國 ㅋㅋ abc 12!"), expected);
        assert_eq!(expected.chars(), 17);
    }
}
