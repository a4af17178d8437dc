//! A tokenizer.json from a stranger: refused, or a tokenizer that gives every text back. Input: the file.

#![no_main]

use kopipe_core::bpe::{Encoders, Tokenizer};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    if let Ok(tokenizer) = Tokenizer::parse(data, Path::new("tokenizer.json")) {
        let (encoders, mut ids) = (Encoders::new(tokenizer), Vec::new());
        encoders.with(|encoder| encoder.encode("가나다 abc 가나다\u{0}", &mut ids));
        // Not the text itself: a merge may make a token that is spelled in letters outside the byte alphabet.
        encoders.tokenizer().decode(&ids).expect("every id that is encoded is in the vocabulary");
    }
});
