//! Every byte of a shard is held against something.

use super::*;
use crate::shard::{Origin, Source, index_of};
use proptest::prelude::*;
use std::fs;

const RULES: Rules = Rules { vocabulary: 9, end: 0, ends_inside: false };

fn documents() -> Vec<Vec<u32>> {
    vec![vec![1, 2, 0], vec![3, 0], vec![4, 5, 6, 7, 8, 0]]
}

fn files(dtype: Dtype) -> (Vec<u8>, Vec<u8>) {
    let tokens = documents().concat().iter().flat_map(|id| id.to_le_bytes()[..dtype.width()].to_vec()).collect();
    (index_of(dtype, &documents(), &[1, 1, 1]), tokens)
}

fn verify(index: &[u8], tokens: &[u8]) -> Verified {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("s.idx"), index).unwrap();
    fs::write(dir.path().join("s.bin"), tokens).unwrap();
    let mut verifier = Verifier::open(&Io::default(), &dir.path().join("s"), Some(RULES));
    while verifier.step(7) > 0 {}
    verifier.finish()
}

#[test]
fn a_good_shard_has_no_fault() {
    for dtype in [Dtype::U16, Dtype::I32] {
        let (index, tokens) = files(dtype);
        let found = verify(&index, &tokens);
        assert_eq!(found.faults, []);
        assert_eq!(found.layout, Some(Layout { dtype, sequences: 3, documents: 3, tokens: 11 }));
        for (sealed, bytes) in [(found.idx, index), (found.bin, tokens)] {
            assert_eq!(sealed, Some(Sealed { bytes: bytes.len() as u64, digest: hex(xxh3_128(&bytes)) }));
        }
    }
}

/// Each byte in turn is another: the index breaks a rule, and the digest of the file that it is in is another.
#[test]
fn every_damaged_byte_is_found() {
    for dtype in [Dtype::U16, Dtype::I32] {
        let (index, tokens) = files(dtype);
        let good = verify(&index, &tokens);
        for at in 0..index.len() {
            let mut damaged = index.clone();
            damaged[at] ^= 0x10;
            let found = verify(&damaged, &tokens);
            assert!(!found.faults.is_empty(), "byte {at} of .idx");
            assert_ne!(found.idx, good.idx);
            assert_eq!(found.bin, good.bin);
        }
        for at in 0..tokens.len() {
            let mut damaged = tokens.clone();
            damaged[at] ^= 0x10;
            let found = verify(&index, &damaged);
            assert!(!found.faults.is_empty(), "byte {at} of .bin: every id is then beyond the vocabulary");
            assert_ne!(found.bin, good.bin);
        }
    }
}

#[test]
fn all_that_is_wrong_is_told_with_its_place_and_how_often() {
    let (index, _) = files(Dtype::U16);
    let tokens: Vec<u8> = [1u16, 0, 0, 3, 4, 4, 0, 0, 70, 60, 0].iter().flat_map(|t| t.to_le_bytes()).collect();
    let told: Vec<_> = verify(&index, &tokens).faults.into_iter().map(|f| (f.offset, f.count, f.what)).collect();
    let expected = [
        (Some(2), 3, "document 0 has token 0, which ends documents, inside"),
        (Some(8), 1, "document 1 ends in token 4, not in 0, which ends documents"),
        (Some(16), 2, "token 70, where ids are below the vocabulary of 9"),
    ];
    assert_eq!(told, expected.map(|(at, count, what)| (at, count, what.to_owned())));
}

#[test]
fn one_broken_file_hides_nothing_of_the_other() {
    let (mut index, mut tokens) = files(Dtype::U16);
    index.truncate(60);
    tokens[0] = 200;
    let found = verify(&index, &tokens);
    assert_eq!(found.faults.len(), 2, "{:?}", found.faults);
    assert!(found.faults[0].what.contains("this file has 60") && found.faults[1].what.starts_with("token 200"));
    let (index, tokens) = files(Dtype::U16);
    let found = verify(&index, &tokens[..13]);
    assert_eq!(found.faults.len(), 1, "what is there is right");
    assert!(found.faults[0].what.contains("promises 11 tokens in 22 bytes, the file has 13"));
}

#[test]
fn files_that_are_not_there() {
    let mut verifier = Verifier::open(&Io::default(), Path::new("/nowhere/s"), None);
    assert_eq!(verifier.step(1), 0);
    let found = verifier.finish();
    assert_eq!(found.faults.len(), 2);
    assert!(found.idx.is_none() && found.bin.is_none() && found.layout.is_none());
}

proptest! {
    /// Whatever stands in the two files, they are verified, and read as documents, to an end: found good or refused.
    #[test]
    fn no_bytes_make_it_do_anything_else(
        damage in proptest::collection::vec((0usize..120, prop_oneof![Just(0u8), Just(255), any::<u8>()]), 0..6),
        index_length in 0usize..130,
        tokens_length in 0usize..40,
        narrow: bool,
    ) {
        let (mut index, mut tokens) = files(if narrow { Dtype::U16 } else { Dtype::I32 });
        for (at, byte) in damage {
            if let Some(there) = index.get_mut(at) {
                *there = byte;
            }
        }
        index.truncate(index_length.max(26));
        tokens.truncate(tokens_length);
        let whole = verify(&index, &tokens).faults.is_empty();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("s.idx"), &index).unwrap();
        fs::write(dir.path().join("s.bin"), &tokens).unwrap();
        for unlisted in [Unlisted::Refused, Unlisted::Documents] {
            let dtype = if narrow { Dtype::U16 } else { Dtype::I32 };
            let origin = Origin { dtype, rules: RULES, unlisted, digest: None, from: 0 };
            let read = Source::open(&Io::default(), &dir.path().join("s"), origin).and_then(|mut source| {
                while source.next(8)?.is_some() {}
                Ok(())
            });
            prop_assert!(read.is_ok() || !whole, "what is verified is read");
            prop_assert!(read.is_err() || whole || unlisted == Unlisted::Documents, "what is not is not");
        }
    }
}
