//! One adversarial test a rule of the format: each damages one field of a good shard and asks for that rule's message.

use super::*;
use std::fs;

/// A shard of three sequences in two documents, of 2, 0 and 3 tokens.
fn index(dtype: Dtype) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.push(dtype.code());
    bytes.extend(3u64.to_le_bytes());
    bytes.extend(3u64.to_le_bytes());
    let sizes = [2i32, 0, 3];
    sizes.iter().for_each(|s| bytes.extend(s.to_le_bytes()));
    let width = dtype.width() as i64;
    [0i64, 2, 2].iter().for_each(|p| bytes.extend((p * width).to_le_bytes()));
    [0i64, 2, 3].iter().for_each(|d| bytes.extend(d.to_le_bytes()));
    bytes
}

fn check(bytes: &[u8], tokens_bytes: u64) -> std::result::Result<Layout, String> {
    Layout::check(Path::new("s.idx"), bytes, Path::new("s.bin"), tokens_bytes).map_err(|e| e.to_string())
}

#[track_caller]
fn refused(damage: impl FnOnce(&mut Vec<u8>), message: &str) {
    let mut bytes = index(Dtype::U16);
    damage(&mut bytes);
    let error = check(&bytes, 10).expect_err("the damage must be noticed");
    assert!(error.contains(message), "expected a message with {message:?}, got {error:?}");
}

fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

const SIZES: usize = HEADER;
const POINTERS: usize = HEADER + 12;
const DOCUMENTS: usize = HEADER + 36;

#[test]
fn a_good_shard_opens_and_reads() {
    for dtype in [Dtype::U16, Dtype::I32] {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("part.00000");
        let tokens: Vec<u8> = match dtype {
            Dtype::U16 => [1u16, 2, 60_000, 4, 5].iter().flat_map(|t| t.to_le_bytes()).collect(),
            Dtype::I32 => [1i32, 2, 60_000, 4, 5].iter().flat_map(|t| t.to_le_bytes()).collect(),
        };
        fs::write(folder.path().join("part.00000.idx"), index(dtype)).unwrap();
        fs::write(folder.path().join("part.00000.bin"), &tokens).unwrap();
        let shard = Shard::open(&Io::default(), &prefix).unwrap();
        assert_eq!(shard.layout(), Layout { dtype, sequences: 3, documents: 2, tokens: 5 });
        assert_eq!([shard.size(0), shard.size(1), shard.size(2)], [2, 0, 3]);
        let width = dtype.width();
        assert_eq!(shard.bytes(2, 0, 2), &tokens[2 * width..4 * width]);
        assert_eq!(shard.bytes(0, 1, 1), &tokens[width..2 * width]);
    }
}

#[test]
fn an_empty_shard_opens() {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.push(8);
    bytes.extend(0u64.to_le_bytes());
    bytes.extend(1u64.to_le_bytes());
    bytes.extend(0i64.to_le_bytes());
    assert_eq!(check(&bytes, 0), Ok(Layout { dtype: Dtype::U16, sequences: 0, documents: 0, tokens: 0 }));
}

#[test]
fn a_missing_file_is_named() {
    let error = Shard::open(&Io::default(), Path::new("/nowhere/00000")).err().expect("nothing is there");
    assert_eq!(error.kind(), "not-found");
    assert_eq!(error.path(), Some(Path::new("/nowhere/00000.idx")));
}

#[test]
fn short_header() {
    refused(|b| b.truncate(33), "a header of 34 bytes, this file ends after 33");
}

#[test]
fn magic() {
    refused(|b| b[3] = b'X', "does not begin with MMIDIDX");
}

#[test]
fn version() {
    refused(|b| put(b, 9, 2u64.to_le_bytes()), "its version is 2");
}

#[test]
fn dtype() {
    refused(|b| b[17] = 6, "its token type is 6");
}

#[test]
fn no_document_bounds() {
    refused(|b| put(b, 26, 0u64.to_le_bytes()), "list of documents is empty");
}

#[test]
fn index_length() {
    refused(|b| b.push(0), "take 94 bytes, this file has 95");
    refused(|b| b.truncate(93), "take 94 bytes, this file has 93");
}

#[test]
fn a_count_that_overflows_is_no_panic() {
    refused(|b| put(b, 18, u64::MAX.to_le_bytes()), "18446744073709551615 sequences");
    refused(|b| put(b, 26, u64::MAX.to_le_bytes()), "18446744073709551615 document bounds");
}

#[test]
fn negative_size() {
    refused(|b| put(b, SIZES + 4, (-1i32).to_le_bytes()), "sequence 1 has a size of -1");
}

#[test]
fn pointer_that_is_not_the_sum_of_sizes() {
    refused(|b| put(b, POINTERS + 16, 6i64.to_le_bytes()), "sequence 2 points to byte 6; the sizes before it end at byte 4");
    refused(|b| put(b, POINTERS, (-4i64).to_le_bytes()), "sequence 0 points to byte -4");
}

#[test]
fn documents_that_do_not_begin_at_zero() {
    refused(|b| put(b, DOCUMENTS, 1i64.to_le_bytes()), "first document begins at sequence 1");
}

#[test]
fn documents_that_go_back() {
    refused(|b| put(b, DOCUMENTS + 8, (-2i64).to_le_bytes()), "document 1 begins at sequence -2, before its predecessor's 0");
}

#[test]
fn documents_that_do_not_end_with_the_sequences() {
    refused(|b| put(b, DOCUMENTS + 16, 2i64.to_le_bytes()), "documents end at sequence 2, its sequences at 3");
}

#[test]
fn tokens_file_length() {
    for length in [8, 12] {
        let error = check(&index(Dtype::U16), length).unwrap_err();
        assert!(error.starts_with("s.bin is damaged"), "{error}");
        assert!(error.contains(&format!("promises 5 tokens in 10 bytes, the file has {length}")), "{error}");
    }
}

/// What the fuzz target `shard_open` begins with, each seed read as it reads it.
#[test]
fn fuzz_seeds() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/shard_open");
    let mut opened = Vec::new();
    for seed in fs::read_dir(seeds).unwrap() {
        let seed = seed.unwrap();
        let bytes = fs::read(seed.path()).unwrap();
        let (length, index) = bytes.split_first_chunk::<4>().unwrap();
        if check(index, u64::from(u32::from_le_bytes(*length))).is_ok() {
            opened.push(seed.file_name().into_string().unwrap());
        }
    }
    opened.sort();
    assert_eq!(opened, ["empty", "i32", "u16"]);
}
