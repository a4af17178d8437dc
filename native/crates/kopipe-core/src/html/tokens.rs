//! HTML → text runs, start tags and end tags, in one pass and without allocating.
//!
//! The HTML standard's tokenizer (WHATWG, "Tokenization"), with four leniences for pages that are cut off or were
//! never tested: a quote that never closes ends at the next `>`; a title, text area, frame or the like that never
//! closes holds nothing; `<![CDATA[` holds text, as its author meant; and an end tag's attributes are not looked at.
//! Each search that finds nothing is remembered, so no input is searched twice to its end: time is linear. `textbook`
//! is the obvious twin the tests compare with.

use super::tags::{Kind, Tag};
use memchr::{memchr, memmem};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'h> {
    /// Between tags, as written: character references not yet decoded. Never empty.
    Text(&'h str),
    Start(Tag, Attributes<'h>),
    End(Tag),
    /// The content of an element that holds no tags, as written; its start tag went before and no end tag follows.
    Raw(Tag, &'h str),
}

/// The few attributes anything is decided by, as written. Of two with one name the first counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes<'h> {
    pub class: &'h str,
    pub id: &'h str,
    pub role: &'h str,
    pub style: &'h str,
    pub itemprop: &'h str,
    pub href: Option<&'h str>,
    pub hidden: Option<&'h str>,
    pub aria_hidden: &'h str,
    /// `<br/>`
    pub closed: bool,
}

pub struct Tokens<'h> {
    html: &'h str,
    at: usize,
    /// The element whose raw text comes next.
    raw: Option<Tag>,
    /// No such thing comes any more: `"`, `'`, `>`, `]]>`, and each raw element's end tag.
    none: Missing,
}

#[derive(Default)]
struct Missing {
    double: bool,
    single: bool,
    cdata: bool,
    ends: [bool; 8],
}

impl<'h> Tokens<'h> {
    pub fn new(html: &'h str) -> Self {
        Tokens { html, at: 0, raw: None, none: Missing::default() }
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.html.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// Where `byte` comes next from `at` on.
    #[inline]
    fn next_of(&self, byte: u8, at: usize) -> Option<usize> {
        // Tags stand side by side: often it is the next byte.
        if self.byte(at) == byte {
            return Some(at);
        }
        memchr(byte, self.html.as_bytes().get(at..)?).map(|i| at + i)
    }

    fn find_str(&self, what: &str, at: usize) -> Option<usize> {
        memmem::find(self.html.as_bytes().get(at..)?, what.as_bytes()).map(|i| at + i)
    }

    /// A comment, a declaration or an instruction from `at`: where it ends.
    fn declaration(&mut self, at: usize) -> usize {
        let end = self.html.len();
        if self.html[at..].starts_with("<!--") {
            let from = at + 4;
            return match self.byte(from) {
                b'>' => from + 1,
                b'-' if self.byte(from + 1) == b'>' => from + 2,
                _ => self.comment_end(from).unwrap_or(end),
            };
        }
        self.next_of(b'>', at).map_or(end, |i| i + 1)
    }

    /// Past `-->` or `--!>`.
    fn comment_end(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let close = self.next_of(b'>', at)?;
            let before = &self.html.as_bytes()[from..close];
            if before.ends_with(b"--") || before.ends_with(b"--!") {
                return Some(close + 1);
            }
            at = close + 1;
        }
    }

    /// Reads the attributes from `at` and moves past the tag; `None` where the input ends inside it.
    fn attributes(&mut self, mut at: usize) -> Option<Attributes<'h>> {
        let mut attributes = Attributes::default();
        loop {
            while is_space(self.byte(at)) {
                at += 1;
            }
            let name = at;
            match self.html.as_bytes().get(at)? {
                b'>' => break,
                b'/' => {
                    at += 1;
                    attributes.closed = self.byte(at) == b'>';
                    continue;
                }
                _ => at += 1,
            }
            while !matches!(self.html.as_bytes().get(at)?, b'=' | b'>' | b'/') && !is_space(self.byte(at)) {
                at += 1;
            }
            let name = &self.html.as_bytes()[name..at];
            let mut after = at;
            while is_space(self.byte(after)) {
                after += 1;
            }
            let mut value = "";
            if self.byte(after) == b'=' {
                after += 1;
                while is_space(self.byte(after)) {
                    after += 1;
                }
                (value, at) = self.value(after)?;
            }
            attributes.set(name, value);
        }
        self.at = at + 1;
        Some(attributes)
    }

    /// An attribute's value from `at`, and where it ends.
    #[inline]
    fn value(&mut self, at: usize) -> Option<(&'h str, usize)> {
        let quote = self.byte(at);
        let missing = match quote {
            b'"' => &mut self.none.double,
            b'\'' => &mut self.none.single,
            _ => {
                let rest = self.html.as_bytes().get(at..)?;
                let length = rest.iter().position(|&b| b == b'>' || is_space(b))?;
                return Some((&self.html[at..at + length], at + length));
            }
        };
        if !*missing {
            if let Some(length) = memchr(quote, &self.html.as_bytes()[at + 1..]) {
                return Some((&self.html[at + 1..at + 1 + length], at + 2 + length));
            }
            *missing = true;
        }
        let end = self.next_of(b'>', at + 1)?;
        Some((&self.html[at + 1..end], end))
    }

    /// The raw text of `tag` from here on, and past its end tag.
    fn raw(&mut self, tag: Tag) -> &'h str {
        let from = self.at;
        let (end, next) = match self.raw_end(tag, from) {
            Some(end) => (end, self.next_of(b'>', end).map_or(self.html.len(), |i| i + 1)),
            // A browser takes the rest of the page for code; text it would not show is not text.
            None if matches!(tag, Tag::Script | Tag::Style) => (self.html.len(), self.html.len()),
            None => (from, from),
        };
        self.at = next;
        &self.html[from..end]
    }

    fn raw_end(&mut self, tag: Tag, from: usize) -> Option<usize> {
        let name: &[u8] = match tag {
            Tag::Iframe => b"iframe",
            Tag::Noembed => b"noembed",
            Tag::Noframes => b"noframes",
            Tag::Style => b"style",
            Tag::Textarea => b"textarea",
            Tag::Title => b"title",
            Tag::Xmp => b"xmp",
            _ => b"script",
        };
        let missing = tag as usize - Tag::Iframe as usize;
        if self.none.ends[missing] {
            return None;
        }
        let (mut at, mut seen) = (from, from);
        // Inside `<!-- <script>` a script's end tag does not end the script ("script data double escaped state").
        let (mut comment, mut doubled) = (false, false);
        let found = loop {
            let Some(end) = self.next_of(b'<', at) else { break None };
            at = end + 1;
            if self.byte(at) != b'/' || !self.is_name(name, at + 1) {
                continue;
            }
            if tag != Tag::Script {
                break Some(end);
            }
            self.escapes(seen, end, &mut comment, &mut doubled);
            seen = at;
            if !doubled {
                break Some(end);
            }
            doubled = false;
        };
        self.none.ends[missing] = found.is_none();
        found
    }

    /// Whether `name` and the end of a tag name stand at `at`.
    fn is_name(&self, name: &[u8], at: usize) -> bool {
        let there = self.html.as_bytes().get(at..at + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
        there && matches!(self.byte(at + name.len()), b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
    }

    /// Follows `<!--`, `<script` and `-->` through a part of a script.
    fn escapes(&self, from: usize, to: usize, comment: &mut bool, doubled: &mut bool) {
        let mut at = from;
        while at < to {
            if !*comment {
                let Some(open) = memmem::find(&self.html.as_bytes()[at..to], b"<!--") else { return };
                // `<!-->` opens and closes.
                (*comment, at) = (true, at + open + 2);
            }
            let Some(next) = memchr::memchr2(b'<', b'-', &self.html.as_bytes()[at..to]) else { return };
            at += next;
            if self.html.as_bytes()[at..to].starts_with(b"-->") {
                (*comment, *doubled) = (false, false);
            } else if self.byte(at) == b'<' && self.is_name(b"script", at + 1) {
                *doubled = true;
            }
            at += 1;
        }
    }
}

impl<'h> Iterator for Tokens<'h> {
    type Item = Token<'h>;

    #[inline]
    fn next(&mut self) -> Option<Token<'h>> {
        if let Some(tag) = self.raw.take() {
            return Some(Token::Raw(tag, self.raw(tag)));
        }
        loop {
            let start = self.at;
            let mut open = start;
            // A `<` that begins nothing is text.
            loop {
                match self.next_of(b'<', open) {
                    Some(found) => open = found,
                    None => {
                        self.at = self.html.len();
                        return (start < self.html.len()).then(|| Token::Text(&self.html[start..]));
                    }
                }
                match self.byte(open + 1) {
                    b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!' | b'?' => break,
                    _ => open += 1,
                }
            }
            if open > start {
                self.at = open;
                return Some(Token::Text(&self.html[start..open]));
            }
            let name = match self.byte(open + 1) {
                b'!' if !self.none.cdata && self.html[open..].starts_with("<![CDATA[") => match self.find_str("]]>", open + 9) {
                    Some(end) => {
                        self.at = end + 3;
                        match end > open + 9 {
                            true => return Some(Token::Text(&self.html[open + 9..end])),
                            false => continue,
                        }
                    }
                    None => {
                        self.none.cdata = true;
                        continue;
                    }
                },
                b'!' | b'?' => {
                    self.at = self.declaration(open);
                    continue;
                }
                b'/' if self.byte(open + 2).is_ascii_alphabetic() => open + 2,
                b'/' => {
                    self.at = self.next_of(b'>', open).map_or(self.html.len(), |i| i + 1);
                    continue;
                }
                _ => open + 1,
            };
            let (tag, length) = Tag::read(&self.html.as_bytes()[name..]);
            let attributes = if self.byte(name + length) == b'>' {
                self.at = name + length + 1;
                Attributes::default()
            } else if let Some(attributes) = self.attributes(name + length) {
                attributes
            } else {
                // A tag that the input cuts off is no tag.
                self.at = self.html.len();
                return None;
            };
            if name == open + 2 {
                return Some(Token::End(tag));
            }
            if tag.kind() == Kind::Raw {
                self.raw = Some(tag);
            }
            return Some(Token::Start(tag, attributes));
        }
    }
}

impl<'h> Attributes<'h> {
    #[inline]
    fn set(&mut self, name: &[u8], value: &'h str) {
        let is = |expected: &[u8]| name.eq_ignore_ascii_case(expected);
        match (name.len(), name[0] | 0x20) {
            (2, b'i') if self.id.is_empty() && is(b"id") => self.id = value,
            (4, b'r') if self.role.is_empty() && is(b"role") => self.role = value,
            (4, b'h') if self.href.is_none() && is(b"href") => self.href = Some(value),
            (5, b'c') if self.class.is_empty() && is(b"class") => self.class = value,
            (5, b's') if self.style.is_empty() && is(b"style") => self.style = value,
            (6, b'h') if self.hidden.is_none() && is(b"hidden") => self.hidden = Some(value),
            (8, b'i') if self.itemprop.is_empty() && is(b"itemprop") => self.itemprop = value,
            (11, b'a') if self.aria_hidden.is_empty() && is(b"aria-hidden") => self.aria_hidden = value,
            _ => {}
        }
    }
}

#[inline]
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}
