//! Korean among the letters, by script.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Language {
    pub min: f64,
}

impl Language {
    pub const REASONS: &[&str] = &["language-other"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        // Letters are visible characters: what holds of those holds of these, without looking at them.
        if share(measures.scan.hangul, measures.visible()) >= self.min && measures.visible() > 0 {
            return None;
        }
        Verdict::under("language-other", measures.scripts().korean(), self.min)
    }
}
