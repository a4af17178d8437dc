//! Any text: every pattern's classifier cuts it where the regex does, and loses nothing.

#![no_main]

use kopipe_core::bpe::{Pattern, Pretokens, textbook};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for pattern in Pattern::ALL {
        let expected: Vec<&[u8]> = textbook::pretokens(pattern, &text).into_iter().map(str::as_bytes).collect();
        assert_eq!(Pretokens::new(pattern, &text).collect::<Vec<_>>(), expected);
        assert_eq!(expected.concat(), text.as_bytes());
        let (mut pretokens, mut ends, mut all) = (Pretokens::new(pattern, &text), Vec::new(), vec![0]);
        while { pretokens.next_ends(&mut ends); !ends.is_empty() } {
            all.extend(ends.iter().map(|&end| end as usize));
        }
        assert!(all.windows(2).map(|cut| &text.as_bytes()[cut[0]..cut[1]]).eq(expected));
    }
});
