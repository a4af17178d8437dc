//! Mean characters of a word.

use super::Verdict;
use super::unit::Unit;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WordLength {
    pub min: f64,
    pub max: f64,
    /// Eojeol.
    pub min_words: u64,
    pub unit: Unit,
}

impl WordLength {
    pub const REASONS: &[&str] = &["word-length-short", "word-length-long"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let mean = match self.unit {
            Unit::Eojeol => share(measures.eojeol().chars, measures.eojeol().count),
            Unit::Morpheme => measures.morphemes().length,
        };
        Verdict::under("word-length-short", mean, self.min).or_else(|| Verdict::over("word-length-long", mean, self.max))
    }
}
