use super::*;
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn keys() -> Keys {
    Keys { text: "text".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 1000 }
}

fn parsed(line: &[u8]) -> Batch {
    let mut batch = Batch::new("dir/file.jsonl".into(), "file.jsonl".into(), 0, 1 << 20);
    batch.raw = line.to_vec();
    batch.records.push(Record { start: 0, end: line.len(), offset: 7, length: line.len() as u64 + 1, whole: true });
    batch.parse(&keys());
    batch
}

fn why(batch: &Batch) -> &str {
    match &batch.documents[0].state {
        State::Malformed { why } => why,
        other => panic!("expected a malformed record, got {other:?}"),
    }
}

#[test]
fn keeps_the_id_and_the_metadata_as_they_came() {
    let batch = parsed(r#"{"n":1.50,"id":12,"text":"가\n나","source":"s","x":{"a":[1, 2]}}"#.as_bytes());
    let document = &batch.documents[0];
    assert_eq!(batch.texts().collect::<Vec<_>>(), ["가\n나"]);
    assert_eq!(&batch.metadata[document.id.clone()], b"12");
    assert_eq!(&batch.metadata[document.metadata.clone()], br#","n":1.50,"source":"s","x":{"a":[1, 2]}"#);
    assert_eq!((document.bytes, batch.sources[document.source as usize].as_str()), (7, "s"));
}

#[test]
fn a_missing_id_is_the_place_and_a_missing_source_the_file() {
    let batch = parsed(br#"{"text":"a"}"#);
    assert_eq!(&batch.metadata[batch.documents[0].id.clone()], br#""file.jsonl:7""#);
    assert_eq!(batch.sources, ["file"]);
}

#[test]
fn malformed_records_say_why() {
    for (line, expected) in [
        (&b"not json"[..], "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (br#"{"text":"a"} x"#, "not a JSON object"),
        (br#"{"text":"a""#, "not a JSON object"),
        (br#"{"text":"a","b":[1,,2]}"#, "not a JSON object"),
        (br#"{"body":"a"}"#, "no key \"text\""),
        (br#"{"text":null}"#, "is null, not a string"),
        (br#"{"text":["a"]}"#, "is an array, not a string"),
        (b"{\"text\":\"\xff\"}", "not text in a known encoding"),
        (br#"{"text":"\ud800"}"#, "not a JSON object"),
        (br#"{"text":"a","b":"\ul800"}"#, "not a JSON object"),
        (br#"{"text":"a","id":"\x"}"#, "not a JSON object"),
    ] {
        let batch = parsed(line);
        assert!(why(&batch).contains(expected), "{}: {}", String::from_utf8_lossy(line), why(&batch));
        assert_eq!(batch.documents[0].bytes, line.len() as u64 + 1, "a malformed record counts its raw bytes");
    }
}

#[test]
fn deep_nesting_is_refused_and_brackets_in_text_are_not() {
    let deep = format!(r#"{{"text":"a","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(why(&parsed(deep.as_bytes())).contains("nested deeper"));
    let flat = format!(r#"{{"text":"{}"}}"#, "[{".repeat(400));
    assert_eq!(parsed(flat.as_bytes()).documents[0].state, State::Kept);
}

#[test]
fn texts_over_the_limit_are_dropped_and_counted_whole() {
    let batch = parsed(format!(r#"{{"text":"{}"}}"#, "가".repeat(400)).as_bytes());
    assert_eq!(batch.documents[0].state, State::Dropped { reason: "too-long", value: 1200.0, threshold: 1000.0 });
    assert_eq!(batch.documents[0].bytes, 1200);
}

#[test]
fn foreign_keys_with_our_names_move_under_kopipe() {
    let keys = Keys { text: "body".into(), id: "key".into(), ..keys() };
    let mut batch = parsed(br#"{"text":"x"}"#);
    batch.raw = br#"{"body":"b","id":1,"text":2,"kopipe":{"cluster_size":3}}"#.to_vec();
    batch.records[0].end = batch.raw.len();
    batch.documents.clear();
    batch.parse(&keys);
    let additions = &batch.metadata[batch.documents[0].additions.clone()];
    assert_eq!(String::from_utf8_lossy(additions), r#""cluster_size":3,"shadowed":{"id":1,"text":2}"#);
}

proptest! {
    /// A record is malformed exactly where serde_json says so, and the text is the same.
    #[test]
    fn agrees_with_serde_json(line in r#"(\{"text":"([a-z가-힣 ]|\\n|\\u[0-9a-f]{4}|\\x){0,9}"(,"[a-z]":([0-9]{1,3}|"[a-z]"|null|\[1?,?2\]|tru|true|-|0.5|1e|\{\})){0,2}\}|.{0,20})"#) {
        let batch = parsed(line.as_bytes());
        let expected = serde_json::from_str::<serde_json::Value>(&line).ok().and_then(|v| v.get("text").and_then(|t| t.as_str().map(String::from)));
        match expected {
            Some(text) => prop_assert_eq!(batch.texts().collect::<Vec<_>>(), [text.as_str()]),
            None => prop_assert!(matches!(batch.documents[0].state, State::Malformed { .. }), "{}", line),
        }
    }
}

#[test]
fn values_over_several_lines_are_written_as_one() {
    let mut batch = Batch::new("f.json".into(), "f.json".into(), 0, 1 << 30);
    batch.layout = Layout::JsonValues;
    batch.raw = b",\n{\n \"id\": [\n1 ],\n \"text\": \"a\", \"m\": {\n  \"a b\": [1,\r\n \"x \\\" y\"]\n }\n}".to_vec();
    batch.records.push(Record { start: 0, end: batch.raw.len(), offset: 0, length: batch.raw.len() as u64, whole: true });
    batch.parse(&keys());
    let document = &batch.documents[0];
    assert_eq!(&batch.metadata[document.id.clone()], b"[1]");
    assert_eq!(&batch.metadata[document.metadata.clone()], br#","m":{"a b":[1,"x \" y"]}"#);
}

#[test]
fn mojibake_is_repaired_or_dropped_and_said() {
    use crate::clean::normalize::{KOREAN, Normalize, OnMojibake};
    let read_wrongly = |text: &str| encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    let (good, lost) = ("한국어 문서를 읽는다", "紐⑦넗濡쒕씪異⑹쟾濡");
    let lines = [json(&read_wrongly(good)), json(lost), json(good)];
    let normalized = |how: &Normalize| {
        let mut batch = parsed(b"");
        (batch.raw, batch.records, batch.documents) = (Vec::new(), Vec::new(), Vec::new());
        for line in &lines {
            let start = batch.raw.len();
            batch.raw.extend_from_slice(b"{\"kopipe\":{\"a\":1},\"text\":");
            batch.raw.extend_from_slice(line);
            batch.raw.push(b'}');
            batch.records.push(Record { start, end: batch.raw.len(), offset: 1, length: 1, whole: true });
        }
        batch.parse(&keys());
        batch.normalize(how);
        batch
    };
    let batch = normalized(&KOREAN);
    assert_eq!(batch.texts().collect::<Vec<_>>(), [good, good]);
    let mut additions = Vec::new();
    batch.push_additions(&batch.documents[0], &mut additions);
    assert_eq!(String::from_utf8_lossy(&additions), r#""a":1,"repaired":"utf-8 read as windows-1252""#);
    assert_eq!(batch.documents[1].state, State::Dropped { reason: "mojibake", value: 1.0, threshold: 0.0 });
    assert_eq!(batch.documents[2].additions.len(), 5);
    let batch = normalized(&Normalize { mojibake: OnMojibake::Drop, ..KOREAN });
    assert_eq!(batch.texts().collect::<Vec<_>>(), [good]);
    let batch = normalized(&Normalize { mojibake: OnMojibake::Keep, ..KOREAN });
    assert_eq!(batch.texts().count(), 3);
}

#[test]
fn a_stage_that_panics_tells_on_which_document() {
    let mut batch = parsed(br#"{"id":"a","text":"one"}"#);
    batch.each_kept(|_, _| ());
    assert_eq!(batch.stopped_at(), None);
    let stage = |batch: &mut Batch, document: &mut Document| assert_ne!(&batch.texts[document.text.clone()], "one");
    assert!(catch_unwind(AssertUnwindSafe(|| batch.each_kept(stage))).is_err());
    assert_eq!(batch.stopped_at().as_deref(), Some("\"a\""));
}
