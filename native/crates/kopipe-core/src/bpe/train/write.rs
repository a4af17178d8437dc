//! `tokenizer.json`, written byte for byte as HF tokenizers 0.23 saves it (`pretty=True`).

use super::Trained;
use crate::bpe::normalizer::Normalizer;
use crate::bpe::pretoken::Pattern;
use serde_json::Value;
use std::fmt::Write;

const BEFORE_VOCABULARY: &str = r#"  "post_processor": null,
  "decoder": {
    "type": "ByteLevel",
    "add_prefix_space": true,
    "trim_offsets": true,
    "use_regex": true
  },
  "model": {
    "type": "BPE",
    "dropout": null,
    "unk_token": null,
    "continuing_subword_prefix": null,
    "end_of_word_suffix": null,
    "fuse_unk": false,
    "byte_fallback": false,
    "ignore_merges": false,
"#;

impl Trained {
    /// `pattern` is what cut the pretokens that were trained on.
    pub fn to_json(&self, pattern: Pattern) -> String {
        let mut json = String::from("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n");
        list(&mut json, "  ", "added_tokens", "[]", self.specials.iter().enumerate(), |json, (id, special)| {
            let special = quoted(special);
            write!(
                json,
                "    {{\n      \"id\": {id},\n      \"content\": {special},\n      \"single_word\": false,\n      \"lstrip\": false,\n      \"rstrip\": false,\n      \"normalized\": false,\n      \"special\": true\n    }}"
            )
        });
        json.push_str(",\n  \"normalizer\": ");
        json.push_str(match self.normalizer {
            Normalizer::None => "null",
            Normalizer::Nfc => "{\n    \"type\": \"NFC\"\n  }",
            Normalizer::Nfd => "{\n    \"type\": \"NFD\"\n  }",
        });
        json.push_str(",\n  \"pre_tokenizer\": ");
        json.push_str(&pre_tokenizer(pattern));
        json.push_str(",\n");
        json.push_str(BEFORE_VOCABULARY);
        list(&mut json, "    ", "vocab", "{}", self.spellings.iter().enumerate(), |json, (id, spelling)| {
            write!(json, "      {}: {id}", quoted(spelling))
        });
        json.push_str(",\n");
        list(&mut json, "    ", "merges", "[]", self.merges.iter(), |json, &(left, right)| {
            let [left, right] = [left, right].map(|id| quoted(&self.spellings[id as usize]));
            write!(json, "      [\n        {left},\n        {right}\n      ]")
        });
        json.push_str("\n  }\n}");
        json
    }
}

/// ByteLevel has GPT-2's regex built in; any other goes before it.
fn pre_tokenizer(pattern: Pattern) -> String {
    let byte_level = |indent: &str, use_regex: bool| {
        format!(
            "{{\n{indent}  \"type\": \"ByteLevel\",\n{indent}  \"add_prefix_space\": false,\n{indent}  \"trim_offsets\": true,\n{indent}  \"use_regex\": {use_regex}\n{indent}}}"
        )
    };
    if pattern == Pattern::Gpt2 {
        return byte_level("  ", true);
    }
    let regex = quoted(pattern.regex());
    let split = format!(
        "{{\n        \"type\": \"Split\",\n        \"pattern\": {{\n          \"Regex\": {regex}\n        }},\n        \"behavior\": \"Isolated\",\n        \"invert\": false\n      }}"
    );
    format!("{{\n    \"type\": \"Sequence\",\n    \"pretokenizers\": [\n      {split},\n      {}\n    ]\n  }}", byte_level("      ", false))
}

/// A key with the items between its brackets, each on lines of its own.
fn list<T>(
    json: &mut String,
    indent: &str,
    key: &str,
    brackets: &str,
    items: impl ExactSizeIterator<Item = T>,
    mut item: impl FnMut(&mut String, T) -> std::fmt::Result,
) {
    let (open, close) = brackets.split_at(1);
    json.push_str(&format!("{indent}\"{key}\": {open}"));
    let last = items.len();
    for (i, each) in items.enumerate() {
        json.push('\n');
        item(json, each).expect("a String takes what is written to it");
        json.push_str(if i + 1 == last { "\n" } else { "," });
    }
    json.push_str(&format!("{}{close}", if last == 0 { "" } else { indent }));
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
