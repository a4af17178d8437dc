//! Any bytes as a page: nothing panics, the tokenizer gives what its twin gives, the text is bounded by the page and is
//! text again when it is written as a page.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::html::replay::check(input));
