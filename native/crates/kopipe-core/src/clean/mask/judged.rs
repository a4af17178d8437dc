//! Precision on real text: hits that a person has read, by file, ordinal and bytes (no text is kept), replayed.
//!
//! `KOPIPE_DRAW=N cargo test --release -p kopipe-core draw_hits -- --ignored --nocapture` prints N hits of each kind from
//! the whole corpus, drawn by a seed, with what stands around them, and `draw_misses` lines rich in digits in which
//! nothing was found.

use super::*;
use crate::clean::corpus;
use crate::clean::normalize::{KOREAN, normalize};
use crate::clean::scan::scan;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// What a person said of a hit, and what is made of it.
#[derive(serde::Deserialize)]
struct Judged {
    file: String,
    ordinal: usize,
    start: usize,
    end: usize,
    kind: Kind,
    /// xxh3-64 of the normalized text.
    digest: String,
    /// Whether it is what the kind says.
    right: bool,
    masked: bool,
}

#[test]
fn hits_on_real_text_are_what_was_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/masks.json");
    let judged: Vec<Judged> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(judged.len() > 100);
    let mut kinds: BTreeMap<Kind, [u32; 4]> = BTreeMap::new();
    let mut names: Vec<&str> = judged.iter().map(|hit| hit.file.as_str()).collect();
    names.dedup();
    for name in names {
        let Some(texts) = corpus::read(name) else { return };
        for hit in judged.iter().filter(|hit| hit.file == name) {
            let read = &texts[hit.ordinal];
            let text = &normalize(read, &scan(read), &KOREAN).unwrap_or_else(|| read.clone());
            let place = format!("{name} {} {}..{}", hit.ordinal, hit.start, hit.end);
            assert_eq!(format!("{:016x}", xxh3_64(text.as_bytes())), hit.digest, "{place}: another text");
            let masked = hits(text, &polyglot()).iter().any(|found| found.what == Some(hit.kind) && found.range == (hit.start..hit.end));
            assert_eq!(masked, hit.masked, "{place}: {}", hit.kind.name());
            kinds.entry(hit.kind).or_default()[usize::from(hit.right) * 2 + usize::from(masked)] += 1;
        }
    }
    for (kind, [left, wrong, missed, right]) in kinds {
        println!("{}: {right} right, {wrong} wrong, {missed} missed, {left} rightly left", kind.name());
    }
}

fn polyglot() -> Mask {
    Mask { style: Style::Polyglot, kinds: Kind::ALL.to_vec(), reserved: Vec::new() }
}

fn wanted() -> usize {
    std::env::var("KOPIPE_DRAW").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

#[test]
#[ignore = "a list for people"]
fn draw_hits() {
    let mut drawn: BTreeMap<Kind, Vec<(u64, String)>> = BTreeMap::new();
    for name in corpus::FILES {
        let Some(texts) = corpus::normalized(name) else { return };
        for (ordinal, text) in texts.iter().enumerate() {
            for hit in hits(text, &polyglot()) {
                let Some(kind) = hit.what else { continue };
                let Range { start, end } = hit.range;
                let from = text[..start].char_indices().rev().nth(40).map_or(0, |(at, _)| at);
                let to = text[end..].char_indices().nth(25).map_or(text.len(), |(at, _)| end + at);
                let around = format!("{}⟦{}⟧{}", &text[from..start], &text[start..end], &text[end..to]).replace(['\n', '\t'], "⏎");
                let line = format!("{name}\t{ordinal}\t{start}\t{end}\t{}\t{:016x}\t{around}", kind.name(), xxh3_64(text.as_bytes()));
                drawn.entry(kind).or_default().push((xxh3_64_with_seed(line.as_bytes(), 1), line));
            }
        }
    }
    for (kind, mut lines) in drawn {
        println!("# {} {}", kind.name(), lines.len());
        lines.sort_unstable();
        lines.iter().take(wanted()).for_each(|(_, line)| println!("{line}"));
    }
}

#[test]
#[ignore = "a list for people"]
fn draw_misses() {
    let mut drawn = Vec::new();
    for name in corpus::FILES {
        let Some(texts) = corpus::normalized(name) else { return };
        for (ordinal, text) in texts.iter().enumerate() {
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                let digits = line.bytes().filter(u8::is_ascii_digit).count();
                if digits >= 8 && longest(line) >= 8 && hits(line, &polyglot()).is_empty() {
                    let at = longest_at(line);
                    let from = line[..at].char_indices().rev().nth(40).map_or(0, |(at, _)| at);
                    let to = line[at..].char_indices().nth(60).map_or(line.len(), |(to, _)| at + to);
                    let said = format!("{name}\t{ordinal}\t{}\t{}", start + at, &line[from..to].trim_end());
                    drawn.push((xxh3_64_with_seed(said.as_bytes(), 1), said));
                }
                start += line.len();
            }
        }
    }
    println!("# {} lines", drawn.len());
    drawn.sort_unstable();
    drawn.iter().take(wanted()).for_each(|(_, line)| println!("{line}"));
}

/// Digits of the longest run of digits with single signs between.
fn longest(line: &str) -> usize {
    runs(line).map(|(_, digits)| digits).max().unwrap_or(0)
}

fn longest_at(line: &str) -> usize {
    runs(line).max_by_key(|&(_, digits)| digits).map_or(0, |(at, _)| at)
}

fn runs(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | ')' | '–');
    line.split(move |c| !is_part(c))
        .map(move |run| (run.as_ptr() as usize - line.as_ptr() as usize, run.bytes().filter(u8::is_ascii_digit).count()))
}
