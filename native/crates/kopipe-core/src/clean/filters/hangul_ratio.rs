//! Hangul among the characters that are not white space.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HangulRatio {
    pub min: f64,
}

impl HangulRatio {
    pub const REASONS: &[&str] = &["hangul-ratio-low"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        Verdict::under("hangul-ratio-low", share(measures.scan.hangul, measures.visible()), self.min)
    }
}
