//! The obvious twin: no look at a few bytes first, and lines in a list.

use super::counts::{BYLINE, Cuts, FOOTER};
use super::replay::check_text;
use super::{Cutting, Trimmed, bylines, cut, footers};
use crate::clean::corpus;
use proptest::prelude::*;

const BOTH: Cutting = Cutting { bylines: true, footers: true };

/// Where a form begins that ends a line.
type Form = fn(&str, bool) -> Option<usize>;

fn cut_slowly(text: &str, how: Cutting) -> Option<Trimmed> {
    let (mut kept, mut cuts) = (text.to_owned(), Cuts::default());
    loop {
        let before = kept.len();
        let (kind, left) = match how.bylines.then(|| without_first(&kept)).flatten() {
            Some(left) => (BYLINE, left),
            None => match without_last(&kept, how) {
                Some(found) => found,
                None => break,
            },
        };
        cuts.hit(kind, before - left.len());
        kept = left;
    }
    let gone = text.len() - kept.len();
    (text.len() >= 300 && gone > 0 && 3 * gone <= text.len() && gone <= 8192).then_some(Trimmed { text: kept, cuts })
}

fn without_first(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let filled = (0..lines.len()).filter(|&i| !lines[i].trim().is_empty());
    for i in filled.take(4) {
        let line = lines[i].trim_start();
        let start = lines[..i].concat().len() + lines[i].len() - line.len();
        if start > 400 {
            return None;
        }
        if let Some(length) = bylines::at_start(line.trim_end()) {
            let left = text[..start].to_owned() + line[length..].trim_start() + &lines[i + 1..].concat();
            return Some(if left.len() == start { left.trim_end().to_owned() } else { left });
        }
    }
    None
}

fn without_last(text: &str, how: Cutting) -> Option<(usize, String)> {
    let text = text.trim_end();
    let line = text.split('\n').next_back().unwrap_or_default();
    let line = &line[line.ceil_char_boundary(line.len().saturating_sub(400))..];
    let (before, whole) = (text.len() - line.len(), text.ends_with(&format!("\n{line}")) || text == line);
    let forms: [(bool, usize, Form); 2] = [(how.footers, FOOTER, footers::at_end), (how.bylines, BYLINE, bylines::at_end)];
    for (_, kind, form) in forms.into_iter().filter(|(wanted, ..)| *wanted) {
        if let Some(at) = form(line, whole) {
            return Some((kind, text[..before + at].trim_end().to_owned()));
        }
    }
    let at = how.footers.then(|| footers::list_at_end(text)).flatten()?;
    Some((FOOTER, text[..at].trim_end().to_owned()))
}

/// What articles begin and end with, between sentences.
const SOUP: &str = "(\\[서울=뉴시스\\] |\\(도쿄 AP=연합뉴스\\)|홍길동 기자 = |[가-힣]{2,6} |김철수 기자|김철수·이영희 기자 |기자|hong@news\\.co\\.kr|\\[이데일리 홍길동 기자\\]|말했다\\. |전했다\\.|\n|\n\n  |\\[사진=연합뉴스\\]|/뉴스1|ⓒ 뉴스1|<저작권자\\(c\\) 연합뉴스, 무단 전재-재배포 금지>|무단 전재 및 재배포 금지|Copyright ⓒ 뉴스1\\. All rights reserved\\.|▶ 관련기사\n|▶네이버에서 구독하기|기사제보 a@b\\.kr|2022/12/07 18:49 송고|\\(끝\\)|, ){0,14}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn equals_its_twin(ahead in SOUP, body in "([가-힣]{1,5} ){0,80}했다\\.\n?", behind in SOUP, choice in 0..4u8) {
        let how = Cutting { bylines: choice & 1 == 0, footers: choice & 2 == 0 };
        for text in [format!("{ahead}{body}{behind}"), format!("{ahead}{behind}")] {
            prop_assert_eq!(cut(&text, how), cut_slowly(&text, how), "{}", text);
            check_text(&text, how);
        }
    }

    #[test]
    fn nothing_breaks_on_any_text(text in "(?s).{0,300}") {
        check_text(&text, BOTH);
    }
}

#[test]
fn equals_its_twin_on_real_text() {
    for name in ["kowiki-2023", "web-docs", "ms-docs-2021", "news-comments"] {
        let Some(texts) = corpus::texts(name) else { return };
        for text in texts.iter().filter(|text| text.len() < 20_000).step_by(3) {
            assert_eq!(cut(text, BOTH), cut_slowly(text, BOTH));
            check_text(text, BOTH);
        }
    }
}
