//! JSON lines from strangers through the stages of `clean`: nothing panics, every record is accounted for, and a
//! record is malformed exactly where serde_json says so.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::batch::replay::check(input));
