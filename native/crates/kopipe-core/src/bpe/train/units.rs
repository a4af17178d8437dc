//! What tokens are made of, and may be: any bytes, characters, or the jamo of syllables.

use crate::bpe::normalizer::Normalizer;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Units {
    /// Whatever bytes are frequent beside each other, as in every byte-level BPE.
    #[default]
    Bytes,
    /// A token is whole characters, or lies within one character (what other models call a byte fallback).
    Syllables,
    /// Text is decomposed (NFD), and each modern jamo is a token from the start.
    Jamo,
}

impl Units {
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "bytes" => Units::Bytes,
            "syllables" => Units::Syllables,
            "jamo" => Units::Jamo,
            _ => return None,
        })
    }

    /// What is done to text before it is cut into pretokens.
    pub fn normalizer(self) -> Normalizer {
        if self == Units::Jamo { Normalizer::Nfd } else { Normalizer::None }
    }
}

/// Code points of the modern conjoining jamo, first and last of each kind. All begin with the byte `JAMO_LEAD`.
pub const JAMO: [(u32, u32); 3] = [(0x1100, 0x1112), (0x1161, 0x1175), (0x11a8, 0x11c2)];
pub const JAMO_LEAD: u8 = 0xe1;

/// How a token's bytes lie in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Whole characters.
    Whole,
    /// Within one character, from its beginning on; so many bytes are missing.
    Head(u8),
    /// Within one character, after its beginning; so many bytes.
    Tail(u8),
    /// Parts of several characters.
    Cut,
}

impl Form {
    pub fn of_byte(byte: u8) -> Self {
        match byte {
            0x00..=0x7f => Form::Whole,
            0x80..=0xbf => Form::Tail(1),
            0xc2..=0xdf => Form::Head(1),
            0xe0..=0xef => Form::Head(2),
            0xf0..=0xf4 => Form::Head(3),
            // No byte of UTF-8.
            0xc0 | 0xc1 | 0xf5..=0xff => Form::Cut,
        }
    }

    pub fn joined(self, next: Form) -> Form {
        match (self, next) {
            (Form::Whole, Form::Whole) => Form::Whole,
            (Form::Head(missing), Form::Tail(bytes)) if bytes < missing => Form::Head(missing - bytes),
            (Form::Head(missing), Form::Tail(bytes)) if bytes == missing => Form::Whole,
            (Form::Tail(some), Form::Tail(more)) if some + more <= 3 => Form::Tail(some + more),
            _ => Form::Cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the bytes themselves, wherever they come from in a text.
    fn slow(text: &str, start: usize, end: usize) -> Form {
        let bytes = &text.as_bytes()[start..end];
        if std::str::from_utf8(bytes).is_ok() {
            return Form::Whole;
        }
        let (at, c) = text.char_indices().rfind(|&(at, _)| at <= start).unwrap();
        let after = at + c.len_utf8();
        match (start == at, end <= after) {
            (true, true) => Form::Head((after - end) as u8),
            (false, true) => Form::Tail((end - start) as u8),
            (_, false) => Form::Cut,
        }
    }

    proptest! {
        /// In valid text, joined in any order: where no part was cut, the form is that of the bytes.
        #[test]
        fn forms_of_parts_are_those_of_their_bytes(text in "[a가é𐍈]{1,8}", cuts in prop::array::uniform3(any::<prop::sample::Index>())) {
            let mut cuts = cuts.map(|cut| cut.index(text.len() + 1));
            cuts.sort();
            let [a, b, c] = cuts;
            prop_assume!(a < b && b < c);
            let form = |start: usize, end: usize| slow(&text, start, end);
            let joined = form(a, b).joined(form(b, c));
            if form(a, b) != Form::Cut && form(b, c) != Form::Cut {
                prop_assert_eq!(joined, form(a, c));
            }
            let by_bytes = text.as_bytes()[a..b].iter().map(|&byte| Form::of_byte(byte)).reduce(Form::joined).unwrap();
            prop_assert!(by_bytes == form(a, b) || by_bytes == Form::Cut, "{by_bytes:?} {:?}", form(a, b));
        }
    }
}
