//! What a tokenizer does to text first: nothing, NFC as Qwen's do, or NFD, by which syllables become jamo.
//!
//! HF's tables are Unicode 9.0's: a younger mark is no mark there. So texts are normalized in parts, between characters
//! that those tables do not name (`active`); within them every later version of Unicode says the same.

mod active;

use active::ACTIVE;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Normalizer {
    #[default]
    None,
    Nfc,
    Nfd,
}

impl Normalizer {
    /// The text in another form; `None` where it stays as it is.
    pub fn normalize(self, text: &str) -> Option<String> {
        const NFC: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfc();
        const NFD: DecomposingNormalizerBorrowed<'_> = DecomposingNormalizerBorrowed::new_nfd();
        // What is normalized by all of Unicode is so in its parts.
        match self {
            Normalizer::None => None,
            Normalizer::Nfc if NFC.is_normalized(text) => None,
            Normalizer::Nfc => in_parts(text, |part, into| NFC.normalize_to(part, into)),
            Normalizer::Nfd if NFD.is_normalized(text) => None,
            Normalizer::Nfd => in_parts(text, |part, into| NFD.normalize_to(part, into)),
        }
    }
}

fn in_parts(text: &str, normalize: impl Fn(&str, &mut String) -> std::fmt::Result) -> Option<String> {
    let mut normalized = String::with_capacity(text.len());
    for part in text.split_inclusive(is_inert) {
        let end = part.char_indices().next_back().filter(|&(_, c)| is_inert(c)).map_or(part.len(), |(at, _)| at);
        normalize(&part[..end], &mut normalized).expect("a String takes what is written to it");
        normalized.push_str(&part[end..]);
    }
    (normalized != text).then_some(normalized)
}

fn is_inert(c: char) -> bool {
    let behind = ACTIVE.partition_point(|&(first, _)| first <= c as u32);
    behind == 0 || ACTIVE[behind - 1].1 < c as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_younger_than_unicode_9_part_what_they_stand_between() {
        assert_eq!(Normalizer::Nfc.normalize("\u{1112}\u{1161}\u{11ab}e\u{301}"), Some("한é".into()));
        assert_eq!(Normalizer::Nfc.normalize("한é"), None);
        // U+1AC3 is of Unicode 14 and class 220: it would be ordered before the acute, or let it be composed.
        assert_eq!(Normalizer::Nfc.normalize("a\u{1ac3}\u{301}"), None);
        assert_eq!(Normalizer::Nfc.normalize("q\u{301}\u{1ac3}e\u{301}"), Some("q\u{301}\u{1ac3}é".into()));
        assert_eq!(Normalizer::None.normalize("e\u{301}"), None);
    }

    #[test]
    fn nfd_takes_syllables_apart() {
        assert_eq!(Normalizer::Nfd.normalize("한é"), Some("\u{1112}\u{1161}\u{11ab}e\u{301}".into()));
        assert_eq!(Normalizer::Nfd.normalize("\u{1112}\u{1161}\u{11ab} 1"), None);
        assert_eq!(Normalizer::Nfd.normalize("q\u{301}\u{1ac3}é"), Some("q\u{301}\u{1ac3}e\u{301}".into()));
        // A sign of Unicode 13 that decomposes: HF does not know it.
        assert_eq!(Normalizer::Nfd.normalize("\u{11938}"), None);
    }
}
