//! A run of digits and the signs between them, read as groups.

use std::ops::Range;

/// What stands between two groups of digits, blanks around a sign aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Dash,
    Dot,
    Blank,
    /// A closing bracket: (02)123-4567.
    Bracket,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub range: Range<usize>,
    /// What joins it to the group before it; nothing where it is the first.
    pub join: Option<Join>,
}

/// Groups of digits that follow one another.
pub struct Numbers<'a> {
    pub text: &'a str,
    pub groups: Vec<Group>,
    /// Where the run ends.
    pub end: usize,
}

/// More groups than any number has; a longer run is read in pieces.
const MOST: usize = 64;

impl<'a> Numbers<'a> {
    /// The run around a place; nothing before `from` is looked at.
    pub fn around(text: &'a str, at: usize, from: usize) -> Self {
        let bytes = text.as_bytes();
        let mut start = at;
        while let Some(before) = step_back(bytes, start, from) {
            start = before;
        }
        while start < bytes.len() && !bytes[start].is_ascii_digit() {
            start += 1;
        }
        let mut numbers = Numbers { text, groups: Vec::new(), end: start };
        let mut join = None;
        while numbers.groups.len() < MOST {
            let end = numbers.end + bytes[numbers.end..].iter().take_while(|b| b.is_ascii_digit()).count();
            numbers.groups.push(Group { range: numbers.end..end, join });
            numbers.end = end;
            match join_at(bytes, end) {
                Some((next, after)) => (join, numbers.end) = (Some(next), after),
                None => break,
            }
        }
        numbers.end = numbers.groups.last().map_or(start, |last| last.range.end);
        numbers
    }

    pub fn digits(&self, group: usize) -> &'a str {
        self.groups.get(group).map_or("", |g| &self.text[g.range.clone()])
    }

    pub fn join(&self, group: usize) -> Option<Join> {
        self.groups.get(group).and_then(|g| g.join)
    }

    /// The bytes from the first of some groups to the last of them.
    pub fn range(&self, groups: Range<usize>) -> Range<usize> {
        self.groups[groups.start].range.start..self.groups[groups.end - 1].range.end
    }

    /// All digits of some groups.
    pub fn all_digits(&self, groups: Range<usize>) -> String {
        groups.map(|group| self.digits(group)).collect()
    }

    /// Whether groups from one on have these lengths and are joined alike.
    pub fn has_form(&self, first: usize, lengths: &[usize], join: Join) -> bool {
        let length = |i: usize| self.groups.get(first + i).map(|g| g.range.len());
        lengths.iter().enumerate().all(|(i, &n)| length(i) == Some(n) && (i == 0 || self.join(first + i) == Some(join)))
    }

    /// Whether nothing on either side makes some groups part of a longer number or word.
    pub fn stands_alone(&self, groups: Range<usize>) -> bool {
        let Range { start, end } = self.range(groups.clone());
        self.are_whole(groups) && opens(self.text, start) && closes(self.text, end)
    }

    /// Whether no further group goes on with a dash or a dot.
    pub fn are_whole(&self, groups: Range<usize>) -> bool {
        let tied = |join: Option<Join>| matches!(join, Some(Join::Dash | Join::Dot));
        let after_next = groups.end < self.groups.len() && tied(self.join(groups.end));
        !(after_next || groups.start > 0 && tied(self.join(groups.start)))
    }
}

/// Whether a number or code may begin at a place.
pub fn opens(text: &str, start: usize) -> bool {
    let mut before = text[..start].chars().rev();
    match before.next() {
        None => true,
        Some(c) if c.is_ascii_alphanumeric() => false,
        Some('_' | '$' | '₩' | '€' | '£' | '%' | '\\') => false,
        // A mask is what it stands for.
        Some('.' | ',') => !before.next().is_some_and(|c| c.is_ascii_digit() || c == '>'),
        Some('-') => !before.next().is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '>')),
        Some('/') => !before.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '>'),
        Some('=' | '&') => !before.next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '>'),
        _ => true,
    }
}

/// Whether a number or code may end at a place.
pub fn closes(text: &str, end: usize) -> bool {
    let mut after = text[end..].chars();
    match after.next() {
        None => true,
        Some(c) if c.is_ascii_alphanumeric() => false,
        Some('_' | '%' | '@' | '\\') => false,
        Some('/') => !after.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '<'),
        Some('.' | ',' | '-' | '*' | ':' | '+' | '=') => !after.next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '<'),
        _ => true,
    }
}

const DASHES: [&str; 7] = ["\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2015}", "\u{2212}"];

/// The bytes of a dash at a place, 0 where there is none.
pub fn dash(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(b'-') => 1,
        Some(0xE2) => DASHES.iter().find(|dash| bytes.starts_with(dash.as_bytes())).map_or(0, |dash| dash.len()),
        _ => 0,
    }
}

/// What joins the digits that end here to those that begin behind it.
fn join_at(bytes: &[u8], at: usize) -> Option<(Join, usize)> {
    let blank = |at: usize| at + usize::from(bytes.get(at) == Some(&b' '));
    let sign = blank(at);
    let dashed = sign + dash(&bytes[sign.min(bytes.len())..]);
    let (join, end) = match bytes.get(sign) {
        _ if dashed > sign => (Join::Dash, blank(dashed)),
        Some(b'.') if sign == at => (Join::Dot, sign + 1),
        Some(b')') if sign == at => {
            let after = blank(sign + 1);
            (Join::Bracket, blank(after + dash(&bytes[after.min(bytes.len())..])))
        }
        _ if sign > at => (Join::Blank, sign),
        _ => return None,
    };
    bytes.get(end).is_some_and(u8::is_ascii_digit).then_some((join, end))
}

/// One digit or sign to the left.
fn step_back(bytes: &[u8], at: usize, from: usize) -> Option<usize> {
    let before = bytes[from..at].last()?;
    if before.is_ascii_digit() || matches!(before, b'-' | b'.' | b')' | b' ') {
        return Some(at - 1);
    }
    let three = bytes[from..at].last_chunk::<3>()?;
    (dash(three) == 3).then_some(at - 3)
}
