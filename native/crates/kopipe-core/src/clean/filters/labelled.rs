//! A linear model that a recipe names, and which of its labels count.

use super::file::{FromFile, Shared};
use crate::Io;
use crate::clean::measures::Measures;
use crate::error::Result;
use crate::linear::Model;
use std::path::Path;

impl FromFile for Model {
    fn from_file(path: &Path) -> Result<Self> {
        Model::open(&Io::default(), path)
    }
}

#[derive(Debug, Clone)]
pub struct Labelled {
    model: Shared<Model>,
    labels: Vec<usize>,
}

/// A refusal names this many of the labels a model has.
const NAMED: usize = 10;

impl Labelled {
    /// One of the names is enough: models call a language differently.
    pub fn new(model: Shared<Model>, names: &[String]) -> std::result::Result<Self, String> {
        let labels: Vec<usize> = names.iter().filter_map(|name| model.label(name)).collect();
        if labels.is_empty() {
            let has = model.labels();
            let more = if has.len() > NAMED { format!(" and {} more", has.len() - NAMED) } else { String::new() };
            return Err(format!("the model has no label {}; it has {}{more}", names.join(" or "), has[..has.len().min(NAMED)].join(", ")));
        }
        Ok(Labelled { model, labels })
    }

    /// Of the likeliest of the labels.
    pub fn probability(&self, measures: &mut Measures) -> f64 {
        let text = measures.text;
        f64::from(self.model.probability(text, &self.labels, measures.room()))
    }
}
