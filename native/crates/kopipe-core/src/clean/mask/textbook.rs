//! The obvious twins, as regular expressions: of the anchors place by place, and of the forms that each kind has.

use super::anchors::{Anchor, Anchors};
use super::replay::check_text;
use super::*;
use proptest::prelude::*;
use proptest::string::string_regex;
use regex::bytes;
use std::sync::LazyLock;

/// What each anchor is, the first that fits.
static ANCHORS: LazyLock<Vec<(u8, bytes::Regex)>> = LazyLock::new(|| {
    let dash = r"(?:[0-9](?:[0-9]|[-. )A-Z])|\x80[\x90-\x95]|\x88\x92|[-)\x90-\x95] )";
    [
        (0, format!(r"(?-u)\A(?:{dash}[0-9]{{4}}|[0-9]\.[0-9][0-9]{{0,2}}\.|[0-9]\.[0-9](?:(?s).){{0,2}}\.)")),
        (1, r"(?-u)\A(?:@|[(\[][aA][tT])".into()),
        (2, r"(?-u)\A(?:://|[wW]{3})".into()),
        (3, r"(?-u)\A:(?s:.){0,4}:".into()),
        (4, r"(?-u)\A<\|".into()),
    ]
    .map(|(kind, pattern): (u8, String)| (kind, bytes::Regex::new(&pattern).unwrap()))
    .into()
});

/// Dashes, and what may join two groups.
const DASH: &str = r"(?: ?[-\u{2010}-\u{2015}\u{2212}] ?)";

/// The forms a number of a kind has, whatever is written beside it.
fn form(kind: Kind) -> regex::Regex {
    let join = format!(r"(?:{DASH}|[. ]|\) ?-? ?)");
    let pattern = match kind {
        Kind::Tel => format!(r"[+(]?[0-9]+(?:{join}[0-9]+){{0,4}}|\+?82\(0\)[0-9 -]+"),
        Kind::Rrn => format!(r"[0-9]{{6}}(?:{DASH}| )?[0-9]{{7}}|[0-9]{{6}}{DASH}[1-8]?[*xX○●◯＊ㅇ#×✱■]{{5,7}}"),
        Kind::Acc => format!(r"[0-9]{{10,14}}|[0-9]{{2,6}}(?:(?:{DASH}| )[0-9]{{1,7}}){{2,3}}"),
        Kind::Crd => r"[0-9]{14,19}|[0-9]{4}(?:[^0-9]{1,5}[0-9]{3,6}){2,4}".to_string(),
        Kind::Email => r"[A-Za-z0-9._%+-]+(?:@| ?[(\[](?i:at)[)\]] ?)[A-Za-z0-9.-]+\.[A-Za-z]{2,18}".to_string(),
        Kind::Url => r"[A-Za-z][A-Za-z0-9+.-]*://\S+|(?i:www)\.\S+".to_string(),
        Kind::Ip => r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]+".to_string(),
        Kind::Brn => format!(r"[0-9]{{10}}|[0-9]{{3}}{DASH}[0-9]{{2}}{DASH}[0-9]{{5}}"),
        Kind::Pspt => r"[A-Za-z](?:[0-9]{8}|[0-9]{3}[A-Z][0-9]{4})".to_string(),
        Kind::Dln => format!(r"[0-9]{{12}}|(?:[0-9]{{2}}(?:{DASH}| ))?[0-9]{{2}}(?:{DASH}| )[0-9]{{6}}(?:{DASH}| )[0-9]{{2}}"),
    };
    regex::Regex::new(&format!(r"\A(?:{pattern})\z")).unwrap()
}

static FORMS: LazyLock<Vec<regex::Regex>> = LazyLock::new(|| Kind::ALL.iter().map(|&kind| form(kind)).collect());

/// Numbers that need no label.
const SURE: [(Kind, &str); 13] = [
    (Kind::Tel, "01[016789]-[2-9][0-9]{3}-[0-9]{4}"),
    (Kind::Tel, "0(2|31|42|51|64|70|80|505)[-)][2-9][0-9]{2,3}-[0-9]{4}"),
    (Kind::Tel, "010[0-9]{8}"),
    (Kind::Tel, "15(44|66|77|88|99)-[3-9][0-9]{3}"),
    (Kind::Rrn, "[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])-[1256][0-9]{6}"),
    (Kind::Rrn, "[0-2][0-9](0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])-[3478][0-9]{6}"),
    (Kind::Acc, "[2-9][0-9]{5}-[0-9]{2}-[0-9]{6}"),
    (Kind::Acc, "100[0-9]-[0-9]{3}-[0-9]{6}"),
    (Kind::Email, "[a-z][a-z0-9]{0,9}@[a-z]{2,9}\\.(com|co\\.kr|net)"),
    (Kind::Ip, "(2[01][0-9]|1[3-5][0-9])\\.[1-9][0-9]\\.[1-9][0-9]\\.[1-9][0-9]"),
    (Kind::Pspt, "M[0-9]{3}[A-Z][0-9]{4}"),
    (Kind::Dln, "(1[1-9]|2[0-8])-[0-9]{2}-[0-9]{6}-[0-9]{2}"),
    (Kind::Url, "https://[a-z]{3,9}\\.kr/\\?token=[0-9]{2}[b-f]{9}"),
];

fn everything() -> Mask {
    let reserved = [Style::Polyglot, Style::Dps].iter().flat_map(|style| style.tokens(Kind::ALL)).collect();
    Mask { style: Style::Polyglot, kinds: Kind::ALL.to_vec(), reserved }
}

/// Digits, signs, labels, Hangul and masks in any order.
const SOUP: &str = "([0-9]{1,7}|[-. )(+,/:@=*]|–|010-|02-|15[0-9]{2}-|[가-힣]{1,3}|전화|계좌|여권|tel|ip|M|v|www\\.|://|https://a\\.kr|a@b|\\.com|::|2001:|\\(at\\)|<\\||\\|>|<\\|tel\\|>|\n){0,24}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn anchors_equal_their_twin(text in SOUP, ahead in "[가-힣a-z]{0,30}") {
        let text = format!("{ahead}{text}");
        let found: Vec<(usize, u8)> = Anchors::new(&text).map(|(at, anchor)| (at, match anchor {
            Anchor::Number => 0,
            Anchor::At => 1,
            Anchor::Url => 2,
            Anchor::Colons => 3,
            Anchor::Mark => 4,
        })).collect();
        let expected: Vec<(usize, u8)> = (0..text.len())
            .filter_map(|at| ANCHORS.iter().find(|(_, regex)| regex.is_match(&text.as_bytes()[at..])).map(|&(kind, _)| (at, kind)))
            .collect();
        prop_assert_eq!(found, expected, "{}", text);
    }

    #[test]
    fn hits_have_the_form_of_their_kind_and_masking_again_finds_nothing(text in SOUP) {
        for hit in hits(&text, &everything()) {
            if let Some(kind) = hit.what {
                let cut = &text[hit.range.clone()];
                prop_assert!(FORMS[kind as usize].is_match(cut), "{:?} {} in {}", kind, cut, text);
            }
        }
        check_text(&text, &everything());
    }

    #[test]
    fn nothing_breaks_on_any_text(text in "(?s).{0,80}") {
        check_text(&text, &everything());
    }
}

#[test]
fn numbers_that_need_no_label_are_found_wherever_they_stand() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for (kind, pattern) in SURE {
        let drawn = (
            string_regex(pattern).unwrap(),
            string_regex("([가-힣]{1,4}[ (:]|\n|, |)").unwrap(),
            string_regex("([가-힣]{1,3}|[ ,.)]|)").unwrap(),
        );
        runner
            .run(&drawn, |(number, ahead, behind)| {
                let text = format!("{ahead}{number}{behind}");
                let found = hits(&text, &everything());
                let expected = Hit { range: ahead.len()..ahead.len() + number.len(), what: Some(kind) };
                prop_assert_eq!(found, vec![expected], "{}", text);
                Ok(())
            })
            .unwrap();
    }
}
