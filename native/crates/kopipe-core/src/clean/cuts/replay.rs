//! What must hold for any text from which is cut. The fuzz target `cut` looks for bytes that break it; the test below
//! replays what it started from.

use super::{Cutting, SHARE, Trimmed, cut};

/// The first byte chooses what is cut.
pub fn check(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else { return };
    check_text(&String::from_utf8_lossy(bytes), Cutting { bylines: choice & 1 == 0, footers: choice & 2 == 0 });
}

pub fn check_text(text: &str, how: Cutting) {
    let Some(Trimmed { text: kept, cuts }) = cut(text, how) else { return };
    let gone = text.len() - kept.len();
    assert_eq!(gone as u64, cuts.found().map(|(_, cut)| cut.bytes).sum::<u64>());
    assert!(gone > 0 && gone * SHARE <= text.len());
    // Nothing is put in: what is kept stands in the text in this order.
    let mut rest = text.chars();
    assert!(kept.chars().all(|c| rest.any(|other| other == c)));
    assert_eq!(cut(&kept, how), None, "{text:?} {kept:?}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("cut", super::check) >= 5);
    }
}
