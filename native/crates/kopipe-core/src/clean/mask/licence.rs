//! Driver licences: region (11–28, or its name), year of issue, serial, check digits: 11-90-123456-01.

use super::labels::{Labels, before};
use super::numbers::{Join, Numbers};

const LABELS: Labels = Labels { far: &["면허", "license", "licence"], near: &[], behind: &[] };

/// What licences had before the numbers, and some still print.
const REGIONS: [&str; 17] = [
    "서울", "부산", "경기", "강원", "충북", "충남", "전북", "전남", "경북", "경남", "제주", "대구", "인천", "광주", "대전", "울산", "북부",
];

pub fn judge(numbers: &Numbers, first: usize) -> Option<usize> {
    let (text, start) = (numbers.text, numbers.groups[first].range.start);
    let end_of = |count: usize| numbers.range(first..first + count).end;
    let alone = |count: usize| numbers.stands_alone(first..first + count);
    let labelled = |count: usize| LABELS.stand_by(text, start, end_of(count));
    let is_region = |digits: &str| matches!(digits.as_bytes(), [b'1', b'1'..=b'9', ..] | [b'2', b'0'..=b'8', ..]);
    if numbers.has_form(first, &[2, 2, 6, 2], Join::Dash) && is_region(numbers.digits(first)) && alone(4) {
        return Some(end_of(4));
    }
    if numbers.has_form(first, &[2, 2, 6, 2], Join::Blank) && is_region(numbers.digits(first)) && alone(4) && labelled(4) {
        return Some(end_of(4));
    }
    if numbers.has_form(first, &[2, 6, 2], Join::Dash) {
        let named = before(text, start, 4);
        let named = named.trim_end_matches([' ', '-']);
        return (REGIONS.iter().any(|region| named.ends_with(region)) && alone(3)).then(|| end_of(3));
    }
    let digits = numbers.digits(first);
    (digits.len() == 12 && is_region(digits) && alone(1) && labelled(1)).then(|| end_of(1))
}
