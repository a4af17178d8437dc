use super::run::RunWriter;
use super::*;
use crate::bpe::textbook;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn trained(words: &BTreeMap<String, u64>, settings: &TrainSettings) -> Result<Trained> {
    let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
    let path = dir.path().join("counts");
    let mut run = RunWriter::create(&io, &path)?;
    for (word, &count) in words {
        run.push(word.as_bytes(), count)?;
    }
    run.finish()?;
    let (types, type_bytes) = (words.len() as u64, words.keys().map(|word| word.len() as u64).sum());
    train(&io, &path, &TrainSettings { types, type_bytes, ..settings.clone() }, &Progress::default())
}

fn expected(words: &BTreeMap<String, u64>, settings: &TrainSettings) -> Vec<(u32, u32)> {
    let vocabulary = Vocabulary::new(&settings.specials, &all_bytes(), None);
    let ids = vocabulary.byte_ids();
    let words = words.iter().map(|(word, &count)| (word.bytes().filter_map(|b| ids[b as usize]).collect(), count)).collect();
    let strings = vocabulary.spellings.into_iter().map(String::into_bytes).collect();
    textbook::train(words, strings, settings.vocabulary_size, settings.min_frequency).into_iter().map(|(pair, _)| pair).collect()
}

fn settings(merges: usize, min_frequency: u64, specials: &[&str]) -> TrainSettings {
    let specials: Vec<String> = specials.iter().map(|&s| s.to_owned()).collect();
    let bytes = Vocabulary::new(&specials, &all_bytes(), None).spellings.len();
    TrainSettings { vocabulary_size: bytes + merges, min_frequency, specials, memory: 1 << 30, types: 0, type_bytes: 0 }
}

fn all_bytes() -> [u8; 256] {
    std::array::from_fn(|byte| byte as u8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Few letters and small counts: ties, repeats and overlaps at every step, thresholds crossed again and again.
    #[test]
    fn equals_the_textbook(
        words in prop::collection::btree_map("[ab]{1,12}|[가나 ]{1,6}|[a-d]{1,8}", 1u64..40, 1..30),
        merges in 0usize..60,
        min_frequency in 0u64..20,
    ) {
        let settings = settings(merges, min_frequency, &["<|endoftext|>"]);
        prop_assert_eq!(trained(&words, &settings).unwrap().merges, expected(&words, &settings));
    }

    /// Special tokens that merges can spell, and ones that are a byte's own spelling.
    #[test]
    fn equals_the_textbook_where_specials_can_be_spelled(
        words in prop::collection::btree_map("[abc]{1,10}", 1u64..40, 1..20),
        specials in prop::collection::vec("[abc]{1,4}", 0..5),
    ) {
        let settings = settings(30, 0, &specials.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(trained(&words, &settings).unwrap().merges, expected(&words, &settings));
    }
}

/// HF counts in i32 and wraps here; a hundred billion occurrences are an ordinary pair of a terabyte.
#[test]
fn counts_go_past_31_bits() {
    let words = BTreeMap::from([("ab".into(), 100_000_000_000), ("cd".into(), 99_999_999_999), ("ef".into(), u64::from(u32::MAX))]);
    let trained = trained(&words, &settings(3, 0, &[])).unwrap();
    assert_eq!(trained.spellings[256..], ["ab", "cd", "ef"]);
}

#[test]
fn a_vocabulary_without_room_for_the_bytes_is_refused() {
    let error = trained(
        &BTreeMap::new(),
        &TrainSettings { vocabulary_size: 100, min_frequency: 0, specials: vec!["<|x|>".into()], memory: 1 << 30, types: 0, type_bytes: 0 },
    );
    assert_eq!(error.unwrap_err().to_string(), "expected a vocabulary of at least 257 tokens (the special tokens and 256 bytes), got 100");
}

#[test]
fn a_cancelled_training_stops() {
    let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
    let path = dir.path().join("counts");
    let mut run = RunWriter::create(&io, &path).unwrap();
    run.push(b"ab", 1).unwrap();
    run.finish().unwrap();
    let progress = Progress::default();
    progress.cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
    let stopped = train(&io, &path, &TrainSettings { types: 1, type_bytes: 2, ..settings(1, 0, &[]) }, &progress);
    assert!(matches!(stopped, Err(Error::Cancelled)));
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    let words: BTreeMap<String, u64> = (0..1000).map(|i| (format!("word{i}"), 1)).collect();
    let error = trained(&words, &TrainSettings { memory: 50_000, ..settings(1, 0, &[]) }).unwrap_err();
    assert!(error.to_string().contains("give --memory more"), "{error}");
}
