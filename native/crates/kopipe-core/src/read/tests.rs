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

fn any_options(start: u64, end: Option<u64>, unit_size: u64, batch_size: usize, max_record: usize) -> ReadOptions {
    ReadOptions { start, ordinal: 0, end, unit_size, batch_size, max_record }
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
        let path = dir.path().join("input");
        std::fs::write(&path, compressed(input.as_bytes(), compression)).unwrap();
        let expected = slow(input.as_bytes(), unit_size, max_record);

        let (seen, ended) = read_all(&path, &any_options(0, None, unit_size, batch_size, max_record));
        prop_assert_eq!(&seen, &expected);
let last_line = input.strip_suffix('\n').unwrap_or(&input).rfind('\n').map_or(0, |at| at + 1);
                prop_assert_eq!(ended, (0..=last_line as u64 / unit_size).collect::<Vec<_>>());

        // Every unit entered on its own gives the same records.
        let mut apart = Vec::new();
        for unit in 0..(input.len() as u64).div_ceil(unit_size) {
            let options = any_options(unit * unit_size, Some((unit + 1) * unit_size), unit_size, batch_size, max_record);
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
        let path = dir.path().join("input");
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
    let path = dir.path().join("input");
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
