//! English prose in a text that is less than half Hangul.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct English {
    pub max: f64,
    pub min_words: u64,
}

impl English {
    pub const REASONS: &[&str] = &["english-prose"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if share(measures.scan.hangul, measures.visible()) >= 0.5 || !measures.reaches(self.min_words) {
            return None;
        }
        Verdict::over("english-prose", share(measures.function_words(), measures.eojeol().count), self.max)
    }
}
