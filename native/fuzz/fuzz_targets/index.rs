//! Any bytes as the sketches that an older artifact kept: refused or read, and what is read is compared within bounds.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::dedupe::index::replay::check(input));
