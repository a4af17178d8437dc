//! What must hold for any text that comes as a page. The fuzz target `html` looks for one that breaks it; the tests
//! replay what it starts from.

use super::{declared_charset, main_text, textbook, tokens::Tokens};

pub fn check(input: &[u8]) {
    let _ = declared_charset(input);
    let html = String::from_utf8_lossy(input);
    assert_eq!(Tokens::new(&html).collect::<Vec<_>>(), textbook::tokens(&html));
    let page = main_text(&html);
    assert!(page.title.len() + page.text.len() <= 2 * html.len());
    assert!(!page.title.contains('\n') && !page.text.ends_with([' ', '\n', '\t', '\r']));
    assert!(page.text.is_empty() || page.text.contains(char::is_alphanumeric));
    // What it gives, written as a page again, is all text. Not at an end of it, where lines are judged by their words.
    let escaped = page.text.replace('&', "&amp;").replace('<', "&lt;");
    let again = main_text(&format!("<main><p>가</p><pre>\n{escaped}</pre><p>나</p></main>"));
    let middle = again.text.strip_prefix("가\n\n").and_then(|rest| rest.strip_suffix("나"));
    assert_eq!(middle.map(|middle| middle.strip_suffix("\n\n").unwrap_or(middle)), Some(&*page.text));
}
