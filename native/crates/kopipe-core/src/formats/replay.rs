//! What must hold for any bytes that come as a container: the fuzz target `formats` looks for bytes that break it,
//! the test below replays what it started from.

use super::{Framing, delimited, http, json, lines, tar, warc};

/// The records of an input that comes in pieces.
pub fn split(mut framing: Framing, input: &[u8], piece: usize) -> Vec<&[u8]> {
    let (mut records, mut start, mut fed) = (Vec::new(), 0, 0);
    while fed < input.len() {
        let end = input.len().min(fed + piece.max(1));
        match framing.feed(&input[fed..end]) {
            Some(length) => {
                records.push(&input[start..fed + length]);
                fed += length;
                start = fed;
            }
            None => fed = end,
        }
    }
    if start < input.len() {
        records.push(&input[start..]);
    }
    records
}

fn framings() -> [Framing; 6] {
    [
        Framing::Lines,
        Framing::Paragraphs(lines::Paragraphs::default()),
        Framing::Json(json::Values::default()),
        Framing::Delimited(delimited::Rows::new(b',')),
        Framing::Warc(warc::Records::default()),
        Framing::Tar(tar::Entries::default()),
    ]
}

/// The pieces an input comes in change nothing, no record is empty, and what is asked of a record never panics.
pub fn check(input: &[u8]) {
    for framing in framings() {
        let whole = split(framing.clone(), input, input.len());
        assert!(whole.iter().all(|record| !record.is_empty()));
        for piece in [1, 7, 512] {
            assert_eq!(split(framing.clone(), input, piece), whole, "{framing:?} in pieces of {piece}");
        }
        for record in whole {
            assert!(framing.trimmed(record) <= record.len());
            framing.is_blank(record);
        }
    }
    let _ = json::value(input);
    let _ = delimited::fields(input, b',');
    let _ = tar::entry(input);
    let _ = warc::record(input);
    let _ = http::response(input, 1 << 16);
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("formats", super::check) >= 6);
    }
}
