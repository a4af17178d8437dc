//! Business registration numbers: tax office (three digits), kind of business (two), serial and check digit (five).
//!
//! Every real one has its check digit; written without dashes, or without the check digit, it needs a label.

use super::labels::Labels;
use super::numbers::{Join, Numbers};

const LABELS: Labels = Labels { far: &["사업자", "등록번호", "고유번호", "brn", "business"], near: &[], behind: &["사업자"] };

pub fn judge(numbers: &Numbers, first: usize) -> Option<usize> {
    let dashed = numbers.has_form(first, &[3, 2, 5], Join::Dash);
    if !dashed && numbers.digits(first).len() != 10 {
        return None;
    }
    let groups = first..first + if dashed { 3 } else { 1 };
    let digits = numbers.all_digits(groups.clone());
    if digits.len() != 10 || digits.as_bytes()[0] == b'0' || &digits[3..5] == "00" || !numbers.stands_alone(groups.clone()) {
        return None;
    }
    let range = numbers.range(groups);
    let labelled = || LABELS.stand_by(numbers.text, range.start, range.end);
    (dashed && is_checked(&digits) || labelled()).then_some(range.end)
}

fn is_checked(digits: &str) -> bool {
    let digit = |i: usize| u32::from(digits.as_bytes()[i] - b'0');
    let weights = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let sum: u32 = weights.iter().enumerate().map(|(i, weight)| digit(i) * weight).sum();
    (10 - (sum + digit(8) * 5 / 10) % 10) % 10 == digit(9)
}
