//! What must hold for any bytes that come as records. The fuzz target `records` looks for bytes that break it; the
//! test below replays what it started from.

use super::parse::check_flat;
use super::{Batch, Keys, Record, State};
use crate::clean::cuts::Cutting;
use crate::clean::filters::replay::every;
use crate::clean::mask::{Kind, Mask, Style};
use crate::clean::normalize::{Normalize, OnMojibake, PrivateUse, Replacement, Spaces};
use crate::encoding::decode;
use std::borrow::Cow;

pub fn check(input: &[u8]) {
    let mut batch = Batch::new("f.jsonl".into(), "f.jsonl".into(), 0, 1 << 30);
    batch.raw = input.to_vec();
    let mut start = 0;
    for line in input.split(|&b| b == b'\n') {
        let (end, length) = (start + line.trim_ascii_end().len(), line.len() as u64 + 1);
        batch.records.push(Record { start, end, offset: start as u64 + 1, length, whole: true });
        start += line.len() + 1;
    }
    let keys = Keys { text: "text".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 1 << 16 };
    input.split(|&b| b == b'\n').filter_map(|line| str::from_utf8(line).ok()).for_each(|line| {
        check_flat(line, &keys);
    });
    batch.parse(&keys);
    for document in &batch.documents {
        let record = &batch.records[document.record];
        // A record may be in another encoding of Korean.
        let raw = &input[record.start..record.end];
        let decoded = decode(raw, None).map_or(Cow::Borrowed(raw), |decoded| decoded.text.into_owned().into_bytes().into());
        let expected = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&decoded);
        if expected.as_ref().is_err_and(|e| e.to_string().contains("surrogate") || e.to_string().contains("hex escape")) {
            // Half a surrogate pair, escaped: JSON's grammar has it, serde_json's strings do not. In metadata it passes
            // as the bytes it came in.
            let grammatical = serde_json::from_slice::<serde::de::IgnoredAny>(&decoded).is_ok();
            assert!(grammatical || document.state != State::Kept);
            continue;
        }
        let text = expected.ok().and_then(|fields| fields.get("text").and_then(|text| text.as_str().map(String::from)));
        match (&document.state, text) {
            (State::Malformed { .. }, _) => {}
            (State::Kept, Some(text)) => assert_eq!(batch.texts[document.text.clone()], text),
            (state, text) => assert!(text.is_some(), "{state:?}"),
        }
    }
    batch.normalize(&Normalize {
        mojibake: OnMojibake::Repair,
        clean_up: true,
        spaces: Spaces::Collapse,
        fillers: true,
        half_width: true,
        full_width: true,
        hanyang: true,
        private_use: PrivateUse::Remove,
        replacement: Replacement::Keep,
        lone_jamo: true,
        nfc: true,
        repeats: 2,
        compose_jamo: true,
    });
    batch.cut(Cutting { bylines: true, footers: true });
    batch.filter(every());
    let reserved = Style::Polyglot.tokens(Kind::ALL);
    batch.mask(&Mask { style: Style::Polyglot, kinds: Kind::ALL.to_vec(), reserved });
    for document in batch.kept() {
        let object = [b"{", &batch.metadata[document.additions.clone()], b"}"].concat();
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&object).is_ok());
    }
    batch.sign(crate::dedupe::sign::Signing::Near(crate::dedupe::near::Profile::Ko));
    for counts in batch.counts().values() {
        let dropped: u64 = counts.dropped.values().map(|c| c.bytes).sum();
        assert_eq!(counts.read.bytes, counts.kept.bytes + counts.malformed.bytes + dropped);
    }
    batch
        .encode(crate::scratch::Next::Columns, crate::scratch::Form::Lz4, &crate::stats::Look::default())
        .expect("a small batch fits a block");
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("records", super::check) >= 3);
    }
}
