//! `tokenizer.json` of the byte-level family, read: what is not supported is refused by name, because a setting
//! overlooked is wrong ids in a terabyte.

use crate::bpe::alphabet;
use crate::bpe::pairs::{PairMap, pair};
use crate::bpe::pretoken::Pattern;
use crate::error::{Error, Result};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// What encoding and decoding need of a `tokenizer.json`.
pub struct Model {
    pub pattern: Pattern,
    pub byte_ids: [u32; 256],
    /// Pair of ids → rank << 32 | id of the merged token.
    pub merges: PairMap,
    /// The bytes of each token.
    pub tokens: HashMap<u32, Vec<u8>>,
    /// Special tokens by their text.
    pub specials: HashMap<String, u32>,
}

#[derive(Deserialize)]
struct File {
    truncation: Option<Value>,
    padding: Option<Value>,
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    post_processor: Option<Value>,
    decoder: Option<Value>,
    model: BpeModel,
}

#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    special: bool,
}

#[derive(Deserialize)]
struct BpeModel {
    r#type: Option<String>,
    dropout: Option<f64>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    ignore_merges: bool,
    vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
}

/// `["a", "b"]`, or `"a b"` as files before 0.20 have it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Line(String),
}

impl Merge {
    fn pair(&self) -> Option<(&str, &str)> {
        match self {
            Merge::Pair(left, right) => Some((left, right)),
            Merge::Line(line) => line.split_once(' ').filter(|(_, right)| !right.contains(' ')),
        }
    }
}

impl Model {
    pub fn parse(json: &[u8], path: &Path) -> Result<Self> {
        let refuse = |what: String| Error::Invalid { what: format!("{}: {what}", path.display()), path: Some(path.into()) };
        let file: File = serde_json::from_slice(json).map_err(|e| refuse(format!("expected a tokenizer.json of HF tokenizers: {e}")))?;
        check(&file).map_err(refuse)?;
        Model::build(file).map_err(refuse)
    }

    fn build(file: File) -> std::result::Result<Self, String> {
        let vocabulary = &file.model.vocab;
        let mut tokens = HashMap::with_capacity(vocabulary.len());
        for (spelling, &id) in vocabulary {
            if id > i32::MAX as u32 {
                return Err(format!("the token {spelling:?} has the id {id}: expected one below 2147483648"));
            }
            let bytes = alphabet::unspell(spelling).unwrap_or_else(|| spelling.clone().into_bytes());
            if tokens.insert(id, bytes).is_some() {
                return Err(format!("the id {id} stands twice in the vocabulary"));
            }
        }
        let mut specials = HashMap::new();
        for added in file.added_tokens {
            if added.id > i32::MAX as u32 || vocabulary.get(&added.content).is_some_and(|&id| id != added.id) {
                return Err(format!("the added token {:?} has the id {}, which is not the vocabulary's", added.content, added.id));
            }
            tokens.insert(added.id, added.content.clone().into_bytes());
            specials.insert(added.content, added.id);
        }
        let mut byte_ids = [0; 256];
        for (byte, id) in byte_ids.iter_mut().enumerate() {
            let spelling = alphabet::spell(&[byte as u8]);
            *id = *vocabulary.get(&spelling).ok_or_else(|| {
                format!("the vocabulary lacks {spelling:?}, the byte 0x{byte:02x}, and would lose it: train with the whole byte alphabet")
            })?;
        }
        let mut merges = PairMap::with_capacity(file.model.merges.len());
        for (rank, merge) in file.model.merges.iter().enumerate() {
            let (left, right) = merge.pair().ok_or_else(|| format!("the merge of rank {rank} is not two tokens"))?;
            let id = |token: &str| {
                vocabulary
                    .get(token)
                    .copied()
                    .ok_or_else(|| format!("the merge of rank {rank} needs {token:?}, which is not in the vocabulary"))
            };
            // Of a pair that stands twice the last rank counts, as in HF.
            merges.insert(pair(id(left)?, id(right)?), (rank as u64) << 32 | u64::from(id(&[left, right].concat())?));
        }
        let pattern = pattern(file.pre_tokenizer.as_ref().unwrap_or(&Value::Null))?;
        Ok(Model { pattern, byte_ids, merges, tokens, specials })
    }
}

/// ByteLevel with GPT-2's regex built in, or a known regex before it.
fn pattern(pre: &Value) -> std::result::Result<Pattern, String> {
    let byte_level = |pre: &Value, use_regex: bool| {
        let regex = pre.get("use_regex").unwrap_or(&Value::Bool(true));
        pre["type"] == "ByteLevel" && pre["add_prefix_space"] == false && regex == use_regex
    };
    let found = match pre["pretokenizers"].as_array().map(Vec::as_slice) {
        None => byte_level(pre, true).then_some(Pattern::Gpt2),
        Some([split, rest]) if pre["type"] == "Sequence" && split["type"] == "Split" && byte_level(rest, false) => {
            // Every character is in a match: kept matches are the isolated pieces.
            let cuts = [("Isolated", false), ("Removed", true)];
            let is_cut = cuts.iter().any(|&(behavior, invert)| split["behavior"] == behavior && split["invert"] == invert);
            split["pattern"]["Regex"].as_str().filter(|_| is_cut).and_then(Pattern::from_regex)
        }
        Some(_) => None,
    };
    found.ok_or_else(|| {
        format!("pre_tokenizer {pre} is not supported, expected ByteLevel with add_prefix_space false, with use_regex true or behind a Split by a known regex")
    })
}

/// Names the first setting that would change ids in a way that is not built.
fn check(file: &File) -> std::result::Result<(), String> {
    let model = &file.model;
    let unsupported = |what: &str, is: &dyn std::fmt::Debug| Err(format!("{what} {is:?} is not supported"));
    for (what, value) in [("truncation", &file.truncation), ("padding", &file.padding), ("normalizer", &file.normalizer)] {
        if let Some(value) = value {
            return Err(format!("{what} {value} is not supported, expected null"));
        }
    }
    if model.r#type.as_deref().is_some_and(|t| t != "BPE") {
        return unsupported("model type", &model.r#type);
    }
    if model.dropout.is_some_and(|p| p != 0.0) {
        return unsupported("dropout", &model.dropout);
    }
    for (what, affix) in
        [("continuing_subword_prefix", &model.continuing_subword_prefix), ("end_of_word_suffix", &model.end_of_word_suffix)]
    {
        if affix.as_deref().is_some_and(|affix| !affix.is_empty()) {
            return unsupported(what, affix);
        }
    }
    if model.ignore_merges {
        return unsupported("ignore_merges", &true);
    }
    for (what, value) in [("post_processor", &file.post_processor), ("decoder", &file.decoder)] {
        if let Some(value) = value.as_ref().filter(|value| value["type"] != "ByteLevel") {
            return Err(format!("{what} {value} is not supported, expected ByteLevel or null"));
        }
    }
    match file.added_tokens.iter().find(|added| !added.special) {
        Some(added) => unsupported("the added token that is not special", &added.content),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bpe::train::Trained;

    fn trained() -> Trained {
        let bytes = alphabet::by_character();
        let mut spellings = vec!["<|endoftext|>".to_owned()];
        spellings.extend(bytes.iter().map(|&b| alphabet::spell(&[b])));
        spellings.push("ab".into());
        let id = |s: &str| spellings.iter().position(|t| t == s).unwrap() as u32;
        Trained { merges: vec![(id("a"), id("b"))], specials: vec!["<|endoftext|>".into()], spellings }
    }

    fn parse(json: &str) -> std::result::Result<Model, String> {
        Model::parse(json.as_bytes(), Path::new("tokenizer.json")).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_written_is_json_and_is_read() {
        let trained = trained();
        let json = trained.to_json(Pattern::Gpt2);
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string_pretty(&value).unwrap().lines().count(), json.lines().count());
        let model = parse(&json).unwrap();
        assert_eq!(model.tokens.len(), 258);
        let (a, b) = trained.merges[0];
        assert_eq!(model.merges.get(pair(a, b)), Some(257));
        assert_eq!(model.specials["<|endoftext|>"], 0);
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        let json = trained().to_json(Pattern::Gpt2);
        for (from, to, expected) in [
            ("\"truncation\": null", "\"truncation\": {\"max_length\": 8}", "truncation"),
            ("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}", "normalizer"),
            ("\"add_prefix_space\": false", "\"add_prefix_space\": true", "pre_tokenizer"),
            ("\"use_regex\": true", "\"use_regex\": false", "pre_tokenizer"),
            ("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "model type"),
            ("\"dropout\": null", "\"dropout\": 0.1", "dropout"),
            ("\"end_of_word_suffix\": null", "\"end_of_word_suffix\": \"</w>\"", "end_of_word_suffix"),
            ("\"ignore_merges\": false", "\"ignore_merges\": true", "ignore_merges"),
            ("\"special\": true", "\"special\": false", "added token"),
            ("\"post_processor\": null", "\"post_processor\": {\"type\": \"TemplateProcessing\"}", "post_processor"),
            ("\"a\": 65", "\"a\": 66", "twice"),
            ("\"a\": 65", "\"a\": 4000000000", "expected one below"),
            ("\"a\": 65", "\"aa\": 65", "whole byte alphabet"),
            ("\"ab\": 257", "\"abc\": 257", "needs \"ab\""),
            ("\"id\": 0", "\"id\": 5", "not the vocabulary's"),
            ("{", "[", "expected a tokenizer.json"),
        ] {
            assert!(json.contains(from), "{from}");
            let refused = parse(&json.replacen(from, to, 1)).map(|_| ()).unwrap_err();
            assert!(refused.contains(expected) && refused.starts_with("tokenizer.json: "), "{to}: {refused}");
        }
    }

    #[test]
    fn patterns_are_read_as_they_are_written() {
        for pattern in Pattern::ALL {
            let json = trained().to_json(pattern);
            assert_eq!(parse(&json).unwrap().pattern.regex(), pattern.regex());
            let inverted = json.replace("\"Isolated\"", "\"Removed\"").replace("\"invert\": false", "\"invert\": true");
            assert_eq!(parse(&inverted).unwrap().pattern.regex(), pattern.regex());
        }
        let json = trained().to_json(Pattern::Qwen2);
        for (from, to) in [("Isolated", "Removed"), ("\\\\p{N}|", "\\\\p{N}{1,2}|"), ("\"use_regex\": false", "\"use_regex\": true")] {
            assert!(json.contains(from), "{from}");
            let refused = parse(&json.replacen(from, to, 1)).map(|_| ()).unwrap_err();
            assert!(refused.contains("pre_tokenizer") && refused.contains("expected ByteLevel"), "{refused}");
        }
    }

    #[test]
    fn old_merges_are_read_and_the_last_of_two_counts() {
        let json = trained().to_json(Pattern::Gpt2);
        let old = json.replace("[\n        \"a\",\n        \"b\"\n      ]", "\"a b\", \"a b\"");
        assert_ne!(json, old);
        let merges = parse(&old).unwrap().merges;
        assert_eq!(merges.iter().map(|(_, value)| value >> 32).collect::<Vec<_>>(), [1]);
    }
}
