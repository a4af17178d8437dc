//! News bylines and footers are cut, a file each: what stands at a text's two ends and is no part of what it says.
//!
//! Precision comes first. A form is cut only where it begins one of the first lines, or ends the text; what is found there
//! is cut and the new end looked at, until nothing is found. Nothing is cut from the middle, nor from a text of which
//! more than a third would go: that is about bylines, or made of them. dps cuts at such words wherever they stand.
//! Names do not change: what follows an agency's dateline stays. docs/cuts.md has the forms and the precision.
//! Cost: docs/cuts.md; a few bytes of the head and the last line tell that most texts have neither.

mod anchors;
mod bylines;
pub mod counts;
mod footers;
pub mod replay;

use counts::{BYLINE, Cuts, FOOTER};
use serde::Deserialize;
use std::borrow::Cow;
use std::ops::Range;

/// The recipe's section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cutting {
    pub bylines: bool,
    pub footers: bool,
}

/// Shorter texts, of a hundred syllables, are no articles.
const SHORTEST: usize = 300;
/// No more than one byte of so many is cut, nor more bytes than these: the rest is moved each time.
const SHARE: usize = 3;
const MOST: usize = 8 << 10;
/// Where a form at the beginning begins at the latest, and in which of the lines that are not blank.
const HEAD: usize = 400;
const HEAD_LINES: usize = 4;
/// A line is looked at so far, from where a form begins or ends.
const LINE: usize = 400;

#[derive(Debug, PartialEq, Eq)]
pub struct Trimmed {
    pub text: String,
    pub cuts: Cuts,
}

/// The text without its byline and footer, or nothing where it has neither. Cutting it again finds nothing.
pub fn cut(text: &str, how: Cutting) -> Option<Trimmed> {
    let asked = how.bylines || how.footers;
    if !asked || text.len() < SHORTEST || !(how.bylines && anchors::head(text) || anchors::tail(text)) {
        return None;
    }
    let (mut kept, mut cuts, most) = (Cow::Borrowed(text), Cuts::default(), MOST.min(text.len() / SHARE));
    while let Some((kind, range)) = next(&kept, how) {
        if text.len() - kept.len() + range.len() > most {
            return None;
        }
        cuts.hit(kind, range.len());
        kept.to_mut().replace_range(range, "");
    }
    match kept {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(Trimmed { text, cuts }),
    }
}

/// What is cut next, with the blanks that stood between it and the rest.
fn next(text: &str, how: Cutting) -> Option<(usize, Range<usize>)> {
    if how.bylines
        && let Some(range) = first(text)
    {
        return Some((BYLINE, range));
    }
    let (kind, at) = last(text, how)?;
    Some((kind, text[..at].trim_end().len()..text.len()))
}

/// The byline that begins one of the first lines.
fn first(text: &str) -> Option<Range<usize>> {
    let (mut at, mut lines) = (0, 0);
    for line in text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        lines += 1;
        if start > HEAD || lines > HEAD_LINES {
            return None;
        }
        let line = text[start..at].trim_end();
        let line = &line[..line.floor_char_boundary(LINE)];
        if let Some(length) = anchors::line(line).then(|| bylines::at_start(line)).flatten() {
            let end = at - text[start + length..at].trim_start().len();
            // Nothing stands behind what ends the text, not even its line's end.
            let start = if end == text.len() { text[..start].trim_end().len() } else { start };
            return Some(start..end);
        }
    }
    None
}

/// The kind of what ends the text, and where it begins.
fn last(text: &str, how: Cutting) -> Option<(usize, usize)> {
    let text = text.trim_end();
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    let from = text.ceil_char_boundary(line.max(text.len().saturating_sub(LINE)));
    let (whole, line) = (from == line, &text[from..]);
    if how.footers
        && anchors::noticed(line)
        && let Some(at) = footers::at_end(line, whole)
    {
        return Some((FOOTER, from + at));
    }
    if how.bylines
        && anchors::signed(line)
        && let Some(at) = bylines::at_end(line, whole)
    {
        return Some((BYLINE, from + at));
    }
    how.footers.then(|| footers::list_at_end(text)).flatten().map(|at| (FOOTER, at))
}

#[cfg(test)]
mod draw;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod textbook;
