//! Decontamination: documents that share text with evaluation sets, found by the n-grams that both have.
//!
//! Texts are compared by their letters and digits alone (`words`): punctuation, spaces beyond word edges and the case of
//! Latin are away. In eojeol an n-gram is `n` words one after another, in characters `n` letters whatever the spacing. A
//! shorter evaluation text matches whole. One shared n-gram is enough, as with GPT-3 (Brown et al. 2020, appendix C) and
//! datatrove; what it is worth, the share of the item's n-grams that the document holds, is said beside it.
//!
//! No document is cut into n-grams: of each of them one run of words (`eojeol`) or window of letters (`characters`) was chosen
//! that is rare in the evaluation sets; a document is searched for these, and only around what is found are n-grams made.
//! Those are looked up by 64 bits of hash, and compared with the text they come from. `textbook` is the obvious twin. Cost:
//! docs/decontamination.md.

mod build;
mod characters;
mod eojeol;
mod filter;
mod grams;
mod index;
mod remove;
pub mod replay;
mod stage;
mod words;

pub use build::Builder;
pub use grams::Unit;
pub use index::{FileCounts, Index};
pub use stage::Action;

use std::ops::Range;

/// Shorter evaluation texts are not used. Characters of the text as it came, without blanks around it.
pub const SHORTEST: usize = 20;
/// An n-gram, or a text that matches whole within a document, has at least so many letters; digits and a letter that
/// repeats the one before do not count. Below that a text must be the whole document, to the letter.
const LETTERS: u32 = 13;
/// What stands in more different evaluation texts than this is their frame, not what they ask.
const SHARED: u32 = 10;
/// The longest n-gram.
pub const LONGEST: usize = 100;

/// What a document shares with the evaluation texts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Numbers of texts, ascending, each with how many of its n-grams the document has.
    pub texts: Vec<(u32, u32)>,
    /// Where they stand, ascending and apart, at word edges.
    pub spans: Vec<Range<usize>>,
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod textbook;
