//! Telephone numbers as the Korean numbering plan hands them out, and international ones behind a `+`.
//!
//! mobile 010 and the older 011, 016–019 · areas 02, 031–033, 041–044, 051–055, 061–064 · 050x, 060, 070, 080 · 15xx, 16xx
//! and 18xx with four digits (nationwide numbers, which look like the span of a reign: 1592-1598). Local numbers and
//! digits without a sign between them need a label.

use super::labels::{Labels, before};
use super::numbers::{Join, Numbers, closes};

const LABELS: Labels = Labels {
    far: &[
        "전화",
        "연락",
        "휴대",
        "핸드폰",
        "폰번",
        "문의",
        "팩스",
        "fax",
        "tel",
        "phone",
        "mobile",
        "☎",
        "☏",
        "📞",
        "📱",
        "상담",
        "예약",
        "문자",
        "번호",
        "고객센터",
        "콜센터",
    ],
    near: &["폰", "hp", "h.p", "t.", "f.", "call", "콜"],
    behind: &[],
};

/// Labels that a number without an area code stands right behind.
const LOCAL: Labels = Labels { far: &[], near: &["전화", "팩스", "fax", "tel", "☎", "☏"], behind: &[] };

/// And nationwide numbers without a sign in them, which are eight digits like any others.
const CENTRE: Labels = Labels { far: &[], near: &["고객센터", "콜센터", "대표번호"], behind: &[] };

pub fn judge(numbers: &Numbers, first: usize) -> Option<usize> {
    let start = numbers.groups[first].range.start;
    let text = numbers.text;
    let plus = text[..start].ends_with('+');
    if plus && first == 0 || numbers.digits(first) == "0082" || numbers.digits(first).starts_with("0082") {
        return international(numbers, first, plus);
    }
    let count = national(numbers, first)?;
    numbers.stands_alone(first..first + count).then(|| numbers.range(first..first + count).end)
}

/// How many groups a number of the Korean plan takes.
fn national(numbers: &Numbers, first: usize) -> Option<usize> {
    let head = numbers.digits(first);
    let lengths = |i: usize| numbers.digits(first + i).len();
    let join = numbers.join(first + 1);
    let second = numbers.digits(first + 1).as_bytes().first().copied();
    let labelled = |count: usize| {
        let range = numbers.range(first..first + count);
        LABELS.stand_by(numbers.text, range.start, range.end)
    };
    if head == "82" && join == Some(Join::Dash) && is_mobile(&format!("0{}", numbers.digits(first + 1))) {
        return (lengths(2) == 4 && lengths(3) == 4).then_some(4);
    }
    if is_area(head) {
        let alike = numbers.join(first + 2).is_some_and(|next| Some(next) == join || join == Some(Join::Bracket) || next == Join::Dash);
        if (3..=4).contains(&lengths(1)) && lengths(2) == 4 && alike {
            // Blanks and dots join what else stands in a row.
            let sure = matches!(join, Some(Join::Dash | Join::Bracket)) || is_mobile(head) || matches!(second, Some(b'2'..=b'9'));
            return (sure || labelled(3)).then_some(3);
        }
        let rest = lengths(1);
        if (7..=8).contains(&rest) && join.is_some() {
            return (is_mobile(head) && rest == 8 && join == Some(Join::Dash) || labelled(2)).then_some(2);
        }
        return None;
    }
    if is_nationwide(head) && lengths(1) == 4 && matches!(join, Some(Join::Dash | Join::Blank | Join::Dot)) {
        let (from, to) = (head.parse::<u32>().ok()?, numbers.digits(first + 1).parse::<u32>().ok()?);
        // Years on both sides of a dash: a life or a reign, in whatever order. Of unused prefixes most are in catalogues.
        let span = (1000..=2100).contains(&to) && !(NATIONWIDE.contains(&from) && to < from);
        let named = before(numbers.text, numbers.groups[first].range.start, 3).contains(|c: char| c.is_ascii_alphabetic());
        let sure = join == Some(Join::Dash) && !span && !named && !is_counted(numbers, first + 1);
        return (sure || labelled(2) && (!span || LOCAL.stand_right_before(numbers.text, numbers.groups[first].range.start))).then_some(2);
    }
    if head.len() == 8 && NATIONWIDE.iter().any(|prefix| head.starts_with(&prefix.to_string())) {
        let start = numbers.groups[first].range.start;
        return [LOCAL, CENTRE].iter().any(|labels| labels.stand_right_before(numbers.text, start)).then_some(1);
    }
    // Digits in a row: 01012345678, 0101234-5678, 0212345678.
    if let Some(area) = AREAS.iter().filter(|_| head.starts_with('0')).find(|area| head.starts_with(**area)) {
        let rest = head.len() - area.len();
        if rest == 8 && *area == "010" {
            return Some(1);
        }
        if (7..=8).contains(&rest) && (head.len() >= 9) && labelled(1) {
            return Some(1);
        }
        if rest == 4 && *area == "010" && join == Some(Join::Dash) && lengths(1) == 4 {
            return Some(2);
        }
    }
    let is_local = (3..=4).contains(&head.len()) && lengths(1) == 4 && join == Some(Join::Dash) && !head.starts_with('0');
    (is_local && LOCAL.stand_right_before(numbers.text, numbers.groups[first].range.start)).then_some(2)
}

/// Behind `+`: a country code and 7 to 13 more digits. Behind 0082: a number of Korea.
fn international(numbers: &Numbers, first: usize, plus: bool) -> Option<usize> {
    let head = numbers.digits(first);
    let korean = head.starts_with("82") || head.starts_with("0082");
    if head.starts_with('0') && !korean {
        return None;
    }
    let mut best = None;
    let mut digits = 0;
    for count in 1..=5 {
        let last = first + count - 1;
        if last >= numbers.groups.len() || count > 1 && numbers.join(last) == Some(Join::Dot) && !korean {
            break;
        }
        digits += numbers.digits(last).len();
        let national = digits.saturating_sub(if head.starts_with("00") { 4 } else { 2 });
        let fits = match korean {
            true => (8..=11).contains(&national) && numbers.digits(last).len() >= 4,
            false => {
                plus && (9..=15).contains(&digits)
                    && (count >= 3 || count == 1 && digits >= 11)
                    && head.len() <= if count == 1 { 15 } else { 3 }
            }
        };
        if fits && closes(numbers.text, numbers.groups[last].range.end) {
            best = Some(numbers.groups[last].range.end);
        }
    }
    let start = numbers.groups[first].range.start;
    let opened = !before(numbers.text, start - usize::from(plus), 1).ends_with(|c: char| c.is_ascii_alphanumeric());
    best.filter(|_| opened)
}

/// Prefixes of nationwide numbers in use.
const NATIONWIDE: [u32; 21] =
    [1522, 1533, 1544, 1566, 1577, 1588, 1599, 1600, 1644, 1660, 1661, 1666, 1668, 1670, 1688, 1800, 1811, 1833, 1855, 1877, 1899];

const AREAS: [&str; 34] = [
    "010", "011", "016", "017", "018", "019", "02", "031", "032", "033", "041", "042", "043", "044", "051", "052", "053", "054", "055",
    "061", "062", "063", "064", "0502", "0503", "0504", "0505", "0506", "0507", "0508", "060", "070", "080", "0303",
];

fn is_area(digits: &str) -> bool {
    digits.starts_with('0') && AREAS.contains(&digits)
}

fn is_mobile(digits: &str) -> bool {
    matches!(digits, "010" | "011" | "016" | "017" | "018" | "019")
}

fn is_nationwide(digits: &str) -> bool {
    digits.len() == 4 && matches!(digits.as_bytes(), [b'1', b'5' | b'6' | b'8', ..])
}

/// A number behind which stands what is counted is none that one calls; 번 itself stands behind those, too. Behind a blank the unit
/// is a word, with a particle or without: 1600-1700 명이, but 1588-1234 명동점.
fn is_counted(numbers: &Numbers, group: usize) -> bool {
    let behind = &numbers.text[numbers.groups[group].range.end..];
    let word = behind.trim_start_matches(' ');
    let Some(rest) = UNITS.iter().find_map(|unit| word.strip_prefix(unit)) else { return false };
    let is_hangul = |rest: &str| rest.starts_with(|c: char| matches!(c, '가'..='힣'));
    let attached = word.len() == behind.len();
    attached || !is_hangul(rest) || PARTICLES.iter().any(|particle| rest.strip_prefix(particle).is_some_and(|rest| !is_hangul(rest)))
}

const UNITS: [&str; 11] = ["년", "원", "쪽", "명", "개", "호", "면", "행", "권", "세", "번지"];

const PARTICLES: [&str; 18] =
    ["이", "가", "은", "는", "을", "를", "의", "도", "만", "에", "씩", "과", "와", "으로", "로", "까지", "정도", "에서"];
