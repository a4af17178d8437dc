//! The scan of pieces against a look at every document and every token.

use super::*;
use crate::io::Io;
use crate::shard::{Unlisted, index_of};
use proptest::collection::vec;
use proptest::prelude::*;

/// What is wrong, by kind: how often, and at which token first.
type Found = Vec<(&'static str, u64, u64)>;

fn name(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Stray => "stray",
        Wrong::NoEnd => "no end",
        Wrong::EndInside => "end inside",
        Wrong::Empty => "empty",
    }
}

/// Document by document, token by token.
fn slowly(documents: &[Vec<u32>], rules: Rules) -> Found {
    let mut found: Found = Vec::new();
    let mut tell = |what: &'static str, at: usize| match found.iter_mut().find(|(name, ..)| *name == what) {
        Some((_, count, _)) => *count += 1,
        None => found.push((what, 1, at as u64)),
    };
    let mut at = 0;
    for document in documents {
        if document.is_empty() {
            tell("empty", at);
        }
        for (i, id) in document.iter().enumerate() {
            if *id >= rules.vocabulary {
                tell("stray", at + i);
            }
            let is_last = i + 1 == document.len();
            if is_last && *id != rules.end {
                tell("no end", at + i);
            }
            if !is_last && *id == rules.end && !rules.ends_inside {
                tell("end inside", at + i);
            }
        }
        at += document.len();
    }
    found.sort();
    found
}

fn scanned(documents: &[Vec<u32>], sequences: &[usize], rules: Rules, dtype: Dtype, piece: usize) -> Found {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.idx");
    std::fs::write(&path, index_of(dtype, documents, sequences)).unwrap();
    let index = Index::open(&Io::default(), &path, Unlisted::Refused).unwrap();
    let bytes: Vec<u8> = documents.concat().iter().flat_map(|id| id.to_le_bytes()[..dtype.width()].to_vec()).collect();
    let mut scan = Scan::new(rules, dtype);
    bytes.chunks(piece * dtype.width()).for_each(|piece| scan.piece(Some(&index), piece));
    if bytes.is_empty() {
        scan.piece(Some(&index), &[]);
    }
    let width = dtype.width() as u64;
    let mut found: Found = scan.wrong().iter().map(|tally| (name(tally.wrong), tally.count, tally.offset / width)).collect();
    found.sort();
    found
}

proptest! {
    #[test]
    fn pieces_cut_anywhere_tell_what_every_token_tells(
        documents in vec((vec(prop_oneof![9 => 1u32..6, 1 => 0u32..9], 0..30usize), prop::bool::weighted(0.9), 1usize..3), 0..20usize),
        piece in 1usize..50,
        ends_inside: bool,
        narrow: bool,
    ) {
        let rules = Rules { vocabulary: 7, end: 0, ends_inside };
        let sequences: Vec<usize> = documents.iter().map(|(.., sequences)| *sequences).collect();
        let documents: Vec<Vec<u32>> = documents.into_iter().map(|(d, good, _)| if good { [d, vec![0]].concat() } else { d }).collect();
        let dtype = if narrow { Dtype::U16 } else { Dtype::I32 };
        prop_assert_eq!(scanned(&documents, &sequences, rules, dtype, piece), slowly(&documents, rules));
    }
}

#[test]
fn a_negative_id_is_no_id() {
    let rules = Rules { vocabulary: 1 << 30, end: 0, ends_inside: false };
    assert_eq!(scanned(&[vec![u32::MAX, 0]], &[1], rules, Dtype::I32, 9), [("stray", 1, 0)]);
}

/// More tokens than a narrow sum counts to.
#[test]
fn many_ends_are_counted() {
    let tokens = vec![[5u8, 0]; 300_000];
    assert_eq!(measure_narrow(&tokens, 5), (5, 300_000));
    assert_eq!(measure_narrow(&tokens, 70_000), (5, 0));
    assert_eq!(measure_wide(&vec![[5u8, 0, 0, 0]; 300_000], 5), (5, 300_000));
}
