//! Against numpy: test/golden/samples.json holds what test/golden/samples.py computed.

use super::*;
use crate::io::Io;
use crate::shard::{Dtype, MAGIC, VERSION};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(serde::Deserialize)]
struct Golden {
    shuffles: Vec<Shuffle>,
    cases: Vec<Case>,
    blends: Vec<GoldenBlend>,
}

#[derive(serde::Deserialize)]
pub struct GoldenBlend {
    pub weights: Vec<f64>,
    pub samples: u64,
    pub asked: Vec<u64>,
    pub dataset_index: Vec<usize>,
    pub dataset_sample_index: Vec<usize>,
}

#[derive(serde::Deserialize)]
struct Shuffle {
    seed: u32,
    items: Vec<i32>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    sizes: Vec<u32>,
    length: usize,
    samples: u64,
    seed: u32,
    weights: [f64; 3],
    bounds: [usize; 4],
    parts: [Option<Part>; 3],
}

#[derive(serde::Deserialize)]
struct Part {
    epochs: u64,
    doc_idx: Vec<u32>,
    sample_idx: Vec<(u32, u32)>,
    shuffle_idx: Vec<u32>,
}

pub fn golden_blends() -> Vec<GoldenBlend> {
    golden().blends
}

fn golden() -> Golden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../test/golden/samples.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Writes a shard by the format's table, apart from the code under test.
fn write_shard(prefix: &Path, sequences: &[Vec<u16>]) {
    let mut index = MAGIC.to_vec();
    index.extend(VERSION.to_le_bytes());
    index.push(Dtype::U16.code());
    index.extend((sequences.len() as u64).to_le_bytes());
    index.extend((sequences.len() as u64 + 1).to_le_bytes());
    sequences.iter().for_each(|s| index.extend((s.len() as i32).to_le_bytes()));
    let mut pointer = 0i64;
    for sequence in sequences {
        index.extend(pointer.to_le_bytes());
        pointer += 2 * sequence.len() as i64;
    }
    (0..=sequences.len() as i64).for_each(|d| index.extend(d.to_le_bytes()));
    fs::write(prefix.with_extension("idx"), index).unwrap();
    fs::write(prefix.with_extension("bin"), sequences.concat().iter().flat_map(|t| t.to_le_bytes()).collect::<Vec<_>>()).unwrap();
}

/// Sequences of the given sizes, their tokens counting up through all of them, cut into shards at `cuts`.
pub fn dataset(sizes: &[u32], cuts: &[usize]) -> (tempfile::TempDir, Arc<Dataset>, Vec<Vec<u16>>) {
    let folder = tempfile::tempdir().unwrap();
    let mut tokens = (0u16..60_000).cycle();
    let sequences: Vec<Vec<u16>> = sizes.iter().map(|s| tokens.by_ref().take(*s as usize).collect()).collect();
    let mut prefixes: Vec<PathBuf> = Vec::new();
    for bounds in [&[0], cuts, &[sizes.len()]].concat().windows(2) {
        prefixes.push(folder.path().join(format!("{:05}", prefixes.len())));
        write_shard(prefixes.last().unwrap(), &sequences[bounds[0]..bounds[1]]);
    }
    let dataset = Arc::new(Dataset::open(&Io::default(), &prefixes).unwrap());
    (folder, dataset, sequences)
}

pub fn plan(split: Split, sequence_length: usize, samples: u64) -> Plan {
    let split_weights = [969.0, 30.0, 1.0];
    let (packing, marks, padding) = (Packing::Neox, Marks::default(), 0);
    Plan { split, split_weights, sequence_length, samples, seed: 1234, vocabulary: 60_000, packing, marks, padding }
}

/// All of a dataset is the training split.
pub const WHOLE: [f64; 3] = [1.0, 0.0, 0.0];

fn stream(index: &SampleIndex) -> &Stream {
    match &index.parts[0].layout {
        Layout::Stream(stream) => stream,
        Layout::BestFit(_) => panic!("it is a stream that was asked for"),
    }
}

pub fn row(dataset: &[Vec<u16>], sequence: u32, offset: u32, count: u32) -> impl Iterator<Item = i32> {
    dataset[sequence as usize][offset as usize..][..count as usize].iter().map(|token| i32::from(*token))
}

#[test]
fn shuffles_as_numpy_does() {
    for Shuffle { seed, items } in golden().shuffles {
        let mut shuffled: Vec<i32> = (0..items.len() as i32).collect();
        RandomState::new(seed).shuffle(&mut shuffled);
        assert_eq!(shuffled, items, "seed {seed}");
    }
}

#[test]
fn the_index_equals_gpt_neox() {
    for case in golden().cases {
        let (_folder, dataset, _) = dataset(&case.sizes, &[case.sizes.len() / 3, case.sizes.len() / 2]);
        for (i, split) in [Split::Train, Split::Valid, Split::Test].into_iter().enumerate() {
            let range = split.range(case.weights, case.sizes.len()).unwrap();
            assert_eq!(range, case.bounds[i]..case.bounds[i + 1], "{} {split:?}", case.name);
            let plan = Plan { split_weights: case.weights, seed: case.seed, ..plan(split, case.length, case.samples) };
            match (&case.parts[i], SampleIndex::build(dataset.clone(), &plan)) {
                (None, Err(error)) => assert!(error.to_string().contains("holds 0 tokens"), "{error}"),
                (Some(part), Ok(index)) => {
                    let stream = stream(&index);
                    assert_eq!(stream.epochs(), part.epochs, "{} {split:?}", case.name);
                    assert_eq!(stream.documents(), part.doc_idx, "{} {split:?}", case.name);
                    assert_eq!(stream.sample_idx(&dataset), part.sample_idx, "{} {split:?}", case.name);
                    assert_eq!(stream.order(), part.shuffle_idx, "{} {split:?}", case.name);
                }
                (part, index) => panic!("{} {split:?}: numpy {}, kopipe {}", case.name, part.is_some(), index.is_ok()),
            }
        }
    }
}

#[test]
fn entropy_of_even_tokens() {
    let (_folder, dataset, _) = dataset(&[65], &[]);
    let index = SampleIndex::build(dataset, &plan(Split::Train, 16, 4)).unwrap();
    assert!((index.unigram_loss(4).unwrap() - 64f64.ln()).abs() < 1e-12);
}

#[test]
fn refusals_say_what_came() {
    let (_folder, dataset, _) = dataset(&[20, 20], &[1]);
    let index = SampleIndex::build(dataset.clone(), &plan(Split::Train, 8, 2)).unwrap();
    assert!(index.gather(&[99]).unwrap_err().to_string().contains("sample 99 was asked for; there are 4"));
    let small = SampleIndex::build(dataset.clone(), &Plan { vocabulary: 30, ..plan(Split::Train, 8, 4) }).unwrap();
    assert!(small.gather(&[0, 1, 2, 3]).unwrap_err().to_string().contains("outside the vocabulary of 30"));
    let endless = SampleIndex::build(dataset, &plan(Split::Train, 8, u64::MAX)).err().unwrap();
    assert!(endless.to_string().contains("more than an index counts"));
    assert!(Split::Test.range([0.0, 0.0, 0.0], 5).is_err());
    assert!(Split::Test.range([1.0, -1.0, 1.0], 5).is_err());
}

#[test]
fn shards_of_two_types_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let prefixes = [folder.path().join("a"), folder.path().join("b")];
    prefixes.iter().for_each(|p| write_shard(p, &[vec![1, 2]]));
    let mut index = fs::read(folder.path().join("b.idx")).unwrap();
    index[17] = 4;
    index[34..38].copy_from_slice(&1i32.to_le_bytes());
    fs::write(folder.path().join("b.idx"), index).unwrap();
    let error = Dataset::open(&Io::default(), &prefixes).err().unwrap();
    assert!(error.to_string().contains("the first shard holds U16 tokens, this one I32"), "{error}");
}

#[test]
fn a_digest_tells_plans_and_datasets_apart() {
    let (_folder, first, _) = dataset(&[20, 20], &[1]);
    let (_other, second, _) = dataset(&[20, 21], &[1]);
    let plan = plan(Split::Train, 8, 2);
    let blended = |dataset: &Arc<Dataset>, weight| Blended { dataset: dataset.clone(), weight, split_weights: WHOLE };
    let digests = [
        SampleIndex::build(first.clone(), &plan),
        SampleIndex::build(first.clone(), &Plan { seed: 5, ..plan }),
        SampleIndex::build(first.clone(), &Plan { samples: 9, ..plan }),
        SampleIndex::build(first.clone(), &Plan { sequence_length: 9, ..plan }),
        SampleIndex::build(first.clone(), &Plan { packing: Packing::BestFit, ..plan }),
        SampleIndex::build(second.clone(), &plan),
        SampleIndex::blend(vec![blended(&first, 1.0), blended(&second, 1.0)], &plan),
        SampleIndex::blend(vec![blended(&first, 1.0), blended(&second, 2.0)], &plan),
        SampleIndex::blend(vec![blended(&second, 1.0), blended(&first, 1.0)], &plan),
    ]
    .map(|index| index.unwrap().digest());
    let distinct: std::collections::HashSet<&String> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len(), "{digests:?}");
    assert_eq!(SampleIndex::build(first, &plan).unwrap().digest(), digests[0]);
}

/// Megatron-LM's `get_ltor_masks_and_position_ids` (megatron/training/utils.py), which looks for ends of documents among
/// the input: for each place the first that it sees, its position, and whether its prediction counts.
fn megatron(input: &[i32], end: i32) -> (Vec<i32>, Vec<i32>, Vec<f32>) {
    let (mut sees_from, mut positions) = (vec![0; input.len()], (0..input.len() as i32).collect::<Vec<_>>());
    let mut before = 0;
    for i in (0..input.len()).filter(|i| input[*i] == end) {
        sees_from[i + 1..].fill(i as i32 + 1);
        positions[i + 1..].iter_mut().for_each(|position| *position -= i as i32 + 1 - before);
        before = i as i32 + 1;
    }
    (sees_from, positions, input.iter().map(|token| f32::from(*token != end)).collect())
}

proptest! {
    /// Read in their unshuffled order, the samples are the shuffled documents laid end to end.
    #[test]
    fn samples_cover_the_documents(sizes in prop::collection::vec(0u32..40, 1..300), length in 1usize..50, cut in 0usize..300) {
        prop_assume!(sizes.iter().sum::<u32>() > 0);
        let (_folder, dataset, sequences) = dataset(&sizes, &[cut.min(sizes.len())]);
        let index = SampleIndex::build(dataset.clone(), &Plan { split_weights: WHOLE, ..plan(Split::Train, length, 7) }).unwrap();
        let shuffled = stream(&index);
        let stream: Vec<i32> = shuffled.documents().iter().flat_map(|d| row(&sequences, *d, 0, sizes[*d as usize])).collect();
        prop_assert!(index.len() >= 7);
        let mut positions: Vec<u64> = (0..index.len() as u64).collect();
        positions.sort_by_key(|p| shuffled.order()[*p as usize]);
        for (sample, tokens) in index.gather(&positions).unwrap().tokens.chunks(length + 1).enumerate() {
            prop_assert_eq!(tokens, &stream[sample * length..sample * length + length + 1]);
        }
        // A document is cut where its pairs of neighbours are in several samples.
        let mut at = 0;
        let is_cut = |size: u32| { at += size as usize; (at - size as usize..at).skip(1).map(|i| (i - 1) / length).collect::<std::collections::HashSet<_>>().len() > 1 };
        let cut = shuffled.documents().iter().map(|d| sizes[*d as usize]).map(is_cut).filter(|is| *is).count() as u64;
        prop_assert_eq!(shuffled.cut(&dataset), cut);
    }

    /// Where every document ends in its end, and has it nowhere else, the marks are those of Megatron.
    #[test]
    fn marks_are_megatrons(sizes in prop::collection::vec(1u32..20, 1..40), length in 1usize..50) {
        const END: u16 = 9;
        let folder = tempfile::tempdir().unwrap();
        let sequences: Vec<Vec<u16>> = sizes.iter().map(|size| { let mut all = vec![1; *size as usize]; all[*size as usize - 1] = END; all }).collect();
        write_shard(&folder.path().join("0"), &sequences);
        let dataset = Arc::new(Dataset::open(&Io::default(), &[folder.path().join("0")]).unwrap());
        let marks = Marks { starts: true, weights: true };
        let index = SampleIndex::build(dataset, &Plan { split_weights: WHOLE, marks, ..plan(Split::Train, length, 7) }).unwrap();
        let positions: Vec<u64> = (0..index.len() as u64).collect();
        let gathered = index.gather(&positions).unwrap();
        let mut counted = 0;
        for (sample, tokens) in gathered.tokens.chunks(length + 1).enumerate() {
            let (sees_from, places, weights) = megatron(&tokens[..length], i32::from(END));
            let here = sample * length..(sample + 1) * length;
            prop_assert_eq!(&gathered.starts[here.clone()], &sees_from[..]);
            let positions: Vec<i32> = gathered.starts[here.clone()].iter().zip(0..).map(|(start, place)| place - start).collect();
            prop_assert_eq!(positions, places);
            counted += weights.iter().sum::<f32>() as u64;
            prop_assert_eq!(&gathered.weights[here], &weights[..]);
        }
        prop_assert_eq!(gathered.counted, counted);
    }
}
