//! Any text: the classifier cuts it where the regex does, and loses nothing.

#![no_main]

use kopipe_core::bpe::{Pattern, Pretokens, textbook};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let expected: Vec<&[u8]> = textbook::pretokens(&text).into_iter().map(str::as_bytes).collect();
    assert_eq!(Pretokens::new(Pattern::Gpt2, &text).collect::<Vec<_>>(), expected);
    assert_eq!(expected.concat(), text.as_bytes());
});
