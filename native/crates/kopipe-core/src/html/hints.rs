//! What an element's tag, role, class and id say about it.
//!
//! Class names are words people agree on without having met. The lists here are those that Readability ("unlikely
//! candidates", "ok maybe it's a candidate"), trafilatura (Barbaresi, ACL 2021 demo) and resiliparse (Bevendorff et
//! al., ECIR 2018; SIGIR 2023) also go by, as facts, joined by what Korean sites write: `gnb`, `lnb`, `snb`, the body
//! containers of Naver, Tistory, Daum, GnuBoard and XpressEngine.

use super::tags::Tag;
use super::tokens::Attributes;

/// A set of the constants below.
pub type Hints = u16;

/// Not shown.
pub const HIDDEN: Hints = 1;
/// Around the main text: navigation, header, footer, side bar, sharing, related pages.
pub const FURNITURE: Hints = 1 << 1;
/// What readers wrote below.
pub const COMMENTS: Hints = 1 << 2;
/// The word content, article, post, entry or text.
pub const PERHAPS: Hints = 1 << 3;
/// `<main>`, `<article>` or their roles.
pub const MAIN: Hints = 1 << 4;
/// The container of an article's own text, by the name that a system or standard gives it.
pub const BODY: Hints = 1 << 5;
/// The element itself is `<nav>`, `<footer>` or the like, or has such a role.
pub const SURELY: Hints = 1 << 6;
/// `<header>`: a site's, or an article's with its headline.
pub const HEADER: Hints = 1 << 7;
/// Notes and footnotes, which stand in `<aside>` too.
pub const NOTE: Hints = 1 << 8;
/// A role, class or id that says table of contents.
pub const CONTENTS_LIST: Hints = 1 << 9;
/// A box beside the text: a site's side bar, or a book's.
pub const SIDE: Hints = 1 << 10;

pub fn of_element(tag: Tag, attributes: &Attributes) -> Hints {
    let mut hints = match tag {
        Tag::Nav | Tag::Footer | Tag::Search | Tag::Dialog | Tag::Menu => FURNITURE | SURELY,
        Tag::Aside => FURNITURE | SIDE,
        Tag::Header => HEADER,
        Tag::Main | Tag::Article => MAIN,
        _ => 0,
    };
    if is_hidden(attributes) {
        hints |= HIDDEN;
    }
    match attributes.role {
        "" => {}
        "main" | "article" => hints |= MAIN,
        "navigation" | "contentinfo" | "search" | "menu" | "menubar" | "dialog" | "alertdialog" | "toolbar" | "tablist" => {
            hints |= FURNITURE | SURELY;
        }
        "banner" | "complementary" => hints |= FURNITURE,
        "note" | "doc-footnote" | "doc-endnotes" | "doc-tip" => hints |= NOTE,
        "doc-toc" => hints |= CONTENTS_LIST,
        _ => {}
    }
    if matches!(attributes.itemprop, "articleBody" | "reviewBody") {
        hints |= BODY;
    }
    if !attributes.class.is_empty() {
        hints |= of_names(attributes.class);
    }
    if !attributes.id.is_empty() {
        hints |= of_names(attributes.id);
    }
    if hints & NOTE != 0 && hints & SURELY == 0 {
        hints &= !FURNITURE;
    }
    hints
}

/// `hidden`, `display: none`, `visibility: hidden`, `aria-hidden`, and the class names for what only a screen reader says.
pub fn is_hidden(attributes: &Attributes) -> bool {
    attributes.hidden.is_some_and(|value| value != "until-found")
        || attributes.aria_hidden == "true"
        || (!attributes.style.is_empty() && hides(attributes.style))
        || matches!(attributes.class, "blind" | "sr-only" | "visually-hidden" | "screen-reader-text" | "sound_only" | "u_skip")
}

fn hides(style: &str) -> bool {
    style.split(';').any(|rule| {
        let (name, value) = rule.split_once(':').unwrap_or_default();
        let (name, value) = (name.trim(), value.split('!').next().unwrap_or_default().trim());
        (name.eq_ignore_ascii_case("display") && value.eq_ignore_ascii_case("none"))
            || (name.eq_ignore_ascii_case("visibility") && value.eq_ignore_ascii_case("hidden"))
    })
}

/// Names longer than this say nothing here.
const LONGEST: usize = 40;

fn of_names(names: &str) -> Hints {
    let mut hints = 0;
    for name in names.split_ascii_whitespace() {
        if name.len() > LONGEST || !name.is_ascii() {
            continue;
        }
        hints |= of_name(name.as_bytes());
    }
    hints
}

fn of_name(name: &[u8]) -> Hints {
    let mut lower = [0u8; LONGEST];
    let lower = &mut lower[..name.len()];
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    if let Some(hints) = of_whole_name(lower) {
        return hints;
    }
    // What a page has is said of the page: `has-sidebar`, `no-footer`.
    if [&b"has-"[..], b"no-", b"with-", b"is-", b"has_", b"no_", b"with_"].iter().any(|p| lower.starts_with(p)) {
        return 0;
    }
    let (mut hints, mut start) = (0, 0);
    for i in 0..=name.len() {
        let cut = i == name.len()
            || !name[i].is_ascii_alphanumeric()
            || (i > start && name[i].is_ascii_uppercase() && name[i - 1].is_ascii_lowercase());
        if cut {
            hints |= of_word(&lower[start..i]);
            start = if name.get(i).is_some_and(|b| b.is_ascii_alphanumeric()) { i } else { i + 1 };
        }
    }
    hints
}

fn of_whole_name(name: &[u8]) -> Option<Hints> {
    Some(match name {
        // Naver blog, café, news; Daum and Tistory; GnuBoard, XpressEngine and Rhymix; forums; WordPress; wikis; documentation.
        b"se-main-container"
        | b"postviewarea"
        | b"post-view"
        | b"se_component_wrap"
        | b"dic_area"
        | b"articlebodycontents"
        | b"newsct_article"
        | b"newsendcontents"
        | b"contentrenderer"
        | b"harmonycontainer"
        | b"article_view"
        | b"article-view"
        | b"article-view-content-div"
        | b"tt_article_useless_p_margin"
        | b"entry-content"
        | b"post-content"
        | b"post-body"
        | b"post_body"
        | b"article-body"
        | b"article_body"
        | b"articlebody"
        | b"article-content"
        | b"article_content"
        | b"news_body"
        | b"news-body"
        | b"newsbody"
        | b"article_txt"
        | b"article-text"
        | b"story-body"
        | b"bo_v_con"
        | b"view_content"
        | b"view-content"
        | b"read_body"
        | b"xe_content"
        | b"rhymix_content"
        | b"write_div"
        | b"post_article"
        | b"wrap_body"
        | b"mw-parser-output"
        | b"wiki-content"
        | b"markdown-body"
        | b"theme-doc-markdown" => BODY,
        b"noprint" | b"no-print" | b"d-print-none" | b"hidden-print" | b"print-hidden" => FURNITURE,
        b"site-header" | b"global-header" | b"page-footer" | b"prev-next" | b"post-tags" | b"tag-list" | b"skip-link" => FURNITURE,
        _ => return None,
    })
}

fn of_word(word: &[u8]) -> Hints {
    match word {
        b"nav" | b"navi" | b"navbar" | b"navigation" | b"navheader" | b"navfooter" | b"navlinks" | b"gnb" | b"lnb" | b"snb" | b"tnb"
        | b"fnb" | b"menu" | b"menus" | b"menubar" | b"breadcrumb" | b"breadcrumbs" | b"crumb" | b"crumbs" | b"foot" | b"footer"
        | b"banner" | b"banners" | b"ad" | b"ads" | b"adv" | b"advert" | b"adverts" | b"advertisement" | b"adsense" | b"adsbygoogle"
        | b"sponsor" | b"sponsored" | b"promo" | b"promotion" | b"share" | b"sharing" | b"sns" | b"social" | b"related" | b"relation"
        | b"recommend" | b"recommended" | b"recommendation" | b"popular" | b"ranking" | b"tags" | b"taglist" | b"tagtrail"
        | b"pagination" | b"pager" | b"paging" | b"paginate" | b"prevnext" | b"cookie" | b"cookies" | b"consent" | b"gdpr" | b"popup"
        | b"modal" | b"login" | b"signin" | b"signup" | b"subscribe" | b"newsletter" | b"search" | b"searchbox" | b"skip" | b"skipnav"
        | b"toolbar" | b"copyright" | b"sitemap" | b"feedback" | b"rating" | b"widget" | b"widgets" | b"masthead" | b"dropdown"
        | b"btn" | b"btns" | b"buttons" | b"tooltip" | b"langs" | b"languages" | b"interlanguage" | b"editsection" => FURNITURE,
        b"sidebar" | b"aside" => FURNITURE | SIDE,
        b"toc" | b"tableofcontents" => FURNITURE | CONTENTS_LIST,
        b"comment" | b"comments" | b"commentlist" | b"reply" | b"replies" | b"respond" | b"cmt" | b"disqus" => COMMENTS,
        b"note" | b"notes" | b"footnote" | b"footnotes" | b"admonition" | b"callout" | b"tip" | b"warning" | b"caution" => NOTE,
        b"content" | b"contents" | b"article" | b"post" | b"entry" | b"text" | b"story" | b"main" | b"body" => PERHAPS,
        _ if [&b"nav"[..], b"footer", b"sidebar", b"menu", b"breadcrumb", b"breadcrumbs"].iter().any(|end| word.ends_with(end)) => {
            FURNITURE
        }
        _ if word.starts_with(b"related") || word.starts_with(b"recommend") => FURNITURE,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_names() {
        for (names, expected) in [
            ("navheader", FURNITURE),
            ("docnav", FURNITURE),
            ("naver-blog", 0),
            ("mainMenu", FURNITURE | PERHAPS),
            ("has-sidebar content", PERHAPS),
            ("se-main-container", BODY),
            ("relatedtopics", FURNITURE),
            ("header-article", PERHAPS),
            ("comment_list", COMMENTS),
            ("download", 0),
            ("col-md-8 uploads", 0),
            ("가나다 toc", FURNITURE | CONTENTS_LIST),
            ("", 0),
        ] {
            assert_eq!(of_names(names), expected, "{names}");
        }
    }

    #[test]
    fn hidden_elements() {
        let style = |style| is_hidden(&Attributes { style, ..Attributes::default() });
        assert!(style("color:red; DISPLAY : none !important") && style("visibility:hidden"));
        assert!(!style("display:block") && !style("") && !style("no-display:none") && !style("display"));
        assert!(is_hidden(&Attributes { hidden: Some("true"), ..Attributes::default() }));
    }

    #[test]
    fn a_note_in_an_aside_is_text() {
        let note = Attributes { class: "admonition tip", ..Attributes::default() };
        assert_eq!(of_element(Tag::Aside, &note) & FURNITURE, 0);
        assert_eq!(of_element(Tag::Aside, &Attributes::default()) & FURNITURE, FURNITURE);
    }
}
