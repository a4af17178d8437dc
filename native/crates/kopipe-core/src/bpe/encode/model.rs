//! `tokenizer.json` of the byte-level family, read: what is not supported is refused by name, because a setting
//! overlooked is wrong ids in a terabyte.

use super::added::AddedToken;
use super::merges::NEVER;
use crate::bpe::alphabet;
use crate::bpe::normalizer::Normalizer;
use crate::bpe::pretoken::Pattern;
use crate::error::{Error, Result};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// What encoding and decoding need of a `tokenizer.json`.
pub struct Model {
    pub pattern: Pattern,
    /// A string that is taken out of every text before the pattern cuts it, as Polyglot-Ko's mark of morphemes.
    pub removed: Option<String>,
    pub normalizer: Normalizer,
    pub byte_ids: [u32; 256],
    /// Left, right and merged id, in the order of their ranks.
    pub merges: Vec<(u32, u32, u32)>,
    /// A pretoken that is a token whole is that token, whatever the merges say.
    pub ignore_merges: bool,
    /// The bytes of each token that bytes can become.
    pub tokens: HashMap<u32, Vec<u8>>,
    /// The text of the others: added ones, and what is spelled in characters outside the byte alphabet.
    pub texts: HashMap<u32, String>,
    pub added: Vec<AddedToken>,
}

#[derive(Deserialize)]
struct File {
    version: Option<String>,
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

type Judged<T> = std::result::Result<T, String>;

impl Model {
    pub fn parse(json: &[u8], path: &Path) -> Result<Self> {
        let refuse = |what: String| Error::Invalid { what: format!("{}: {what}", path.display()), path: Some(path.into()) };
        let file: File = serde_json::from_slice(json).map_err(|e| {
            let why = other_type(json).unwrap_or_else(|| format!("expected a tokenizer.json of HF tokenizers: {e}"));
            refuse(why)
        })?;
        check(&file).map_err(refuse)?;
        Model::build(file).map_err(refuse)
    }

    fn build(file: File) -> Judged<Self> {
        let (removed, pattern) = cutting(file.pre_tokenizer.as_ref().unwrap_or(&Value::Null))?;
        let normalizer = normalizer(file.normalizer.as_ref().unwrap_or(&Value::Null))?;
        let vocabulary = &file.model.vocab;
        let (mut tokens, mut texts) = (HashMap::with_capacity(vocabulary.len()), HashMap::new());
        for (spelling, &id) in vocabulary {
            if id > i32::MAX as u32 {
                return Err(format!("the token {spelling:?} has the id {id}: expected one below 2147483648"));
            }
            let is_first = match alphabet::unspell(spelling) {
                Some(bytes) => tokens.insert(id, bytes).is_none() && !texts.contains_key(&id),
                None => texts.insert(id, spelling.clone()).is_none() && !tokens.contains_key(&id),
            };
            if !is_first {
                return Err(format!("the id {id} stands twice in the vocabulary"));
            }
        }
        check_ids(&file.added_tokens, vocabulary)?;
        for AddedToken { id, content, .. } in &file.added_tokens {
            if !tokens.contains_key(id) {
                texts.insert(*id, content.clone());
            }
        }
        let mut byte_ids = [0; 256];
        for (byte, id) in byte_ids.iter_mut().enumerate() {
            let spelling = alphabet::spell(&[byte as u8]);
            *id = *vocabulary.get(&spelling).ok_or_else(|| {
                format!("the vocabulary lacks {spelling:?}, the byte 0x{byte:02x}, and would lose it: train with the whole byte alphabet")
            })?;
        }
        let mut merges = Vec::with_capacity(file.model.merges.len());
        for (rank, merge) in file.model.merges.iter().enumerate() {
            let (left, right) = merge.pair().ok_or_else(|| format!("the merge of rank {rank} is not two tokens"))?;
            let id = |token: &str| {
                vocabulary
                    .get(token)
                    .copied()
                    .ok_or_else(|| format!("the merge of rank {rank} needs {token:?}, which is not in the vocabulary"))
            };
            merges.push((id(left)?, id(right)?, id(&[left, right].concat())?));
        }
        let ignore_merges = file.model.ignore_merges;
        Ok(Model { pattern, removed, normalizer, byte_ids, merges, ignore_merges, tokens, texts, added: file.added_tokens })
    }
}

/// HF gives an added token the id that its string has in the vocabulary, or else the next free one, whatever the file
/// says: a file that says something else would be two tokenizers.
fn check_ids(added: &[AddedToken], vocabulary: &HashMap<String, u32>) -> Judged<()> {
    let mut next = vocabulary.len() as u32;
    let mut known: HashMap<&str, u32> = HashMap::new();
    // HF passes over empty ones.
    for AddedToken { id, content, .. } in added.iter().filter(|token| !token.content.is_empty()) {
        let given = vocabulary.get(content).or_else(|| known.get(content.as_str())).copied().unwrap_or(next);
        if given != *id {
            return Err(format!("the added token {content:?} has the id {id}, and HF tokenizers would give it {given}"));
        }
        next += u32::from(given == next);
        known.insert(content, given);
    }
    Ok(())
}

/// What is removed from a text, and the pattern that cuts it.
fn cutting(pre: &Value) -> Judged<(Option<String>, Pattern)> {
    let refuse = || {
        Err(format!(
            "pre_tokenizer {pre} is not supported, expected ByteLevel with add_prefix_space false, alone or behind a Split by the regex of {}",
            Pattern::ALL.map(Pattern::name).join(", ")
        ))
    };
    let steps = match pre["pretokenizers"].as_array() {
        Some(steps) if pre["type"] == "Sequence" => &steps[..],
        _ => std::slice::from_ref(pre),
    };
    let Some((bytes, splits)) = steps.split_last() else { return refuse() };
    if bytes["type"] != "ByteLevel" || bytes["add_prefix_space"] != false {
        return refuse();
    }
    let by_regex = bytes.get("use_regex").is_none_or(|regex| regex == true);
    let (mut removed, mut pattern) = (None, by_regex.then_some(Pattern::Gpt2));
    for split in splits {
        let text = split["pattern"]["Regex"].as_str().or(split["pattern"]["String"].as_str()).unwrap_or_default();
        let is_literal = !text.is_empty() && (split["pattern"]["String"].is_string() || regex::escape(text) == text);
        if split["type"] != "Split" {
            return refuse();
        }
        match (split["behavior"].as_str(), split["invert"] == true) {
            (Some("Removed"), false) if is_literal && removed.is_none() && splits.len() == 1 => removed = Some(text.to_owned()),
            // Every character is in a match: matches that are kept are the isolated pieces.
            (Some("Isolated"), false) | (Some("Removed"), true) if pattern.is_none() => match Pattern::from_regex(text) {
                Some(known) => pattern = Some(known),
                None => return refuse(),
            },
            _ => return refuse(),
        }
    }
    pattern.map_or_else(refuse, |pattern| Ok((removed, pattern)))
}

fn normalizer(normalizer: &Value) -> Judged<Normalizer> {
    let steps = match normalizer["normalizers"].as_array() {
        Some(steps) if normalizer["type"] == "Sequence" => &steps[..],
        _ if normalizer.is_null() => &[],
        _ => std::slice::from_ref(normalizer),
    };
    match steps {
        [] => Ok(Normalizer::None),
        steps if steps.iter().all(|step| step["type"] == "NFC") => Ok(Normalizer::Nfc),
        steps if steps.iter().all(|step| step["type"] == "NFD") => Ok(Normalizer::Nfd),
        _ => Err(format!("normalizer {normalizer} is not supported, expected null, NFC or NFD")),
    }
}

/// Of a file that is none of BPE: what its model is.
fn other_type(json: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Typed {
        r#type: String,
    }
    #[derive(Deserialize)]
    struct Any {
        model: Typed,
    }
    let Any { model: Typed { r#type } } = serde_json::from_slice(json).ok()?;
    (r#type != "BPE").then(|| format!("model type {:?} is not supported, expected BPE", r#type))
}

/// Names the first setting that would change ids in a way that is not built.
fn check(file: &File) -> Judged<()> {
    let model = &file.model;
    let unsupported = |what: &str, is: &dyn std::fmt::Debug| Err(format!("{what} {is:?} is not supported"));
    if let Some(version) = file.version.as_ref().filter(|version| *version != "1.0") {
        return unsupported("version", version);
    }
    for (what, value) in [("truncation", &file.truncation), ("padding", &file.padding)] {
        if let Some(value) = value {
            return Err(format!("{what} {value} is not supported, expected null"));
        }
    }
    if let Some(kind) = model.r#type.as_ref().filter(|kind| *kind != "BPE") {
        return unsupported("model type", kind);
    }
    if let Some(dropout) = model.dropout.filter(|&p| p != 0.0) {
        return unsupported("dropout", &dropout);
    }
    for (what, affix) in
        [("continuing_subword_prefix", &model.continuing_subword_prefix), ("end_of_word_suffix", &model.end_of_word_suffix)]
    {
        if let Some(affix) = affix.as_deref().filter(|affix| !affix.is_empty()) {
            return unsupported(what, &affix);
        }
    }
    if model.merges.len() >= NEVER as usize {
        return unsupported("a number of merges of", &model.merges.len());
    }
    if let Some(value) = file.decoder.as_ref().filter(|value| value["type"] != "ByteLevel") {
        return Err(format!("decoder {value} is not supported, expected ByteLevel or null"));
    }
    check_post_processor(file.post_processor.as_ref().unwrap_or(&Value::Null))
}

/// Post-processors that only add tokens around a text (`add_special_tokens`) or correct offsets do not touch its ids.
fn check_post_processor(post: &Value) -> Judged<()> {
    match post["type"].as_str() {
        Some("Sequence") => post["processors"].as_array().into_iter().flatten().try_for_each(check_post_processor),
        Some("ByteLevel" | "TemplateProcessing") => Ok(()),
        _ if post.is_null() => Ok(()),
        _ => Err(format!("post_processor {post} is not supported, expected ByteLevel, TemplateProcessing or null")),
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
        Trained { merges: vec![(id("a"), id("b"))], specials: vec!["<|endoftext|>".into()], normalizer: Normalizer::None, spellings }
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
        assert_eq!(model.merges, [(a, b, 257)]);
        assert_eq!((model.added[0].content.as_str(), model.added[0].id, model.added[0].special), ("<|endoftext|>", 0, true));
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        let json = trained().to_json(Pattern::Gpt2);
        for (from, to, expected) in [
            ("\"truncation\": null", "\"truncation\": {\"max_length\": 8}", "truncation"),
            ("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFKC\"}", "normalizer"),
            ("\"version\": \"1.0\"", "\"version\": \"2.0\"", "version"),
            ("\"add_prefix_space\": false", "\"add_prefix_space\": true", "pre_tokenizer"),
            ("\"use_regex\": true", "\"use_regex\": false", "pre_tokenizer"),
            ("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "model type"),
            ("\"dropout\": null", "\"dropout\": 0.1", "dropout"),
            ("\"end_of_word_suffix\": null", "\"end_of_word_suffix\": \"</w>\"", "end_of_word_suffix \"</w>\" is"),
            ("\"post_processor\": null", "\"post_processor\": {\"type\": \"RobertaProcessing\"}", "post_processor"),
            ("\"a\": 65", "\"a\": 66", "twice"),
            ("\"a\": 65", "\"a\": 4000000000", "expected one below"),
            ("\"a\": 65", "\"aa\": 65", "whole byte alphabet"),
            ("\"ab\": 257", "\"abc\": 257", "needs \"ab\""),
            ("\"id\": 0", "\"id\": 5", "HF tokenizers would give it 0"),
            ("{", "[", "expected a tokenizer.json"),
        ] {
            assert!(json.contains(from), "{from}");
            let refused = parse(&json.replacen(from, to, 1)).map(|_| ()).unwrap_err();
            assert!(refused.contains(expected) && refused.starts_with("tokenizer.json: "), "{to}: {refused}");
        }
        // Whose models are written in another way.
        for (kind, rest) in [("Unigram", r#""vocab": [["a", 0.0]]"#), ("WordPiece", r#""vocab": {}"#), ("WordLevel", r#""vocab": {}"#)] {
            let refused = parse(&format!(r#"{{"model": {{"type": "{kind}", {rest}}}}}"#)).map(|_| ()).unwrap_err();
            assert_eq!(refused, format!("tokenizer.json: model type {kind:?} is not supported, expected BPE"));
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
    fn old_merges_are_read() {
        let json = trained().to_json(Pattern::Gpt2);
        let old = json.replace("[\n        \"a\",\n        \"b\"\n      ]", "\"a b\", \"a b\"");
        assert_ne!(json, old);
        let [merge] = trained().merges[..] else { panic!("one merge") };
        assert_eq!(parse(&old).unwrap().merges, [(merge.0, merge.1, 257); 2]);
    }
}
