use super::*;
use crate::bpe::textbook;
use crate::clean::corpus;
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

/// Every class and length of character, and everything that a rule names.
const CORNERS: &str =
    " \n\r\t'/!strevmldSTLABab가힣ㅋ9٣.…\u{301}\u{17f}ǅªʰ\u{a0}\u{3000}\u{85}\u{1c}½一\u{d7a3}\u{d7a4}\u{d7b0}\u{1100}🙂\u{10ffff}";

/// Of few characters, so that one rule is met many times: all, contractions, capitals, digits, line ends.
const ALPHABETS: [&str; 7] = [CORNERS, CORNERS, " '\nsa", "'slLrRa가B!", "가AbB.\u{301}", "1234٣½ a", "!\n\r/ \ta\u{3000}"];

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(ALPHABETS.to_vec()).prop_flat_map(|alphabet| {
        let character = prop_oneof![9 => prop::sample::select(alphabet.chars().collect::<Vec<_>>()), 1 => any::<char>()];
        prop::collection::vec(character, 0..50).prop_map(String::from_iter)
    })
}

type Path = (&'static str, fn(&mut Pretokens, &mut Vec<u32>));

/// Every path that this CPU has, and what the dispatch chooses.
fn paths() -> Vec<Path> {
    let mut paths: Vec<Path> =
        vec![("chosen", |pretokens, ends| pretokens.next_ends(ends)), ("scalar", |pretokens, ends| pretokens.next_ends_scalar(ends))];
    #[cfg(target_arch = "x86_64")]
    {
        if avx512::is_available() {
            // SAFETY: the CPU has AVX-512.
            paths.push(("AVX-512", |pretokens, ends| unsafe { avx512::next_ends(pretokens, ends) }));
        }
        if avx2::is_available() {
            // SAFETY: the CPU has AVX2.
            paths.push(("AVX2", |pretokens, ends| unsafe { avx2::next_ends(pretokens, ends) }));
        }
    }
    #[cfg(target_arch = "aarch64")]
    paths.push(("NEON", |pretokens, ends| neon::next_ends(pretokens, ends)));
    paths
}

/// All ends, as they come in portions.
fn all_ends(pattern: Pattern, text: &str, path: fn(&mut Pretokens, &mut Vec<u32>)) -> Vec<u32> {
    let (mut pretokens, mut all, mut ends) = (Pretokens::new(pattern, text), Vec::new(), Vec::new());
    loop {
        path(&mut pretokens, &mut ends);
        if ends.is_empty() {
            return all;
        }
        all.append(&mut ends);
    }
}

fn every_path_gives(text: &str, pattern: Pattern, expected: &[u32]) {
    for (name, path) in paths() {
        let ends = all_ends(pattern, text, path);
        if ends != expected {
            let at = ends.iter().zip(expected).take_while(|(a, b)| a == b).count();
            let from = if at == 0 { 0 } else { expected[at - 1] as usize };
            let shown: String = text[from..].chars().take(80).collect();
            panic!("{name} {pattern:?}: {:?} for {:?} from byte {from}: {shown:?} in {text:?}", ends.get(at), expected.get(at));
        }
    }
}

fn ends_of<'t>(pieces: impl IntoIterator<Item = &'t str>) -> Vec<u32> {
    pieces
        .into_iter()
        .scan(0, |end, piece| {
            *end += piece.len() as u32;
            Some(*end)
        })
        .collect()
}

fn equals_the_regexes(text: &str) {
    for pattern in Pattern::ALL {
        every_path_gives(text, pattern, &ends_of(textbook::pretokens(pattern, text)));
    }
}

/// Runs of letters with corners among them: what a block of 64 bytes cuts through.
fn long_text() -> impl Strategy<Value = String> {
    let run = prop_oneof![
        4 => "[가-힣]{1,6} ",
        2 => "[a-z]{1,9}",
        1 => "[A-Z]{1,4}",
        1 => "[0-9]{1,8}",
        1 => "[ \t\n\r]{1,5}",
        1 => "[ㄱ-ㅣᄀ-ᇿ一-龥]{1,30}",
        1 => "[ \u{3000}\u{a0}]{1,40}",
        4 => text(),
    ];
    prop::collection::vec(run, 0..24).prop_map(|runs| runs.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn equals_the_regexes_taken_literally(text in text()) {
        equals_the_regexes(&text);
    }

    #[test]
    fn equals_them_across_blocks(text in long_text()) {
        equals_the_regexes(&text);
    }

    /// A corner at every distance from a block's end.
    #[test]
    fn equals_them_at_the_end_of_a_block(before in prop::sample::select(vec!["a", "가", "A", "1", " ", "\n", "!", "\u{3000}", "a ", "A\n"]), bytes in 40..70usize, text in text()) {
        let before = before.repeat(bytes.div_ceil(before.len()));
        equals_the_regexes(&format!("{before}{text}"));
    }
}

/// What is known of a character from its bytes is what the table has of it.
#[test]
fn every_character_alone_between_letters_and_among_its_own() {
    let all: String = ('\0'..=char::MAX).flat_map(|c| [c, 'a', c, c, ' ', c, '1']).collect();
    for pattern in Pattern::ALL {
        let expected = all_ends(pattern, &all, |pretokens, ends| pretokens.next_ends_scalar(ends));
        every_path_gives(&all, pattern, &expected);
    }
}

/// A sample of every file of the real corpus, and of each the first documents by the regexes.
#[test]
fn equals_them_on_the_corpus() {
    for name in corpus::FILES {
        // Text as it came; pages need their markup taken off.
        let read = if name == "ko-html" { corpus::normalized } else { corpus::texts };
        let Some(texts) = read(name) else { return };
        for (i, text) in texts.iter().step_by(texts.len() / 2000 + 1).enumerate() {
            for pattern in Pattern::ALL {
                every_path_gives(text, pattern, &all_ends(pattern, text, |pretokens, ends| pretokens.next_ends_scalar(ends)));
            }
            if i < 100 && text.len() < 20_000 {
                equals_the_regexes(text);
            }
        }
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
            let literally: Vec<usize> = textbook::pretokens(pattern, text).into_iter().map(str::len).collect();
            assert_eq!(&literally, lengths, "{pattern:?} {text:?}");
            equals_the_regexes(text);
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
