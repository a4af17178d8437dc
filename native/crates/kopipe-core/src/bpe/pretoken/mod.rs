//! GPT-2's pretokenizer without a regex:
//! `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
//!
//! A classifier over UTF-8: ASCII and Hangul syllables are known from their bytes, everything else is looked up in the
//! classes that HF's own regex engine has (`classes`). Every byte of the text is in exactly one pretoken.

mod classes;

pub use classes::STARTS;
use std::sync::LazyLock;

const OTHER: u8 = 0;
const LETTER: u8 = 1;
const NUMBER: u8 = 2;
const SPACE: u8 = 3;
/// The class of what comes after the last character.
const END: u8 = 4;

/// The class of every code point. Flat: a text touches a few lines of it.
static CLASSES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut classes = Vec::with_capacity(0x110000);
    for (i, &start) in STARTS.iter().enumerate() {
        let end = STARTS.get(i + 1).map_or(0x110000, |next| next >> 2);
        classes.resize(end as usize, (start & 3) as u8);
    }
    classes
});

const ASCII: [u8; 128] = {
    let mut classes = [OTHER; 128];
    let mut i = 0;
    while i < 128 {
        let c = i as u8;
        if c.is_ascii_alphabetic() {
            classes[i] = LETTER;
        } else if c.is_ascii_digit() {
            classes[i] = NUMBER;
        } else if c == b' ' || (c >= 9 && c <= 13) {
            classes[i] = SPACE;
        }
        i += 1;
    }
    classes
};

/// How a text is cut: the patterns of the field, by the names that they go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    Gpt2,
}

impl Pattern {
    pub const ALL: [Pattern; 1] = [Pattern::Gpt2];

    pub fn name(self) -> &'static str {
        "gpt2"
    }

    pub fn from_regex(_: &str) -> Option<Pattern> {
        None
    }
}

/// Ends that are handed over at a time: a few kilobytes of text, which stay in the nearest cache.
const ENDS: usize = 512;

/// The pretokens of a text, in order.
pub struct Pretokens<'t> {
    text: &'t [u8],
    at: usize,
    classes: &'static [u8],
}

impl<'t> Pretokens<'t> {
    pub fn new(pattern: Pattern, text: &'t str) -> Self {
        match pattern {
            Pattern::Gpt2 => Pretokens { text: text.as_bytes(), at: 0, classes: &CLASSES },
        }
    }

    /// Replaces `ends` by where the next pretokens end, in bytes of the text; by nothing behind the last.
    pub fn next_ends(&mut self, ends: &mut Vec<u32>) {
        ends.clear();
        while ends.len() < ENDS && self.next().is_some() {
            ends.push(self.at as u32);
        }
    }

    /// Class and length of the character at `at`.
    #[inline]
    fn class_at(&self, at: usize) -> (u8, usize) {
        let follow = |i: usize| (self.text.get(at + i).copied().unwrap_or(0) & 0x3f) as usize;
        match self.text.get(at).copied() {
            None => (END, 0),
            Some(lead @ 0..0x80) => (ASCII[lead as usize], 1),
            Some(lead @ 0x80..0xe0) => (self.classes[(lead as usize & 0x1f) << 6 | follow(1)], 2),
            Some(lead @ 0xe0..0xf0) => (self.classes[(lead as usize & 0xf) << 12 | follow(1) << 6 | follow(2)], 3),
            Some(lead) => {
                let c = (lead as usize & 7) << 18 | follow(1) << 12 | follow(2) << 6 | follow(3);
                (self.classes.get(c).copied().unwrap_or(OTHER), 4)
            }
        }
    }

    /// Where the run of `class` that holds `at` ends.
    #[inline]
    fn run(&self, mut at: usize, class: u8) -> usize {
        loop {
            if class == LETTER {
                at = self.hangul(at);
            }
            let (next, len) = self.class_at(at);
            if next != class {
                return at;
            }
            at += len;
        }
    }

    /// Skips Hangul syllables, U+AC00 to U+D77F by their first two bytes; the few behind those are in the table.
    #[inline]
    fn hangul(&self, mut at: usize) -> usize {
        while let Some(&[lead, second, _]) = self.text.get(at..at + 3) {
            match lead {
                0xeb | 0xec => at += 3,
                0xea if second >= 0xb0 => at += 3,
                0xed if second < 0x9e => at += 3,
                _ => break,
            }
        }
        at
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`; only at the start of a pretoken.
    fn contraction(&self, at: usize) -> Option<usize> {
        match self.text.get(at + 1..)? {
            [b's' | b't' | b'm' | b'd', ..] => Some(2),
            [b'r' | b'v', b'e', ..] | [b'l', b'l', ..] => Some(3),
            _ => None,
        }
    }

    /// White space that no pretoken takes as its leading blank: up to the character before the next word.
    fn spaces(&self, start: usize) -> usize {
        let (mut at, mut last) = (start, start);
        loop {
            match self.class_at(at) {
                (SPACE, len) => (last, at) = (at, at + len),
                (END, _) => return at,
                // `\s+(?!\S)` leaves the last character to what follows, unless it is the only one.
                _ => return if last > start { last } else { at },
            }
        }
    }
}

impl<'t> Iterator for Pretokens<'t> {
    type Item = &'t [u8];

    #[inline]
    fn next(&mut self) -> Option<&'t [u8]> {
        let start = self.at;
        let (class, len) = self.class_at(start);
        self.at = match (class, self.text.get(start)?) {
            (SPACE, b' ') => match self.class_at(start + 1) {
                (SPACE | END, _) => self.spaces(start),
                (class, len) => self.run(start + 1 + len, class),
            },
            (SPACE, _) => self.spaces(start),
            (_, b'\'') => self.contraction(start).map_or_else(|| self.run(start + len, class), |len| start + len),
            _ => self.run(start + len, class),
        };
        Some(&self.text[start..self.at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bpe::textbook;
    use proptest::prelude::*;

    fn pieces(text: &str) -> Vec<&str> {
        Pretokens::new(Pattern::Gpt2, text).map(|p| std::str::from_utf8(p).unwrap()).collect()
    }

    #[test]
    fn korean_keeps_an_eojeol_whole() {
        assert_eq!(pieces("2002년 월드컵을 보았다.  ㅋㅋ"), ["2002", "년", " 월드컵을", " 보았다", ".", " ", " ㅋㅋ"]);
    }

    #[test]
    fn contractions_count_only_at_the_start_of_a_pretoken() {
        assert_eq!(pieces("it's we'll x''s 's 're"), ["it", "'s", " we", "'ll", " x", "''", "s", " '", "s", " '", "re"]);
    }

    #[test]
    fn the_last_white_space_belongs_to_the_next_word() {
        assert_eq!(pieces("a\n\n b \u{3000}\u{a0}c\t\t"), ["a", "\n\n", " b", " \u{3000}", "\u{a0}", "c", "\t\t"]);
    }

    /// Characters of every class and length, dense in the ones with rules of their own.
    pub fn text() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            4 => prop::sample::select(" \n\t'strevmld가힣ㅋA9.…\u{a0}\u{3000}\u{85}\u{1c}½一\u{d7a3}\u{d7a4}\u{d7b0}\u{1100}🙂\u{10ffff}".chars().collect::<Vec<_>>()),
            1 => any::<char>(),
        ];
        prop::collection::vec(character, 0..40).prop_map(String::from_iter)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn equals_the_regex(text in text()) {
            prop_assert_eq!(pieces(&text), textbook::pretokens(&text));
        }
    }

    /// What the fuzz target `pretokens` begins with.
    #[test]
    fn fuzz_seeds() {
        crate::seeds::replay("pretokens", |seed| {
            let text = String::from_utf8_lossy(seed);
            assert_eq!(pieces(&text), textbook::pretokens(&text));
        });
    }

    #[test]
    fn classes_cover_every_code_point() {
        assert_eq!(CLASSES.len(), 0x110000);
        assert!(STARTS.is_sorted());
        assert_eq!(CLASSES.iter().filter(|&&c| c == SPACE).count(), 25);
        assert!(('\u{ac00}'..='\u{d7a3}').all(|c| CLASSES[c as usize] == LETTER));
    }
}
