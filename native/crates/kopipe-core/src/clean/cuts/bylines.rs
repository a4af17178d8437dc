//! Bylines: who reports for whom.
//!
//! At the beginning of a line `[서울=뉴시스] 홍길동 기자 = `, `(도쿄 AP=연합뉴스)`, `[이데일리 홍길동 기자]`, `홍길동 기자 = `, and
//! lines of a reporter with an address, or of a picture's source. At the end of the text `홍길동 기자 hong@news.co.kr` behind a
//! sentence or on a line of its own, `[홍길동 기자]`, a newspaper's address. A name is a surname and one or two syllables.

use regex::Regex;
use std::sync::LazyLock;

/// Family names that reporters have.
const SURNAME: &str = "(?:[김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모]|남궁|황보|제갈|선우|독고|사공)";
const EMAIL: &str = r"[A-Za-z0-9._%+-]{1,40}@[A-Za-z0-9.-]{0,40}";
const TITLE: &str =
    "(?:(?:(?:선임|수습|인턴|객원|전문|시민|명예|사진|대학생|여행|의학|과학|북한|논설) ?)?기자|(?:순회 ?)?특파원|통신원|논설위원|편집위원)";
/// Whose pictures and reports papers print, and how papers are called.
pub const AGENCY: &str = "(?:[가-힣A-Za-z0-9·]{0,12}(?:뉴스|뉴시스|뉴스1|뉴스핌|통신|일보|신문|경제|인포맥스|데일리|이데일리|투데이|타임스|타임즈|미디어|프레스|저널|닷컴|방송|코리아|헤럴드|한겨레|조선|OSEN|TV|KBS|MBC|SBS|YTN|JTBC|MBN|AP|AFP|EPA|로이터))";

/// Of one person: a desk or a place, the name, a title, an address. Without an address there is one word before the name,
/// and none between it and the title; where the title is written to the name, the address tells that it is one.
fn person() -> String {
    let desk = "[가-힣A-Za-z0-9·]{2,10}(?:=|/| )";
    let name = format!("{SURNAME}[가-힣]{{1,2}}");
    let address = format!("[ /|·]{{0,3}}[(]? ?{EMAIL} ?[)]?");
    format!(
        "(?:(?:{desk}){{0,2}}?{name}(?: (?:[가-힣A-Za-z0-9]{{2,8}} ){{0,2}})?{TITLE}{address}|(?:{desk})?{name}(?:[·,] ?{name}){{0,3}} {TITLE})"
    )
}

static AT_START: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let name = format!("{SURNAME}[가-힣]{{1,2}}");
    let names = format!("{name}(?:[ ·,]{{1,2}}{name}){{0,4}} ?{TITLE}");
    let place = "[가-힣A-Za-z·,()/ ]{1,20}?";
    [
        format!(r"\A[\[(【<〈] ?{place} ?= ?{AGENCY} ?[\])】>〉] ?(?:(?:{names})? ?= ?)?"),
        format!(r"\A[\[(] ?(?:{place}|{AGENCY}) ?[=|/ ] ?(?:[가-힣A-Za-z]{{2,8}}[, ]{{1,2}})?{name} ?(?:[가-힣A-Za-z]{{2,8}} )?{TITLE} ?[\])] ?=? ?"),
        format!(r"\A(?:[가-힣]{{2,6}}(?: ?= ?| |/))?{names} ?= ?"),
        format!(r"\A[가-힣]{{2,4}}={names}\z"),
        format!(r"\A[\[(]?(?:{person})[\])]?\z", person = with_address()),
        picture(),
    ]
    .map(|form| Regex::new(&form).expect("a constant"))
    .into()
});

/// A reporter's line among the first ones has an address; without, a sentence's subject may stand alone.
fn with_address() -> String {
    format!("(?:[가-힣A-Za-z0-9·]{{2,10}}(?:=|/| )){{0,2}}?{SURNAME}[가-힣]{{1,2}} ?{TITLE}[ /|·]{{0,3}}[(]? ?{EMAIL} ?[)]?")
}

/// Where a picture is from, on a line of its own.
fn picture() -> String {
    format!(
        r"\A[\[(<]?/?(?:사진|자료|자료사진|그래픽) ?(?:제공|출처)? ?= ?(?:{AGENCY}(?: 제공| 자료사진)?|{SURNAME}[가-힣]{{1,2}} ?{TITLE}(?: ?{EMAIL})?|[가-힣A-Za-z0-9 ]{{1,16}} (?:제공|캡처))[\])>]?\z"
    )
}

static AT_END: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let person = person();
    let behind = r#"(?:\A|[.!?…"”’'\])>〉])"#;
    [
        format!(r"{behind}[ \t]*(?P<cut>[\[(<【〈/]?[ /]?(?:(?:글|사진|글·사진|글/사진|취재|정리|영상취재) ?[=·/:] ?)?{person}(?: ?[,·] ?{person})*[ /]?[\])>】〉]{{0,2}})\z"),
        format!(r"{behind}[ \t]*(?P<cut>[\[(]?[ ]?[A-Za-z0-9._%+-]{{1,40}}@[a-z0-9.-]*{PAPER}[a-z0-9.-]*[ ]?[\])]?(?: ?\(끝\))?)\z"),
        format!(r"{behind}[ \t]*(?P<cut>[\[(【] ?(?:[가-힣A-Za-z]{{1,8}}(?:\([가-힣]{{1,6}}\))? ?[=|/] ?)?{SURNAME}[가-힣]{{1,2}} (?:[가-힣A-Za-z]{{2,8}} ){{0,2}}{TITLE} ?[\])】])\z"),
        format!("(?P<cut>{})", picture()),
        format!(r"\A(?P<cut>/ ?(?:뉴스1|연합뉴스|뉴시스)|[\[(<〈]{AGENCY}[\])>〉])\z"),
    ]
    .map(|form| Regex::new(&form).expect("a constant"))
    .into()
});

/// What hosts of papers are called.
const PAPER: &str = "(?:yna|news|daily|ilbo|chosun|joongang|joins|donga|hani|khan|kmib|segye|hankyung|mk\\.co|mt\\.co|edaily|etnews|heraldcorp|asiae|ytn|jtbc|press|times|media|journal|kbs|mbn|mbc|sbs)";

/// How long the byline is that begins a line.
pub fn at_start(line: &str) -> Option<usize> {
    AT_START.iter().find_map(|form| form.find(line)).map(|found| found.end()).filter(|&end| end > 0)
}

/// Where the byline begins that ends a line; `whole`: the line is all there.
pub fn at_end(line: &str, whole: bool) -> Option<usize> {
    let cut = AT_END.iter().find_map(|form| form.captures(line)).and_then(|found| found.name("cut"))?;
    (whole || cut.start() > 0).then_some(cut.start())
}
