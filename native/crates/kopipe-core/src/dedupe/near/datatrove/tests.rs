use super::super::permutations::lower61;
use super::*;
use crate::clean::corpus;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// By test/golden/minhash.py.
#[derive(Deserialize)]
struct Golden {
    texts: Vec<GoldenText>,
    /// Ranges of code points that the peer's Python does not know.
    unassigned: Vec<(u32, u32)>,
}

#[derive(Deserialize)]
struct GoldenText {
    text: String,
    words: Vec<String>,
    signature: Option<Vec<u64>>,
    /// XXH3 of each band's values as little-endian bytes.
    bands: Option<Vec<u64>>,
}

static GOLDEN: LazyLock<Golden> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../../../../test/golden/minhash.json")).unwrap());

fn words(text: &str) -> Vec<String> {
    words_by(&mut Words::new(), text)
}

/// The words of all batches.
fn words_by(words: &mut Words, text: &str) -> Vec<String> {
    let (mut found, mut more) = (Vec::new(), true);
    words.start();
    while more {
        more = words.next_batch(text, 0);
        found.extend(words.shingles::<1>().map(|word| String::from_utf8(word.to_vec()).unwrap()));
    }
    found
}

#[test]
fn equals_what_datatrove_makes() {
    let mut datatrove = Datatrove::new();
    assert!(GOLDEN.texts.len() > 60);
    for golden in &GOLDEN.texts {
        assert_eq!(words(&golden.text), golden.words, "{:?}", golden.text);
        assert_eq!(datatrove.signature(&golden.text).map(|signature| signature.to_vec()), golden.signature, "{:?}", golden.text);
        assert_eq!(datatrove.bands(&golden.text).map(|bands| bands.to_vec()), golden.bands, "{:?}", golden.text);
    }
}

/// Characters that Rust's standard library or crates treat otherwise than the peer's Python, alone or in a sigma's
/// neighbourhood.
static OTHERWISE: LazyLock<BTreeSet<char>> = LazyLock::new(|| {
    let mut own = Words::new();
    let differs = |c: &char| {
        let texts = [format!("x{c}x"), format!("1{c}2"), format!("Α{c}Σ{c}Α"), format!("Α{c}Σ"), format!("ΑΣ{c}Α")];
        texts.iter().any(|text| words_by(&mut own, text) != textbook::words(text))
    };
    ('\0'..=char::MAX).filter(differs).collect()
});

/// The table, not Rust's version of Unicode, decides. Of what Python 3.11 knows, Rust 1.95 differs in two: ʕ, a letter that
/// has lost its case, and U+1171E, a mark that takes space now.
#[test]
fn rust_differs_where_python_knows_no_character() {
    let unassigned = |c: char| GOLDEN.unassigned.iter().any(|&(from, to)| (from..=to).contains(&(c as u32)));
    let (unknown, known): (Vec<char>, Vec<char>) = OTHERWISE.iter().partition(|&&c| unassigned(c));
    assert!(known.len() < 10, "{known:?}");
    assert!(unknown.len() < 2000, "{}", unknown.len());
}

/// Without the characters in which the textbook is another version of Unicode.
fn common(text: String) -> String {
    text.chars().filter(|c| !OTHERWISE.contains(c)).collect()
}

proptest! {
    #[test]
    fn equals_the_textbook(text in "(?s)([가-힣]{1,9}|[ -~\n]{1,20}|.{0,20}|[0-9.,،٫⎖⎗⎘٠-٩０-９]{1,9}|[ᄀ-ᇿ〮〯]{1,9}|[ΑΣσİI'.·\u{301}]{1,9}|[À-ÿĀ-ž가-힣 ]{1,9}|[ \u{34F}\u{301}\u{302E}\u{302F}\u{16FF0}\u{1B44}\u{1D15E}\u{1D160}\u{1D165}\u{1D16D}\u{F900}-\u{FA10}]{1,9}){0,20}") {
        let text = common(text);
        prop_assert_eq!(words(&text), textbook::words(&text));
        prop_assert_eq!(Datatrove::new().signature(&text).copied(), textbook::signature(&text, lower61));
    }
}

#[test]
fn equals_the_textbook_on_the_corpus() {
    let mut datatrove = Datatrove::new();
    for name in corpus::FILES.iter().filter(|&&name| name != "ko-html") {
        let Some(texts) = corpus::texts(name) else { return };
        for text in texts.into_iter().step_by(50).map(common) {
            assert_eq!(words(&text), textbook::words(&text));
            assert_eq!(datatrove.signature(&text).copied(), textbook::signature(&text, lower61));
        }
    }
}

/// Batches end anywhere: in numbers, runs of marks, words that are longer than many batches.
#[test]
fn long_documents_in_batches() {
    let mut datatrove = Datatrove::new();
    for (unit, times) in [
        ("대한민국은 민주공화국이다. ", 5000),
        ("가", 100_000),
        ("1", 100_000),
        ("\u{302F}\u{16FF0}", 50_000),
        ("ΑΣ", 50_000),
        ("a ", 50_000),
        ("12,345 \u{302E}\u{1D165}É ", 5_000),
        ("\u{1D160}", 20_000),
    ] {
        let text = format!("하나 둘 셋 넷 {} 여섯 일곱 여덟", unit.repeat(times));
        assert_eq!(words(&text), textbook::words(&text));
        assert_eq!(datatrove.signature(&text).copied(), textbook::signature(&text, lower61));
    }
}

#[test]
fn memory_does_not_grow_with_the_document() {
    let mut datatrove = Datatrove::new();
    datatrove.signature(&"대한민국은 민주공화국이다. ".repeat(100_000)).unwrap();
    assert!(datatrove.words.held() < 100 << 10, "{}", datatrove.words.held());
    datatrove.signature(&"가".repeat(1 << 20));
    datatrove.signature("짧은 글");
    assert!(datatrove.words.held() < 100 << 10, "{}", datatrove.words.held());
}

#[test]
fn under_five_words_there_is_no_signature() {
    let mut datatrove = Datatrove::new();
    for text in ["", " ", "하나 둘 셋 넷", "… ! ? , .", "하나 \u{301} 둘 셋 넷"] {
        assert_eq!(datatrove.signature(text), None, "{text:?}");
        assert_eq!(datatrove.bands(text), None);
    }
    assert!(datatrove.signature("하나 둘 셋 넷 다섯").is_some());
}

/// JSON lines with a `text` of the file that `KOPIPE_LINES` names; beside it, under `.signed`, a line for each: XXH3-128 of its 112
/// values as little-endian bytes in hexadecimal, `-` for a text of under five words.
#[test]
#[ignore = "asked by test/golden/minhash.py"]
fn signs_lines() {
    #[derive(Deserialize)]
    struct Document {
        text: String,
    }
    let Some(path) = std::env::var_os("KOPIPE_LINES").map(std::path::PathBuf::from) else { return };
    let mut datatrove = Datatrove::new();
    let signed = std::fs::read_to_string(&path).unwrap().lines().fold(String::new(), |signed, line| {
        let Document { text } = serde_json::from_str(line).unwrap();
        let digest = datatrove.signature(&text).map(|values| {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes))
        });
        signed + &digest.unwrap_or("-".into()) + "\n"
    });
    std::fs::write(path.with_extension("signed"), signed).unwrap();
}
