use super::run::{RunReader, RunWriter};
use super::*;
use crate::bpe::{alphabet, textbook};
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
    let vocabulary = vocabulary(words, settings);
    let id = |spelling: &str| vocabulary.spellings.iter().position(|s| s == spelling).map(|id| id as u32);
    let units: Vec<(u32, u32)> =
        if settings.units == Units::Jamo { jamo().map(|(a, b)| (id(&a).unwrap(), id(&b).unwrap())).collect() } else { vec![] };
    let joined = |&(a, b): &(u32, u32)| id(&[a, b].map(|id| &*vocabulary.spellings[id as usize]).concat()).unwrap();
    let first = |word: &str| {
        let bytes: Vec<u32> = word.bytes().filter_map(|byte| id(&alphabet::spell(&[byte]))).collect();
        units.iter().fold(bytes, |word, pair| textbook::apply(&word, *pair, joined(pair)))
    };
    let words = words.iter().map(|(word, &count)| (first(word), count)).collect();
    let (max_length, spellings) = (settings.max_token_length.unwrap_or(usize::MAX), vocabulary.spellings.clone());
    let allowed = |spelling: &str| settings.units != Units::Syllables || cuts_nothing(spelling);
    let merges = textbook::train(words, spellings, settings.vocabulary_size, settings.min_frequency, max_length, allowed);
    units.iter().copied().chain(merges.into_iter().map(|(pair, _)| pair)).collect()
}

/// What the modern jamo are merged from: the first two bytes of all, then the third.
fn jamo() -> impl Iterator<Item = (String, String)> {
    let jamo = ('\u{1100}'..='\u{1112}').chain('\u{1161}'..='\u{1175}').chain('\u{11a8}'..='\u{11c2}');
    let jamo: Vec<Vec<char>> = jamo.map(|c| alphabet::spell(c.to_string().as_bytes()).chars().collect()).collect();
    let mut heads: Vec<(String, String)> = jamo.iter().map(|jamo| (jamo[0].into(), jamo[1].into())).collect();
    heads.dedup();
    heads.into_iter().chain(jamo.into_iter().map(|jamo| (jamo[..2].iter().collect(), jamo[2].into())))
}

/// Whether a token is whole characters or lies within one, by its bytes.
fn cuts_nothing(spelling: &str) -> bool {
    let byte = |c: char| alphabet::CHARACTERS.iter().position(|&other| other == c).unwrap() as u8;
    let bytes: Vec<u8> = spelling.chars().map(byte).collect();
    match std::str::from_utf8(&bytes) {
        Ok(_) => true,
        // One character that ends too soon.
        Err(error) if error.error_len().is_none() => error.valid_up_to() == 0,
        Err(_) => bytes.len() <= 3 && bytes.iter().all(|byte| (0x80..0xc0).contains(byte)),
    }
}

/// The alphabet by its definition: the bytes that occur, the most frequent first, then by code point.
fn vocabulary(words: &BTreeMap<String, u64>, settings: &TrainSettings) -> Vocabulary {
    let mut bytes: Vec<u8> = (0..=255).collect();
    if settings.initial_alphabet == InitialAlphabet::Found {
        let occurrences =
            |byte: u8| words.iter().map(|(word, count)| word.bytes().filter(|&b| b == byte).count() as u64 * count).sum::<u64>();
        bytes.retain(|&byte| occurrences(byte) > 0);
        bytes.sort_by_key(|&byte| (u64::MAX - occurrences(byte), alphabet::CHARACTERS[byte as usize]));
        bytes.truncate(settings.limit_alphabet.unwrap_or(256));
    }
    let mut vocabulary = Vocabulary::new(&settings.specials, &bytes, settings.max_token_length, settings.units);
    vocabulary.first_merges();
    vocabulary
}

fn settings(merges: usize, min_frequency: u64, specials: &[&str]) -> TrainSettings {
    let specials: Vec<String> = specials.iter().map(|&s| s.to_owned()).collect();
    let all: Vec<u8> = (0..=255).collect();
    let tokens = Vocabulary::new(&specials, &all, None, Units::Bytes).len();
    TrainSettings { vocabulary_size: tokens + merges, min_frequency, specials, memory: 1 << 30, ..TrainSettings::default() }
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

    #[test]
    fn equals_the_textbook_in_every_setting(
        words in prop::collection::btree_map("[ab]{1,12}|[가나 ]{1,6}|[a-d]{1,8}", prop_oneof![1u64..40, 1u64 << 31..1 << 45], 1..30),
        max_token_length in prop::option::of(0usize..9),
        initial_alphabet in prop_oneof![Just(InitialAlphabet::Bytes), Just(InitialAlphabet::Found)],
        limit in 1usize..8,
        merges in 0usize..60,
    ) {
        let limit_alphabet = Some(if initial_alphabet == InitialAlphabet::Found { limit } else { 256 });
        let settings = TrainSettings { max_token_length, initial_alphabet, limit_alphabet, ..settings(merges, 0, &["<|endoftext|>"]) };
        prop_assert_eq!(trained(&words, &settings).unwrap().merges, expected(&words, &settings));
    }

    /// Characters of every length, jamo that are units and jamo that are none, special tokens that can be spelled.
    #[test]
    fn equals_the_textbook_in_all_units(
        words in prop::collection::btree_map("[aé가각나🙂]{1,6}|[\u{1100}\u{1112}\u{1161}\u{11ab}\u{1113}\u{1180}\u{1280}a]{1,6}", 1u64..40, 1..20),
        syllables in any::<bool>(),
        special in prop_oneof![Just("<|x|>"), Just("가"), Just("\u{1112}"), Just("é나")],
        memory in prop_oneof![Just(0u64), Just(1 << 30)],
        merges in 0usize..60,
    ) {
        let units = if syllables { Units::Syllables } else { Units::Jamo };
        let special = alphabet::spell(special.as_bytes());
        let room = if syllables { 0 } else { 71 };
        let settings = TrainSettings { units, memory, ..settings(merges + room, 0, &[&special]) };
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
    let settings = TrainSettings { vocabulary_size: 100, specials: vec!["<|x|>".into()], memory: 1 << 30, ..TrainSettings::default() };
    let error = trained(&BTreeMap::new(), &settings).unwrap_err();
    assert_eq!(error.to_string(), "expected a vocabulary of at least 257 tokens (the special tokens and 256 bytes), got 100");
}

#[test]
fn an_alphabet_that_loses_bytes_is_refused() {
    let error = trained(&BTreeMap::new(), &TrainSettings { limit_alphabet: Some(200), ..settings(1, 0, &[]) }).unwrap_err();
    assert_eq!(error.to_string(), "an alphabet limited to 200 loses 56 of the 256 bytes");
}

/// A word that is too long for 16 bits, and one that no special case of short words takes.
#[test]
fn words_of_any_length() {
    let words = BTreeMap::from([("ab".repeat(40_000), 3), ("abcd".repeat(20), 5), ("a".repeat(99), 2)]);
    for memory in [1 << 30, 0] {
        let settings = TrainSettings { memory, ..settings(12, 0, &[]) };
        assert_eq!(trained(&words, &settings).unwrap().merges, expected(&words, &settings));
    }
}

#[test]
fn a_cancelled_training_stops() {
    let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
    let path = dir.path().join("counts");
    let mut run = RunWriter::create(&io, &path).unwrap();
    run.push(b"ab", 1).unwrap();
    run.finish().unwrap();
    let progress = Progress::default();
    progress.cancelled.store(true, Relaxed);
    let stopped = train(&io, &path, &TrainSettings { types: 1, type_bytes: 2, ..settings(1, 0, &[]) }, &progress);
    assert!(matches!(stopped, Err(Error::Cancelled)));
}

/// Words like those of a language: syllables of three bytes, some frequent, most words rare.
fn corpus(seed: u64, words: usize, syllables: u64) -> BTreeMap<String, u64> {
    let mut state = seed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut syllable = || {
        let common = next(syllables) + 1;
        char::from_u32(0xac00 + (next(common) * 37 % 11172) as u32).unwrap()
    };
    let words: Vec<String> = (0..words).map(|i| (0..1 + i % 5).map(|_| syllable()).collect()).collect();
    let mut counted = BTreeMap::new();
    for word in words {
        *counted.entry(word).or_insert(0) += 1;
    }
    counted
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Tables of a few dozen fragments: many segments, cut finer again and again, and every setting that passes through.
    #[test]
    fn memory_does_not_change_a_merge(
        seed in any::<u64>(),
        syllables in 2u64..400,
        merges in 1usize..700,
        min_frequency in 0u64..4,
        max_token_length in prop::option::of(3usize..12),
        specials in prop::collection::vec("[가-갛]{1,2}|[a-c]{1,3}|에", 0..3),
    ) {
        let words = corpus(seed, 3000, syllables);
        let specials: Vec<String> = specials.iter().map(|special| alphabet::spell(special.as_bytes())).collect();
        let specials: Vec<&str> = specials.iter().map(String::as_str).collect();
        let unbounded = TrainSettings { max_token_length, ..settings(merges, min_frequency, &specials) };
        let bounded = TrainSettings { memory: 0, ..unbounded.clone() };
        prop_assert_eq!(trained(&words, &bounded).unwrap(), trained(&words, &unbounded).unwrap());
    }
}

#[test]
fn a_bounded_training_takes_several_segments_and_leaves_nothing() {
    let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
    let path = dir.path().join("counts");
    let words = corpus(5, 20_000, 300);
    let mut run = RunWriter::create(&io, &path).unwrap();
    for (word, &count) in &words {
        run.push(word.as_bytes(), count).unwrap();
    }
    run.finish().unwrap();
    let settings = TrainSettings { memory: 0, types: words.len() as u64, ..settings(2000, 0, &[]) };
    let progress = Progress::default();
    train(&io, &path, &settings, &progress).unwrap();
    assert!(progress.passes.load(Relaxed) > 6, "{} passes", progress.passes.load(Relaxed));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "only the counts are left");
    // The run is read to its end, so it was not harmed.
    let mut run = RunReader::open(&io, &path).unwrap();
    while run.advance().unwrap() {}
}
