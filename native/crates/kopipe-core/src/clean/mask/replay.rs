//! What must hold for any text that is masked. The fuzz target `mask` looks for bytes that break it; the test below replays
//! what it started from.

use super::{Kind, Mask, Style, hits, mask, written};

/// The first byte chooses the style.
pub fn check(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else { return };
    let style = [Style::Polyglot, Style::Dps, Style::Off][usize::from(choice) % 3];
    let reserved = [Style::Polyglot, Style::Dps].iter().flat_map(|style| style.tokens(Kind::ALL)).collect();
    check_text(&String::from_utf8_lossy(bytes), &Mask { style, kinds: Kind::ALL.to_vec(), reserved });
}

pub fn check_text(text: &str, how: &Mask) {
    let found = hits(text, how);
    let mut end = 0;
    for hit in &found {
        assert!(hit.range.start >= end && hit.range.end > hit.range.start, "{found:?}");
        end = hit.range.end;
    }
    let Some(masked) = mask(text, how) else { return assert!(found.is_empty()) };
    // Outside the hits nothing changes.
    let first = written(text, &found, how.style);
    let mut rest = first.as_str();
    let mut copied = 0;
    for hit in &found {
        let written = hit.what.map_or("< ", |kind| how.style.mask(kind).expect("only such kinds are cut"));
        rest = rest.strip_prefix(&text[copied..hit.range.start]).and_then(|rest| rest.strip_prefix(written)).expect("what stood there");
        copied = hit.range.end;
    }
    assert_eq!(rest, &text[copied..]);
    // To the next run the masks are its own, and there is nothing more to do.
    let own = Mask { reserved: Vec::new(), ..how.clone() };
    assert_eq!(mask(&masked.text, &own), None, "{text:?} {:?}", masked.text);
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("mask", super::check) >= 5);
    }
}
