//! Byte-level BPE, equal to HF tokenizers 0.23: the same `tokenizer.json` for the same documents, the same ids.
//!
//! `pretoken` cuts documents into what tokens never reach across. `train` counts the distinct pretokens, merges pairs
//! and writes the file; `encode` loads one and applies it. `sample` keeps some documents for looking at, `usage` counts
//! how often each token occurs.

mod alphabet;
mod encode;
mod normalizer;
pub(crate) mod pages;
mod pretoken;
mod sample;
#[cfg(any(test, fuzzing))]
pub mod textbook;
mod train;
mod usage;

#[cfg(fuzzing)]
pub use encode::replay as encode_replay;
pub use encode::{Added, Encoded, Encoder, Encoders, NARROW, Output, Specials, Tokenizer};
pub use normalizer::Normalizer;
pub use pretoken::{Pattern, Pretokens};
pub use sample::DocumentSample;
pub use train::{
    Asked, CountedPretokens, InitialAlphabet, Marking, PretokenCounts, Progress, TrainSettings, Trained, Units, count_parts, train,
};
pub use usage::Usage;
