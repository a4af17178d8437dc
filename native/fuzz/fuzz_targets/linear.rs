//! Any bytes as a fastText model: refused or read, and what is read judges texts by the rows the textbook gives.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::linear::replay::check(input));
