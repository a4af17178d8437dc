//! Main text out of HTML: what a reader came to the page for, without what stands around it.
//!
//! One pass over the bytes makes blocks of text (`tokens`, `outline`), elements say what they are (`hints`), and sums
//! over blocks choose (`choose`, `prune`). No tree is built: a page costs two flat arrays and one string, and 1.9 ns a byte
//! (530 MB/s of HTML on one core, 15 times resiliparse). The price: what only a tree or a style sheet would tell is not
//! known. How it was measured, against what, and what it gets wrong: docs/html-extraction.md.

pub mod charset;
mod choose;
mod hints;
mod outline;
mod prune;
mod references;
pub mod replay;
mod tags;
#[cfg(test)]
mod tests;
mod textbook;
mod tokens;
mod writer;

pub use charset::declared_charset;
use outline::{Gap, Outline};

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Page {
    /// The content of `<title>`, in one line.
    pub title: String,
    /// Paragraphs, headings, lists, tables and `<pre>` stand apart by a blank line; items, rows and `<br>` by a
    /// newline; the cells of a row by a tab. White space is collapsed but in `<pre>`. Empty where the page has no
    /// main text.
    pub text: String,
}

/// The main text of a page. Any input has one, if only an empty one: time is linear, memory a small multiple of the
/// input, the text no longer than twice it. What is beyond 2 GiB is not read.
pub fn main_text(html: &str) -> Page {
    let html = &html[..html.floor_char_boundary(u32::MAX as usize / 2)];
    let outline = Outline::of(html);
    let kept = choose::kept(&outline);
    let mut text = String::with_capacity(outline.text.len());
    let mut gap = Gap::Cell;
    for (block, kept) in outline.blocks.iter().zip(kept) {
        if block.gap as u8 > gap as u8 {
            gap = block.gap;
        }
        if !kept {
            gap = if gap == Gap::Cell { Gap::Line } else { gap };
            continue;
        }
        if !text.is_empty() {
            text.push_str(match gap {
                Gap::Cell => "\t",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        text.push_str(outline.text_of(block));
        gap = Gap::Cell;
    }
    Page { title: outline.title, text }
}
