//! What an artifact keeps of the documents in its result, so that a later run finds duplicates of them without reading
//! their texts again: a file of signatures for each part, as cleaning leaves them for a unit but without the documents
//! that went, and beside it their sketches, coarser than those that are compared within a run (`near/sketch.rs`).
//!
//! Size: 26 bytes a document, and where near-duplicates are looked for 128 bytes of bands and a sketch, 180 for a text of
//! 100 characters, 460 to 640 for one of 300 and more: 220 GB for 355 million. Time: scratch is read once more.

mod keep;
#[cfg(any(test, fuzzing))]
pub mod replay;
mod sketches;

pub use keep::{Kept, keep};
pub use sketches::Sketches;

#[cfg(test)]
mod tests;
