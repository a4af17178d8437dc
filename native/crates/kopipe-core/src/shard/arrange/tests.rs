//! The slow way: every occurrence of every document in one list, sorted.

use super::*;
use crate::batch::{Batch, Document};
use crate::bpe::{Encoded, Output};
use crate::io::Io;
use crate::shard::batch::{EncodedBatch, Origins};
use crate::shard::{Dtype, Shares};
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use zerocopy::IntoBytes;

/// A document: its tokens without the last, its source, the size of its cluster.
type Given = (Vec<u16>, u8, u64);

const NAMES: [&str; 3] = ["wiki", "news", "web, old=new"];

/// Tokens as they lie in `.bin`.
fn bytes_of(tokens: &[u16], dtype: Dtype) -> Vec<u8> {
    match dtype {
        Dtype::U16 => tokens.as_bytes().to_vec(),
        Dtype::I32 => tokens.iter().flat_map(|&token| u32::from(token).to_le_bytes()).collect(),
    }
}

fn batch_of(documents: &[Given], dtype: Dtype, shares: Option<&Shares>) -> (EncodedBatch, Batch) {
    let mut batch = Batch::new("in".into(), "in".into(), 0, 0);
    let ended: Vec<Vec<u16>> = documents.iter().map(|(tokens, ..)| [tokens.as_slice(), &[0]].concat()).collect();
    for (number, (_, _, cluster)) in documents.iter().enumerate() {
        let mut document = Document::new(number, 1);
        let start = batch.metadata.len();
        if *cluster > 1 {
            batch.metadata.extend(format!("\"cluster_size\":{cluster}").bytes());
        }
        document.additions = start..batch.metadata.len();
        batch.documents.push(document);
    }
    let lengths: Vec<u32> = ended.iter().map(|document| document.len() as u32).collect();
    let origins = Origins {
        names: NAMES.map(String::from).to_vec(),
        sources: documents.iter().map(|(_, source, _)| u32::from(*source)).collect(),
        bytes: documents.iter().map(|(tokens, ..)| 10 + tokens.len() as u64).collect(),
    };
    let tokens = match dtype {
        Dtype::U16 => Encoded::Narrow(Output { tokens: ended.concat(), lengths: Vec::new() }),
        Dtype::I32 => Encoded::Wide(Output { tokens: ended.concat().into_iter().map(u32::from).collect(), lengths: Vec::new() }),
    };
    let mut encoded = EncodedBatch::of(tokens, lengths, origins);
    if let Some(shares) = shares {
        encoded.split(shares);
    }
    (encoded, batch)
}

/// What stands in the result: by split and file, the documents one after another.
fn reference(documents: &[Given], dtype: Dtype, order: &Order, drawn: &[f64; 3], shares: Option<&Shares>) -> Vec<(u8, u32, Vec<Vec<u16>>)> {
    let mut all = Vec::new();
    for (ordinal, (tokens, source, cluster)) in documents.iter().enumerate() {
        let repeats = order.repeats.iter().rfind(|(from, _)| from <= cluster).map_or(1, |(_, times)| *times);
        let times = drawn[*source as usize] * f64::from(repeats);
        let bytes = bytes_of(tokens, dtype);
        let split = shares.map_or(0, |shares| shares.of(&bytes));
        for occurrence in (0..1000).take_while(|&o| f64::from(o) + chance(&bytes) as f64 / 2f64.powi(64) < times) {
            all.push((Place::new(order, split, ordinal as u64, occurrence), [tokens.as_slice(), &[0]].concat()));
        }
    }
    all.sort_by_key(|(place, _)| *place);
    let mut result: Vec<(u8, u32, Vec<Vec<u16>>)> = Vec::new();
    for (Place { split, file, .. }, document) in all {
        match result.last_mut().filter(|last| (last.0, last.1) == (split, file)) {
            Some(last) => last.2.push(document),
            None => result.push((split, file, vec![document])),
        }
    }
    result
}

/// Runs of batches of documents; gives pieces by split and file.
fn runs(
    dir: &Path,
    documents: &[Given],
    dtype: Dtype,
    order: &Order,
    drawn: &[f64; 3],
    shares: Option<&Shares>,
    (cut, limit): (usize, u64),
) -> Vec<((u8, u32), Vec<Piece>)> {
    let io = Io::default();
    let mut pieces: HashMap<(u8, u32), Vec<Piece>> = HashMap::new();
    let (mut ordinal, mut number) = (0, 0);
    let open = |number: usize, ordinal| RunWriter::new(&io, &dir.join(format!("run-{number:05}")), dtype, limit, order.clone(), ordinal);
    let mut writer = open(0, 0);
    let mut seal = |writer: RunWriter| {
        let run = writer.seal().unwrap();
        let sources: Vec<(String, f64)> =
            run.sources.iter().map(|(name, _)| (name.clone(), drawn[NAMES.iter().position(|known| known == name).unwrap()])).collect();
        for file in run.files {
            let piece = Piece { path: file.path, sealed: file.sealed, sources: sources.clone() };
            pieces.entry((file.split, file.file)).or_default().push(piece);
        }
        run.documents
    };
    for given in documents.chunks(cut) {
        let (encoded, batch) = batch_of(given, dtype, shares);
        let mut first = 0;
        while first < given.len() {
            first = writer.append(&encoded, &batch, first..given.len()).unwrap();
            if first < given.len() {
                number += 1;
                let full = std::mem::replace(&mut writer, open(number, 0));
                ordinal += seal(full);
                writer = open(number, ordinal);
            }
        }
    }
    seal(writer);
    let mut pieces: Vec<_> = pieces.into_iter().collect();
    pieces.sort_by_key(|(key, _)| *key);
    pieces
}

fn read(pieces: Vec<Piece>, dtype: Dtype, bytes: u64, from: u64) -> Result<Vec<Vec<u16>>, crate::Error> {
    let mut arranged = Arranged::open(&Io::default(), pieces, dtype, 0, from)?;
    let mut documents = Vec::new();
    while let Some(batch) = arranged.next(bytes)? {
        let mut at = 0;
        for &length in &batch.lengths {
            let width = dtype.width();
            let tokens = batch.tokens()[width * at..width * (at + length as usize)].chunks(width);
            // Ids of the tests are small: what is behind the first two bytes is 0.
            documents.push(tokens.map(|token| u16::from_le_bytes([token[0], token[1]])).collect());
            at += length as usize;
        }
    }
    Ok(documents)
}

fn given() -> impl Strategy<Value = Vec<Given>> {
    let cluster = prop_oneof![Just(1u64), 2u64..8];
    proptest::collection::vec((proptest::collection::vec(1u16..9, 1..40), 0u8..3, cluster), 1..60)
}

proptest! {
    /// Whatever the order, how batches and runs are cut and where reading begins: the result is that of one sorted list.
    #[test]
    fn an_order_is_one_sorted_list(
        documents in given(),
        seed in proptest::option::of(any::<u64>()),
        (bounds, part) in ([0.0f64..3.5, 0.3..1.0, 1.0..2.5], 0.1f64..1.0),
        (cut, limit, bytes) in (1usize..20, 100u64..8000, 1u64..500),
        (rehydrated, split, wide) in any::<(bool, bool, bool)>(),
        from in 0.0f64..1.0,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let epochs = NAMES.iter().zip(bounds).map(|(name, epochs)| (name.to_string(), epochs)).collect();
        let repeats = if rehydrated { vec![(1, 1), (2, 2), (5, 3)] } else { Vec::new() };
        let order = Order { seed, epochs, repeats };
        let drawn = [bounds[0] * part, bounds[1], bounds[2] * part];
        let shares = split.then(|| Shares::new([0.6, 0.2, 0.2]).unwrap());
        let dtype = if wide { Dtype::I32 } else { Dtype::U16 };
        let expected = reference(&documents, dtype, &order, &drawn, shares.as_ref());
        let pieces = runs(dir.path(), &documents, dtype, &order, &drawn, shares.as_ref(), (cut, limit));
        let mut came = Vec::new();
        for ((split, file), pieces) in pieces {
            let documents = read(pieces.clone(), dtype, bytes, 0).unwrap();
            let begin = (from * documents.len() as f64) as usize;
            prop_assert_eq!(&read(pieces, dtype, bytes, begin as u64).unwrap()[..], &documents[begin..]);
            if !documents.is_empty() {
                came.push((split, file, documents));
            }
        }
        prop_assert_eq!(came, expected);
    }

    /// A damaged file is refused, whatever the damage.
    #[test]
    fn damage_is_told(documents in given(), at in 0.0f64..1.0, bit in 0u8..8) {
        let dir = tempfile::tempdir().unwrap();
        let order = Order { seed: Some(1), ..Order::default() };
        let (_, pieces) = runs(dir.path(), &documents, Dtype::U16, &order, &[1.0; 3], None, (10, u64::MAX)).swap_remove(0);
        let path = pieces[0].path.clone();
        let mut bytes = std::fs::read(&path).unwrap();
        let at = (at * bytes.len() as f64) as usize;
        bytes[at] ^= 1 << bit;
        std::fs::write(&path, bytes).unwrap();
        let refused = matches!(read(pieces, Dtype::U16, 100, 0), Err(crate::Error::Corrupt { .. }));
        prop_assert!(refused);
    }
}

/// Each of the 24 orders of four documents as often as any other: χ² of 23 degrees of freedom, under 60 in all but one of
/// 30,000 cases.
#[test]
fn every_order_is_as_likely() {
    const SEEDS: u64 = 24_000;
    let mut counts: HashMap<Vec<u64>, f64> = HashMap::new();
    for seed in 0..SEEDS {
        let order = Order { seed: Some(seed), ..Order::default() };
        let mut ordinals: Vec<u64> = (0..4).collect();
        ordinals.sort_by_key(|&ordinal| Place::new(&order, 0, ordinal, 0));
        *counts.entry(ordinals).or_default() += 1.0;
    }
    let expected = SEEDS as f64 / 24.0;
    let chi: f64 = counts.values().map(|count| (count - expected).powi(2) / expected).sum();
    assert!(counts.len() == 24 && chi < 60.0, "{} orders, χ² {chi}", counts.len());
}

/// Of 2.25 times, every document has two and a quarter a third; who has a third has it for 2.5 times, too.
#[test]
fn fractions_are_met_and_nested() {
    let count = |times: f64, occurrence| (0..100_000u32).filter(|n| is_drawn(occurrence, chance(&n.to_le_bytes()), times)).count() as f64;
    assert_eq!(count(2.25, 1), 100_000.0);
    assert!((count(2.25, 2) - 25_000.0).abs() < 4.0 * (100_000.0f64 * 0.25 * 0.75).sqrt());
    assert_eq!((count(2.25, 3), count(0.0, 0)), (0.0, 0.0));
    assert!((0..100_000u32).map(|n| chance(&n.to_le_bytes())).all(|c| is_drawn(2, c, 2.5) || !is_drawn(2, c, 2.25)));
}
