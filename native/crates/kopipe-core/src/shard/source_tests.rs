//! What comes out of a source is what is in the shard, or an error.

use super::*;
use crate::shard::{ShardWriter, index_of};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;

fn origin(dtype: Dtype) -> Origin {
    let rules = Rules { vocabulary: 9, end: 0, ends_inside: false };
    Origin { dtype, rules, unlisted: Unlisted::Documents, digest: None, from: 0 }
}

fn write(prefix: &Path, dtype: Dtype, index: &[u8], documents: &[Vec<u32>]) {
    let tokens: Vec<u8> = documents.concat().iter().flat_map(|id| id.to_le_bytes()[..dtype.width()].to_vec()).collect();
    fs::write(with_extension(prefix, "idx"), index).unwrap();
    fs::write(with_extension(prefix, "bin"), tokens).unwrap();
}

/// All of a shard into one of the same name with `-copy`.
fn copied(prefix: &Path, origin: Origin, bytes: u64) -> Result<(Vec<u8>, Vec<u8>)> {
    let io = Io::default();
    let copy = prefix.with_file_name("copy");
    let mut source = Source::open(&io, prefix, origin.clone())?;
    let mut writer = ShardWriter::create(&io, &copy, origin.dtype, u64::MAX)?;
    while let Some(batch) = source.next(bytes)? {
        assert_eq!(writer.append(&batch, 0..batch.len(), None)?, batch.len());
    }
    writer.seal()?;
    Ok((fs::read(with_extension(&copy, "idx")).unwrap(), fs::read(with_extension(&copy, "bin")).unwrap()))
}

fn documents() -> impl Strategy<Value = Vec<Vec<u32>>> {
    vec(vec(1u32..9, 0..20usize).prop_map(|document| [document, vec![0]].concat()), 1..20usize)
}

proptest! {
    /// In batches of any size, with documents of several sequences, with the list of documents or a part of it.
    #[test]
    fn a_copy_has_the_documents(documents in documents(), bytes in 1u64..200, sequences in 1usize..3, narrow: bool, listed in 0usize..20) {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("s.00");
        let dtype = if narrow { Dtype::U16 } else { Dtype::I32 };
        let plain = index_of(dtype, &documents, &vec![1; documents.len()]);
        write(&prefix, dtype, &index_of(dtype, &documents, &vec![sequences; documents.len()]), &documents);
        let (index, tokens) = copied(&prefix, origin(dtype), bytes).unwrap();
        prop_assert!(index == plain && tokens == fs::read(with_extension(&prefix, "bin")).unwrap());

        let listed = listed.min(documents.len());
        let mut unlisted = plain.clone();
        unlisted.truncate(plain.len() - 8 * (documents.len() - listed));
        unlisted[26..34].copy_from_slice(&(listed as u64 + 1).to_le_bytes());
        write(&prefix, dtype, &unlisted, &documents);
        let (index, tokens) = copied(&prefix, origin(dtype), bytes).unwrap();
        prop_assert!(index == plain && tokens == fs::read(with_extension(&prefix, "bin")).unwrap());
    }

    #[test]
    fn it_goes_on_at_any_document(documents in documents(), from in 0usize..20) {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("s");
        let from = from.min(documents.len());
        write(&prefix, Dtype::U16, &index_of(Dtype::U16, &documents, &vec![1; documents.len()]), &documents);
        let digest = hex(xxhash_rust::xxh3::xxh3_128(&fs::read(with_extension(&prefix, "bin")).unwrap()));
        let (_, tokens) = copied(&prefix, Origin { digest: Some(digest), from: from as u64, ..origin(Dtype::U16) }, 16).unwrap();
        let expected: Vec<u8> = documents[from..].concat().iter().flat_map(|id| (*id as u16).to_le_bytes()).collect();
        prop_assert_eq!(tokens, expected);
    }
}

#[test]
fn what_cannot_be_known_or_trusted_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("s");
    let refused = |documents: &[&[u32]], listed: bool, origin: Origin, message: &str| {
        let documents: Vec<Vec<u32>> = documents.iter().map(|document| document.to_vec()).collect();
        let mut index = index_of(Dtype::U16, &documents, &vec![1; documents.len()]);
        if !listed {
            index.truncate(index.len() - 8 * documents.len());
            index[26..34].copy_from_slice(&1u64.to_le_bytes());
        }
        write(&prefix, Dtype::U16, &index, &documents);
        let error = copied(&prefix, origin, 1 << 20).expect_err(message).to_string();
        assert!(error.contains(message), "expected {message:?}, got {error:?}");
    };
    let good = origin(Dtype::U16);
    refused(&[&[1, 0], &[2]], true, good.clone(), "document 1 ends in token 2, not in 0");
    refused(&[&[1, 0], &[2]], false, good.clone(), "so where they begin and end cannot be known");
    refused(&[&[1, 0, 2, 0]], true, good.clone(), "document 0 has token 0, which ends documents, inside");
    refused(&[&[1, 9, 0]], true, good.clone(), "token 9, where ids are below the vocabulary of 9");
    refused(&[&[1, 0]], true, Origin { digest: Some("0".repeat(32)), ..good.clone() }, "it was sealed with digest 0000");
    refused(&[&[1, 0]], true, Origin { dtype: Dtype::I32, ..good.clone() }, "holds U16 tokens, its tokenizer's are I32");
    refused(
        &[&[1, 0]],
        false,
        Origin { unlisted: Unlisted::Refused, ..good.clone() },
        "its documents end at sequence 0, its sequences at 1",
    );
    let inside = Rules { ends_inside: true, ..good.rules };
    refused(&[&[1, 0, 2, 0]], false, Origin { rules: inside, ..good.clone() }, "so where they begin and end cannot be known");
    write(&prefix, Dtype::U16, &index_of(Dtype::U16, &[vec![1, 0, 2, 0]], &[1]), &[vec![1, 0, 2, 0]]);
    assert!(copied(&prefix, Origin { rules: inside, ..good }, 1).is_ok(), "listed, it may stand inside");
}
