//! Which documents are duplicates of which: exactly, by a digest of the text; nearly, by MinHash, locality-sensitive
//! hashing and a comparison.
//!
//! Cleaning leaves `signatures` beside each unit. What is decided over all of them is decided partition by partition,
//! each within its share of the memory and sealed in a file of its own (`records`), so that any of them can be done on
//! any worker, and again after a kill: `exact` copies first; among what is left `near`: pairs that share a band, the
//! components they make, sketches of those documents, comparisons within each. `outcome` tells what became of a unit's
//! documents. Nothing depends on how the partitions were cut. `lines` are counted over the documents that are left. `index` is
//! what an artifact keeps so that later ones are searched against it.

pub mod documents;
pub mod exact;
pub mod groups;
pub mod index;
pub mod lines;
pub mod near;
pub mod outcome;
pub mod places;
pub mod records;
pub mod rule;
pub mod search;
pub mod sign;
pub mod signatures;

pub use documents::{Bits, Documents, Known, Place, Texts, Unit};
