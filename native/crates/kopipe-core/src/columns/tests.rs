use super::*;
use crate::batch::{Batch, Keys, Record, State};
use crate::io::Io;
use crate::read::{PlainText, ReadOptions, Reader};
use crate::scratch::{Format, Frame, Output, Part};
use proptest::prelude::*;
use std::path::Path;

fn keys() -> Keys {
    Keys { text: "text".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 1 << 20 }
}

/// JSON lines as a batch whose documents are all kept, and the shape of all.
fn shape_of(lines: &str) -> Shape {
    let mut batch = Batch::new("f.jsonl".into(), "f.jsonl".into(), 0, 1 << 30);
    batch.raw = lines.as_bytes().to_vec();
    let mut start = 0;
    for line in lines.lines() {
        batch.records.push(Record { start, end: start + line.len(), offset: start as u64, length: line.len() as u64, whole: true });
        start += line.len() + 1;
    }
    batch.parse(&keys());
    assert!(batch.documents.iter().all(|d| d.state == State::Kept));
    batch.encode(crate::scratch::Next::Columns, crate::scratch::Form::Lz4, &crate::stats::Look::default()).unwrap();
    batch.shape
}

fn write(path: &Path, format: Format, shape: &Shape, frames: &[&str]) {
    let mut part = Part::create(&Io::default(), path, format, shape).unwrap();
    for lines in frames {
        let mut frame = Frame::new(Output::Documents, lines.as_bytes().to_vec());
        frame.encode(format, shape).unwrap();
        part.append(&mut frame).unwrap();
    }
    part.commit().unwrap();
}

/// The documents of a file as JSON values, nulls left out: a column says null where a document lacked the key.
fn read(path: &Path) -> Vec<serde_json::Value> {
    let options = ReadOptions {
        unit: 0,
        record: None,
        end_unit: None,
        unit_size: u64::MAX,
        batch_size: 1 << 20,
        max_record: 1 << 20,
        plain_text: PlainText::File,
        entry: None,
    };
    let mut reader = Reader::open(&Io::default(), path, options).unwrap();
    let mut values = Vec::new();
    while let Some(mut batch) = reader.next_batch().unwrap() {
        batch.parse(&keys());
        for document in &batch.documents {
            assert_eq!(document.state, State::Kept);
            let mut line = Vec::new();
            batch.push_body(document, &mut line).unwrap();
            line.extend_from_slice(b",\"kopipe\":{");
            batch.push_additions(document, &mut line);
            line.extend_from_slice(b"}}");
            values.push(without_nulls(serde_json::from_slice(&line).unwrap()));
        }
    }
    values
}

fn without_nulls(mut value: serde_json::Value) -> serde_json::Value {
    let object = value.as_object_mut().unwrap();
    object.retain(|_, v| !v.is_null());
    object.entry("kopipe").or_insert_with(|| serde_json::json!({}));
    value
}

#[test]
fn kinds_meet() {
    let shape = shape_of(concat!(
        "{\"id\":1,\"text\":\"a\",\"n\":1,\"f\":1,\"s\":\"x\",\"m\":1,\"b\":true,\"z\":null,\"big\":99999999999999999999}\n",
        "{\"id\":2,\"text\":\"b\",\"n\":null,\"f\":1.5,\"s\":\"y\",\"m\":\"one\",\"l\":[1,{\"a\":2}]}\n"
    ));
    let fields: Vec<String> = shape
        .schema()
        .fields()
        .iter()
        .map(|f| format!("{}:{}{}", f.name(), f.data_type(), if f.metadata().is_empty() { "" } else { " json" }))
        .collect();
    assert_eq!(
        fields,
        ["id:Int64", "text:Utf8", "n:Int64", "f:Float64", "s:Utf8", "m:Utf8 json", "b:Boolean", "z:Utf8", "big:Utf8 json", "l:Utf8 json"]
    );
    let back: Shape = serde_json::from_str(&serde_json::to_string(&shape).unwrap()).unwrap();
    assert_eq!(back, shape);
}

#[test]
fn too_many_keys_are_gathered() {
    let lines: String = (0..1200).map(|i| format!("{{\"id\":\"{i}\",\"text\":\"글\",\"k{i}\":{i}}}\n")).collect();
    let shape = shape_of(&lines);
    assert_eq!(shape.schema().fields().len(), 3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    write(&path, Format::Parquet, &shape, &[&lines]);
    let read = read(&path);
    assert_eq!(read[7], serde_json::json!({"id": "7", "text": "글", "metadata": {"k7": 7}, "kopipe": {}}));
}

#[test]
fn an_empty_part_is_a_file_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in [("a.parquet", Format::Parquet), ("a.arrow", Format::Arrow)] {
        let path = folder.path().join(name);
        write(&path, format, &Shape::default(), &[""]);
        assert!(read(&path).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// What is written as columns comes back as it was.
    #[test]
    fn comes_back(
        documents in prop::collection::vec(("\\PC{0,20}|[가-힣 \"\\\\]{1,30}", prop::collection::btree_map("[a-c]|가|metadata", 0usize..9, 0..4)), 1..20),
        cut in 0usize..20,
        number_ids in any::<bool>(),
    ) {
        let value = |kind: usize, i: usize| match kind {
            0 => serde_json::json!(i),
            1 => serde_json::json!(i as f64 + 0.5),
            2 => serde_json::json!(format!("\"{i}\\")),
            3 => serde_json::json!(i.is_multiple_of(2)),
            4 => serde_json::json!([i, null, {"x": "y"}]),
            5 => serde_json::json!({"a": {"b": i}}),
            6 => serde_json::json!(u64::MAX - i as u64),
            _ => serde_json::Value::Null,
        };
        let mut expected = Vec::new();
        for (i, (text, metadata)) in documents.iter().enumerate() {
            let mut object = serde_json::json!({"id": if number_ids { serde_json::json!(i) } else { serde_json::json!(format!("d{i}")) }, "text": text});
            for (key, kind) in metadata {
                object[key] = value(*kind, i);
            }
            expected.push(object);
        }
        let lines: Vec<String> = expected.iter().map(|object| format!("{object}\n")).collect();
        let shape = shape_of(&lines.concat());
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = lines.split_at(cut.min(lines.len()));
        let expected: Vec<_> = expected.into_iter().map(without_nulls).collect();
        for (name, format) in [("a.parquet", Format::Parquet), ("a.arrow", Format::Arrow)] {
            let path = folder.path().join(name);
            write(&path, format, &shape, &[&first.concat(), &second.concat()]);
            // Numbers of a column of floats are equal as numbers.
            let as_floats = |values: &[serde_json::Value]| values.iter().map(|v| v.to_string().replace(".0,", ",").replace(".0}", "}")).collect::<Vec<_>>();
            prop_assert_eq!(as_floats(&read(&path)), as_floats(&expected));
        }
    }
}
