//! Lines that end in an ellipsis.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ellipsis {
    pub max: f64,
    pub min_words: u64,
    pub min_lines: u64,
}

impl Ellipsis {
    pub const REASONS: &[&str] = &["ellipsis-many"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let lines = measures.lines();
        if lines.count < self.min_lines {
            return None;
        }
        Verdict::over("ellipsis-many", share(lines.ellipses, lines.count), self.max)
    }
}
