//! A text as the pieces that are compared, each with the line ends behind it: together they are the text.

use super::Unit;
use std::ops::Range;

pub fn pieces(text: &str, unit: Unit) -> Pieces<'_> {
    Pieces { text, unit, at: 0 }
}

pub struct Pieces<'a> {
    text: &'a str,
    unit: Unit,
    at: usize,
}

impl Pieces<'_> {
    /// Behind the line that begins here.
    fn line_end(&self, from: usize) -> usize {
        memchr::memchr(b'\n', &self.text.as_bytes()[from..]).map_or(self.text.len(), |at| from + at + 1)
    }
}

impl Iterator for Pieces<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.at == self.text.len() {
            return None;
        }
        let start = self.at;
        let mut end = self.line_end(start);
        if self.unit == Unit::Paragraph {
            let (mut said, mut ended) = (false, false);
            let mut from = start;
            loop {
                let blank = self.text[from..end].trim().is_empty();
                // A paragraph ends with its blank lines; those at the beginning of a text belong to the first.
                if !blank && ended {
                    end = from;
                    break;
                }
                said |= !blank;
                ended |= blank && said;
                if end == self.text.len() {
                    break;
                }
                (from, end) = (end, self.line_end(end));
            }
        }
        self.at = end;
        Some(start..end)
    }
}
