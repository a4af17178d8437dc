//! Containers from strangers: where their records end does not depend on the pieces they come in, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::formats::replay::check(input));
