//! Bank accounts by the forms in which the banks print them (digits a group), joined by dashes.
//!
//! A form no other number has, or one with the bank's own first digits, is enough; the others, and digits without
//! dashes, need the word account or a bank's name. The forms are those that public tables give for each bank.

use super::labels::Labels;
use super::numbers::{Join, Numbers};

const LABELS: Labels = Labels {
    far: &["계좌", "입금", "송금", "이체", "예금주", "은행", "뱅크", "농협", "새마을금고", "신협", "수협", "우체국", "bank"],
    near: &[
        "국민",
        "신한",
        "우리",
        "하나",
        "기업",
        "제일",
        "외환",
        "산업",
        "씨티",
        "대구",
        "부산",
        "경남",
        "전북",
        "광주",
        "제주",
        "토스",
        "카카오",
        "케이",
        "kb",
        "nh",
        "ibk",
        "sc",
    ],
    behind: &["예금주", "은행", "농협", "뱅크", "국민", "신한", "우리", "하나", "기업", "새마을", "신협", "우체국"],
};

struct Form {
    lengths: &'static [usize],
    /// The first digits that make a label needless; an empty one is any.
    heads: &'static [&'static str],
}

const ANY: &[&str] = &[""];
const NONE: &[&str] = &[];

const FORMS: [Form; 19] = [
    // KB (14), Nonghyup's unions, the post.
    Form { lengths: &[6, 2, 6], heads: ANY },
    // KB's of twelve digits.
    Form { lengths: &[3, 2, 4, 3], heads: ANY },
    // Shinhan, K bank, Gwangju, the credit unions.
    Form { lengths: &[3, 3, 6], heads: &["1", "2"] },
    // Woori.
    Form { lengths: &[4, 3, 6], heads: &["100", "108"] },
    Form { lengths: &[3, 6, 2, 3], heads: ANY },
    // Hana.
    Form { lengths: &[3, 6, 5], heads: ANY },
    Form { lengths: &[3, 6, 3], heads: NONE },
    // Nonghyup, Busan, KDB.
    Form { lengths: &[3, 4, 4, 2], heads: &["30", "31", "35", "1"] },
    Form { lengths: &[3, 4, 4, 3], heads: NONE },
    // SC, Suhyup, KDB, Daegu, Shinhan's of eleven.
    Form { lengths: &[3, 2, 6], heads: NONE },
    Form { lengths: &[3, 2, 6, 1], heads: ANY },
    Form { lengths: &[3, 2, 7], heads: NONE },
    // KakaoBank.
    Form { lengths: &[4, 2, 7], heads: &["3333", "3355", "3388", "7979", "7777", "9"] },
    // Toss Bank.
    Form { lengths: &[4, 4, 4], heads: &["1000", "1908", "1001"] },
    // Community credit cooperatives.
    Form { lengths: &[4, 4, 4, 1], heads: &["900", "92"] },
    Form { lengths: &[4, 2, 6, 1], heads: ANY },
    // Jeju, Citibank.
    Form { lengths: &[2, 2, 6], heads: NONE },
    Form { lengths: &[3, 5, 3, 2], heads: NONE },
    Form { lengths: &[3, 5, 3], heads: NONE },
];

pub fn judge(numbers: &Numbers, first: usize) -> Option<usize> {
    let join = numbers.join(first + 1).filter(|join| matches!(join, Join::Dash | Join::Blank));
    let form = join.and_then(|join| {
        let fitting = FORMS.iter().filter(|form| numbers.has_form(first, form.lengths, join));
        fitting.filter(|form| numbers.stands_alone(first..first + form.lengths.len())).max_by_key(|form| form.lengths.len())
    });
    let groups = first..first + form.map_or(1, |form| form.lengths.len());
    let range = numbers.range(groups.clone());
    let labelled = || LABELS.stand_by(numbers.text, range.start, range.end);
    let certain = match form {
        Some(form) => join == Some(Join::Dash) && form.heads.iter().any(|head| numbers.digits(first).starts_with(head)),
        None => {
            let alone = numbers.stands_alone(groups);
            if !alone || !(10..=14).contains(&range.len()) {
                return None;
            }
            false
        }
    };
    (certain || labelled()).then_some(range.end)
}
