//! White space between lines and words. That of Unicode has become U+0020 before (`single`).
//!
//! Blanks at a line's end go, and blank lines beyond two; on request blanks within a line become one. Indentation
//! stays unless they do: it is the syntax of code and of lists.

/// Line ends in succession: two blank lines.
const LINE_ENDS: usize = 3;

pub fn lines(text: &str, collapse: bool) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut ends = 0;
    for (number, line) in text.split('\n').enumerate() {
        ends += usize::from(number > 0);
        if number > 0 && ends <= LINE_ENDS {
            out.push('\n');
        }
        let line = line.trim_end_matches(is_blank);
        if !line.is_empty() {
            ends = 0;
            if collapse { push_collapsed(line, &mut out) } else { out.push_str(line) }
        }
    }
    (out != text).then_some(out)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn push_collapsed(mut line: &str, out: &mut String) {
    while let Some(start) = line.find(is_blank) {
        let run = line[start..].find(|c| !is_blank(c)).unwrap_or(line.len() - start);
        out.push_str(&line[..start]);
        out.push_str(if run > 1 { " " } else { &line[start..start + 1] });
        line = &line[start + run..];
    }
    out.push_str(line);
}
