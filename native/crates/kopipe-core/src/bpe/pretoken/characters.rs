//! What a character is to a pattern, as HF's regex engine has it: a table for all, and ASCII and Hangul from their bytes.

use super::classes::STARTS;
use std::sync::LazyLock;

pub const OTHER: u8 = 0;
pub const SPACE: u8 = 1;
pub const NUMBER: u8 = 2;
pub const MARK: u8 = 3;
/// The first of the classes of letters: Lu and Lt.
pub const UPPER: u8 = 4;
pub const LOWER: u8 = 5;
/// Lm and Lo: Hangul among them.
pub const CASELESS: u8 = 6;
/// The class of what comes after the last character.
pub const END: u8 = 7;

/// The class of every code point. Flat: a text touches a few lines of it.
pub static CLASSES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut classes = Vec::with_capacity(0x110000);
    for (i, &start) in STARTS.iter().enumerate() {
        let end = STARTS.get(i + 1).map_or(0x110000, |next| next >> 3);
        classes.resize(end as usize, (start & 7) as u8);
    }
    classes
});

const ASCII: [u8; 128] = {
    let mut classes = [OTHER; 128];
    let mut i = 0;
    while i < 128 {
        let c = i as u8;
        if c.is_ascii_uppercase() {
            classes[i] = UPPER;
        } else if c.is_ascii_lowercase() {
            classes[i] = LOWER;
        } else if c.is_ascii_digit() {
            classes[i] = NUMBER;
        } else if c == b' ' || (c >= 9 && c <= 13) {
            classes[i] = SPACE;
        }
        i += 1;
    }
    classes
};

pub fn is_letter(class: u8) -> bool {
    matches!(class, UPPER | LOWER | CASELESS)
}

pub fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// A text and the table, to look characters up by their place.
#[derive(Clone, Copy)]
pub struct Characters<'t> {
    pub text: &'t [u8],
    classes: &'static [u8],
}

impl<'t> Characters<'t> {
    pub fn new(text: &'t str) -> Self {
        Characters { text: text.as_bytes(), classes: &CLASSES }
    }

    /// Class and length of the character at a place.
    #[inline]
    pub fn class_at(&self, at: usize) -> (u8, usize) {
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

    /// Where the run of characters that are `of` this kind ends, from a place on.
    #[inline]
    pub fn run(&self, mut at: usize, of: impl Fn(u8) -> bool) -> usize {
        loop {
            if of(CASELESS) {
                at = self.hangul(at);
            }
            let (class, len) = self.class_at(at);
            if class == END || !of(class) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_cover_every_code_point() {
        assert_eq!(CLASSES.len(), 0x110000);
        assert!(STARTS.is_sorted());
        assert_eq!(CLASSES.iter().filter(|&&c| c == SPACE).count(), 25);
        assert!(('\u{ac00}'..='\u{d7a3}').all(|c| CLASSES[c as usize] == CASELESS));
    }
}
