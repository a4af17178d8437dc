//! Best-fit packing against the plainest way to do it, and its promises.

use super::tests::{WHOLE, dataset, plan, row};
use super::*;
use proptest::prelude::*;

/// A piece: document, offset, tokens.
type Piece = (u32, u32, u32);

/// Best-fit decreasing over a list of all samples. `sorted`: documents by the length of their last piece.
fn textbook(sorted: &[u32], sizes: &[u32], length: u32) -> Vec<Vec<Piece>> {
    let capacity = length + 1;
    let pieces = |document: u32| {
        let mut pieces = vec![(document, 0, sizes[document as usize].min(capacity))];
        while let Some(&(_, offset, count)) = pieces.last()
            && offset + count < sizes[document as usize]
        {
            // The next begins with the token that this one ends with.
            let next = offset + count - 1;
            pieces.push((document, next, (sizes[document as usize] - next).min(capacity)));
        }
        pieces
    };
    // Each sample with its room and the time at which it came to it.
    let mut samples: Vec<(u32, usize, Vec<Piece>)> = Vec::new();
    for (time, &document) in sorted.iter().enumerate() {
        let piece = *pieces(document).last().unwrap();
        let fits = samples.iter().enumerate().filter(|(_, (room, ..))| *room >= piece.2);
        let best = fits.min_by_key(|(_, (room, since, _))| (*room, std::cmp::Reverse(*since))).map(|(i, _)| i);
        let best = best.unwrap_or_else(|| {
            samples.push((capacity, time, Vec::new()));
            samples.len() - 1
        });
        samples[best].0 -= piece.2;
        samples[best].1 = time;
        samples[best].2.push(piece);
    }
    let whole = (0..sizes.len() as u32).flat_map(|document| {
        let mut pieces = pieces(document);
        pieces.pop();
        pieces
    });
    samples.into_iter().map(|(.., pieces)| pieces).chain(whole.map(|piece| vec![piece])).collect()
}

/// Documents with something to predict, by the length of their last piece, those of one length shuffled.
fn sorted(sizes: &[u32], length: u32, random: &mut RandomState) -> Vec<u32> {
    let last = |document: &u32| {
        let tokens = sizes[*document as usize];
        if tokens <= length + 1 { tokens } else { (tokens - 2) % length + 2 }
    };
    let mut documents: Vec<u32> = (0..sizes.len() as u32).filter(|document| sizes[*document as usize] > 1).collect();
    documents.sort_by_key(|document| std::cmp::Reverse(last(document)));
    documents.chunk_by_mut(|a, b| last(a) == last(b)).for_each(|class| random.shuffle(class));
    documents
}

fn gathered(index: &SampleIndex) -> Gathered {
    index.gather(&(0..index.len() as u64).collect::<Vec<_>>()).unwrap()
}

proptest! {
    /// The samples are those of the textbook, shuffled; what follows a document in one is marked.
    #[test]
    fn packs_as_the_textbook_does(sizes in prop::collection::vec(0u32..70, 1..200), length in 1u32..40, samples in 1u64..300, cut in 0usize..200) {
        prop_assume!(sizes.iter().any(|size| *size > 1));
        let (_folder, dataset, sequences) = dataset(&sizes, &[cut.min(sizes.len())]);
        let marks = Marks { starts: true, weights: true };
        let plan = Plan { split_weights: WHOLE, packing: Packing::BestFit, marks, padding: 59_999, ..plan(Split::Train, length as usize, samples) };
        let index = SampleIndex::build(dataset, &plan).unwrap();
        let mut random = RandomState::new(plan.seed);
        let expected = textbook(&sorted(&sizes, length, &mut random), &sizes, length);
        let epochs = samples.div_ceil(expected.len() as u64);
        let order: Vec<usize> = (0..epochs).flat_map(|_| { let mut order: Vec<usize> = (0..expected.len()).collect(); random.shuffle(&mut order); order }).collect();
        prop_assert_eq!(index.len(), order.len());
        let Gathered { tokens, starts, weights, counted } = gathered(&index);
        for (position, sample) in order.into_iter().enumerate() {
            let (mut row_tokens, mut row_starts, mut row_weights) = (Vec::new(), Vec::new(), Vec::new());
            for &(document, offset, count) in &expected[sample] {
                row_starts.extend(vec![row_tokens.len() as i32; count as usize]);
                row_tokens.extend(row(&sequences, document, offset, count));
                row_weights.extend(vec![1.0; count as usize - 1]);
                row_weights.push(0.0);
            }
            row_starts.resize(length as usize, row_tokens.len() as i32);
            row_weights.resize(length as usize, 0.0);
            row_tokens.resize(length as usize + 1, 59_999);
            let (here, wide) = (position * length as usize, position * (length as usize + 1));
            prop_assert_eq!(&tokens[wide..][..length as usize + 1], &row_tokens[..]);
            prop_assert_eq!(&starts[here..][..length as usize], &row_starts[..]);
            prop_assert_eq!(&weights[here..][..length as usize], &row_weights[..]);
        }
        // Every token but a document's first is predicted once an epoch.
        let predicted: u64 = sizes.iter().map(|size| u64::from(size.saturating_sub(1))).sum();
        prop_assert_eq!(counted, predicted * epochs);
        let packed = index.packed()[0];
        prop_assert_eq!(packed.epochs, epochs);
        prop_assert_eq!(packed.cut, sizes.iter().filter(|size| **size > length + 1).count() as f64);
        prop_assert!((packed.utilisation - counted as f64 / weights.len() as f64).abs() < 1e-12);
    }
}

#[test]
fn rooms_are_found_however_many_there_are() {
    // One document of each length: capacities on every level of the tree.
    let sizes: Vec<u32> = (0..5_000).map(|i| 2 + i * 7 % 5_000).collect();
    let (_folder, dataset, sequences) = dataset(&sizes, &[]);
    let length = 5_100;
    let plan = Plan { split_weights: WHOLE, packing: Packing::BestFit, ..plan(Split::Train, length as usize, 1) };
    let index = SampleIndex::build(dataset, &plan).unwrap();
    let mut random = RandomState::new(plan.seed);
    let expected = textbook(&sorted(&sizes, length, &mut random), &sizes, length);
    let mut order: Vec<usize> = (0..expected.len()).collect();
    random.shuffle(&mut order);
    for (tokens, sample) in gathered(&index).tokens.chunks(length as usize + 1).zip(order) {
        let mut row: Vec<i32> =
            expected[sample].iter().flat_map(|&(document, offset, count)| row(&sequences, document, offset, count)).collect();
        row.resize(length as usize + 1, 0);
        assert!(tokens == row, "sample {sample}");
    }
}

#[test]
fn documents_of_one_token_predict_nothing() {
    let (_folder, dataset, _) = dataset(&[1, 0, 1], &[]);
    let plan = Plan { split_weights: WHOLE, packing: Packing::BestFit, ..plan(Split::Train, 8, 1) };
    let error = SampleIndex::build(dataset, &plan).err().unwrap();
    assert!(error.to_string().contains("no document has two tokens"), "{error}");
}
