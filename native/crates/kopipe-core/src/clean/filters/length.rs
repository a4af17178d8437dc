//! Characters of the whole text.

use super::Verdict;
use crate::clean::measures::Measures;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Length {
    pub min: u64,
    pub max: u64,
}

impl Length {
    pub const REASONS: &[&str] = &["length-short", "length-long"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        let chars = measures.scan.chars as f64;
        Verdict::under("length-short", chars, self.min as f64).or_else(|| Verdict::over("length-long", chars, self.max as f64))
    }
}
