//! What must hold for any bytes that come as a document. The fuzz target `encoding` looks for bytes that break it; the
//! test below replays what it started from.

use super::{Encoding, Mojibake, decode, mojibake};

/// The first byte chooses what is declared.
pub fn check(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else { return };
    let labels = [None, Some("euc-kr"), Some("johab"), Some("utf-8"), Some("iso-8859-1"), Some("shift_jis"), Some("nonsense")];
    let declared = labels[usize::from(choice) % labels.len()];
    match decode(bytes, declared) {
        Ok(decoded) => {
            if decoded.encoding == Encoding::Utf8 && decoded.replaced == 0 {
                assert_eq!(decoded.text.as_bytes(), bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes));
            }
            assert!(decoded.replaced as usize <= decoded.text.matches('\u{FFFD}').count());
            if let Mojibake::Broken { share } = mojibake(&decoded.text) {
                assert!(share > 0.0 && share <= 1.0, "{share}");
            }
        }
        Err(why) => assert!(std::str::from_utf8(bytes).is_err(), "valid UTF-8 is refused: {why}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("encoding", super::check) >= 5);
    }
}
