//! FineWeb's quality: lines that end as sentences, short lines, duplicated lines, line feeds.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fineweb {
    /// Fewest lines that end as a sentence does.
    pub ended_lines: f64,
    /// Most lines of `short-length` characters or fewer.
    pub short_lines: f64,
    pub short_length: u64,
    /// Most characters in lines that came before.
    pub duplicate_characters: f64,
    /// Most line feeds for an eojeol.
    pub line_feeds: f64,
    pub min_words: u64,
    pub min_lines: u64,
}

impl Fineweb {
    pub const REASONS: &[&str] = &["fineweb-ended-lines", "fineweb-short-lines", "fineweb-duplicate-characters", "fineweb-line-feeds"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let lines = measures.lines();
        if lines.count < self.min_lines {
            return None;
        }
        let in_lines = measures.scan.chars - lines.feeds;
        Verdict::under("fineweb-ended-lines", share(lines.ended, lines.count), self.ended_lines)
            .or_else(|| {
                let short = if self.short_lines < 1.0 { measures.short_lines(self.short_length) } else { 0 };
                Verdict::over("fineweb-short-lines", share(short, lines.count), self.short_lines)
            })
            .or_else(|| {
                Verdict::over("fineweb-duplicate-characters", share(measures.duplicate_lines().chars, in_lines), self.duplicate_characters)
            })
            .or_else(|| Verdict::over("fineweb-line-feeds", share(lines.feeds, measures.eojeol().count), self.line_feeds))
    }
}
