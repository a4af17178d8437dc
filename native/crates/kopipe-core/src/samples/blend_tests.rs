//! Blends against numpy: test/golden/samples.json holds what test/golden/samples.py computed.

use super::tests::{WHOLE, dataset, golden_blends, plan};
use super::*;

#[test]
fn blends_equal_gpt_neox() {
    let blends = golden_blends();
    assert!(blends.iter().any(|blend| blend.weights.len() > 128) && blends.iter().any(|blend| blend.samples > 2048));
    for golden in blends {
        let shares = blend::shares(&golden.weights, golden.samples).unwrap();
        assert_eq!(shares.iter().map(|(_, asked)| *asked).collect::<Vec<_>>(), golden.asked, "{:?}", golden.weights);
        let shares: Vec<f64> = shares.iter().map(|(share, _)| *share).collect();
        let blend = Blend::build(&shares, golden.samples as usize);
        for sample in 0..golden.samples as usize {
            let expected = (golden.dataset_index[sample], golden.dataset_sample_index[sample]);
            assert_eq!(blend.locate(sample), expected, "{:?}, sample {sample}", golden.weights);
        }
        // What a dataset gives is never more than was asked of it.
        for (dataset, asked) in golden.asked.iter().enumerate() {
            assert!(golden.dataset_index.iter().filter(|which| **which == dataset).count() as u64 <= *asked);
        }
    }
}

fn blended(dataset: &Arc<Dataset>, weight: f64) -> Blended {
    Blended { dataset: dataset.clone(), weight, split_weights: WHOLE }
}

#[test]
fn each_dataset_has_its_own_order() {
    let (a, first, _) = dataset(&[30, 40, 50, 60], &[1]);
    let (b, second, _) = dataset(&[7, 8, 9], &[]);
    let shards = [(&a, "00000.bin"), (&a, "00001.bin"), (&b, "00000.bin")].map(|(at, name)| std::fs::read(at.path().join(name)).unwrap());
    for packing in [Packing::Neox, Packing::BestFit] {
        let plan = Plan { split_weights: WHOLE, packing, ..plan(Split::Train, 8, 3000) };
        let index = SampleIndex::blend(vec![blended(&first, 3.0), blended(&second, 1.0)], &plan).unwrap();
        assert_eq!(index.len(), 3000);
        let alone = [(&first, 0.75), (&second, 0.25)].map(|(dataset, share): (_, f64)| {
            let samples = (3000.0 * share * 1.005).ceil() as u64;
            SampleIndex::build(dataset.clone(), &Plan { samples, ..plan }).unwrap()
        });
        let blend = Blend::build(&[0.75, 0.25], 3000);
        let positions: Vec<u64> = (0..3000).collect();
        for (sample, tokens) in index.gather(&positions).unwrap().tokens.chunks(9).enumerate() {
            let (dataset, at) = blend.locate(sample);
            assert_eq!(tokens, alone[dataset].gather(&[at as u64]).unwrap().tokens);
        }
        // Whoever reads the spans of the shards' files has the same tokens.
        for (tokens, spans) in index.gather(&positions).unwrap().tokens.chunks(9).zip(index.spans(&positions).unwrap()) {
            let bytes = spans.iter().flat_map(|span| &shards[span.shard][2 * span.first as usize..][..2 * span.count as usize]);
            let bytes: Vec<u8> = bytes.copied().collect();
            let mut read: Vec<i32> = bytes.as_chunks().0.iter().map(|token| i32::from(u16::from_le_bytes(*token))).collect();
            read.resize(9, 0);
            assert_eq!(read, tokens);
        }
        assert!(index.spans(&[3000]).is_err());
        let packed = index.packed();
        assert_eq!([packed[0], packed[1]], [alone[0].packed()[0], alone[1].packed()[0]]);
    }
}

#[test]
fn each_dataset_is_split_by_its_own_shares() {
    let (_a, first, _) = dataset(&[30; 10], &[]);
    let (_b, second, _) = dataset(&[30; 10], &[]);
    let datasets = vec![Blended { split_weights: [8.0, 2.0, 0.0], ..blended(&first, 1.0) }, blended(&second, 1.0)];
    let index = SampleIndex::blend(datasets, &plan(Split::Train, 8, 4)).unwrap();
    assert_eq!(index.packed().iter().map(|packed| packed.documents).collect::<Vec<_>>(), [8, 10]);
}

#[test]
fn weights_that_are_none_are_refused() {
    let (_folder, dataset, _) = dataset(&[30], &[]);
    let refused = |weights: &[f64]| {
        let datasets = weights.iter().map(|weight| blended(&dataset, *weight)).collect();
        SampleIndex::blend(datasets, &plan(Split::Train, 8, 4)).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(refused(&[]).contains("a weight above 0"));
    assert!(refused(&[1.0, 0.0]).contains("a weight above 0"));
    assert!(refused(&[1.0, f64::NAN]).contains("a weight above 0"));
    assert!(refused(&[1.0; 255]).contains("254 at most"));
}
