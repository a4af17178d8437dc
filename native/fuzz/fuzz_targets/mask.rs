//! Text from strangers is masked: nothing panics, nothing outside the hits changes, and masking again finds nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::clean::mask::replay::check(input));
