//! Whether a text can have anything to cut at its ends, told by a few bytes that all forms have, and by what begins and ends
//! a line. What ends like a sentence ends with no form.

use super::{HEAD, LINE, footers};
use memchr::memmem::Finder;
use memchr::{memchr3, memrchr};
use std::sync::LazyLock;

/// A form at the beginning is no longer; a picture's source, or a paper's name, at the end.
const FORM: usize = 250;
const NAME: usize = 150;

const TITLES: [&str; 4] = ["기자", "특파원", "통신원", "위원"];
const MARKS: [&str; 10] = ["금지", "구독", "제보", "바로가기", "받아보", "기사", "송고", "뉴시스", "ⓒ", "©"];
const SOURCES: [&str; 3] = ["사진", "자료", "그래픽"];

static OF_TITLES: LazyLock<Vec<Finder>> = LazyLock::new(|| TITLES.iter().map(Finder::new).collect());
static OF_MARKS: LazyLock<Vec<Finder>> = LazyLock::new(|| MARKS.iter().map(Finder::new).collect());

fn has(finders: &[Finder], text: &[u8]) -> bool {
    finders.iter().any(|finder| finder.find(text).is_some())
}

/// `[서울=뉴시스]`, `홍길동 기자 = `, `[이데일리 홍길동 기자]`, `홍길동 기자 hong@news.co.kr`.
pub fn head(text: &str) -> bool {
    signs(&text.as_bytes()[..text.len().min(HEAD + FORM)])
}

fn signs(text: &[u8]) -> bool {
    memchr3(b'=', b']', b'@', text).is_some()
}

/// Whether a byline can begin a line.
pub fn line(line: &str) -> bool {
    let form = &line.as_bytes()[..line.len().min(FORM)];
    let opens = line.starts_with(['[', '(', '【', '<', '〈', '/']) || SOURCES.iter().any(|word| line.starts_with(word));
    signs(form) && (opens || has(&OF_TITLES, form))
}

pub fn tail(text: &str) -> bool {
    const ENDS: [&str; 6] = ["다.", "요.", "다.\"", "다.”", "까?", "죠."];
    let text = text.trim_end();
    if ENDS.iter().any(|end| text.ends_with(end)) {
        return false;
    }
    let from = text.ceil_char_boundary(text.len().saturating_sub(LINE));
    let line = memrchr(b'\n', &text.as_bytes()[from..]).map_or(from, |at| from + at + 1);
    signed(&text[line..]) || noticed(&text[line..]) || footers::list_at_end(text).is_some()
}

/// Whether a byline can end a line: a title, an address, or what a paper's name and a picture's source stand in.
pub fn signed(line: &str) -> bool {
    let named = || line.trim_start().starts_with(['[', '(', '<', '〈', '/']) || SOURCES.iter().any(|word| line.starts_with(word));
    memchr::memchr(b'@', line.as_bytes()).is_some() || has(&OF_TITLES, line.as_bytes()) || line.len() <= NAME && named()
}

/// Whether a footer can: a sign of what is owned, or what a reader is called to.
pub fn noticed(line: &str) -> bool {
    let owned = || ["(c)", "(C)", "eserved"].iter().any(|mark| line.contains(mark));
    has(&OF_MARKS, line.as_bytes()) || owned()
}
