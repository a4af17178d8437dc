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
    for root in roots.iter().map(|&root| &outline.elements[root]) {
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
                (own, all) = (own + block.own(), all + block.length());
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
        let spared = holder || boxed || (most && mine > 0);
        if furniture && !spared {
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

/// The elements that hold the main text, by their places in the outline, and whether the page named them.
fn roots(outline: &Outline, own: &Own) -> (Vec<usize>, bool) {
    let elements = &outline.elements;
    let total = own.total();
    for (hint, share, enough) in [(BODY, 15, 140), (MAIN, 25, 0)] {
        let is = |element: &Element| element.hints & hint != 0 && own.within(element) > 0;
        let roots = outermost(elements, is);
        let held: u32 = roots.iter().map(|&root| own.within(&elements[root])).sum();
        if held > 0 && (at_least(held, 40, total) || (held >= enough && at_least(held, share, total))) {
            let share = |element: &Element| if is(element) { 85 } else { NEVER };
            return (roots.into_iter().map(|root| innermost(elements, own, root, share)).collect(), true);
        }
    }
    let share = |element: &Element| match element.tag {
        _ if element.hints & PERHAPS != 0 => 75,
        Tag::Div | Tag::Section | Tag::Table | Tag::Tbody | Tag::Tr | Tag::Td | Tag::Center | Tag::Form | Tag::Article => 92,
        _ => NEVER,
    };
    (vec![innermost(elements, own, 0, share)], false)
}

/// More than all.
const NEVER: u64 = 101;

/// Goes down from `root` as long as an element inside has its share of 100 of the text.
fn innermost(elements: &[Element], own: &Own, root: usize, share: impl Fn(&Element) -> u64) -> usize {
    let all = own.within(&elements[root]);
    let (mut best, mut at) = (root, root + 1);
    while at < elements[root].end as usize {
        let element = &elements[at];
        // Less than half of it: nothing inside can have enough.
        if !at_least(own.within(element), 50, all) {
            at = element.end as usize;
            continue;
        }
        if at_least(own.within(element), share(element), all) {
            best = at;
        }
        at += 1;
    }
    best
}

/// The elements that fulfil a condition, but for those inside one that does.
fn outermost(elements: &[Element], is: impl Fn(&Element) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < elements.len() {
        if is(&elements[at]) {
            found.push(at);
            at = elements[at].end as usize;
        } else {
            at += 1;
        }
    }
    found
}
