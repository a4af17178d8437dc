//! The tokenizer as one would write it first: state by state, byte by byte, searching to the end of the page as often
//! as it likes. The tests hold `Tokens` against it.

use super::tags::{Kind, Tag};
use super::tokens::{Attributes, Token};

/// The tokens of a page, those that `Tokens` must give.
pub fn tokens(html: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut at, mut text) = (Vec::new(), 0, 0);
    while at < html.len() {
        let rest = &html[at..];
        let after = rest.as_bytes().get(1).copied().unwrap_or(b' ');
        if !(rest.starts_with('<') && (after.is_ascii_alphabetic() || b"/!?".contains(&after))) {
            at += 1;
            while !html.is_char_boundary(at) {
                at += 1;
            }
            continue;
        }
        if text < at {
            tokens.push(Token::Text(&html[text..at]));
        }
        at += markup(rest, &mut tokens);
        text = at;
    }
    if text < html.len() {
        tokens.push(Token::Text(&html[text..]));
    }
    tokens
}

/// Reads one piece of markup, raw text included; returns its length.
fn markup<'h>(rest: &'h str, tokens: &mut Vec<Token<'h>>) -> usize {
    let up_to = |what: &str, from: usize| rest[from..].find(what).map(|i| from + i + what.len());
    if rest.starts_with("<![CDATA[") && rest.contains("]]>") {
        let end = up_to("]]>", 9).expect("it is there");
        if end > 12 {
            tokens.push(Token::Text(&rest[9..end - 3]));
        }
        return end;
    }
    if rest.starts_with("<!-->") || rest.starts_with("<!--->") {
        return up_to(">", 0).expect("it is there");
    }
    if rest.starts_with("<!--") {
        return [up_to("-->", 4), up_to("--!>", 4)].into_iter().flatten().min().unwrap_or(rest.len());
    }
    let ends = rest.starts_with("</");
    let name = 1 + usize::from(ends);
    if !rest[name..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return up_to(">", 0).unwrap_or(rest.len());
    }
    let name_end = rest[name..].find([' ', '\n', '\t', '\r', '\x0c', '/', '>']).map_or(rest.len(), |i| name + i);
    let tag = Tag::of(&rest.as_bytes()[name..name_end]);
    let Some((attributes, length)) = attributes(rest, name_end) else { return rest.len() };
    if ends {
        tokens.push(Token::End(tag));
        return length;
    }
    tokens.push(Token::Start(tag, attributes));
    if tag.kind() != Kind::Raw {
        return length;
    }
    let content = &rest[length..];
    match raw_end(tag, content) {
        Some(end) => {
            tokens.push(Token::Raw(tag, &content[..end]));
            length + content[end..].find('>').map_or(content.len(), |i| end + i + 1)
        }
        None if matches!(tag, Tag::Script | Tag::Style) => {
            tokens.push(Token::Raw(tag, content));
            rest.len()
        }
        None => {
            tokens.push(Token::Raw(tag, ""));
            length
        }
    }
}

enum State {
    Outside,
    Name(usize),
    AfterName(usize, usize),
    BeforeValue(usize, usize),
    Quoted(u8, usize),
    Bare(usize),
}

fn attributes(rest: &str, from: usize) -> Option<(Attributes<'_>, usize)> {
    let bytes = rest.as_bytes();
    let mut found: Vec<(String, &str)> = Vec::new();
    let (mut state, mut at, mut closed) = (State::Outside, from, false);
    let space = |b: u8| b" \n\t\r\x0c".contains(&b);
    loop {
        let byte = *bytes.get(at)?;
        match state {
            State::Outside if space(byte) => {}
            State::Outside if byte == b'>' => break,
            State::Outside if byte == b'/' => closed = bytes.get(at + 1) == Some(&b'>'),
            State::Outside => state = State::Name(at),
            State::Name(start) if b"=>/".contains(&byte) || space(byte) => {
                state = State::AfterName(start, at);
                continue;
            }
            State::Name(_) => {}
            State::AfterName(..) if space(byte) => {}
            State::AfterName(start, end) if byte == b'=' => state = State::BeforeValue(start, end),
            State::AfterName(start, end) => {
                found.push((rest[start..end].to_ascii_lowercase(), ""));
                state = State::Outside;
                continue;
            }
            State::BeforeValue(..) if space(byte) => {}
            State::BeforeValue(start, end) => {
                found.push((rest[start..end].to_ascii_lowercase(), ""));
                let quoted = b"\"'".contains(&byte);
                let closes = quoted && bytes[at + 1..].contains(&byte);
                state = match (quoted, closes) {
                    (true, true) => State::Quoted(byte, at + 1),
                    (true, false) => State::Quoted(b'>', at + 1),
                    _ => State::Bare(at),
                };
                if !quoted {
                    continue;
                }
            }
            State::Quoted(quote, start) if byte == quote => {
                found.last_mut()?.1 = &rest[start..at];
                state = State::Outside;
                if quote == b'>' {
                    continue;
                }
            }
            State::Quoted(..) => {}
            State::Bare(start) if byte == b'>' || space(byte) => {
                found.last_mut()?.1 = &rest[start..at];
                state = State::Outside;
                continue;
            }
            State::Bare(_) => {}
        }
        at += 1;
    }
    // The first of a name counts, and the first that says anything.
    let first = |name: &str| found.iter().filter(|(n, _)| n == name).map(|&(_, v)| v).find(|v| !v.is_empty()).unwrap_or_default();
    let given = |name: &str| found.iter().find(|(n, _)| n == name).map(|&(_, v)| v);
    let attributes = Attributes {
        class: first("class"),
        id: first("id"),
        role: first("role"),
        style: first("style"),
        itemprop: first("itemprop"),
        href: given("href"),
        hidden: given("hidden"),
        aria_hidden: first("aria-hidden"),
        closed,
    };
    Some((attributes, at + 1))
}

/// Where the end tag of `tag` begins in `content`.
fn raw_end(tag: Tag, content: &str) -> Option<usize> {
    let name = format!("{tag:?}").to_ascii_lowercase();
    let (mut comment, mut doubled, mut skip) = (false, false, 0);
    for (at, _) in content.char_indices() {
        let rest = &content[at..];
        let is_tag = |open: &str| {
            let after = rest.strip_prefix(open).and_then(|rest| rest.split_at_checked(name.len()));
            let ends = |after: &str| after.starts_with([' ', '\n', '\t', '\r', '\x0c', '/', '>']);
            after.is_some_and(|(found, after)| found.eq_ignore_ascii_case(&name) && ends(after))
        };
        if at < skip {
            continue;
        }
        if is_tag("</") {
            if !doubled {
                return Some(at);
            }
            doubled = false;
        } else if tag == Tag::Script && !comment && rest.starts_with("<!--") {
            // Its dashes may be the ones of `-->`.
            (comment, skip) = (true, at + 2);
        } else if comment && rest.starts_with("-->") {
            (comment, doubled) = (false, false);
        } else if comment && is_tag("<") {
            doubled = true;
        }
    }
    None
}

#[cfg(test)]
pub mod tests {
    use super::super::tokens::Tokens;
    use super::*;
    use proptest::prelude::*;

    fn fast(html: &str) -> Vec<Token<'_>> {
        Tokens::new(html).collect()
    }

    /// What begins or ends something, and what does not.
    static PIECES: &[&str] = &[
        "<",
        ">",
        "</",
        "/>",
        "/",
        "=",
        "\"",
        "'",
        " ",
        "\n",
        "<!--",
        "-->",
        "--!>",
        "-",
        "!",
        "?",
        "<!",
        "<![CDATA[",
        "]]>",
        "]",
        "&",
        "<p>",
        "</p>",
        "<div class=\"a b\">",
        "<DIV ID=x>",
        "</div >",
        "<br/>",
        "<a href='#x'>",
        "</a>",
        "<script>",
        "</script>",
        "<script",
        "</script",
        "</SCRIPT ",
        "<style>",
        "</style>",
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<x-y>",
        "hidden",
        "class=",
        "style='display:none'",
        "role=main",
        "가나다",
        "é",
        "text",
        "a",
        "&amp;",
        "\u{0}",
    ];

    /// Soup of everything that begins or ends something.
    pub fn soup() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop_oneof![8 => prop::sample::select(PIECES).prop_map(String::from), 1 => any::<char>().prop_map(String::from)],
            0..24,
        )
        .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn the_fast_tokenizer_equals_it(html in soup()) {
            prop_assert_eq!(fast(&html), tokens(&html));
        }
    }

    #[test]
    fn as_the_standard_says() {
        let start = |tag| Token::Start(tag, Attributes::default());
        assert_eq!(fast("a < b <p>c</p >"), [Token::Text("a < b "), start(Tag::P), Token::Text("c"), Token::End(Tag::P)]);
        assert_eq!(fast("<!-- > --><!-->x<!--->y<!-- --!>z"), [Token::Text("x"), Token::Text("y"), Token::Text("z")]);
        assert_eq!(
            fast("<script>if (a < b && '</' + '</scr') </scripts></script >x"),
            [start(Tag::Script), Token::Raw(Tag::Script, "if (a < b && '</' + '</scr') </scripts>"), Token::Text("x")]
        );
        assert_eq!(
            fast("<script><!-- w('<script src=x></script>') //--></script>x"),
            [start(Tag::Script), Token::Raw(Tag::Script, "<!-- w('<script src=x></script>') //-->"), Token::Text("x")]
        );
        assert_eq!(fast("<![CDATA[ a<b ]]><![CDATA[]]>c"), [Token::Text(" a<b "), Token::Text("c")]);
        assert_eq!(fast("<title>a<b>&amp;</title>"), [start(Tag::Title), Token::Raw(Tag::Title, "a<b>&amp;")]);
        let attributes = Attributes { class: "a b", id: "c/", hidden: Some(""), ..Attributes::default() };
        assert_eq!(fast("<div CLASS = 'a b' x id=c/ hidden class=z>"), [Token::Start(Tag::Div, attributes)]);
    }

    #[test]
    fn what_never_closes() {
        let start = |tag| Token::Start(tag, Attributes::default());
        assert_eq!(fast("<title>a"), [start(Tag::Title), Token::Raw(Tag::Title, ""), Token::Text("a")]);
        assert_eq!(fast("<script>a"), [start(Tag::Script), Token::Raw(Tag::Script, "a")]);
        assert_eq!(fast("a<!-- b"), [Token::Text("a")]);
        assert_eq!(fast("a<div class='b"), [Token::Text("a")]);
        assert_eq!(fast("<p class='b>c"), [Token::Start(Tag::P, Attributes { class: "b", ..Attributes::default() }), Token::Text("c")]);
    }
}
