//! Block lists and URLs from strangers: nothing panics, and what an address is made of are parts of it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kopipe_core::clean::filters::url_list_replay::check(input));
