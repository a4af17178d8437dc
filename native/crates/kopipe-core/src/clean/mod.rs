//! The stages of `clean` on a batch, in the order of the flow: normalize, filter, sign.

pub mod characters;
#[cfg(test)]
pub mod corpus;
pub mod filters;
pub mod normalize;
pub mod scan;

use crate::batch::{Batch, State};
use filters::Filter;
use normalize::Normalize;
use scan::scan;
use xxhash_rust::xxh3::xxh3_128;

impl Batch {
    /// Replaces the texts that change; the others stay where they are.
    pub fn normalize(&mut self, how: &Normalize) {
        let mut documents = std::mem::take(&mut self.documents);
        for document in documents.iter_mut().filter(|d| d.state == State::Kept) {
            let text = &self.texts[document.text.clone()];
            let found = scan(text);
            match normalize::normalize(text, &found, how) {
                None => document.scan = Some(found),
                Some(changed) => {
                    let start = self.texts.len();
                    self.texts.push_str(&changed);
                    document.text = start..self.texts.len();
                }
            }
        }
        self.documents = documents;
    }

    /// The first filter that trips decides.
    pub fn filter(&mut self, filters: &[Filter]) {
        for document in self.documents.iter_mut().filter(|d| d.state == State::Kept) {
            let scan = document.scan.take().unwrap_or_else(|| scan(&self.texts[document.text.clone()]));
            if let Some(verdict) = filters.iter().find_map(|f| f.judge(&scan)) {
                document.state = State::Dropped { reason: verdict.reason, value: verdict.value, threshold: verdict.threshold };
            }
        }
    }

    /// The digests by which exact duplicates are found: xxh3-128 of the normalized text.
    pub fn sign(&mut self) {
        self.digests = self.kept().map(|d| (self.ordinal(d), xxh3_128(self.texts[d.text.clone()].as_bytes()))).collect();
    }
}
