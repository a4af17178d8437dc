//! Tokens → blocks of text and the elements they stand in: two flat arrays in the order of the page, and one string
//! that the blocks are ranges of. No tree: an element knows its parent and where its blocks begin and end.
//!
//! End tags are matched as the HTML standard does where it matters to text: a table cell is not left by an end tag of
//! what is outside it, paragraphs, list items and table parts end where the next begins, and what is deeper than
//! `MAX_DEPTH` stands beside its parent instead of in it. Every step is constant time per tag.

use super::hints::{self, HIDDEN, Hints};
use super::references;
use super::tags::{COUNT, Kind, Tag};
use super::tokens::{Attributes, Token, Tokens, is_space};

/// Elements open at once; browsers stop at 512 as well.
const MAX_DEPTH: usize = 512;
/// "None": no such position on the stack, no element.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The next cell of a row.
    Cell,
    Line,
    Paragraph,
}

/// A run of text that no block element cuts.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Its range in `Outline::text`.
    pub start: u32,
    pub end: u32,
    /// Bytes of it inside links, and how many links, and how many of those to a place on this page.
    pub linked: u32,
    pub links: u16,
    pub here: u16,
    /// What parts it from the block before.
    pub gap: Gap,
    /// 1 to 6 for a heading, else 0.
    pub heading: u8,
}

#[derive(Debug, Clone, Copy)]
pub struct Element {
    pub tag: Tag,
    pub hints: Hints,
    /// Always before it in the array; the first is its own parent.
    pub parent: u32,
    pub first_block: u32,
    /// Past its last block.
    pub end_block: u32,
    /// Past the last element inside it.
    pub end: u32,
}

#[derive(Debug, Default)]
pub struct Outline {
    pub title: String,
    pub text: String,
    pub blocks: Vec<Block>,
    /// The first stands for the page.
    pub elements: Vec<Element>,
}

struct Open {
    tag: Tag,
    element: u32,
    /// Where on the stack the same tag was opened before.
    before: u32,
    unread: bool,
}

struct Builder {
    outline: Outline,
    stack: Vec<Open>,
    /// The uppermost position of each tag on the stack.
    uppermost: [u32; COUNT],
    /// Open elements that are not read.
    unread: u32,
    pre: u32,
    /// The block being written began here.
    start: usize,
    space: bool,
    gap: Gap,
    link: Option<Link>,
    linked: u32,
    links: u16,
    here: u16,
    ruby: Ruby,
}

#[derive(Clone, Copy)]
struct Link {
    from: usize,
    /// To a place on this page.
    here: bool,
    /// Open elements where it began: it ends with them at the latest.
    depth: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Ruby {
    Base,
    Reading,
    /// `<rp>`: the parentheses are written for every reading, not only for readers that cannot show ruby.
    Parenthesis,
}

impl Outline {
    pub fn of(html: &str) -> Outline {
        let outline = Outline { text: String::with_capacity(html.len() / 3), ..Outline::default() };
        let mut builder = Builder {
            outline,
            stack: Vec::with_capacity(64),
            uppermost: [NONE; COUNT],
            unread: 0,
            pre: 0,
            start: 0,
            space: false,
            gap: Gap::Paragraph,
            link: None,
            linked: 0,
            links: 0,
            here: 0,
            ruby: Ruby::Base,
        };
        builder.push(Tag::Body, 0, false);
        for token in Tokens::new(html) {
            match token {
                Token::Text(text) if builder.unread == 0 => builder.text(text),
                Token::Text(_) => {}
                Token::Start(tag, attributes) => builder.start(tag, &attributes),
                Token::End(tag) => builder.end(tag),
                Token::Raw(Tag::Title, text) if builder.unread == 0 && builder.outline.title.is_empty() => builder.title(text),
                Token::Raw(..) => {}
            }
        }
        builder.pop_to(0);
        builder.outline
    }
}

impl Builder {
    fn start(&mut self, tag: Tag, attributes: &Attributes) {
        match tag.kind() {
            Kind::Inline => self.start_inline(tag, attributes),
            Kind::Block => {
                self.imply_ends(tag);
                if self.unread > 0 {
                    return self.push(tag, 0, false);
                }
                self.end_block();
                // A cell parts from the one before only where that one ended in this row.
                self.widen(match tag {
                    Tag::Td | Tag::Th if self.gap == Gap::Cell => Gap::Cell,
                    _ if tag.is_paragraph() => Gap::Paragraph,
                    _ => Gap::Line,
                });
                let hints = hints::of_element(tag, attributes);
                self.push(tag, hints, hints & HIDDEN != 0 && !matches!(tag, Tag::Main | Tag::Article));
            }
            Kind::Break if self.unread > 0 => {}
            Kind::Break => {
                self.end_block();
                self.widen(if tag == Tag::Hr { Gap::Paragraph } else { Gap::Line });
            }
            Kind::Unread if !attributes.closed || !matches!(tag, Tag::Svg | Tag::Math) => self.push(tag, 0, true),
            Kind::Unread | Kind::Void | Kind::Raw => {}
        }
    }

    fn start_inline(&mut self, tag: Tag, attributes: &Attributes) {
        if self.unread > 0 || hints::is_hidden(attributes) {
            if tag != Tag::Unknown || !attributes.closed {
                self.push(tag, 0, hints::is_hidden(attributes));
            }
            return;
        }
        match tag {
            Tag::A => {
                self.end_link();
                if let Some(href) = attributes.href {
                    let from = self.outline.text.len();
                    self.link = Some(Link { from, here: href.starts_with('#'), depth: self.stack.len() });
                }
            }
            Tag::Rt => self.reading(Ruby::Reading),
            Tag::Rp => self.reading(Ruby::Parenthesis),
            Tag::Rb | Tag::Ruby => self.reading(Ruby::Base),
            _ => {}
        }
    }

    fn end(&mut self, tag: Tag) {
        match tag.kind() {
            Kind::Block => {
                if self.unread == 0 {
                    self.end_block();
                }
                let at = self.uppermost[tag as usize];
                // Nothing inside a table ends what is outside it; nothing inside a cell ends anything but its table.
                let table = self.uppermost_of(&[Tag::Table]);
                let fence = match tag {
                    Tag::Table => NONE,
                    Tag::Tr | Tag::Td | Tag::Th | Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Caption => table,
                    _ => self.uppermost_of(&[Tag::Table, Tag::Td, Tag::Th, Tag::Caption]),
                };
                if at != NONE && (fence == NONE || at > fence) {
                    self.pop_to(at as usize);
                }
                if self.unread == 0 {
                    self.widen(match tag {
                        Tag::Td | Tag::Th => Gap::Cell,
                        _ if tag.is_paragraph() => Gap::Paragraph,
                        _ => Gap::Line,
                    });
                }
            }
            Kind::Break if tag == Tag::Br => self.start(tag, &Attributes::default()),
            Kind::Inline | Kind::Unread if self.unread > 0 => {
                let at = self.uppermost[tag as usize];
                if at != NONE {
                    self.pop_to(at as usize);
                }
            }
            Kind::Inline => match tag {
                Tag::A => self.end_link(),
                Tag::Rt | Tag::Rp | Tag::Ruby => self.reading(Ruby::Base),
                _ => {}
            },
            _ => {}
        }
    }

    /// Ends what the standard ends where `tag` begins.
    fn imply_ends(&mut self, tag: Tag) {
        use Tag::{Caption, Dd, Dl, Dt, Li, Menu, Ol, P, Table, Tbody, Td, Tfoot, Th, Thead, Tr, Ul};
        let cells = self.uppermost_of(&[Table, Td, Th, Caption]);
        let (ends, fence): (&[Tag], u32) = match tag {
            Li => (&[Li, P], above(cells, self.uppermost_of(&[Ul, Ol, Menu]))),
            Dt | Dd => (&[Dt, Dd, P], above(cells, self.uppermost_of(&[Dl]))),
            Td | Th => (&[Td, Th, Caption], self.uppermost_of(&[Table, Tr])),
            Tr => (&[Tr, Td, Th, Caption], self.uppermost_of(&[Table])),
            Tbody | Thead | Tfoot => (&[Tbody, Thead, Tfoot, Tr, Td, Th, Caption], self.uppermost_of(&[Table])),
            _ => (&[P], cells),
        };
        // What is not read ends nothing outside itself.
        let fence = if self.unread > 0 { above(fence, self.uppermost_of(&UNREAD)) } else { fence };
        let lowest = ends.iter().map(|&t| self.uppermost[t as usize]).filter(|&at| at != NONE && (fence == NONE || at > fence)).min();
        if let Some(at) = lowest {
            self.pop_to(at as usize);
        } else if tag.heading() > 0 && self.stack.last().is_some_and(|open| open.tag.heading() > 0) {
            self.pop_to(self.stack.len() - 1);
        }
    }

    fn uppermost_of(&self, tags: &[Tag]) -> u32 {
        tags.iter().fold(NONE, |uppermost, &tag| above(uppermost, self.uppermost[tag as usize]))
    }

    fn push(&mut self, tag: Tag, hints: Hints, unread: bool) {
        if self.stack.len() >= MAX_DEPTH {
            if self.unread > 0 {
                return;
            }
            self.pop_to(MAX_DEPTH - 1);
        }
        let outline = &mut self.outline;
        let element = if self.unread > 0 || unread || tag.kind() == Kind::Inline {
            NONE
        } else {
            let parent = self.stack.last().map_or(0, |open| open.element);
            let first_block = outline.blocks.len() as u32;
            outline.elements.push(Element { tag, hints, parent, first_block, end_block: first_block, end: 0 });
            outline.elements.len() as u32 - 1
        };
        self.unread += u32::from(unread);
        self.pre += u32::from(matches!(tag, Tag::Pre | Tag::Listing));
        let before = std::mem::replace(&mut self.uppermost[tag as usize], self.stack.len() as u32);
        self.stack.push(Open { tag, element, before, unread });
    }

    /// Closes all that was opened at `depth` or above.
    fn pop_to(&mut self, depth: usize) {
        // Inline elements and what is not read cut no block.
        if self.stack[depth..].iter().any(|open| open.element != NONE) {
            self.end_block();
        }
        if self.link.is_some_and(|link| link.depth > depth) {
            self.end_link();
        }
        while self.stack.len() > depth {
            let Some(open) = self.stack.pop() else { return };
            self.uppermost[open.tag as usize] = open.before;
            self.unread -= u32::from(open.unread);
            self.pre -= u32::from(matches!(open.tag, Tag::Pre | Tag::Listing));
            let end = self.outline.elements.len() as u32;
            if let Some(element) = self.outline.elements.get_mut(open.element as usize) {
                (element.end_block, element.end) = (self.outline.blocks.len() as u32, end);
            }
        }
    }

    fn widen(&mut self, gap: Gap) {
        if gap as u8 > self.gap as u8 || self.gap == Gap::Cell {
            self.gap = gap;
        }
    }

    /// Makes a block of what was written since the last one.
    fn end_block(&mut self) {
        if self.ruby == Ruby::Reading && self.outline.text.len() > self.start {
            self.outline.text.push(')');
        }
        self.ruby = Ruby::Base;
        self.count_link();
        let outline = &mut self.outline;
        if self.pre > 0 {
            let kept = outline.text[self.start..].trim_end_matches([' ', '\n', '\t', '\r', '\x0c']).len();
            outline.text.truncate(self.start + kept);
        }
        self.space = false;
        if outline.text.len() > self.start {
            let heading = self.stack.iter().rev().take(3).map(|open| open.tag.heading()).find(|&level| level > 0).unwrap_or(0);
            let (start, end) = (self.start as u32, outline.text.len() as u32);
            let (linked, links, here) = (self.linked, self.links, self.here);
            outline.blocks.push(Block { start, end, linked, links, here, gap: self.gap, heading });
            self.gap = Gap::Cell;
        }
        self.start = outline.text.len();
        (self.linked, self.links, self.here) = (0, 0, 0);
        if let Some(link) = &mut self.link {
            link.from = self.start;
        }
    }

    fn count_link(&mut self) {
        let Some(link) = self.link else { return };
        let length = self.outline.text.len().saturating_sub(link.from);
        if length > 0 {
            self.linked += length as u32;
            self.links = self.links.saturating_add(1);
            self.here = self.here.saturating_add(u16::from(link.here));
        }
    }

    fn end_link(&mut self) {
        let Some(link) = self.link else { return };
        let text = self.outline.text.get(link.from..).unwrap_or_default().trim();
        if link.here && matches!(text, "¶" | "#" | "§" | "🔗" | "\u{f0c1}") {
            // A heading's link to itself.
            self.outline.text.truncate(link.from);
            self.space = false;
        } else {
            self.count_link();
        }
        self.link = None;
    }

    fn reading(&mut self, next: Ruby) {
        match (self.ruby, next) {
            (Ruby::Reading, Ruby::Reading) => {}
            (Ruby::Reading, _) => self.outline.text.push(')'),
            (_, Ruby::Reading) => self.outline.text.push('('),
            _ => {}
        }
        self.ruby = next;
    }

    fn title(&mut self, text: &str) {
        let (from, pre) = (self.outline.text.len(), std::mem::take(&mut self.pre));
        self.text(text);
        self.pre = pre;
        self.outline.title = self.outline.text.split_off(from).trim().to_owned();
    }

    fn text(&mut self, text: &str) {
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
            // A run goes over single blanks.
            while at < bytes.len() {
                match CLASSES[bytes[at] as usize] {
                    PLAIN => at += 1,
                    BLANK if bytes.get(at + 1).is_some_and(|&b| CLASSES[b as usize] == PLAIN) => at += 2,
                    NBSP_LEAD if bytes.get(at + 1) != Some(&0xA0) => at += 1,
                    _ => break,
                }
            }
            if from < at {
                self.separate();
                self.outline.text.push_str(&text[from..at]);
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
        if self.space && self.outline.text.len() > self.start {
            self.outline.text.push(' ');
        }
        self.space = false;
    }

    fn reference(&mut self, text: &str) -> usize {
        let from = self.outline.text.len();
        let taken = references::decode(text, &mut self.outline.text);
        if taken == 0 {
            self.separate();
            self.outline.text.push('&');
            return 1;
        }
        // White space by reference is white space.
        let is_blank = |c: char| c == '\u{a0}' || u8::try_from(c).is_ok_and(is_space);
        if self.outline.text[from..].chars().all(is_blank) {
            self.outline.text.truncate(from);
            self.space = true;
        } else if self.space {
            if from > self.start {
                self.outline.text.insert(from, ' ');
            }
            self.space = false;
        }
        taken
    }

    /// Text as it stands, the newline after `<pre>` left out.
    fn preformatted(&mut self, text: &str) {
        let mut rest = text;
        if self.outline.text.len() == self.start {
            rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
        }
        while let Some(at) = memchr::memchr2(b'&', b'\r', rest.as_bytes()) {
            self.outline.text.push_str(&rest[..at]);
            let taken = match rest.as_bytes()[at] {
                b'\r' => {
                    self.outline.text.push('\n');
                    if rest[at..].starts_with("\r\n") { 2 } else { 1 }
                }
                _ => match references::decode(&rest[at..], &mut self.outline.text) {
                    0 => {
                        self.outline.text.push('&');
                        1
                    }
                    taken => taken,
                },
            };
            rest = &rest[at + taken..];
        }
        self.outline.text.push_str(rest);
    }
}

const UNREAD: [Tag; 11] = [
    Tag::Audio,
    Tag::Button,
    Tag::Canvas,
    Tag::Datalist,
    Tag::Math,
    Tag::Noscript,
    Tag::Object,
    Tag::Select,
    Tag::Svg,
    Tag::Template,
    Tag::Video,
];

/// The uppermost of two positions on the stack.
fn above(a: u32, b: u32) -> u32 {
    match (a, b) {
        (NONE, b) => b,
        (a, NONE) => a,
        (a, b) => a.max(b),
    }
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
