//! Pages of our own making, each a kind that the web is full of. In them `남김1`, `남김2` … must be kept, in this
//! order, and nothing with `버림` may be. They are also what the fuzzer starts from.

use super::outline::Outline;
use super::*;
use proptest::prelude::*;
use std::io::Read;
use std::time::{Duration, Instant};

fn pages() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/html");
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    pages.sort();
    pages
}

fn text(html: &str) -> String {
    main_text(html).text
}

#[test]
fn keeps_what_it_must_and_nothing_else() {
    let mut checked = 0;
    for (name, html) in pages() {
        let html = String::from_utf8(html).unwrap();
        let text = text(&html);
        let labels = |of: &str| -> Vec<usize> {
            let numbers = of.split("남김").skip(1);
            numbers.filter_map(|after| after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).collect()
        };
        let expected: Vec<usize> = (1..=labels(&html).into_iter().max().unwrap_or(0)).collect();
        assert_eq!(labels(&text), expected, "{name}:\n{text}");
        assert!(!text.contains("버림"), "{name}:\n{text}");
        assert!(html.contains("버림"), "{name} has nothing to drop");
        checked += expected.len();
    }
    assert!(checked > 60);
}

#[test]
fn a_headline_outside_the_body_comes_along() {
    for (name, headline) in [
        ("naver-blog", "김치찌개 끓이는 날"),
        ("news", "동네 도서관, 밤에도 문 연다"),
        ("tistory", "러스트로 파서 만들기"),
        ("forum", "무선 공유기 추천 부탁드려요"),
    ] {
        let (_, html) = pages().into_iter().find(|(page, _)| page == name).unwrap();
        let page = main_text(std::str::from_utf8(&html).unwrap());
        assert!(page.text.starts_with(headline) && page.title.starts_with(headline), "{name}: {page:?}");
    }
}

#[test]
fn named_containers_come_before_more_text_elsewhere() {
    let other = "<div><p>이 자리에는 글과 상관없는 긴 이야기가 이어진다. 이름이 없어도 글은 아니다.</p></div>".repeat(2);
    let body = "<p>글은 여기에만 있다. 나머지는 둘레를 꾸미는 것이고, 몇 줄이 되든 글이 아니다. 그래서 이 두 줄만 남는다.</p>";
    for container in [
        "<div class='se-main-container'>",
        "<div id=postViewArea>",
        "<div class='se_component_wrap sect_dsc'>",
        "<div class='post-view pcol2'>",
        "<article id=dic_area class=go_trans>",
        "<div id='articleBodyContents'>",
        "<section class=article_view>",
        "<div itemprop=articleBody>",
        "<div class='entry-content'>",
        "<div class='tt_article_useless_p_margin contents_style'>",
        "<div id=article-view-content-div>",
        "<div id=bo_v_con>",
        "<div class='document_1_2 xe_content'>",
        "<main>",
        "<div role=main>",
        "<article>",
    ] {
        let html = format!("<title>제목</title>{other}<div>{container}{body}</div></article></main></section>{other}");
        let text = text(&html);
        assert!(text.starts_with("글은 여기에만") && text.ends_with("두 줄만 남는다."), "{container}: {text}");
    }
}

#[test]
fn no_main_text() {
    for html in [
        "",
        " \n",
        "<p></p>",
        "<title>제목</title>",
        "<a href=x>링크</a>",
        "<h1>제목</h1>",
        "<nav><a href=x>메뉴</a></nav>",
        "<p>\u{200b}…</p>",
        "<script>x</script>",
        "<!-- x",
    ] {
        assert_eq!(text(html), "", "{html}");
    }
    for (name, html) in pages() {
        let empty = ["portal", "scripts-only", "redirect"].contains(&name.as_str());
        assert_eq!(text(std::str::from_utf8(&html).unwrap()).is_empty(), empty, "{name}");
    }
}

#[test]
fn blocks_and_white_space() {
    assert_eq!(text("<p>가  나\n다&nbsp;\u{a0} 라</p><p>마</p>"), "가 나 다 라\n\n마");
    assert_eq!(text("<ul><li>가<li>나<ul><li>다</ul></ul>라"), "가\n나\n\n다\n\n라");
    assert_eq!(text("<table><tr><th>가<td>나<tr><td><p>다</p></td><td>라</td></table>"), "가\t나\n\n다\n\n라");
    assert_eq!(text("가<br>나<br/>다<hr>라"), "가\n나\n다\n\n라");
    assert_eq!(text("<pre>\n  a\r\n\tb &lt; c  \n\n</pre>뒤"), "  a\n\tb < c\n\n뒤");
    assert_eq!(text("<pre>가&#13;나\r다\r\n라</pre>"), "가\n나\n다\n라");
    assert_eq!(text("<dl><dt>가<dd>나<dt>다<dd>라</dl>"), "가\n나\n다\n라");
    assert_eq!(text("가<b>나</b>다 <i> 라 </i> 마<span>바</span>"), "가나다 라 마바");
    assert_eq!(text("<div>가<div>나</div>다</div>"), "가\n나\n다");
}

#[test]
fn ruby_readings_stand_in_parentheses() {
    assert_eq!(text("<p><ruby>漢<rt>한</rt>字<rt>자</rt></ruby>를 쓴다</p>"), "漢(한)字(자)를 쓴다");
    assert_eq!(text("<p><ruby>漢字<rp>(</rp><rt>한자</rt><rp>)</rp></ruby>를</p>"), "漢字(한자)를");
    assert_eq!(text("<p><ruby>漢字<rt>한자<p>그리고"), "漢字(한자)\n\n그리고");
}

#[test]
fn hostile_pages_take_linear_time_and_space() {
    let n = 1_000_000;
    let deep = format!("{}<p>글이 여기 있다.", "<div>".repeat(n));
    assert_eq!(text(&deep), "글이 여기 있다.");
    assert!(Outline::of(&deep).elements.len() <= n + 2);
    let huge = format!("<p class=\"{}\">글이 여기 있다.</p>", "a ".repeat(n));
    assert_eq!(text(&huge), "글이 여기 있다.");
    for piece in [
        "<div>",
        "</div>",
        "<p>",
        "<li>",
        "<ul><li>",
        "<table><tr><td>",
        "<td>",
        "<a href=x>",
        "<a href=\"",
        "<a href='x",
        "<",
        "</",
        "<!--",
        "<!",
        "<![CDATA[",
        "<title>",
        "<textarea>",
        "<script>",
        "<script><!--<script>",
        "</script",
        "&",
        "&#",
        "&#x",
        "&a",
        "<b hidden>",
        "<select>",
        "<svg>",
        "<h1>",
        "<pre>\n",
        "<ruby><rt>",
        "<br>",
        "<a href=#>x</a>",
        "<nav>",
        "<main>",
        "<div class=content>x",
        "<ul><li><a href=#x>y</a>",
        "=",
        "\"",
        "-->",
        "<x ",
        "/",
    ] {
        let html = format!("<title>{}</title>{}", "가나 ".repeat(100), piece.repeat(4_000_000 / piece.len()));
        let start = Instant::now();
        let page = main_text(&html);
        assert!(page.text.len() <= 2 * html.len());
        assert!(start.elapsed() < Duration::from_secs(10), "{piece}: {:?}", start.elapsed());
    }
}

#[test]
fn what_the_fuzzer_starts_from() {
    for (_, html) in pages() {
        replay::check(&html);
    }
}

/// The bodies of the responses of a WARC file, decoded.
fn responses(path: &std::path::Path) -> Vec<String> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    let (mut bodies, mut rest) = (Vec::new(), &bytes[..]);
    while let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n") {
        let head = std::str::from_utf8(&rest[..end]).unwrap().to_ascii_lowercase();
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        let (block, after) = rest[end + 4..].split_at(field("content-length:").parse().unwrap());
        if field("warc-type:") == "response" {
            let http = memchr::memmem::find(block, b"\r\n\r\n").unwrap();
            let said = std::str::from_utf8(&block[..http]).unwrap().to_ascii_lowercase();
            let label = said.split_once("charset=").map(|(_, label)| label.split_whitespace().next().unwrap().to_owned());
            let label = label.or_else(|| declared_charset(&block[http + 4..]));
            let encoding = encoding_rs::Encoding::for_label(label.as_deref().unwrap_or("utf-8").as_bytes()).unwrap();
            bodies.push(encoding.decode(&block[http + 4..]).0.into_owned());
        }
        rest = after.trim_ascii_start();
    }
    bodies
}

#[test]
fn real_pages() {
    let here = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    let path = std::env::var_os("KOPIPE_CORPUS").map_or_else(here, Into::into).join("ko-html.warc.gz");
    if !path.exists() {
        println!("SKIPPED: no corpus");
        return;
    }
    let pages = responses(&path);
    assert_eq!(pages.len(), 710);
    let texts: Vec<Page> = pages.iter().map(|html| main_text(html)).collect();
    // Twelve pages lead elsewhere and hold no text; the others without any are lists of links.
    assert!(texts.iter().filter(|page| page.text.is_empty()).count() <= 25);
    for (page, html) in texts.iter().zip(&pages) {
        assert!(page.text.len() <= html.len());
        assert!(
            !["</div>", "document.write(", "googletag", "navigator.userAgent"].iter().any(|code| page.text.contains(code)),
            "{}",
            page.title
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]
    #[test]
    fn whatever_comes(html in textbook::tests::soup()) {
        replay::check(html.as_bytes());
    }

    #[test]
    fn paragraphs_come_back(paragraphs in prop::collection::vec("[가-힣a-z]{1,9}( [가-힣a-z0-9.,<&>]{1,9}){0,20}", 1..6)) {
        let escaped = paragraphs.iter().map(|p| format!("<p>{}</p>\n", p.replace('&', "&amp;").replace('<', "&lt;")));
        prop_assert_eq!(text(&format!("<html><body><nav><a href=/>메뉴</a></nav>{}</body>", escaped.collect::<String>())), paragraphs.join("\n\n"));
    }
}
