//! Which blocks are the page's main text.
//!
//! Three questions, each answered by what the page says of itself before what it looks like:
//! 1. What is furniture? What its element says it is (`hints`), unless most of the page would go with it.
//! 2. Where is the main text? In the containers that a standard or a known system names, else in `<main>` or
//!    `<article>`, else in the innermost element that holds nearly all text outside links: the link density of
//!    boilerpipe (Kohlschütter et al., WSDM 2010) and Readability, over elements.
//! 3. What of it is not text? `prune`.

use super::hints::{BODY, COMMENTS, FURNITURE, HEADER, MAIN, PERHAPS, SIDE, SURELY};
use super::outline::{Element, Outline};
use super::prune;
use super::tags::Tag;

/// Comments stay where the page has fewer bytes of text without them.
const ENOUGH: u32 = 300;
/// Bytes outside links that make a paragraph, and those that make a box of text.
const PARAGRAPH: u32 = 40;
const BOX: u32 = 150;

/// For each block, whether it is kept.
pub fn kept(outline: &Outline) -> Vec<bool> {
    let mut kept = vec![true; outline.blocks.len()];
    drop_furniture(outline, &mut kept);
    let own = Own::of(outline, &kept);
    let (roots, named) = roots(outline, &own);
    let mut inside = vec![false; kept.len()];
    for root in &roots {
        inside[root.first_block as usize..root.end_block as usize].fill(true);
    }
    for (kept, inside) in kept.iter_mut().zip(&inside) {
        *kept &= inside;
    }
    prune::prune(outline, &roots, named, &mut kept);
    kept
}

/// Sums over the blocks that are not dropped: bytes outside links, all bytes.
struct Own(Vec<(u32, u32)>);

impl Own {
    fn of(outline: &Outline, kept: &[bool]) -> Own {
        let mut sums = Vec::with_capacity(kept.len() + 1);
        let (mut own, mut all) = (0, 0);
        sums.push((own, all));
        for (block, kept) in outline.blocks.iter().zip(kept) {
            if *kept {
                let length = block.end - block.start;
                (own, all) = (own + length.saturating_sub(block.linked), all + length);
            }
            sums.push((own, all));
        }
        Own(sums)
    }

    fn within(&self, element: &Element) -> u32 {
        self.0[element.end_block as usize].0 - self.0[element.first_block as usize].0
    }

    /// Of 100 bytes inside an element, how many are outside links.
    fn share_within(&self, element: &Element) -> u64 {
        let all = self.0[element.end_block as usize].1 - self.0[element.first_block as usize].1;
        u64::from(self.within(element)) * 100 / u64::from(all.max(1))
    }

    fn total(&self) -> u32 {
        self.0.last().map_or(0, |sums| sums.0)
    }
}

/// `share` of 100 `of` a sum is no more than `part`.
fn at_least(part: u32, share: u64, of: u32) -> bool {
    u64::from(part) * 100 >= share * u64::from(of)
}

fn drop_furniture(outline: &Outline, kept: &mut [bool]) {
    let elements = &outline.elements;
    let own = Own::of(outline, kept);
    let total = own.total();
    // What holds this cannot be furniture itself.
    let holds = |element: &Element| element.hints & BODY != 0 || element.tag == Tag::Main;
    let mut holders = Vec::with_capacity(elements.len() + 1);
    holders.push(0u32);
    for element in elements {
        let counts = holds(element) && at_least(own.within(element), 30, total);
        holders.push(holders.last().copied().unwrap_or_default() + u32::from(counts));
    }
    // Elements with a paragraph right inside them.
    let mut prose = vec![false; elements.len()];
    for (at, element) in elements.iter().enumerate() {
        let leaf = element.end as usize == at + 1 && element.hints & (FURNITURE | COMMENTS | HEADER) == 0;
        prose[element.parent as usize] |= leaf && own.within(element) >= PARAGRAPH && own.share_within(element) >= 66;
    }
    let mut in_main = vec![false; elements.len()];
    let mut comments: Vec<&Element> = Vec::new();
    let mut at = 1;
    while let Some(element) = elements.get(at) {
        let parent = element.parent as usize;
        in_main[at] = in_main[parent] || elements[parent].hints & (MAIN | BODY) != 0;
        let mine = own.within(element);
        let most = match element.hints & SURELY {
            0 => at_least(mine, 50, total),
            _ => at_least(mine, 80, total),
        };
        let holder = holders[element.end as usize] > holders[at + 1] || holds(element);
        // A box among paragraphs that holds some itself is part of the text.
        let boxed = element.hints & SIDE != 0 && prose[parent] && mine >= BOX && own.share_within(element) >= 80;
        let furniture = element.hints & FURNITURE != 0 || (element.hints & HEADER != 0 && !in_main[at]);
        if furniture && !holder && !boxed && !(most && mine > 0) {
            kept[element.first_block as usize..element.end_block as usize].fill(false);
            at = element.end as usize;
        } else if element.hints & COMMENTS != 0 && element.hints & (BODY | MAIN) == 0 && !holder {
            comments.push(element);
            at = element.end as usize;
        } else {
            at += 1;
        }
    }
    let own = Own::of(outline, kept);
    let said: u32 = comments.iter().map(|element| own.within(element)).sum();
    if own.total() - said >= ENOUGH {
        for element in comments {
            kept[element.first_block as usize..element.end_block as usize].fill(false);
        }
    }
}

/// The elements that hold the main text, and whether the page named them.
fn roots<'o>(outline: &'o Outline, own: &Own) -> (Vec<&'o Element>, bool) {
    let total = own.total();
    for (hint, share, enough) in [(BODY, 15, 140), (MAIN, 25, 0)] {
        let mut roots = outermost(&outline.elements, 1, outline.elements.len(), |element| element.hints & hint != 0);
        roots.retain(|root| own.within(root) > 0);
        let held: u32 = roots.iter().map(|root| own.within(root)).sum();
        if held > 0 && (at_least(held, 40, total) || (held >= enough && at_least(held, share, total))) {
            let roots = roots.into_iter().map(|root| innermost(outline, own, root, |e| if e.hints & hint != 0 { 85 } else { 101 }));
            return (roots.collect(), true);
        }
    }
    let Some(page) = outline.elements.first() else { return (Vec::new(), false) };
    let share = |element: &Element| match element.tag {
        _ if element.hints & PERHAPS != 0 => 75,
        Tag::Div | Tag::Section | Tag::Table | Tag::Tbody | Tag::Tr | Tag::Td | Tag::Center | Tag::Form | Tag::Article => 92,
        _ => 101,
    };
    (vec![innermost(outline, own, page, share)], false)
}

/// Goes down from `root` as long as an element inside has its share of 100 of the text.
fn innermost<'o>(outline: &'o Outline, own: &Own, root: &'o Element, share: impl Fn(&Element) -> u64) -> &'o Element {
    let first = outline.elements.iter().position(|element| std::ptr::eq(element, root)).unwrap_or_default() + 1;
    let all = own.within(root);
    let mut best = root;
    let (mut at, end) = (first, root.end as usize);
    while at < end {
        let element = &outline.elements[at];
        // Less than half of it: nothing inside can have enough.
        if !at_least(own.within(element), 50, all) {
            at = element.end as usize;
            continue;
        }
        if at_least(own.within(element), share(element), all) {
            best = element;
        }
        at += 1;
    }
    best
}

/// The elements that fulfil a condition, but for those inside one that does.
fn outermost(elements: &[Element], from: usize, to: usize, is: impl Fn(&Element) -> bool) -> Vec<&Element> {
    let mut found = Vec::new();
    let mut at = from;
    while at < to {
        let element = &elements[at];
        if is(element) {
            found.push(element);
            at = element.end as usize;
        } else {
            at += 1;
        }
    }
    found
}
