//! An `.idx` from a stranger: refused, or as large as it says. Input: u32 length of the `.bin`, then the `.idx`.

#![no_main]

use kopipe_core::shard::{HEADER, Layout, Unlisted};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    let Some((length, index)) = data.split_first_chunk::<4>() else { return };
    let tokens_bytes = u64::from(u32::from_le_bytes(*length));
    if let Ok(layout) = Layout::check(Path::new("s.idx"), index, Path::new("s.bin"), tokens_bytes) {
        assert_eq!(layout.tokens * layout.dtype.width() as u64, tokens_bytes);
        assert_eq!(HEADER + 12 * layout.sequences + 8 * (layout.documents + 1), index.len());
    }
    // Where documents may be missing, a list of all of them says the same.
    let [listed, inferred] = [Unlisted::Refused, Unlisted::Documents].map(|unlisted| Layout::of_index(Path::new("s.idx"), index, unlisted));
    if let Ok(listed) = listed {
        let inferred = inferred.expect("a whole list is a list");
        assert_eq!((listed.documents, listed.tokens), (inferred.documents, inferred.tokens));
    }
});
