//! Calls to buy or join, telephone numbers and addresses, dense and repeated.

use super::Verdict;
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Spam {
    /// Fewest telephone numbers and addresses.
    pub contacts: u64,
    /// Calls and contacts for an eojeol.
    pub density: f64,
}

impl Spam {
    pub const REASONS: &[&str] = &["spam-dense"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        let (calls, words) = (measures.terms().calls, measures.eojeol().count);
        // Contacts are looked for where calls are at least half of what is too much.
        if calls == 0 || share(calls, words) < self.density / 2.0 {
            return None;
        }
        let contacts = measures.contacts();
        if contacts < self.contacts {
            return None;
        }
        Verdict::over("spam-dense", share(calls + contacts, words), self.density)
    }
}
