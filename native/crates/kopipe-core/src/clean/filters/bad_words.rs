//! Terms of advertising for gambling, escorts, loans and drugs: several different ones, and dense.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BadWords {
    /// Different terms.
    pub distinct: u64,
    /// Terms for an eojeol.
    pub density: f64,
}

impl BadWords {
    pub const REASONS: &[&str] = &["bad-words-many"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        let terms = measures.terms();
        if terms.distinct < self.distinct.max(1) {
            return None;
        }
        Verdict::over("bad-words-many", share(terms.bad, measures.eojeol().count), self.density)
    }
}
