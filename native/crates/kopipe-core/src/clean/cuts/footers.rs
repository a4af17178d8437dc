//! Footers: what a paper prints under every article.
//!
//! `<저작권자(c) 연합뉴스, 무단 전재-재배포 금지>`, `Copyright ⓒ 뉴스1. All rights reserved.`, `ⓒ 2024 …`, `▶ 네이버에서 뉴시스 구독하기`,
//! `기사제보 및 보도자료 …`, `2022/12/07 18:49 송고`; and a list of other articles under its heading (`▶ 관련기사`), where no
//! line of it is a sentence. An article on copyright ends with a sentence, and nothing is cut from it.

use super::bylines::AGENCY;
use memchr::memrchr;
use regex::Regex;
use std::sync::LazyLock;

static AT_END: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let sign = r"(?:ⓒ|©|\([cC]\))";
    let behind = r#"(?:\A|[.!?…"”’'\])>〉A-Za-z@])"#;
    let forbidden = r"(?:무단|불법)[ ]?(?:전재|복제|배포|도용)[^\n.]{0,24}금지";
    [
        // Opened by who owns it.
        format!(r#"{behind}[ \t]*(?P<cut>[-※☞◎]?[ ]?[\[<〈《("“]{{0,2}}[ ]?(?:저작권자?[ ]?(?:{sign}|[:|©])|저작권자|(?i:copyrights?)|{sign})[^\n]{{0,90}}?(?:{forbidden}|[aA]ll [rR]ights [rR]eserved)[^가-힣\n]{{0,8}}(?:{forbidden}[^가-힣\n]{{0,4}})?)\z"#),
        // In brackets, or alone.
        format!(r"(?:\A|[.!?…”’\])>〉])[ \t]*(?P<cut>[\[<〈(][^\[\]<>〈〉\n]{{0,60}}{forbidden}\.?[ ]?[\]>〉)])\z"),
        format!(r"\A[ \t]*(?P<cut>[-※]?[ ]?[가-힣A-Za-z0-9·&.,() -]{{0,40}}{forbidden}\.?[ -]*)\z"),
        format!(r"\A[ \t]*(?P<cut>[\[<〈(]?(?:저작권자?|(?i:copyrights?)) ?{sign}[^\n]{{1,60}})\z"),
        format!(r"\A[ \t]*(?P<cut>(?i:copyright)? ?{sign} ?(?:[0-9]{{4}}(?:[-–][0-9]{{4}})?[^\n]{{0,60}}|{AGENCY}[^\n]{{0,40}}))\z"),
        // Calls to subscribe and to write in.
        r#"(?:\A|[.!?…"”’\])>〉A-Za-z])[ \t]*(?P<cut>[\[(]?[▶▷►☞][^\n]{0,240}(?:구독|제보|바로가기|관련 ?기사|받아보세요)[^\n]{0,60})\z"#.into(),
        r"(?:\A|[.!?…”’\])>〉m])[ \t]*(?P<cut>[■☞◎※]? ?(?:기사 ?제보 및 보도자료|기사 ?제보|기사 ?문의(?: ?및 ?|나 ?)제보(?:는)?|제보는|공감언론 뉴시스|제보하기)[^\n가-힣]{0,4}(?:(?:제공|문의|카카오톡|카톡|이메일|라인)[ :/]{0,3}){0,3}[A-Za-z0-9._@/ -]{3,60})\z".into(),
        r"\A[ \t]*(?P<cut>(?:[■▷☞] ?)?(?:구독 ?신청(?:하기)?|네이버 (?:뉴스 )?채널 구독(?:하기)?|네이버에서 [^\n]{1,16} 구독하기|기사 ?제보(?:하기)?))\z".into(),
        r"(?P<cut>[0-9]{4}[/.-][0-9]{1,2}[/.-][0-9]{1,2} [0-9]{1,2}:[0-9]{2} ?송고)\z".into(),
    ]
    .map(|form| Regex::new(&form).expect("a constant"))
    .into()
});

/// Where the footer begins that ends a line; `whole`: the line is all there.
pub fn at_end(line: &str, whole: bool) -> Option<usize> {
    let cut = AT_END.iter().find_map(|form| form.captures(line)).and_then(|found| found.name("cut"))?;
    let sentence = ["다.", "다", "요.", "요"].iter().any(|end| cut.as_str().ends_with(end));
    ((whole || cut.start() > 0) && !sentence).then_some(cut.start())
}

/// Lines of a list of other articles, and the longest of them.
const LIST: usize = 12;
const TITLE: usize = 240;
/// Bytes of the longest heading.
const HEADED: usize = 80;

const MARKS: [char; 9] = ['▶', '▷', '►', '■', '◆', '●', '☞', '[', '<'];

static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"\A[ \t]*[▶▷►■◆●☞\[<] ?(?:이 시각 )?(?:관련 ?기사|관련 ?뉴스|주요 ?뉴스|(?:가장 )?많이 본 (?:기사|뉴스)|인기 ?기사|추천 ?기사|핫이슈|기자의 다른 기사)[ ]?[\]>:◀]?[ \t]*\z";
    Regex::new(form).expect("a constant")
});

/// Where the list begins that ends the text: titles under a heading, or calls one below the other, of which one is a call.
pub fn list_at_end(text: &str) -> Option<usize> {
    let (mut end, mut calls) = (text.len(), Some((text.len(), false)));
    for _ in 0..=LIST {
        let start = memrchr(b'\n', &text.as_bytes()[..end]).map_or(0, |at| at + 1);
        let line = &text[start..end];
        let marked = line.trim_start().starts_with(MARKS);
        if marked && line.len() <= HEADED && HEADING.is_match(line) {
            return Some(start);
        }
        match calls {
            Some((_, called)) if line.trim_start().starts_with('▶') && line.len() <= TITLE => {
                calls = Some((start, called || CALLS.iter().any(|call| line.contains(call))));
            }
            Some((from, true)) if !line.trim().is_empty() => return Some(from),
            Some(_) if line.trim().is_empty() => {}
            _ => calls = None,
        }
        if line.len() > TITLE || ["다.", "요.", "까?", "죠."].iter().any(|ended| line.ends_with(ended)) || start == 0 {
            return None;
        }
        end = start - 1;
    }
    None
}

/// What readers are called to.
const CALLS: [&str; 5] = ["구독", "제보", "바로가기", "받아보", "후원하기"];
