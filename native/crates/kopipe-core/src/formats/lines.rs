//! Text that is cut at blank lines.

use memchr::memchr;

/// A paragraph ends behind the blank line that follows it; a line of spaces is blank.
#[derive(Debug, Clone, Default)]
pub struct Paragraphs {
    /// What came last was a line's end, and perhaps spaces.
    line_ended: bool,
    /// Something other than white space came.
    text: bool,
}

impl Paragraphs {
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'\n' if self.line_ended && self.text => {
                    *self = Self::default();
                    return Some(at + 1);
                }
                b'\n' => self.line_ended = true,
                b' ' | b'\t' | b'\r' => {}
                _ => {
                    (self.text, self.line_ended) = (true, false);
                    // Nothing before the line's end can end the paragraph.
                    at = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                    continue;
                }
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::Framing;
    use super::super::replay::split;

    #[test]
    fn paragraphs_end_at_blank_lines() {
        let text = "\n첫 줄\n둘째 줄\n \t\r\n\n셋째\n\n";
        let framing = Framing::Paragraphs(Default::default());
        assert_eq!(split(framing, text.as_bytes(), 5), ["\n첫 줄\n둘째 줄\n \t\r\n".as_bytes(), "\n셋째\n\n".as_bytes()]);
    }
}
