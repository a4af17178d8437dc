//! Text from strangers loses its bylines and footers: nothing panics, nothing is put in, no more than a third goes, and
//! cutting again finds nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::clean::cuts::replay::check(input));
