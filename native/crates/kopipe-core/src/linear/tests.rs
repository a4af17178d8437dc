//! Against fastText itself (test/golden/linear.py), against the textbook, and against files that are not what they say.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden"))
}

fn model(name: &str) -> Model {
    Model::open(&Io::default(), &folder().join("linear").join(name)).unwrap_or_else(|e| panic!("{e}"))
}

fn parsed(bytes: &[u8]) -> Result<Model> {
    Model::parse(Bytes::Held(bytes.to_vec()), Path::new("a.bin"))
}

#[derive(serde::Deserialize)]
struct Golden {
    texts: Vec<String>,
    predicted: BTreeMap<String, Vec<BTreeMap<String, f32>>>,
}

fn golden() -> Golden {
    serde_json::from_str(&std::fs::read_to_string(folder().join("linear.json")).unwrap()).unwrap()
}

/// Where fastText names all labels, those it leaves out have less than 0.00001.
#[test]
fn predicts_what_fasttext_predicts() {
    let Golden { texts, predicted } = golden();
    let mut room = Room::default();
    for (name, predictions) in predicted {
        let model = model(&name);
        for (text, expected) in texts.iter().zip(predictions) {
            for (i, label) in model.labels().iter().enumerate() {
                let came = model.probability(text, &[i], &mut room);
                match expected.get(label) {
                    Some(value) => assert!((came - value).abs() <= 1e-5, "{name} {text:?} {label}: {came}, not {value}"),
                    None if model.labels().len() <= 5 => assert!(came <= 2e-5, "{name} {text:?} {label}: {came}"),
                    None => assert!(expected.values().all(|value| came <= value + 1e-5)),
                }
            }
            let all: Vec<usize> = (0..model.labels().len()).collect();
            let best = expected.values().copied().fold(0.0, f32::max);
            assert!((model.probability(text, &all, &mut room) - best).abs() <= 1e-5);
        }
    }
}

#[test]
fn newlines_are_spaces_and_the_unknown_has_no_probability() {
    let model = model("softmax-bigrams.bin");
    let mut room = Room::default();
    let lines = model.probability("서울은\n대한민국의\r\n수도이다", &[0], &mut room);
    assert_eq!(lines, model.probability("서울은 대한민국의 수도이다", &[0], &mut room));
    assert_eq!((model.label("__label__good").is_some(), model.label("good")), (true, None));
}

proptest! {
    #[test]
    fn rows_are_those_of_the_textbook(tokens in prop::collection::vec("서울은|수도이다|무료|</s>|__label__good|__label__x|\\PC{0,6}|[가-힣]{1,5}", 0..12), spaces in "[ \n\t\u{b}\0\r]{1,3}") {
        let mut room = Room::default();
        for name in ["softmax.bin", "softmax-subwords.bin", "ova.bin", "cutoff.ftz"] {
            let (model, text) = (model(name), tokens.join(&spaces));
            model.features.rows(&model.bytes, text.as_bytes(), &mut room.found);
            prop_assert_eq!(&room.found.rows, &model.features.textbook_rows(&model.bytes, &text));
        }
    }

    /// Cut short, or with bytes changed: an error, or a model that judges.
    #[test]
    fn files_from_strangers_are_refused_or_judge(name in r"(softmax-subwords|hs|ova)\.bin|(cutoff|hs-quantized)\.ftz", cut in any::<prop::sample::Index>(), changed in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), head in any::<bool>()) {
        let mut bytes = std::fs::read(folder().join("linear").join(name)).unwrap();
        let within = if head { 120 } else { bytes.len() };
        for (at, value) in &changed {
            bytes[at.index(within)] = *value;
        }
        replay::check(&bytes);
        replay::check(&bytes[..cut.index(bytes.len())]);
    }
}

#[test]
fn every_cut_is_damage() {
    let bytes = std::fs::read(folder().join("linear/cutoff.ftz")).unwrap();
    for length in 0..bytes.len() {
        assert_eq!(parsed(&bytes[..length]).err().map(|e| e.kind()), Some("corrupt"), "{length}");
    }
}

#[test]
fn a_broken_promise_is_told() {
    let good = std::fs::read(folder().join("linear/hs.bin")).unwrap();
    let told = |at: usize, value: i32| {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        parsed(&bytes).err().map(|e| e.to_string()).unwrap_or_default()
    };
    for (at, value, expected) in [
        (0, 1, "does not begin as a fastText model"),
        (4, 10, "its version is 10"),
        (8, 7, "stands in a model of dimension 7"),
        (28, 100, "its wordNgrams is 100"),
        (32, 9, "its loss is 9"),
        (36, 2, "it holds word vectors"),
        (40, 0, "no buckets"),
        (40, 1 << 30, "its dictionary needs"),
        (64, 1 << 30, "its dictionary has 1073741824 entries"),
    ] {
        let said = told(at, value);
        assert!(said.contains(expected), "{at}: {said}");
    }
    let longer = [&good[..], b"?"].concat();
    assert!(parsed(&longer).err().unwrap().to_string().contains("1 bytes stand behind the model"));
}

/// fastText's rows side by side, as one by one.
#[test]
fn dots_are_dots() {
    for name in ["qnorm-qout.ftz", "softmax-subwords.bin", "softmax.bin"] {
        let model = model(name);
        let hidden: Vec<f32> = (0..model.input.columns()).map(|i| i as f32 * 0.37 - 1.0).collect();
        for matrix in [&model.input, &model.output] {
            let mut all = Vec::new();
            matrix.dots(&model.bytes, &hidden, &mut all);
            let single: Vec<f32> = (0..matrix.rows()).map(|row| matrix.dot(&model.bytes, row, &hidden)).collect();
            assert_eq!(all, single, "{name}");
        }
    }
}
