//! The bytes of kopipe. No Node.js here: the binding converts, this crate works.
//!
//! `io` is the seam to the disk and `error` what can go wrong; everything else stands on those two.

pub mod batch;
pub mod bpe;
mod by_hash;
pub mod clean;
pub mod columns;
pub mod dedupe;
pub mod encoding;
pub mod error;
pub mod formats;
pub mod html;
pub mod io;
pub mod linear;
pub mod normal;
mod own_file;
pub mod read;
pub mod rejects;
pub mod sample;
pub mod samples;
pub mod scratch;
#[cfg(test)]
mod seeds;
pub mod shard;
pub mod stats;

pub use error::{Error, Result};
pub use io::Io;
