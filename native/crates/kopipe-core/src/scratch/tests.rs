use super::*;
use crate::batch::{Batch, Keys, Record};
use crate::clean::filters::Filter;
use crate::dedupe::exact::{Duplicates, find_duplicates};
use std::io::Read;

/// Lines → a sealed unit → its survivors, as the text of each output.
fn through(lines: &[&str], format: Format) -> [String; 3] {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let (blocks, signatures) = (dir.path().join("b"), dir.path().join("s"));
    let mut writer = ScratchWriter::create(&io, &blocks, &signatures, 0, 0).unwrap();
    for (i, line) in lines.iter().enumerate() {
        let mut batch = Batch::new("f.jsonl".into(), "f.jsonl".into(), 0, 1 << 20);
        batch.first_ordinal = i as u32;
        batch.raw = line.as_bytes().to_vec();
        batch.records.push(Record { start: 0, end: line.len(), offset: 10 * i as u64, length: line.len() as u64 + 1, whole: true });
        batch.parse(&Keys { text: "text".into(), id: "id".into(), source: "source".into(), max_document: 1 << 20 });
        batch.filter(&[Filter::Length { min: 2 }]);
        batch.sign();
        batch.encode().unwrap();
        writer.append(&batch).unwrap();
    }
    writer.seal().unwrap();
    let folder = dir.path().join("d");
    find_duplicates(&io, &[signatures], &folder, 1 << 20).unwrap();
    let drops = Duplicates::open(&io, &folder).unwrap().of_unit(0, 0);
    let place = Place { file: "f.jsonl".into(), unit: 3 };
    let mut survivors = Survivors::open(&io, &blocks, place, &drops, |_, _| 3).unwrap();
    let mut outputs: [Vec<u8>; 3] = Default::default();
    while let Some(mut frame) = survivors.next_frame().unwrap() {
        frame.compress(format).unwrap();
        outputs[frame.output as usize].extend_from_slice(&frame.bytes);
    }
    outputs.map(|bytes| {
        let mut text = String::new();
        match format {
            Format::Jsonl => text = String::from_utf8(bytes).unwrap(),
            Format::JsonlGz => drop(flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap()),
            Format::JsonlZst => text = String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap(),
        }
        text
    })
}

#[test]
fn every_record_goes_to_one_place_with_its_reason() {
    let lines = [r#"{"id":"a","text":"가나","n":1}"#, "broken", r#"{"id":"b","text":"가나"}"#, r#"{"id":"c","text":"x"}"#];
    for (format, _) in Format::ALL {
        let [documents, rejects, duplicates] = through(&lines, format);
        assert_eq!(documents, "{\"id\":\"a\",\"text\":\"가나\",\"n\":1}\n");
        let rejects: Vec<serde_json::Value> = rejects.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let reasons: Vec<&str> = rejects.iter().map(|r| r["kopipe"]["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, ["malformed", "exact-duplicate", "length-short"]);
        assert_eq!(rejects[0]["raw"], "broken");
        assert_eq!(rejects[1]["kopipe"]["of"], serde_json::json!({"unit": 3, "ordinal": 0}));
        assert_eq!(rejects[2]["kopipe"]["threshold"], 2);
        assert_eq!(duplicates.lines().count(), 1);
    }
}

#[test]
fn a_damaged_block_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b");
    let mut batch = Batch::new("f".into(), "f".into(), 0, 1);
    batch.sources.push("s".into());
    batch.encode().unwrap();
    let last = batch.block.len() - 1;
    batch.block[last] ^= 1;
    std::fs::write(&path, &batch.block).unwrap();
    let mut survivors = Survivors::open(&Io::default(), &path, Place { file: "f".into(), unit: 0 }, &[], |_, _| 0).unwrap();
    assert_eq!(survivors.next_frame().err().map(|e| e.kind()), Some("corrupt"));
}
