use super::*;
use crate::batch::{Batch, Keys, Record};
use crate::clean::filters::{Filter, Length};
use crate::dedupe;
use crate::dedupe::outcome::{Outcome, Pair};
use crate::dedupe::rule::Rule;
use crate::dedupe::sign::Signing;
use crate::stats::Look;
use proptest::prelude::*;
use std::io::Read;

/// Lines → a sealed unit → its survivors, as the text of each output.
fn through(lines: &[&str], format: Format) -> [String; 3] {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let (blocks, signatures) = (dir.path().join("b"), dir.path().join("s"));
    let mut writer = ScratchWriter::create(&io, &blocks, &signatures, None, None, false).unwrap();
    for (i, line) in lines.iter().enumerate() {
        let mut batch = Batch::new("f.jsonl".into(), "f.jsonl".into(), 0, 1 << 20);
        batch.first_ordinal = i as u32;
        batch.raw = line.as_bytes().to_vec();
        batch.records.push(Record { start: 0, end: line.len(), offset: 10 * i as u64, length: line.len() as u64 + 1, whole: true });
        batch.parse(&Keys { text: "text".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 1 << 20 });
        batch.filter(&[Filter::Length(Length { min: 2, max: 1 << 20 })]);
        batch.sign(Signing::Exact);
        batch.encode(Next::Decide, Form::Lz4, &Look::default()).unwrap();
        writer.append(&mut batch).unwrap();
    }
    writer.seal().unwrap();
    let first = dedupe::Place { artifact: None, unit: 3, ordinal: 0 };
    let copy = Pair { of: first.clone(), rule: Rule::Exact, score: 1.0 };
    let outcomes = [(0, None), (2, Some(copy))].map(|(ordinal, pair)| Outcome { ordinal, pair, cluster: first.clone(), size: 2 });
    let place = Place { file: "f.jsonl".into(), unit: 3 };
    let mut survivors = Survivors::open(&io, &blocks, place, Some(Format::Jsonl), outcomes.to_vec(), None, Look::default()).unwrap();
    let shape = Shape::default();
    let paths = ["documents", "rejects", "duplicates"].map(|name| dir.path().join(name));
    let mut parts = paths.each_ref().map(|path| Part::create(&io, path, format, &shape).unwrap());
    while let Some(mut frame) = survivors.next_frame().unwrap() {
        frame.encode(format, &shape).unwrap();
        parts[frame.output as usize].append(&mut frame).unwrap();
    }
    for part in parts {
        part.commit().unwrap();
    }
    paths.map(|path| {
        let bytes = std::fs::read(path).unwrap();
        let mut text = String::new();
        match format {
            Format::JsonlGz => drop(flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap()),
            Format::JsonlZst => text = String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap(),
            _ => text = String::from_utf8(bytes).unwrap(),
        }
        text
    })
}

#[test]
fn every_record_goes_to_one_place_with_its_reason() {
    let lines = [r#"{"id":"a","text":"가나","n":1}"#, "broken", r#"{"id":"b","text":"가나"}"#, r#"{"id":"c","text":"x"}"#];
    for format in [Format::Jsonl, Format::JsonlGz, Format::JsonlZst] {
        let [documents, rejects, duplicates] = through(&lines, format);
        assert_eq!(documents, "{\"id\":\"a\",\"text\":\"가나\",\"n\":1,\"kopipe\":{\"cluster_size\":2}}\n");
        let rejects: Vec<serde_json::Value> = rejects.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let reasons: Vec<&str> = rejects.iter().map(|r| r["kopipe"]["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, ["malformed", "exact-duplicate", "length-short"]);
        assert_eq!(rejects[0]["raw"], "broken");
        assert_eq!(rejects[1]["kopipe"]["of"], serde_json::json!({"unit": 3, "ordinal": 0}));
        assert_eq!(rejects[2]["kopipe"]["threshold"], 2);
        assert_eq!(duplicates.lines().count(), 2);
    }
}

#[test]
fn a_damaged_block_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b");
    let mut batch = Batch::new("f".into(), "f".into(), 0, 1);
    batch.sources.push("s".into());
    batch.encode(Next::Decide, Form::Lz4, &Look::default()).unwrap();
    let last = batch.block.len() - 1;
    batch.block[last] ^= 1;
    std::fs::write(&path, &batch.block).unwrap();
    let mut survivors =
        Survivors::open(&Io::default(), &path, Place { file: "f".into(), unit: 0 }, Some(Format::Jsonl), Vec::new(), None, Look::default())
            .unwrap();
    assert_eq!(survivors.next_frame().err().map(|e| e.kind()), Some("corrupt"));
}

proptest! {
    /// However lines come, and whoever cuts: frames are the same.
    #[test]
    fn frames_do_not_depend_on_batches(lengths in prop::collection::vec(0usize..3_000_000, 1..12), splits in prop::collection::vec(any::<bool>(), 12)) {
        let lines: Vec<Vec<u8>> = lengths.iter().map(|&n| [vec![b'a'; n], vec![b'\n']].concat()).collect();
        let mut alone = Cutter::new(Output::Documents, Format::Jsonl);
        let mut expected: Vec<Frame> = lines.iter().filter_map(|line| alone.line(|out| out.extend_from_slice(line)).1).collect();
        expected.push(alone.rest());
        let (mut together, mut batch, mut frames) = (Cutter::new(Output::Documents, Format::Jsonl), Vec::new(), Vec::new());
        for (line, split) in lines.iter().zip(splits) {
            batch.extend_from_slice(line);
            if split {
                frames.extend(together.lines(&std::mem::take(&mut batch)));
            }
        }
        frames.extend(together.lines(&batch));
        frames.push(together.rest());
        let lengths = |frames: &[Frame]| frames.iter().map(Frame::line_bytes).collect::<Vec<_>>();
        prop_assert_eq!(lengths(&expected), lengths(&frames));
    }
}
