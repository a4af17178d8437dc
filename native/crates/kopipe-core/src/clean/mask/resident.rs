//! Resident and foreigner registration numbers: YYMMDD-SNNNNNN, S the sex and century of birth, 5–8 for foreigners.
//!
//! The date and S must fit. The check digit is evidence only: numbers issued since October 2020 have none. S = 9 and 0
//! mean births of the 1800s, whose bearers are dead: such a number needs a label. One whose last six are hidden already
//! (900101-1******) still tells a birthday and is cut too.

use super::labels::Labels;
use super::numbers::{Join, Numbers, closes, dash};

const LABELS: Labels = Labels { far: &["주민", "외국인등록", "등록번호", "rrn", "생년월일"], near: &[], behind: &[] };

/// The place behind the number that begins with a group.
pub fn judge(numbers: &Numbers, first: usize) -> Option<usize> {
    let (text, start) = (numbers.text, numbers.groups[first].range.start);
    let labelled = |end: usize| LABELS.stand_by(text, start, end);
    if numbers.has_form(first, &[6, 7], Join::Dash) || numbers.has_form(first, &[6, 7], Join::Blank) {
        let digits = numbers.all_digits(first..first + 2);
        let end = numbers.range(first..first + 2).end;
        let dashed = numbers.join(first + 1) == Some(Join::Dash);
        let sure = is_of_its_time(&digits) && (dashed || is_checked(&digits));
        return (is_date(&digits) && numbers.stands_alone(first..first + 2) && (sure || labelled(end))).then_some(end);
    }
    let digits = numbers.digits(first);
    let end = numbers.groups[first].range.end;
    if digits.len() == 13 {
        let sure = is_of_its_time(digits) && is_checked(digits);
        return (is_date(digits)
            && numbers.stands_alone(first..first + 1)
            && (sure && opens_line_or_bracket(text, start) || labelled(end)))
        .then_some(end);
    }
    (digits.len() == 6 && is_date(digits)).then(|| hidden(text, end)).flatten()
}

/// The end of the hidden rest behind six digits: a dash, S or not, and signs up to seven places.
fn hidden(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = at + Some(dash(&bytes[at..])).filter(|&n| n > 0)?;
    let sexed = matches!(bytes.get(end), Some(b'1'..=b'8'));
    end += usize::from(sexed);
    let signs: usize = text[end..].chars().take(7 - usize::from(sexed)).take_while(|c| is_hiding(*c)).map(char::len_utf8).sum();
    let enough = text[end..end + signs].chars().count() >= if sexed { 5 } else { 6 };
    (enough && closes(text, end + signs)).then_some(end + signs)
}

fn is_hiding(c: char) -> bool {
    matches!(c, '*' | 'x' | 'X' | '○' | '●' | '◯' | '＊' | 'ㅇ' | '#' | '×' | '✱' | '■')
}

/// Thirteen digits alone are also barcodes and times.
fn opens_line_or_bracket(text: &str, start: usize) -> bool {
    text[..start].chars().next_back().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | ':' | ','))
}

fn number(digits: &str) -> u32 {
    digits.bytes().fold(0, |n, d| n * 10 + u32::from(d - b'0'))
}

fn is_date(digits: &str) -> bool {
    let (month, day) = (number(&digits[2..4]), number(&digits[4..6]));
    let days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    (1..=12).contains(&month) && day >= 1 && day <= days[month as usize - 1]
}

/// A day of a century that has been, of the 2000s a year that has: 29 February of 1900 and 1999 never were.
fn is_of_its_time(digits: &str) -> bool {
    let year = number(&digits[..2]);
    let leap = &digits[2..6] == "0229";
    match digits.as_bytes()[6] {
        b'1' | b'2' | b'5' | b'6' => !leap || year > 0 && year.is_multiple_of(4),
        b'3' | b'4' | b'7' | b'8' => year <= 30 && (!leap || year.is_multiple_of(4)),
        _ => false,
    }
}

/// The check digit of numbers issued before October 2020.
fn is_checked(digits: &str) -> bool {
    let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
    let sum: u32 = digits.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let foreigner = matches!(digits.as_bytes()[6], b'5'..=b'8');
    (11 - sum % 11 + if foreigner { 2 } else { 0 }) % 10 == number(&digits[12..])
}
