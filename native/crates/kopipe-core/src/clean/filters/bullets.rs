//! Lines that begin with a bullet.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bullets {
    pub max: f64,
    pub min_words: u64,
    pub min_lines: u64,
}

impl Bullets {
    pub const REASONS: &[&str] = &["bullets-many"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let lines = measures.lines();
        if lines.count < self.min_lines {
            return None;
        }
        Verdict::over("bullets-many", share(lines.bullets, lines.count), self.max)
    }
}
