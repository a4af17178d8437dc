//! Jamo, marks and emoji typed again and again: 안녕ㅋㅋㅋㅋㅋ → 안녕ㅋㅋ, !!!!!! → !!, ㅋㅎㅋㅎㅋㅎ → ㅋㅎㅋㅎ, ♥♥♥♥ → ♥♥.
//!
//! Syllables, digits and letters are never cut, nor what draws lines (`characters::is_repeatable`). An ellipsis keeps
//! three. Marks of ASCII that may be code stay (`is_code`).
//! What is written never holds more than the limit, which makes it idempotent.

use crate::clean::characters::{is_ellipsis, is_repeatable};

const ELLIPSIS: usize = 3;

pub fn cut(text: &str, limit: usize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    // The repeatable characters that end what is written, one after the other.
    let mut tail: Vec<char> = Vec::new();
    let mut code = false;
    for (at, c) in text.char_indices() {
        if !is_repeatable(c) {
            tail.clear();
            continue;
        }
        out.push_str(&text[copied..at]);
        copied = at + c.len_utf8();
        if tail.last() != Some(&c) {
            code = c.is_ascii() && is_code(c, &out);
        }
        if is_over(&tail, c, limit) && !code {
            continue;
        }
        out.push(c);
        tail.push(c);
        let pair = 2 * limit;
        if tail.len() >= pair + 2 && is_pair(&tail[tail.len() - pair - 2..]) {
            let last: usize = tail.drain(tail.len() - 2..).map(char::len_utf8).sum();
            out.truncate(out.len() - last);
        }
    }
    out.push_str(&text[copied..]);
    (out.len() != text.len()).then_some(out)
}

/// Whether the character stands there as often as it may.
fn is_over(tail: &[char], c: char, limit: usize) -> bool {
    // Two of these letters make a flag, and two flags may meet in the same one.
    if matches!(c, '\u{1F1E6}'..='\u{1F1FF}') {
        return false;
    }
    let limit = if is_ellipsis(c) { limit.max(ELLIPSIS) } else { limit };
    tail.len() >= limit && tail[tail.len() - limit..].iter().all(|&before| before == c)
}

/// Whether two different characters of a kind take turns all along.
fn is_pair(tail: &[char]) -> bool {
    let (a, b) = (tail[0], tail[1]);
    a != b && kind(a).is_some() && kind(a) == kind(b) && tail.chunks(2).all(|pair| pair == [a, b])
}

fn kind(c: char) -> Option<u8> {
    match c {
        '\u{3131}'..='\u{3163}' => Some(0),
        '!' | '?' => Some(1),
        c if is_ellipsis(c) || c.is_ascii() || c == '\u{301C}' => None,
        _ => Some(2),
    }
}

/// Whether the marks may be code, a placeholder or a table: they do not follow what they would make louder. A run of
/// letters of ASCII may be loud (GO!!!), but not by `^` or `,`; an unknown year is `~ ????년`.
fn is_code(mark: char, written: &str) -> bool {
    let is_said = |c: char| !c.is_ascii() || is_repeatable(c);
    let mut before = written.chars().rev();
    !match before.next() {
        Some(' ') => mark != '?' && before.next().is_some_and(is_said),
        Some(last) => is_said(last) || matches!(mark, '!' | '?' | '.') && last.is_ascii_alphabetic(),
        None => false,
    }
}
