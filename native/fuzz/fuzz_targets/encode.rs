//! Any merges and any text: the encoder gives the ids of the textbook's merge loop.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::bpe::encode_replay::check(input));
