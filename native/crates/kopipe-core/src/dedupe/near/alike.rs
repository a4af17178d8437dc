//! The judgement on a pair: a document goes where it is this much like a document that stays. How often that is right on
//! real pairs is in docs/dedupe.md, and what taking documents that stand nearly whole in a longer one did to it.

use super::sketch::Sketch;
use crate::dedupe::rule::Rule;

/// Jaccard index of the runs of five characters from which two texts are one.
pub const ALIKE: f32 = 0.8;

/// Judges a document against one that stays, with the index. Nothing where a glance tells that they have little in common.
pub fn judge(kept: &Sketch, document: &Sketch) -> Option<(Rule, f32)> {
    let jaccard = kept.jaccard(document)?;
    Some((if jaccard >= ALIKE { Rule::Jaccard } else { Rule::Different }, jaccard))
}
