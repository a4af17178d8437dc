//! What is shared is cut out, with the signs that hang on it; where text is left on both sides, what stood between them
//! stays: a line's end before a blank.

use super::words::is_letter;
use std::ops::Range;

/// The text without its spans, which are ascending, apart and at word edges.
pub fn remove(text: &str, spans: &[Range<usize>]) -> String {
    let (mut kept, mut at) = (String::with_capacity(text.len()), 0);
    for span in spans {
        if span.start < at {
            continue;
        }
        let before = text[at..span.start].trim_end_matches(opens);
        let behind = text[span.end..].trim_start_matches(closes);
        let next = behind.trim_start();
        kept.push_str(before);
        let blanks = kept.split_off(kept.trim_end().len());
        if !kept.is_empty() && !next.is_empty() {
            kept.push_str(between(&blanks, &behind[..behind.len() - next.len()]));
        }
        at = text.len() - next.len();
    }
    kept.push_str(&text[at..]);
    kept
}

/// Signs that hang on what follows.
fn opens(c: char) -> bool {
    matches!(c, '"' | '\'') || opens_only(c)
}

fn opens_only(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '<' | '‘' | '“' | '「' | '『' | '《' | '〈' | '【' | '〔' | '（' | '［')
}

/// Signs that hang on what is before.
fn closes(c: char) -> bool {
    !is_letter(c) && !c.is_whitespace() && !opens_only(c)
}

/// The stronger of two separators.
fn between<'a>(left: &'a str, right: &'a str) -> &'a str {
    let lines = |blanks: &str| blanks.matches('\n').count();
    match lines(right) > lines(left) {
        true => right,
        false if lines(left) > 0 => left,
        false => " ",
    }
}
