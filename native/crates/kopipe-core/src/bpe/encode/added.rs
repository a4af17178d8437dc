//! Added tokens: strings that are tokens wherever they stand, found before anything else is cut. The semantics are HF
//! tokenizers' (`added_vocabulary.rs`, 0.23): leftmost-longest matches on the raw text, then, on what is between them and
//! was normalized, those of the tokens that want it; then single_word, lstrip and rstrip.
//!
//! Which special tokens are read is the caller's choice, because documents are foreign text: none (HF with
//! `encode_special_tokens=True`), the masks that kopipe wrote, or all (HF's default). A match that is not read still
//! hides what begins inside of it, as in HF. Where no token is read, texts are not searched at all.

use crate::bpe::normalizer::Normalizer;
use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;
use serde::Deserialize;
use std::sync::LazyLock;

/// An entry of `added_tokens` in a `tokenizer.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AddedToken {
    pub id: u32,
    pub content: String,
    #[serde(default)]
    pub single_word: bool,
    #[serde(default)]
    pub lstrip: bool,
    #[serde(default)]
    pub rstrip: bool,
    #[serde(default)]
    pub normalized: bool,
    #[serde(default)]
    pub special: bool,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'t> {
    Text(&'t str),
    Token(u32),
}

/// The added tokens of a tokenizer, and which of them are read.
pub struct Added {
    raw: Option<Matcher>,
    normalized: Option<Matcher>,
}

struct Matcher {
    automaton: AhoCorasick,
    /// By pattern; whether it is read.
    tokens: Vec<(AddedToken, bool)>,
}

impl Matcher {
    /// `None` where no token is read.
    fn new<'a>(
        tokens: impl Iterator<Item = &'a AddedToken>,
        normalizer: Normalizer,
        is_read: impl Fn(&AddedToken) -> bool,
    ) -> Result<Option<Self>, String> {
        let tokens: Vec<_> = tokens.filter(|token| !token.content.is_empty()).map(|token| (token.clone(), is_read(token))).collect();
        if !tokens.iter().any(|&(_, is_read)| is_read) {
            return Ok(None);
        }
        let patterns = tokens.iter().map(|(AddedToken { content, normalized, .. }, _)| {
            normalized.then(|| normalizer.normalize(content)).flatten().unwrap_or_else(|| content.clone())
        });
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        Ok(Some(Matcher { automaton: automaton.map_err(|e| format!("its added tokens cannot be searched for: {e}"))?, tokens }))
    }
}

impl Added {
    pub fn new(tokens: &[AddedToken], normalizer: Normalizer, is_read: impl Fn(&AddedToken) -> bool) -> Result<Self, String> {
        let matcher = |normalized| Matcher::new(tokens.iter().filter(|token| token.normalized == normalized), normalizer, &is_read);
        Ok(Added { raw: matcher(false)?, normalized: matcher(true)? })
    }

    /// Whether normalized text is searched, too.
    pub fn has_normalized(&self) -> bool {
        self.normalized.is_some()
    }

    /// Hands the pieces of a raw text to `each`, in order.
    pub fn split<'t>(&self, text: &'t str, each: impl FnMut(Segment<'t>)) {
        split(self.raw.as_ref(), text, each);
    }

    /// The pieces of a normalized text.
    pub fn split_normalized<'t>(&self, text: &'t str, each: impl FnMut(Segment<'t>)) {
        split(self.normalized.as_ref(), text, each);
    }
}

fn split<'t>(matcher: Option<&Matcher>, text: &'t str, mut each: impl FnMut(Segment<'t>)) {
    let mut from = 0;
    if let Some(Matcher { automaton, tokens }) = matcher {
        for found in automaton.find_iter(text) {
            let (token, is_read) = &tokens[found.pattern().as_usize()];
            let (mut start, mut end) = (found.start(), found.end());
            if !is_read || token.single_word && (ends_with_word(&text[..start]) || starts_with_word(&text[end..])) {
                continue;
            }
            if token.lstrip {
                start = text[..start].trim_end().len().max(from);
            }
            if token.rstrip {
                end = text.len() - text[end..].trim_start().len();
            }
            // The one before it took all of it.
            if start >= end {
                continue;
            }
            if from < start {
                each(Segment::Text(&text[from..start]));
            }
            each(Segment::Token(token.id));
            from = end;
        }
    }
    if from < text.len() {
        each(Segment::Text(&text[from..]));
    }
}

fn starts_with_word(text: &str) -> bool {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\w").expect("a regex"));
    WORD.is_match(text)
}

fn ends_with_word(text: &str) -> bool {
    let last = text.char_indices().next_back();
    last.is_some_and(|(at, _)| starts_with_word(&text[at..]))
}
