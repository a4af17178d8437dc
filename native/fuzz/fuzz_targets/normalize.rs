//! Text from strangers is normalized in any way: nothing panics, NFC is NFC, and normalizing again changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::clean::normalize::replay::check(input));
