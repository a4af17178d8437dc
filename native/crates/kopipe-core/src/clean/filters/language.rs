//! Korean among the letters, by script; and what passes that, by the user's own model of languages.

use super::Verdict;
use super::file::Shared;
use super::labelled::Labelled;
use crate::clean::measures::{Measures, share};
use crate::linear::Model;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Section")]
pub struct Language {
    min: f64,
    labelled: Option<Labelled>,
    least: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Section {
    min: f64,
    model: Option<Shared<Model>>,
    labels: Vec<String>,
    least: f64,
}

impl TryFrom<Section> for Language {
    type Error = String;

    fn try_from(Section { min, model, labels, least }: Section) -> Result<Self, String> {
        let labelled = model.map(|model| Labelled::new(model, &labels)).transpose()?;
        Ok(Language { min, labelled, least })
    }
}

impl Language {
    pub const REASONS: &[&str] = &["language-other", "language-model"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        self.judge_script(measures).or_else(|| {
            let labelled = self.labelled.as_ref()?;
            Verdict::under("language-model", labelled.probability(measures), self.least)
        })
    }

    fn judge_script(&self, measures: &mut Measures) -> Option<Verdict> {
        // Letters are visible characters: what holds of those holds of these, without looking at them.
        if share(measures.scan.hangul, measures.visible()) >= self.min && measures.visible() > 0 {
            return None;
        }
        Verdict::under("language-other", measures.scripts().korean(), self.min)
    }
}
