use super::replay::{expected, nothing_added, tokenizer};
use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

/// Syllables that begin and end alike, and what stands beside them.
const TEXT: &str = "[ab]{0,200}|[ab니다디나 (\u{300}]{0,40}|\\PC{0,20}|\u{0}{0,20}|( ?[니다디나]{1,9}){0,9}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn equals_the_textbook(
        merges in prop::collection::vec((0usize..500, 0usize..500), 0..120),
        order in prop::option::of(any::<u64>()),
        texts in prop::collection::vec(TEXT, 1..8),
    ) {
        let tokenizer = tokenizer(&merges, order);
        let mut encoder = Encoder::new(&tokenizer);
        // Twice: merged, then from the cache.
        for text in texts.iter().chain(&texts) {
            let ids = encoder.ids(text, &nothing_added());
            prop_assert_eq!(&ids, &expected(&tokenizer, text));
            prop_assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
        }
        let all = encoder.encode(texts.iter().map(String::as_str), &nothing_added(), Some(7));
        let Encoded::Narrow(Output { tokens, lengths }) = all else { panic!("a vocabulary of a few hundred tokens") };
        let mut tokens = tokens.into_iter().map(u32::from);
        for (text, length) in texts.iter().zip(lengths) {
            let end = if text.is_empty() { None } else { Some(7) };
            let expected: Vec<u32> = expected(&tokenizer, text).into_iter().chain(end).collect();
            prop_assert_eq!(tokens.by_ref().take(length as usize).collect::<Vec<_>>(), expected);
        }
        prop_assert_eq!(tokens.next(), None);
    }

    /// Ids of 32 bits, and a CPU without AVX2.
    #[test]
    fn every_width_and_path_gives_the_same_ids(
        merges in prop::collection::vec((0usize..500, 0usize..500), 0..120),
        order in prop::option::of(any::<u64>()),
        texts in prop::collection::vec(TEXT, 1..8),
    ) {
        let tokenizer = tokenizer(&merges, order);
        let mut wide = Worker::<u32>::new(Arc::new(tables(&tokenizer.model)));
        let mut portable = Worker::<u16>::new(Arc::new(tables(&tokenizer.model)));
        #[cfg(target_arch = "x86_64")]
        {
            portable.has_avx2 = false;
        }
        for text in texts.iter().chain(&texts) {
            let expected = expected(&tokenizer, text);
            let text = || std::iter::once(text.as_str());
            prop_assert_eq!(&wide.encode(text(), &nothing_added(), None).tokens, &expected);
            let tokens = portable.encode(text(), &nothing_added(), None).tokens;
            prop_assert_eq!(tokens.into_iter().map(u32::from).collect::<Vec<_>>(), expected);
        }
    }
}

/// 아 is made at rank 3, and takes what 니 begins with at rank 0: what it takes there is first what 니 becomes at rank 2. Or the
/// first merge stands again at the end, where its rank is the last.
#[test]
fn a_whole_that_ranks_before_its_parts() {
    let spelled = |text: &str| text.split(' ').map(|part| part.to_owned()).collect::<Vec<_>>();
    let pairs = "ĠìķĦ ëĭ|ë ĭ|ëĭ Ī|Ġ ì|Ġì ķ|Ġìķ Ħ";
    let twice = "Ġ ì|Ġì ķ|Ġìķ Ħ|ë ĭ|ĠìķĦ ëĭ|ëĭ Ī|Ġ ì";
    for (merges, expected) in [(pairs, ["ĠìķĦ", "ëĭĪ"]), (twice, ["ĠìķĦ", "ëĭĪ"])] {
        let mut spellings: Vec<String> = crate::bpe::alphabet::by_character().iter().map(|&b| crate::bpe::alphabet::spell(&[b])).collect();
        let merges: Vec<Vec<String>> = merges.split('|').map(spelled).collect();
        for joined in merges.iter().map(|pair| pair.concat()) {
            if !spellings.contains(&joined) {
                spellings.push(joined);
            }
        }
        let id = |token: &str| spellings.iter().position(|spelling| spelling == token).unwrap() as u32;
        let merges = merges.iter().map(|pair| (id(&pair[0]), id(&pair[1]))).collect();
        let expected = expected.map(id);
        let trained =
            crate::bpe::train::Trained { specials: vec![], normalizer: crate::bpe::normalizer::Normalizer::None, spellings, merges };
        let tokenizer = Tokenizer::parse(trained.to_json(crate::bpe::pretoken::Pattern::Gpt2).as_bytes(), Path::new("t.json")).unwrap();
        assert_eq!(Encoder::new(&tokenizer).ids(" 아니", &nothing_added()), expected);
    }
}

/// Of two tokens of blanks that take all blanks around them the second finds none left: HF tokenizers 0.23 drop it.
#[test]
fn what_the_token_before_took_is_none() {
    let blanks = added::AddedToken {
        id: 9,
        content: "  ".into(),
        single_word: false,
        lstrip: true,
        rstrip: true,
        normalized: false,
        special: false,
    };
    let added = Added::new(&[blanks], crate::bpe::normalizer::Normalizer::None, |_| true).unwrap();
    let mut pieces = Vec::new();
    added.split("hello    한", |piece| pieces.push(piece));
    assert_eq!(pieces, [added::Segment::Text("hello"), added::Segment::Token(9), added::Segment::Text("한")]);
}

/// More distinct pretokens than the caches hold: what is pushed out is merged again, with the same ids.
#[test]
fn a_full_cache_changes_nothing() {
    let tokenizer = tokenizer(&[(0, 1), (4, 0), (1, 1), (2, 3)], None);
    let mut encoder = Encoder::new(&tokenizer);
    for round in 0..2 {
        for i in (0..24_000u32).step_by(1 + 96 * round) {
            let text = format!("abab{i:x}니다디나니다디나{i:x}");
            let ids = encoder.ids(&text, &nothing_added());
            assert_eq!(ids, expected(&tokenizer, &text));
        }
    }
}

#[test]
fn a_pretoken_of_megabytes_is_no_trap() {
    let tokenizer = tokenizer(&[(0, 0), (7, 7), (8, 8), (9, 9), (0, 1)], None);
    let text = "a".repeat(4 << 20);
    let start = std::time::Instant::now();
    let ids = Encoder::new(&tokenizer).ids(&text, &nothing_added());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
}

#[test]
fn an_id_outside_the_vocabulary_is_named() {
    assert_eq!(tokenizer(&[], None).decode(&[300]).unwrap_err().to_string(), "there is no token of id 300 in the vocabulary");
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

#[derive(serde::Deserialize)]
struct Golden {
    texts: Vec<String>,
    ids: HashMap<String, GoldenIds>,
}

#[derive(serde::Deserialize)]
struct GoldenIds {
    text: Vec<Vec<u32>>,
    specials: Vec<Vec<u32>>,
}

/// Tokenizers in the forms of published ones; the ids are HF tokenizers' own (test/golden/imported.py).
#[test]
fn imported_tokenizers_give_the_same_ids() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../test/golden/imported");
    let golden: Golden = serde_json::from_slice(&std::fs::read(folder.join("cases.json")).unwrap()).unwrap();
    for (name, GoldenIds { text, specials }) in &golden.ids {
        let tokenizer = Tokenizer::load(&Io::default(), &folder.join(format!("{name}.json"))).unwrap();
        let mut encoder = Encoder::new(&tokenizer);
        for (which, expected) in [(Specials::Only(&[]), text), (Specials::All, specials)] {
            let added = tokenizer.added(which).unwrap();
            for (document, expected) in golden.texts.iter().zip(expected) {
                assert_eq!(&encoder.ids(document, &added), expected, "{name}, {which:?}: {document:?}");
            }
        }
    }
}

/// Masks are tokens where kopipe wrote them; other special tokens stay text.
#[test]
fn masks_alone_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../test/golden/imported/polyglot.json");
    let tokenizer = Tokenizer::load(&Io::default(), &path).unwrap();
    let [end, tel] = ["<|endoftext|>", "<|tel|>"].map(|token| tokenizer.special(token).unwrap());
    let added = tokenizer.added(Specials::Only(&["<|tel|>".into(), "<|acc|>".into()])).unwrap();
    let ids = Encoder::new(&tokenizer).ids("전화 <|tel|><|endoftext|> <|acc|> <|tel", &added);
    assert_eq!(ids.iter().filter(|&&id| id == tel).count(), 1);
    assert!(!ids.contains(&end));
    assert_eq!(tokenizer.decode(&ids).unwrap(), "전화 <|tel|><|endoftext|> <|acc|> <|tel".as_bytes());
}
