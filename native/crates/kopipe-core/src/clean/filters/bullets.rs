//! Lines that begin with a bullet, and are no sentences.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bullets {
    pub max: f64,
    /// A list stays where more of its lines than this end as a sentence does.
    pub ended_lines: f64,
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
        if lines.count < self.min_lines || share(lines.ended, lines.count) > self.ended_lines {
            return None;
        }
        Verdict::over("bullets-many", share(lines.bullets, lines.count), self.max)
    }
}
