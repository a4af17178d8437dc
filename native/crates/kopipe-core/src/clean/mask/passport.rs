//! Korean passports: a letter for the type and eight digits; since 2021 letter, three digits, letter, four digits.
//!
//! M (several journeys) stands alone often enough; the other letters begin too many codes and need a label.

use super::labels::Labels;
use super::numbers::{closes, opens};
use std::ops::Range;

const LABELS: Labels = Labels { far: &["여권", "passport"], near: &[], behind: &["여권"] };

/// The number whose digits begin at a place.
pub fn judge(text: &str, digits: Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = digits.start.checked_sub(1)?;
    let letter = bytes[start].to_ascii_uppercase();
    if !matches!(letter, b'M' | b'S' | b'R' | b'O' | b'G' | b'D') {
        return None;
    }
    let end = match digits.len() {
        8 => digits.end,
        3 if bytes.get(digits.end).is_some_and(u8::is_ascii_uppercase)
            && bytes.get(digits.end + 1..digits.end + 5).is_some_and(|four| four.iter().all(u8::is_ascii_digit)) =>
        {
            digits.end + 5
        }
        _ => return None,
    };
    let sure = bytes[start] == b'M' || LABELS.stand_by(text, start, end);
    (sure && opens(text, start) && closes(text, end)).then_some(start..end)
}
