//! Words of the whole text.

use super::Verdict;
use super::unit::Unit;
use crate::clean::measures::Measures;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Words {
    pub min: u64,
    pub max: u64,
    pub unit: Unit,
}

impl Words {
    pub const REASONS: &[&str] = &["words-few", "words-many"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        let words = match self.unit {
            Unit::Eojeol => measures.eojeol().count as f64,
            Unit::Morpheme => measures.morphemes().count,
        };
        Verdict::under("words-few", words, self.min as f64).or_else(|| Verdict::over("words-many", words, self.max as f64))
    }
}
