//! U+FFFD among the characters that are not white space.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Replacement {
    pub max: f64,
}

impl Replacement {
    pub const REASONS: &[&str] = &["replacement-many"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        Verdict::over("replacement-many", share(measures.scan.replaced, measures.visible()), self.max)
    }
}
