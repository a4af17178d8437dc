use super::super::{Entry, PlainText, Reader, frames};
use super::*;
use proptest::prelude::*;
use std::io::Write;

/// What a reader says of a record: unit, ordinal, offset, raw length, and the bytes where they are held.
type Seen = (u64, u32, u64, u64, Option<Vec<u8>>);

/// The obvious way: split everything at newlines.
fn slow(input: &[u8], unit_size: u64, max_record: usize) -> Vec<Seen> {
    let (mut seen, mut offset, mut unit, mut ordinal) = (Vec::new(), 0u64, 0u64, 0u32);
    for line in input.split_inclusive(|&b| b == b'\n') {
        if offset / unit_size != unit {
            (unit, ordinal) = (offset / unit_size, 0);
        }
        let length = line.len() as u64;
        if line.len() > max_record || !line.trim_ascii().is_empty() {
            let held = (line.len() <= max_record).then(|| line.trim_ascii_end().to_vec());
            seen.push((unit, ordinal, offset, length, held));
            ordinal += 1;
        }
        offset += length;
    }
    seen
}

fn compressed(input: &[u8], compression: Compression) -> Vec<u8> {
    let half = input.len() / 2;
    match compression {
        Compression::Plain => input.to_vec(),
        // Two members, two frames: both formats may be concatenated.
        Compression::Gzip => [&input[..half], &input[half..]]
            .into_iter()
            .flat_map(|part| {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(part).unwrap();
                encoder.finish().unwrap()
            })
            .collect(),
        Compression::Zstd => [&input[..half], &input[half..]].into_iter().flat_map(|part| zstd::bulk::compress(part, 1).unwrap()).collect(),
    }
}

fn read_all(path: &Path, options: &ReadOptions) -> (Vec<Seen>, Vec<u64>) {
    let mut reader = Reader::open(&Io::default(), path, options.clone()).unwrap();
    let (mut seen, mut ended) = (Vec::new(), Vec::new());
    while let Some(batch) = reader.next_batch().unwrap() {
        for (i, record) in batch.records.iter().enumerate() {
            let held = record.whole.then(|| batch.raw[record.start..record.end].to_vec());
            seen.push((batch.unit, batch.first_ordinal + i as u32, record.offset, record.length, held));
        }
        if batch.ends_unit {
            ended.push(batch.unit);
        }
    }
    (seen, ended)
}

fn any_options(unit: u64, end_unit: Option<u64>, unit_size: u64, batch_size: usize, max_record: usize) -> ReadOptions {
    ReadOptions { unit, record: None, end_unit, unit_size, batch_size, max_record, plain_text: PlainText::File, entry: None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn equals_its_slow_twin(
        lines in prop::collection::vec(("[a-z가-힣 ]{0,20}", 0usize..4, any::<bool>()), 0..40),
        last_newline in any::<bool>(),
        unit_size in 1u64..200,
        batch_size in 1usize..300,
        max_record in 10usize..400,
        kind in 0usize..3,
    ) {
        let mut input = String::new();
        for (text, repeat, crlf) in &lines {
            input.push_str(&text.repeat(*repeat));
            input.push_str(if *crlf { "\r\n" } else { "\n" });
        }
        if !last_newline {
            input.pop();
        }
        let compression = [Compression::Plain, Compression::Gzip, Compression::Zstd][kind];
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("input.jsonl");
        std::fs::write(&path, compressed(input.as_bytes(), compression)).unwrap();
        let expected = slow(input.as_bytes(), unit_size, max_record);

        let (seen, ended) = read_all(&path, &any_options(0, None, unit_size, batch_size, max_record));
        prop_assert_eq!(&seen, &expected);
let last_line = input.strip_suffix('\n').unwrap_or(&input).rfind('\n').map_or(0, |at| at + 1);
                prop_assert_eq!(ended, (0..=last_line as u64 / unit_size).collect::<Vec<_>>());

        // Every unit entered on its own gives the same records; zstd at a frame.
        let entries: Vec<Entry> = match compression {
            Compression::Zstd => frames::entries(&Io::default(), &path, unit_size).unwrap().unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut apart = Vec::new();
        for unit in 0..(input.len() as u64).div_ceil(unit_size) {
            let mut options = any_options(unit, Some(unit + 1), unit_size, batch_size, max_record);
            options.entry = entries.get(unit as usize).copied();
            apart.extend(read_all(&path, &options).0);
        }
        prop_assert_eq!(&apart, &expected);
    }
}

#[test]
fn damaged_streams_give_what_can_be_read() {
    let line = "{\"text\":\"가나다라마바사\"}\n";
    let input = line.repeat(20_000);
    for compression in [Compression::Gzip, Compression::Zstd] {
        let mut bytes = compressed(input.as_bytes(), compression);
        bytes.truncate(bytes.len() - 9);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("input.jsonl");
        std::fs::write(&path, bytes).unwrap();
        let mut reader = Reader::open(&Io::default(), &path, any_options(0, None, 1 << 30, 1 << 20, 1 << 20)).unwrap();
        let (mut records, mut damage) = (0, None);
        while let Some(batch) = reader.next_batch().unwrap() {
            records += batch.records.len();
            damage = batch.damage.clone();
        }
        assert!(records >= 10_000, "{records} records of {compression:?}");
        assert!(damage.is_some_and(|d| d.offset >= (records as u64 - 1) * line.len() as u64));
    }
}

#[test]
fn a_huge_line_is_counted_and_not_held() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("input.jsonl");
    let huge = "x".repeat(30 << 20);
    std::fs::write(&path, zstd::bulk::compress(format!("a\n{huge}\nb\n").as_bytes(), 1).unwrap()).unwrap();
    let mut reader = Reader::open(&Io::default(), &path, any_options(0, None, 1 << 30, 1 << 20, 1 << 20)).unwrap();
    let mut lengths = Vec::new();
    while let Some(batch) = reader.next_batch().unwrap() {
        assert!(batch.weight() < 4 << 20, "{}", batch.weight());
        lengths.extend(batch.records.iter().map(|r| r.length));
    }
    assert_eq!(lengths, [2, huge.len() as u64 + 1, 2]);
}

/// A file of each container that is read from its beginning, and how many records stand in it.
fn containers(texts: &[String]) -> Vec<(&'static str, Vec<u8>, usize)> {
    let objects: Vec<String> = texts.iter().map(|text| serde_json::json!({ "text": text }).to_string()).collect();
    let quoted: String = texts.iter().map(|text| format!("1,\"{}\"\n", text.replace('"', "\"\""))).collect();
    let warc: String = texts
        .iter()
        .map(|text| format!("WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: {}\r\n\r\n{text}\r\n\r\n", text.len()))
        .collect();
    vec![
        ("a.json", format!("[{}]", objects.join(",\n")).into_bytes(), texts.len()),
        ("a.csv", format!("id,text\n{quoted}").into_bytes(), texts.len()),
        ("a.wet", format!("WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 1\r\n\r\nx\r\n\r\n{warc}").into_bytes(), texts.len()),
        ("a.txt", texts.join("\n").into_bytes(), 1),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn containers_give_the_same_records_however_they_are_entered(
        texts in prop::collection::vec("[가-힣a\",\n ]{0,20}x", 1..20),
        unit_size in 20u64..300,
        batch_size in 1usize..300,
        max_record in 100usize..400,
        gzip in any::<bool>(),
    ) {
        for (name, bytes, count) in containers(&texts) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            std::fs::write(&path, compressed(&bytes, if gzip { Compression::Gzip } else { Compression::Plain })).unwrap();
            let whole = read_all(&path, &any_options(0, None, u64::MAX, batch_size, max_record)).0;
            prop_assert_eq!(whole.len(), count, "{}", name);
            prop_assert!(whole.iter().all(|record| record.4.is_some() == (record.3 <= max_record as u64)));
            let (seen, ended) = read_all(&path, &any_options(0, None, unit_size, batch_size, max_record));
            let place = |seen: &[Seen]| seen.iter().map(|s| (s.2, s.3, s.4.clone())).collect::<Vec<_>>();
            prop_assert_eq!(place(&seen), place(&whole));
            prop_assert!(seen.iter().all(|s| s.0 == s.2 / unit_size));
            let mut apart = Vec::new();
            for &unit in &ended {
                apart.extend(read_all(&path, &any_options(unit, Some(unit + 1), unit_size, batch_size, max_record)).0);
            }
            prop_assert_eq!(&apart, &seen);
            // From the exact start of any record on.
            let at = count / 2;
            let mut options = any_options(0, None, u64::MAX, batch_size, max_record);
            options.record = Some((whole[at].2, at as u32));
            prop_assert_eq!(read_all(&path, &options).0, &whole[at..]);
        }
    }
}

#[test]
fn utf16_is_read_as_utf8() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.jsonl");
    let text = "{\"text\":\"한글\"}\n{\"text\":\"둘\"}\n";
    std::fs::write(&path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    let read = read_all(&path, &any_options(0, None, 1 << 20, 1 << 20, 1 << 20)).0;
    assert_eq!(read.iter().map(|r| r.2).collect::<Vec<_>>(), [0, 18]);
    assert_eq!(read[1].4.as_deref(), Some("{\"text\":\"둘\"}".as_bytes()));
    let plan = crate::read::plan(&Io::default(), &path, 10, PlainText::File).unwrap();
    assert_eq!(plan.units, None, "a stream that is recoded is not entered in its middle");
}

#[test]
fn utf16_without_a_mark_is_told_by_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let lines = ["한국어 문서가 여기에 있다.", "둘째 줄도 \u{0A0A} 있다."];
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        for (name, plain_text) in [("a.txt", PlainText::Line), ("a.csv", PlainText::File)] {
            let path = dir.path().join(name);
            std::fs::write(&path, format!("{}\n{}\n", lines[0], lines[1]).encode_utf16().flat_map(order).collect::<Vec<u8>>()).unwrap();
            let options = ReadOptions { plain_text, ..any_options(0, None, 1 << 20, 1 << 20, 1 << 20) };
            let seen = read_all(&path, &options).0;
            let texts: Vec<_> = seen.iter().map(|record| std::str::from_utf8(record.4.as_deref().unwrap()).unwrap().trim_end()).collect();
            assert!(lines.ends_with(&texts) && !texts.is_empty(), "{name}: {texts:?}");
        }
    }
}
