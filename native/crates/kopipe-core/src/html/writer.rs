//! The text of a page as it is read: white space collapsed, references decoded, links counted, ruby readings in
//! parentheses. What is written between two cuts is a block.

use super::references;
use super::tokens::is_space;
use std::ops::Range;

#[derive(Default)]
pub struct Writer {
    pub text: String,
    /// Open `<pre>`: their text stands as it is.
    pub pre: u32,
    /// The block being written began here.
    start: usize,
    /// White space was read and not yet written.
    space: bool,
    link: Option<Link>,
    links: Links,
    ruby: Ruby,
}

/// What of a block is linked.
#[derive(Debug, Default, Clone, Copy)]
pub struct Links {
    /// Bytes inside links.
    pub bytes: u32,
    pub count: u16,
    /// How many lead to a place on the same page.
    pub here: u16,
}

#[derive(Clone, Copy)]
struct Link {
    from: usize,
    here: bool,
    /// Open elements where it began: it ends with them at the latest.
    depth: usize,
}

#[derive(Default, Clone, Copy, PartialEq)]
pub enum Ruby {
    #[default]
    Base,
    Reading,
    /// `<rp>`: the parentheses are written for every reading, not only for readers that cannot show ruby.
    Parenthesis,
}

impl Writer {
    pub fn with_capacity(bytes: usize) -> Self {
        Writer { text: String::with_capacity(bytes), ..Writer::default() }
    }

    /// Ends the block; `None` where nothing was written.
    pub fn cut(&mut self) -> Option<(Range<u32>, Links)> {
        if self.ruby == Ruby::Reading && self.text.len() > self.start {
            self.text.push(')');
        }
        self.ruby = Ruby::Base;
        self.count_link();
        if self.pre > 0 {
            let kept = self.text[self.start..].trim_end_matches([' ', '\n', '\t', '\r', '\x0c']).len();
            self.text.truncate(self.start + kept);
        }
        self.space = false;
        let range = self.start as u32..self.text.len() as u32;
        self.start = self.text.len();
        if let Some(link) = &mut self.link {
            link.from = self.start;
        }
        let links = std::mem::take(&mut self.links);
        (!range.is_empty()).then_some((range, links))
    }

    /// A link begins, `here` if to a place on this page, with `depth` elements open.
    pub fn start_link(&mut self, here: bool, depth: usize) {
        self.end_link();
        self.link = Some(Link { from: self.text.len(), here, depth });
    }

    pub fn end_link(&mut self) {
        let Some(link) = self.link else { return };
        let text = self.text.get(link.from..).unwrap_or_default().trim();
        if link.here && matches!(text, "¶" | "#" | "§" | "🔗" | "\u{f0c1}") {
            // A heading's link to itself.
            self.text.truncate(link.from);
            self.space = false;
        } else {
            self.count_link();
        }
        self.link = None;
    }

    /// Ends a link that began inside what is closed down to `depth`.
    pub fn end_link_above(&mut self, depth: usize) {
        if self.link.is_some_and(|link| link.depth > depth) {
            self.end_link();
        }
    }

    fn count_link(&mut self) {
        let Some(link) = self.link else { return };
        let length = self.text.len().saturating_sub(link.from);
        if length > 0 {
            self.links.bytes += length as u32;
            self.links.count = self.links.count.saturating_add(1);
            self.links.here = self.links.here.saturating_add(u16::from(link.here));
        }
    }

    pub fn ruby(&mut self, next: Ruby) {
        match (self.ruby, next) {
            (Ruby::Reading, Ruby::Reading) => {}
            (Ruby::Reading, _) => self.text.push(')'),
            (_, Ruby::Reading) => self.text.push('('),
            _ => {}
        }
        self.ruby = next;
    }

    /// Text that is no part of a block, in one line.
    pub fn aside(&mut self, text: &str) -> String {
        let from = self.text.len();
        self.flowing(text);
        self.text.split_off(from).trim().to_owned()
    }

    pub fn write(&mut self, text: &str) {
        if self.ruby == Ruby::Parenthesis {
            return;
        }
        match self.pre > 0 {
            true => self.preformatted(text),
            false => self.flowing(text),
        }
    }

    /// Text with its white space collapsed.
    fn flowing(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if is_space(bytes[at]) {
                (self.space, at) = (true, at + 1);
                continue;
            }
            let from = at;
            // A run goes over single blanks, many bytes at a time where there is nothing else.
            at += plain_blocks(&bytes[at..]);
            while at < bytes.len() {
                match CLASSES[bytes[at] as usize] {
                    PLAIN => at += 1,
                    BLANK if bytes.get(at + 1).is_some_and(|&b| CLASSES[b as usize] == PLAIN) => at += 2,
                    NBSP_LEAD if bytes.get(at + 1) != Some(&0xA0) => at += 1,
                    _ => break,
                }
            }
            if from < at && bytes[at - 1] == b' ' {
                at -= 1;
            }
            if from < at {
                self.separate();
                self.text.push_str(&text[from..at]);
            } else if bytes[at] == b'&' {
                at += self.reference(&text[at..]);
            } else if bytes[at] == 0xC2 {
                (self.space, at) = (true, at + 2);
            }
        }
    }

    /// Writes the blank that was seen before what comes now.
    #[inline]
    fn separate(&mut self) {
        if self.space && self.text.len() > self.start {
            self.text.push(' ');
        }
        self.space = false;
    }

    fn reference(&mut self, text: &str) -> usize {
        let from = self.text.len();
        let taken = references::decode(text, &mut self.text);
        if taken == 0 {
            self.separate();
            self.text.push('&');
            return 1;
        }
        // White space by reference is white space.
        let is_blank = |c: char| c == '\u{a0}' || u8::try_from(c).is_ok_and(is_space);
        if self.text[from..].chars().all(is_blank) {
            self.text.truncate(from);
            self.space = true;
        } else if self.space {
            if from > self.start {
                self.text.insert(from, ' ');
            }
            self.space = false;
        }
        taken
    }

    /// Text as it stands, the newline after `<pre>` left out.
    fn preformatted(&mut self, text: &str) {
        let mut rest = text;
        if self.text.len() == self.start {
            rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
        }
        while let Some(at) = memchr::memchr2(b'&', b'\r', rest.as_bytes()) {
            self.text.push_str(&rest[..at]);
            let taken = match rest.as_bytes()[at] {
                b'\r' => {
                    self.text.push('\n');
                    if rest[at..].starts_with("\r\n") { 2 } else { 1 }
                }
                _ => match references::decode(&rest[at..], &mut self.text) {
                    0 => {
                        self.text.push('&');
                        1
                    }
                    taken => {
                        // A carriage return by reference is a line's end as well.
                        if self.text.ends_with('\r') {
                            self.text.pop();
                            self.text.push('\n');
                        }
                        taken
                    }
                },
            };
            rest = &rest[at + taken..];
        }
        self.text.push_str(rest);
    }
}

const BLOCK: usize = 32;

/// How many bytes from the first on hold nothing but words and single blanks; a multiple of `BLOCK`. Branch-free, so
/// that the compiler vectorizes it.
fn plain_blocks(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let (Some(block), Some(next)) = (bytes[at..].first_chunk::<BLOCK>(), bytes.get(at + 1..at + 1 + BLOCK)) {
        let mut odd = false;
        for (&byte, &next) in block.iter().zip(next) {
            odd |= (byte < b' ') | (byte == b'&') | (byte == 0xC2) | ((byte == b' ') & (next == b' '));
        }
        if odd {
            break;
        }
        at += BLOCK;
    }
    at
}

const PLAIN: u8 = 0;
const BLANK: u8 = 1;
/// What may begin U+00A0.
const NBSP_LEAD: u8 = 2;
const OTHER: u8 = 3;

static CLASSES: [u8; 256] = {
    let mut classes = [PLAIN; 256];
    classes[b' ' as usize] = BLANK;
    classes[b'\n' as usize] = OTHER;
    classes[b'\t' as usize] = OTHER;
    classes[b'\r' as usize] = OTHER;
    classes[0x0c] = OTHER;
    classes[b'&' as usize] = OTHER;
    classes[0xC2] = NBSP_LEAD;
    classes
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The obvious twin for text without references.
    fn collapsed(text: &str) -> String {
        text.split([' ', '\n', '\t', '\r', '\x0c', '\u{a0}']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]
        #[test]
        fn white_space_collapses(text in "(?s)([가-힣a-z]{1,9}[ \n\u{a0}\u{c2}\u{3000}é]{1,2}|[ -%'-~]{1,70}|.){0,9}", cut in 0usize..200) {
            let text = text.replace('&', "");
            let cut = text.floor_char_boundary(cut);
            let mut writer = Writer::default();
            writer.write(&text[..cut]);
            writer.write(&text[cut..]);
            prop_assert_eq!(writer.text, collapsed(&text));
        }
    }
}
