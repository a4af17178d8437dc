//! A score of the user's own linear model.

use super::Verdict;
use super::file::Shared;
use super::labelled::Labelled;
use crate::clean::measures::Measures;
use crate::linear::Model;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Section")]
pub struct Quality {
    labelled: Labelled,
    least: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Section {
    model: Shared<Model>,
    label: String,
    least: f64,
}

impl TryFrom<Section> for Quality {
    type Error = String;

    fn try_from(Section { model, label, least }: Section) -> Result<Self, String> {
        Ok(Quality { labelled: Labelled::new(model, &[label])?, least })
    }
}

impl Quality {
    pub const REASONS: &[&str] = &["quality-low"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        Verdict::under("quality-low", self.labelled.probability(measures), self.least)
    }
}
