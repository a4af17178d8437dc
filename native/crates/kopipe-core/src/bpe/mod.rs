//! Byte-level BPE, equal to HF tokenizers 0.23: the same `tokenizer.json` for the same documents, the same ids.
//!
//! Training: `pretoken` cuts documents, `count` counts the distinct pretokens of each worker and `run` keeps them
//! sorted on disk, `train` merges. Encoding: `json` loads a tokenizer, `encode` applies it with the merges in `pairs`.

mod alphabet;
mod classes;
mod count;
mod encode;
mod json;
mod key;
mod pairs;
mod pretoken;
mod run;
#[cfg(any(test, fuzzing))]
pub mod textbook;
mod train;

pub use count::{CountedPretokens, PretokenCounts};
pub use encode::{Encoder, Encoders, Mark, Tokenizer};
pub use pretoken::Pretokens;
pub use train::{Progress, TrainSettings, Trained, train};
