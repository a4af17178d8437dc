//! Text from strangers is judged by every filter: nothing panics, and a filter says the same alone and after others.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::clean::filters::replay::check(input));
