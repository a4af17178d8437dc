//! Gopher's repetition: lines, paragraphs and n-grams of eojeol that came before.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Repetition {
    /// Most lines that came before, of all lines; the same of paragraphs; their characters, of all characters.
    pub lines: f64,
    pub line_characters: f64,
    pub paragraphs: f64,
    pub paragraph_characters: f64,
    /// Most characters in the most frequent 2-, 3- and 4-gram.
    pub top: [f64; 3],
    /// Most characters in 5- to 10-grams that came before.
    pub duplicate: [f64; 6],
    pub min_words: u64,
}

const TOP: [&str; 3] = ["repetition-top-2-gram", "repetition-top-3-gram", "repetition-top-4-gram"];
const DUPLICATE: [&str; 6] = [
    "repetition-duplicate-5-grams",
    "repetition-duplicate-6-grams",
    "repetition-duplicate-7-grams",
    "repetition-duplicate-8-grams",
    "repetition-duplicate-9-grams",
    "repetition-duplicate-10-grams",
];

impl Repetition {
    pub const REASONS: &[&str] = &[
        "repetition-paragraphs",
        "repetition-paragraph-characters",
        "repetition-lines",
        "repetition-line-characters",
        TOP[0],
        TOP[1],
        TOP[2],
        DUPLICATE[0],
        DUPLICATE[1],
        DUPLICATE[2],
        DUPLICATE[3],
        DUPLICATE[4],
        DUPLICATE[5],
    ];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let chars = measures.scan.chars;
        let paragraphs = measures.duplicate_paragraphs();
        let lines = measures.duplicate_lines();
        Verdict::over("repetition-paragraphs", share(paragraphs.count, paragraphs.of), self.paragraphs)
            .or_else(|| Verdict::over("repetition-paragraph-characters", share(paragraphs.chars, chars), self.paragraph_characters))
            .or_else(|| Verdict::over("repetition-lines", share(lines.count, lines.of), self.lines))
            .or_else(|| Verdict::over("repetition-line-characters", share(lines.chars, chars), self.line_characters))
            .or_else(|| {
                let found = measures.ngrams();
                let over = |reasons: &[&'static str], counts: &[u64], most: &[f64]| {
                    (0..reasons.len()).find_map(|i| Verdict::over(reasons[i], share(counts[i], chars), most[i]))
                };
                over(&TOP, &found.top, &self.top).or_else(|| over(&DUPLICATE, &found.duplicate, &self.duplicate))
            })
    }
}
