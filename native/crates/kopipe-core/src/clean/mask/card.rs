//! Payment cards: the range of an issuer, its length, and Luhn's check digit (ISO/IEC 7812).

use super::labels::Labels;
use super::numbers::{Join, Numbers};

const LABELS: Labels = Labels { far: &["카드", "card", "신용", "체크", "결제"], near: &[], behind: &["카드"] };

const FORMS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];

pub fn judge(numbers: &Numbers, first: usize) -> Option<usize> {
    let joined = numbers.join(first + 1).filter(|join| matches!(join, Join::Dash | Join::Blank | Join::Dot));
    let form = joined.and_then(|join| FORMS.iter().rev().find(|form| numbers.has_form(first, form, join)));
    if form.is_none() && numbers.digits(first).len() < 14 {
        return None;
    }
    let groups = first..first + form.map_or(1, |form| form.len());
    let digits = numbers.all_digits(groups.clone());
    if !(14..=19).contains(&digits.len()) || !is_issued(&digits) || !passes_luhn(&digits) || !numbers.stands_alone(groups.clone()) {
        return None;
    }
    let range = numbers.range(groups);
    // Of sixteen digits in a row every tenth passes by chance.
    (form.is_some() || LABELS.stand_by(numbers.text, range.start, range.end)).then_some(range.end)
}

/// Visa, Mastercard, American Express, Diners, JCB, UnionPay, Discover, and 9 for Korea's domestic cards.
fn is_issued(digits: &str) -> bool {
    let head = |n: usize| digits[..n].bytes().fold(0, |sum, d| sum * 10 + u32::from(d - b'0'));
    match digits.len() {
        14 => matches!(head(3), 300..=305 | 360..=369 | 380..=399),
        15 => matches!(head(2), 34 | 37),
        16 => {
            matches!(head(1), 4 | 9)
                || matches!(head(2), 51..=55 | 62 | 65 | 36)
                || matches!(head(3), 644..=649)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
        }
        _ => matches!(head(2), 62) || matches!(head(1), 4) && digits.len() == 19,
    }
}

fn passes_luhn(digits: &str) -> bool {
    let value = |(i, d): (usize, u8)| {
        let doubled = u32::from(d - b'0') << (i % 2);
        if doubled > 9 { doubled - 9 } else { doubled }
    };
    digits.bytes().rev().enumerate().map(value).sum::<u32>().is_multiple_of(10)
}
