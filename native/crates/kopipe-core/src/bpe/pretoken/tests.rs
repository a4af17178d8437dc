use super::*;
use crate::bpe::textbook;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn pieces(pattern: Pattern, text: &str) -> Vec<&str> {
    Pretokens::new(pattern, text).map(|p| std::str::from_utf8(p).unwrap()).collect()
}

#[test]
fn korean_keeps_an_eojeol_whole() {
    let text = "2002년 월드컵을 보았다.  ㅋㅋ";
    let cut = |pattern| pieces(pattern, text);
    assert_eq!(cut(Pattern::Gpt2), ["2002", "년", " 월드컵을", " 보았다", ".", " ", " ㅋㅋ"]);
    assert_eq!(cut(Pattern::Cl100k), ["200", "2", "년", " 월드컵을", " 보았다", ".", " ", " ㅋㅋ"]);
    assert_eq!(cut(Pattern::Qwen2), ["2", "0", "0", "2", "년", " 월드컵을", " 보았다", ".", " ", " ㅋㅋ"]);
    assert_eq!(pieces(Pattern::O200k, "한글ABC영문 영문ABC camelCase가A"), ["한글ABC영문", " 영문", "ABC", " camel", "Case가", "A"]);
}

#[test]
fn contractions_count_only_at_the_start_of_a_pretoken() {
    let text = "it's we'll x''s 's 're";
    assert_eq!(pieces(Pattern::Gpt2, text), ["it", "'s", " we", "'ll", " x", "''", "s", " '", "s", " '", "re"]);
    assert_eq!(pieces(Pattern::O200k, "it's we'LLx x's's"), ["it's", " we'LL", "x", " x's", "'s"]);
}

#[test]
fn the_last_white_space_belongs_to_the_next_word() {
    let text = "a\n\n b \u{3000}\u{a0}c\t\t";
    assert_eq!(pieces(Pattern::Gpt2, text), ["a", "\n\n", " b", " \u{3000}", "\u{a0}", "c", "\t\t"]);
    assert_eq!(pieces(Pattern::Cl100k, text), ["a", "\n\n", " b", " \u{3000}", "\u{a0}c", "\t\t"]);
}

/// Characters of every class and length, dense in the ones with rules of their own.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::sample::select(" \n\r\t'/!strevmldSTLABab가힣ㅋ9٣.…\u{301}\u{17f}ǅªʰ\u{a0}\u{3000}\u{85}\u{1c}½一\u{d7a3}\u{d7a4}\u{d7b0}\u{1100}🙂\u{10ffff}".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    prop::collection::vec(character, 0..40).prop_map(String::from_iter)
}

fn equals_the_regexes(text: &str) {
    for pattern in Pattern::ALL {
        assert_eq!(pieces(pattern, text), textbook::pretokens(pattern, text), "{pattern:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn equals_the_regexes_taken_literally(text in text()) {
        equals_the_regexes(&text);
    }
}

/// What the fuzz target `pretokens` begins with.
#[test]
fn fuzz_seeds() {
    crate::seeds::replay("pretokens", |seed| equals_the_regexes(&String::from_utf8_lossy(seed)));
}

/// test/golden/pretokens.json has what HF's own engine makes of texts (test/golden/pretokens.py).
#[derive(serde::Deserialize)]
struct Golden {
    /// Every spelling of a pattern that cut all texts alike.
    regexes: BTreeMap<String, Vec<String>>,
    texts: Vec<String>,
    /// Bytes of the pieces of each text.
    pieces: BTreeMap<String, Vec<Vec<usize>>>,
}

#[test]
fn equals_the_engine() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/pretokens.json");
    let golden: Golden = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for pattern in Pattern::ALL {
        let pieces = &golden.pieces[pattern.name()];
        assert!(pieces.len() == golden.texts.len() && pieces.len() > 300);
        for (text, lengths) in golden.texts.iter().zip(pieces) {
            let cut: Vec<usize> = Pretokens::new(pattern, text).map(<[u8]>::len).collect();
            assert_eq!(&cut, lengths, "{pattern:?} {text:?}");
            let literally: Vec<usize> = textbook::pretokens(pattern, text).into_iter().map(str::len).collect();
            assert_eq!(literally, cut, "{pattern:?} {text:?}");
        }
    }
}

#[test]
fn patterns_are_known_by_name_and_by_every_spelling() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/pretokens.json");
    let golden: Golden = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(golden.regexes.len(), Pattern::ALL.len());
    for pattern in Pattern::ALL {
        assert_eq!(Pattern::from_name(pattern.name()), Some(pattern));
        let spellings = &golden.regexes[pattern.name()];
        assert_eq!(spellings[0], pattern.regex());
        for regex in spellings {
            assert_eq!(Pattern::from_regex(regex).map(Pattern::regex), Some(pattern.regex()), "{regex}");
        }
    }
    assert_eq!(Pattern::from_name("GPT2"), None);
    assert_eq!(Pattern::from_regex(r"\s+"), None);
}
