//! Mean characters of an eojeol.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WordLength {
    pub min: f64,
    pub max: f64,
    pub min_words: u64,
}

impl WordLength {
    pub const REASONS: &[&str] = &["word-length-short", "word-length-long"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let eojeol = measures.eojeol();
        let mean = share(eojeol.chars, eojeol.count);
        Verdict::under("word-length-short", mean, self.min).or_else(|| Verdict::over("word-length-long", mean, self.max))
    }
}
