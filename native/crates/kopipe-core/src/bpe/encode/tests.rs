use super::*;
use crate::bpe::alphabet;
use crate::bpe::pretoken::Pattern;
use crate::bpe::textbook;
use crate::bpe::train::Trained;
use proptest::prelude::*;

/// A tokenizer of merges drawn at random: each joins two tokens that are there already, in any order of ranks.
fn tokenizer(merges: &[(usize, usize)]) -> Tokenizer {
    let mut spellings: Vec<String> = alphabet::by_character().iter().map(|&b| alphabet::spell(&[b])).collect();
    let letters: Vec<u32> = "ab가 ".bytes().map(|b| spellings.iter().position(|s| *s == alphabet::spell(&[b])).unwrap() as u32).collect();
    let (mut pool, mut pairs) = (letters, Vec::new());
    for &(left, right) in merges {
        let (left, right) = (pool[left % pool.len()], pool[right % pool.len()]);
        let joined = [spellings[left as usize].as_str(), &spellings[right as usize]].concat();
        if joined.len() < 40 && !spellings.contains(&joined) {
            spellings.push(joined);
            pool.push(spellings.len() as u32 - 1);
            pairs.push((left, right));
        }
    }
    let json = Trained { specials: vec![], spellings, merges: pairs }.to_json(Pattern::Gpt2);
    Tokenizer::parse(json.as_bytes(), Path::new("tokenizer.json")).unwrap()
}

fn expected(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    let rank = |(left, right)| Some(tokenizer.merge(left, right)).filter(|&m| m != NEVER).map(|m| ((m >> 32) as u32, m as u32));
    let words = Pretokens::new(tokenizer.model.pattern, text).map(|p| p.iter().map(|&b| tokenizer.model.byte_ids[b as usize]).collect());
    words.flat_map(|word| textbook::encode(word, rank)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn equals_the_textbook(
        merges in prop::collection::vec((0usize..500, 0usize..500), 0..80),
        texts in prop::collection::vec("[ab]{0,200}|[ab가 ]{0,40}|\\PC{0,20}|\u{0}{0,20}", 1..8),
    ) {
        let tokenizer = Arc::new(tokenizer(&merges));
        let mut encoder = Encoder::new(tokenizer.clone());
        // Twice: merged, then from the cache.
        for text in texts.iter().chain(&texts) {
            let mut ids = Vec::new();
            encoder.encode(text, &mut ids);
            prop_assert_eq!(&ids, &expected(&tokenizer, text));
            prop_assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
        }
    }
}

/// More distinct pretokens than the cache holds: what is pushed out is merged again, with the same ids.
#[test]
fn a_full_cache_changes_nothing() {
    let tokenizer = Arc::new(tokenizer(&[(0, 1), (4, 0), (1, 1), (2, 3)]));
    let mut encoder = Encoder::new(tokenizer.clone());
    for round in 0..2 {
        for i in (0..1_200_000u32).step_by(1 + 96 * round) {
            let text = format!("abab{i:x}");
            let mut ids = Vec::new();
            encoder.encode(&text, &mut ids);
            if i % 1009 == 0 {
                assert_eq!(ids, expected(&tokenizer, &text));
            }
        }
    }
}

#[test]
fn a_pretoken_of_megabytes_is_no_trap() {
    let tokenizer = Arc::new(tokenizer(&[(0, 0), (7, 7), (8, 8), (9, 9), (0, 1)]));
    let text = "a".repeat(4 << 20);
    let mut ids = Vec::new();
    let start = std::time::Instant::now();
    Encoder::new(tokenizer.clone()).encode(&text, &mut ids);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
}

#[test]
fn an_id_outside_the_vocabulary_is_named() {
    assert_eq!(tokenizer(&[]).decode(&[300]).unwrap_err().to_string(), "there is no token of id 300 in the vocabulary");
}

/// What the fuzz target `tokenizer_json` begins with: loaded or refused, never more.
#[test]
fn fuzz_seeds() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/tokenizer_json");
    for seed in std::fs::read_dir(seeds).unwrap() {
        let path = seed.unwrap().path();
        let loaded = Tokenizer::load(&Io::default(), &path);
        let expected = path.file_stem().is_some_and(|name| name.to_string_lossy().starts_with("good"));
        assert_eq!(loaded.is_ok(), expected, "{}: {:?}", path.display(), loaded.err());
    }
}
