//! Bytes from strangers as a document: decoded or refused, never a panic; mojibake is judged for all that is decoded.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::encoding::replay::check(input));
