//! What stands in the text instead of what is cut, and what becomes of text that says so itself.
//!
//! `polyglot` has one token a kind, named as in Polyglot-Ko's tokenizer (`<|acc|>`, `<|tel|>`, `<|rrn|>`) and in the same
//! manner for the others. `dps` has the pair of tags of the dps corpora for six kinds; dps writes random digits between
//! them, which a model learns as text and which make the output differ from run to run: here nothing stands between.

use super::Kind;
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    Polyglot,
    Dps,
    /// Nothing is cut.
    Off,
}

impl Style {
    /// What is written for a kind; nothing where the style does not know it, and such a kind is left in the text.
    pub fn mask(self, kind: Kind) -> Option<&'static str> {
        match self {
            Style::Polyglot => Some(POLYGLOT[kind as usize]),
            Style::Dps => DPS.get(kind as usize).copied(),
            Style::Off => None,
        }
    }

    /// The strings that are tokens in text masked with some kinds, in the order of the kinds.
    pub fn tokens(self, kinds: &[Kind]) -> Vec<String> {
        let known = Kind::ALL.iter().filter(|kind| kinds.contains(kind));
        let written = known.filter_map(|&kind| self.mask(kind));
        // A pair of tags is two tokens.
        written.flat_map(|mask| mask.split_inclusive("|>")).map(str::to_owned).collect()
    }
}

const POLYGLOT: [&str; Kind::ALL.len()] =
    ["<|tel|>", "<|rrn|>", "<|acc|>", "<|crd|>", "<|email|>", "<|url|>", "<|ip|>", "<|brn|>", "<|pspt|>", "<|dln|>"];

const DPS: [&str; 6] = [
    "<|tel_start|><|tel_end|>",
    "<|rrn_start|><|rrn_end|>",
    "<|acc_start|><|acc_end|>",
    "<|crd_start|><|crd_end|>",
    "<|email_start|><|email_end|>",
    "<|url_start|><|url_end|>",
];

/// Behind the `<` of a string that would be read as a token: two characters where there was one, so that what is broken
/// is not broken again.
pub const BREAK: &str = " ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_tokens() {
        assert_eq!(Style::Polyglot.tokens(Kind::ALL), POLYGLOT);
        assert_eq!(Style::Polyglot.tokens(&[Kind::Ip, Kind::Tel]), ["<|tel|>", "<|ip|>"]);
        assert_eq!(Style::Dps.tokens(&[Kind::Ip, Kind::Tel]), ["<|tel_start|>", "<|tel_end|>"]);
        assert_eq!(Style::Dps.tokens(Kind::ALL).len(), 12);
        assert!(Style::Off.tokens(Kind::ALL).is_empty());
        for &kind in Kind::ALL {
            assert_eq!(POLYGLOT[kind as usize], format!("<|{}|>", kind.name()));
        }
    }
}
