//! Number signs, and ellipses, for an eojeol.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Symbols {
    pub hashes: f64,
    pub ellipses: f64,
    pub min_words: u64,
}

impl Symbols {
    pub const REASONS: &[&str] = &["symbols-hashes", "symbols-ellipses"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let words = measures.eojeol().count;
        Verdict::over("symbols-hashes", share(measures.hashes(), words), self.hashes)
            .or_else(|| Verdict::over("symbols-ellipses", share(measures.ellipses(), words), self.ellipses))
    }
}
