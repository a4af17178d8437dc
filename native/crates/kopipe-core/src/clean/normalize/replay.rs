//! What must hold for any text that is normalized in any way. The fuzz target `normalize` looks for bytes that break it;
//! the test below replays what it started from.

use super::{Normalize, OnMojibake, PrivateUse, Replacement, Spaces, normalize};
use crate::clean::scan::scan;
use icu_normalizer::ComposingNormalizerBorrowed;

/// The first three bytes choose how.
pub fn check(input: &[u8]) {
    let Some((&[low, high, rest], bytes)) = input.split_first_chunk() else { return };
    check_text(&String::from_utf8_lossy(bytes), &chosen(u16::from_le_bytes([low, high]), rest & 15, rest >> 4));
}

/// Every way to normalize has its bits; mojibake is judged before.
pub fn chosen(bits: u16, spaces: u8, repeats: u8) -> Normalize {
    let bit = |place: u16| bits >> place & 1 == 1;
    Normalize {
        mojibake: OnMojibake::Keep,
        clean_up: bit(0),
        spaces: [Spaces::Keep, Spaces::Plain, Spaces::Collapse][usize::from(spaces) % 3],
        fillers: bit(1),
        half_width: bit(2),
        full_width: bit(3),
        hanyang: bit(4),
        private_use: [PrivateUse::Keep, PrivateUse::Remove, PrivateUse::Replace][usize::from(bits >> 5 & 3) % 3],
        replacement: if bit(7) { Replacement::Keep } else { Replacement::Remove },
        lone_jamo: bit(8),
        nfc: bit(9),
        repeats: [0, 2, 3][usize::from(repeats) % 3],
        compose_jamo: bit(10),
    }
}

pub fn check_text(text: &str, how: &Normalize) {
    let once = with(how, text);
    assert_eq!(with(how, &once), once, "{text:?} {how:?}");
    assert!(!how.nfc || ComposingNormalizerBorrowed::new_nfc().is_normalized(&once), "{text:?} {how:?}");
}

pub fn with(how: &Normalize, text: &str) -> String {
    normalize(text, &scan(text), how).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("normalize", super::check) >= 6);
    }
}
