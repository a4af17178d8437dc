//! Eojeol with a letter, of any script.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Letters {
    pub min: f64,
    pub min_words: u64,
}

impl Letters {
    pub const REASONS: &[&str] = &["letters-few"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let eojeol = measures.eojeol();
        Verdict::under("letters-few", share(eojeol.lettered, eojeol.count), self.min)
    }
}
