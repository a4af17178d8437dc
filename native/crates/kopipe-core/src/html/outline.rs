//! Tokens → blocks of text and the elements they stand in: two flat arrays in the order of the page, and one string
//! that the blocks are ranges of. No tree: an element knows its parent and where its blocks begin and end.
//!
//! End tags are matched as the HTML standard does where it matters to text: a table cell is not left by an end tag of
//! what is outside it, paragraphs, list items and table parts end where the next begins, and what is deeper than
//! `MAX_DEPTH` stands beside its parent instead of in it. Every step is constant time per tag.

use super::hints::{self, HIDDEN, Hints};
use super::tags::{COUNT, Kind, Tag};
use super::tokens::{Attributes, Token, Tokens};
use super::writer::{Links, Ruby, Writer};

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
    pub links: Links,
    /// What parts it from the block before.
    pub gap: Gap,
    /// 1 to 6 for a heading, else 0.
    pub heading: u8,
}

impl Block {
    pub fn length(&self) -> u32 {
        self.end - self.start
    }

    /// Bytes outside links.
    pub fn own(&self) -> u32 {
        self.length().saturating_sub(self.links.bytes)
    }
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
    /// What parts the next block from the last one.
    gap: Gap,
    writer: Writer,
}

impl Outline {
    pub fn of(html: &str) -> Outline {
        let mut builder = Builder {
            outline: Outline::default(),
            stack: Vec::with_capacity(64),
            uppermost: [NONE; COUNT],
            unread: 0,
            gap: Gap::Paragraph,
            writer: Writer::with_capacity(html.len() / 3),
        };
        builder.push(Tag::Body, 0, false);
        for token in Tokens::new(html) {
            match token {
                Token::Text(text) if builder.unread == 0 => builder.writer.write(text),
                Token::Text(_) => {}
                Token::Start(tag, attributes) => builder.start(tag, &attributes),
                Token::End(tag) => builder.end(tag),
                Token::Raw(Tag::Title, text) if builder.unread == 0 && builder.outline.title.is_empty() => {
                    builder.outline.title = builder.writer.aside(text);
                }
                Token::Raw(..) => {}
            }
        }
        builder.pop_to(0);
        Outline { text: builder.writer.text, ..builder.outline }
    }
}

impl Outline {
    pub fn text_of(&self, block: &Block) -> &str {
        &self.text[block.start as usize..block.end as usize]
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
                self.writer.end_link();
                if let Some(href) = attributes.href {
                    self.writer.start_link(href.starts_with('#'), self.stack.len());
                }
            }
            Tag::Rt => self.writer.ruby(Ruby::Reading),
            Tag::Rp => self.writer.ruby(Ruby::Parenthesis),
            Tag::Rb | Tag::Ruby => self.writer.ruby(Ruby::Base),
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
                Tag::A => self.writer.end_link(),
                Tag::Rt | Tag::Rp | Tag::Ruby => self.writer.ruby(Ruby::Base),
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
            // Nothing that is not read is open here.
            let parent = self.stack.last().map_or(0, |open| open.element);
            let first_block = outline.blocks.len() as u32;
            outline.elements.push(Element { tag, hints, parent, first_block, end_block: first_block, end: 0 });
            outline.elements.len() as u32 - 1
        };
        self.unread += u32::from(unread);
        self.writer.pre += u32::from(matches!(tag, Tag::Pre | Tag::Listing));
        let before = std::mem::replace(&mut self.uppermost[tag as usize], self.stack.len() as u32);
        self.stack.push(Open { tag, element, before, unread });
    }

    /// Closes all that was opened at `depth` or above.
    fn pop_to(&mut self, depth: usize) {
        // Inline elements and what is not read cut no block.
        if self.stack[depth..].iter().any(|open| open.element != NONE) {
            self.end_block();
        }
        self.writer.end_link_above(depth);
        while self.stack.len() > depth {
            let Some(open) = self.stack.pop() else { return };
            self.uppermost[open.tag as usize] = open.before;
            self.unread -= u32::from(open.unread);
            self.writer.pre -= u32::from(matches!(open.tag, Tag::Pre | Tag::Listing));
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
        if let Some((range, links)) = self.writer.cut() {
            let heading = self.stack.iter().rev().take(3).map(|open| open.tag.heading()).find(|&level| level > 0).unwrap_or(0);
            self.outline.blocks.push(Block { start: range.start, end: range.end, links, gap: self.gap, heading });
            self.gap = Gap::Cell;
        }
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
