//! A tokenizer.json from a stranger: refused, or a tokenizer that gives every text back. Input: the file.

#![no_main]

use kopipe_core::bpe::{Encoder, Specials, Tokenizer};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    if let Ok(tokenizer) = Tokenizer::parse(data, Path::new("tokenizer.json")) {
        let Ok(added) = tokenizer.added(Specials::All) else { return };
        let ids = Encoder::new(&tokenizer).ids("가나다 abc <|endoftext|> 가나다\u{0}", &added);
        // Not the text itself: a merge may make a token that is spelled in letters outside the byte alphabet.
        tokenizer.decode(&ids).expect("every id that is encoded is in the vocabulary");
    }
});
