//! What of the main text's container is not text: lists of links, tables of contents, and at its two ends the lines
//! that say where else to go or who owns it.

use super::outline::{Block, Outline};
use super::tags::Tag;

pub fn prune(outline: &Outline, roots: &[usize], named: bool, kept: &mut [bool]) {
    let before = kept.to_vec();
    drop_link_lists(outline, roots, named, kept);
    drop_orphans(outline, &before, kept);
    trim(outline, kept);
    keep_headline(outline, kept);
    if !has_text(outline, kept) {
        kept.fill(false);
    }
}

#[derive(Default, Clone, Copy)]
struct Sum {
    bytes: u32,
    linked: u32,
    links: u32,
    here: u32,
}

/// Drops the outermost elements that are nothing but links: three or more with next to no text between them. In a
/// container that the page named, only those to places on the page itself: its author's lists of links are text.
fn drop_link_lists(outline: &Outline, roots: &[usize], named: bool, kept: &mut [bool]) {
    let mut sums = Vec::with_capacity(kept.len() + 1);
    let mut sum = Sum::default();
    sums.push(sum);
    for (block, kept) in outline.blocks.iter().zip(&*kept) {
        if *kept {
            sum.bytes += block.length();
            sum.linked += block.links.bytes;
            sum.links += u32::from(block.links.count);
            sum.here += u32::from(block.links.here);
        }
        sums.push(sum);
    }
    for &root in roots {
        let mut at = root;
        while at < outline.elements[root].end as usize {
            let element = &outline.elements[at];
            let (from, to) = (sums[element.first_block as usize], sums[element.end_block as usize]);
            let sum = Sum {
                bytes: to.bytes - from.bytes,
                linked: to.linked - from.linked,
                links: to.links - from.links,
                here: to.here - from.here,
            };
            let unlinked = sum.bytes.saturating_sub(sum.linked);
            let listed = sum.links >= 3 && unlinked * 5 <= sum.bytes;
            let row = matches!(element.tag, Tag::Tr | Tag::Td | Tag::Th | Tag::Li | Tag::Dd | Tag::Dt);
            let contents = sum.links == sum.here;
            if listed && !row && (contents || !named) {
                kept[element.first_block as usize..element.end_block as usize].fill(false);
                at = element.end as usize;
            } else if sum.links < 3 {
                at = element.end as usize;
            } else {
                at += 1;
            }
        }
    }
}

/// Drops headings over nothing but a list of links that was dropped.
fn drop_orphans(outline: &Outline, before: &[bool], kept: &mut [bool]) {
    // What comes next: a heading of this level, the end as one of level 0, or text.
    let (mut next, mut dropped) = (Some(0), false);
    for at in (0..kept.len()).rev() {
        let heading = outline.blocks[at].heading;
        if !kept[at] {
            dropped |= before[at];
        } else if heading > 0 && dropped && next.is_some_and(|level| level <= heading) {
            kept[at] = false;
        } else {
            (next, dropped) = ((heading > 0).then_some(heading), false);
        }
    }
}

/// Drops furniture from both ends of what is kept. Links at the end under a heading of their own are a section of the
/// text, unless the heading says that they lead to other articles.
fn trim(outline: &Outline, kept: &mut [bool]) {
    let furniture =
        |block: &Block| block.heading == 0 && (block.links.bytes * 3 > block.length() * 2 || is_furniture(outline.text_of(block)));
    if let Some(first) = (0..kept.len()).find(|&at| kept[at] && !furniture(&outline.blocks[at])) {
        kept[..first].fill(false);
    }
    // Nothing is kept from here on.
    let mut bound = kept.len();
    while let Some(last) = kept[..bound].iter().rposition(|&kept| kept) {
        let end = (0..=last).rev().find(|&at| kept[at] && !furniture(&outline.blocks[at])).map_or(0, |at| at + 1);
        let heading = outline.blocks[..end].last().filter(|block| block.heading > 0);
        if let Some(heading) = heading
            && leads_elsewhere(outline.text_of(heading))
        {
            kept[end - 1..bound].fill(false);
            bound = end - 1;
        } else {
            if heading.is_none() {
                kept[end..bound].fill(false);
            }
            break;
        }
    }
}

/// Whether a heading stands over links to other articles.
fn leads_elsewhere(heading: &str) -> bool {
    ["관련", "추천", "인기", "많이 본", "최신", "다른 글", "다른글", "함께 보면", "Related", "Recommended", "Popular", "More from"]
        .iter()
        .any(|word| heading.contains(word))
}

/// Lines that stand around an article, not in it.
fn is_furniture(text: &str) -> bool {
    const WHOLE: [&str; 30] = [
        "본문 바로가기",
        "메뉴 바로가기",
        "주메뉴 바로가기",
        "공유하기",
        "공유",
        "인쇄",
        "인쇄하기",
        "글자크기",
        "스크랩",
        "목록",
        "목록으로",
        "이전",
        "다음",
        "이전글",
        "다음글",
        "이전 글",
        "다음 글",
        "맨위로",
        "맨 위로",
        "위로",
        "처음으로",
        "댓글",
        "댓글 쓰기",
        "신고",
        "좋아요",
        "구독하기",
        "TOP",
        "Comments",
        "Prev",
        "Next",
    ];
    const OWNERS: [&str; 7] = ["©", "ⓒ", "Copyright", "copyright", "COPYRIGHT", "저작권자", "All rights reserved"];
    const TELLING: [&str; 3] = ["무단전재", "무단 전재", "재배포 금지"];
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '©' | 'ⓒ'));
    WHOLE.contains(&text) || (text.len() < 300 && (OWNERS.iter().any(|o| text.starts_with(o)) || TELLING.iter().any(|t| text.contains(t))))
}

/// No headline has more bytes: what is longer is cut before it is compared.
const HEADLINE: usize = 500;

/// Where the text does not begin with its headline, the last heading before it that the title repeats.
fn keep_headline(outline: &Outline, kept: &mut [bool]) {
    let Some(first) = kept.iter().position(|&kept| kept) else { return };
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let title = squeezed(&outline.title[..outline.title.floor_char_boundary(HEADLINE)]);
    let is_headline = |block: &Block| {
        let heading = squeezed(&outline.text_of(block)[..outline.text_of(block).floor_char_boundary(HEADLINE)]);
        heading.len() >= 4 && title.contains(&heading)
    };
    let begins = kept[first..].iter().zip(&outline.blocks[first..]).filter(|(kept, _)| **kept).take(3);
    if begins.into_iter().any(|(_, block)| block.heading == 1 || (block.heading > 1 && is_headline(block))) {
        return;
    }
    if let Some(at) = (0..first).rev().find(|&at| matches!(outline.blocks[at].heading, 1..=3) && is_headline(&outline.blocks[at])) {
        kept[at] = true;
    }
}

/// Whether anything kept is more than headings, links and signs.
fn has_text(outline: &Outline, kept: &[bool]) -> bool {
    let says = |block: &Block| block.heading == 0 && block.own() > 0 && outline.text_of(block).chars().any(char::is_alphanumeric);
    kept.iter().zip(&outline.blocks).any(|(&kept, block)| kept && says(block))
}
