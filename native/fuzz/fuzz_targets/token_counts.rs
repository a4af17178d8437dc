//! Counts of tokens that `pack` left, from a file that may be anybody's: what can be read can be stored, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::shard::replay::check(input));
