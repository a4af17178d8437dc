//! Evaluation texts and documents from strangers are compared: nothing panics, a text is found in itself, and cutting what is
//! shared takes away and puts nothing in.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::clean::decontaminate::replay::check(input));
