//! The judgement on a pair: a document goes where it is this much like a document that stays, or stands in it nearly
//! whole. How often that is right on real pairs is in docs/dedupe.md.

use super::sketch::Sketch;
use crate::dedupe::rule::Rule;

/// Jaccard index of the runs of five characters from which two texts are one.
pub const ALIKE: f32 = 0.8;

/// Share of a text's runs of five characters from which another that is no shorter contains it.
pub const CONTAINED: f32 = 0.95;

/// Judges a document against one that stays; `no_longer` than that one it may be contained in it. Nothing where a
/// glance tells that they have little in common.
pub fn judge(kept: &Sketch, document: &Sketch, no_longer: bool) -> Option<(Rule, f32)> {
    let shared = kept.shared(document)?;
    let (jaccard, contained) = (shared.jaccard(), shared.of_second());
    Some(if jaccard >= ALIKE {
        (Rule::Jaccard, jaccard)
    } else if no_longer && contained >= CONTAINED {
        (Rule::Containment, contained)
    } else {
        (Rule::Different, jaccard)
    })
}
