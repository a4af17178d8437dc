use crate::batch::{Batch, Keys, State};
use crate::io::Io;
use crate::read::{PlainText, ReadOptions, Reader, plan};
use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, Int64Array, ListArray, NullArray, RecordBatch, StringArray, StructArray, TimestampSecondArray, UnionArray,
    types::Int32Type,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn rows(from: usize, to: usize) -> RecordBatch {
    let texts: ArrayRef = Arc::new((from..to).map(|i| (i % 7 != 3).then(|| "글 ".repeat(i + 1))).collect::<StringArray>());
    let ids: ArrayRef = Arc::new((from..to).map(|i| Some(i as i64)).collect::<Int64Array>());
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>((from..to).map(|i| Some(vec![Some(i as i32), None]))));
    let inner: ArrayRef = Arc::new((from..to).map(|i| Some(format!("\"{i}"))).collect::<StringArray>());
    let outer: ArrayRef = Arc::new(StructArray::from(vec![(Arc::new(Field::new("b", DataType::Utf8, true)), inner)]));
    RecordBatch::try_from_iter([("body", texts), ("id", ids), ("list", lists), ("a", outer)]).unwrap()
}

/// The same 100 rows as Parquet (groups of 10), an Arrow file and an Arrow stream (batches of 10).
fn files(folder: &Path) -> Vec<PathBuf> {
    let batches: Vec<RecordBatch> = (0..10).map(|i| rows(10 * i, 10 * i + 10)).collect();
    let [parquet, file, stream] = ["a.parquet", "a.arrow", "s.arrow"].map(|name| folder.join(name));
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(10)).build();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&parquet).unwrap(), batches[0].schema(), Some(properties)).unwrap();
    let mut to_file = FileWriter::try_new(std::fs::File::create(&file).unwrap(), &batches[0].schema()).unwrap();
    let mut to_stream = StreamWriter::try_new(std::fs::File::create(&stream).unwrap(), &batches[0].schema()).unwrap();
    for batch in &batches {
        writer.write(batch).unwrap();
        to_file.write(batch).unwrap();
        to_stream.write(batch).unwrap();
    }
    writer.close().unwrap();
    to_file.finish().unwrap();
    to_stream.finish().unwrap();
    let packed = folder.join("f.arrow.zst");
    std::fs::write(&packed, zstd::bulk::compress(&std::fs::read(&file).unwrap(), 1).unwrap()).unwrap();
    let packed_parquet = folder.join("a.parquet.zst");
    std::fs::write(&packed_parquet, zstd::bulk::compress(&std::fs::read(&parquet).unwrap(), 1).unwrap()).unwrap();
    vec![parquet, file, stream, packed, packed_parquet]
}

fn options(unit: u64, end_unit: Option<u64>, unit_size: u64) -> ReadOptions {
    ReadOptions { unit, record: None, end_unit, unit_size, batch_size: 700, max_record: 1 << 20, plain_text: PlainText::File, entry: None }
}

fn keys() -> Keys {
    Keys { text: "body".into(), id: "id".into(), source: "a.b".into(), metadata: None, max_document: 1 << 20 }
}

/// Row, unit, ordinal and line of a document.
type Seen = (u64, u64, u32, String);

/// Every document, and which units ended.
fn read(path: &Path, options: ReadOptions) -> (Vec<Seen>, Vec<u64>) {
    let mut reader = Reader::open(&Io::default(), path, options).unwrap();
    let (mut seen, mut ended) = (Vec::new(), Vec::new());
    while let Some(mut batch) = reader.next_batch().unwrap() {
        assert_eq!(batch.damage, None);
        batch.parse(&keys());
        for document in &batch.documents {
            let mut line = Vec::new();
            batch.push_body(document, &mut line).unwrap();
            let offset = batch.records[document.record].offset;
            // Generated ids name the file.
            let line = String::from_utf8(line).unwrap().replace(&batch.name, "FILE");
            seen.push((offset, batch.unit, batch.ordinal(document), line));
        }
        if batch.ends_unit {
            ended.push(batch.unit);
        }
    }
    (seen, ended)
}

#[test]
fn all_containers_of_rows_say_the_same_however_they_are_entered() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let expected: Vec<String> = read(&files[0], options(0, None, u64::MAX)).0.into_iter().map(|seen| seen.3).collect();
    assert_eq!(expected.len(), 100);
    assert_eq!(expected[0], r#"{"id":0,"text":"글 ","list":[0,null],"a":{"b":"\"0"}"#);
    assert!(expected[3].contains(r#"{"id":"FILE:3","raw":"list: [3,null]"#), "{}", expected[3]);
    for path in &files {
        let (whole, _) = read(path, options(0, None, 3000));
        assert_eq!(whole.iter().map(|s| s.0).collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
        assert_eq!(whole.iter().map(|s| s.3.clone()).collect::<Vec<_>>(), expected, "{}", path.display());
        assert!(whole.last().unwrap().1 > 2, "several units");
        let (_, ended) = read(path, options(0, None, 3000));
        let apart: Vec<_> = ended.iter().flat_map(|&unit| read(path, options(unit, Some(unit + 1), 3000)).0).collect();
        assert_eq!(apart, whole, "{}", path.display());
        let from = ReadOptions { record: Some((47, 47)), ..options(0, None, u64::MAX) };
        assert_eq!(
            read(path, from).0.iter().map(|s| (s.2, s.3.clone())).collect::<Vec<_>>(),
            (47..100).map(|i| (i as u32, expected[i].clone())).collect::<Vec<_>>()
        );
        if let Some(units) = plan(&Io::default(), path, 3000, PlainText::File).unwrap().units {
            assert_eq!(ended, (0..units).collect::<Vec<_>>());
        }
    }
}

#[test]
fn malformed_rows_and_nested_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = &files(folder.path())[0];
    let mut batch = read_first(path);
    batch.parse(&Keys { text: "a.b".into(), metadata: Some(vec!["list".into()]), ..keys() });
    assert_eq!(&batch.texts[batch.documents[2].text.clone()], "\"2");
    assert_eq!(&batch.metadata[batch.documents[2].metadata.clone()], br#","list":[2,null]"#);
    let mut batch = read_first(path);
    batch.parse(&keys());
    assert_eq!(batch.documents[3].state, State::Malformed { why: "column \"body\" is null here".into() });
    assert_eq!(batch.sources[batch.documents[2].source as usize], "\"2", "the source is a nested column");
    let mut batch = read_first(path);
    batch.parse(&Keys { text: "text".into(), ..keys() });
    assert!(matches!(&batch.documents[0].state, State::Malformed { why } if why.contains("there are body, id, list, a")));
}

/// A value without a form in JSON is a string that shows it; the rest of the object that held the text travels on.
#[test]
fn no_column_costs_a_document_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.arrow");
    let moment = || TimestampSecondArray::from(vec![0]);
    let mut map = MapBuilder::new(None, Int32Builder::new(), StringBuilder::new());
    map.keys().append_value(7);
    map.values().append_value("가");
    map.append(true).unwrap();
    let member: ArrayRef = Arc::new(Int64Array::from(vec![5]));
    let members = [(0, Arc::new(Field::new("n", DataType::Int64, true)))].into_iter().collect();
    let union = UnionArray::try_new(members, vec![0].into(), None, vec![member]).unwrap();
    let text: ArrayRef = Arc::new(StringArray::from(vec!["글"]));
    let with = |name: &str, values: ArrayRef| (Arc::new(Field::new(name, values.data_type().clone(), true)), values);
    let deep: ArrayRef = Arc::new(StructArray::from(vec![with("body", text.clone()), with("n", Arc::new(Int64Array::from(vec![1])))]));
    let outer: ArrayRef = Arc::new(StructArray::from(vec![with("deep", deep), with("k", Arc::new(Int64Array::from(vec![2])))]));
    let columns: [(&str, ArrayRef); 7] = [
        ("utc", Arc::new(moment().with_timezone("UTC"))),
        ("seoul", Arc::new(moment().with_timezone("Asia/Seoul"))),
        ("map", Arc::new(map.finish())),
        ("union", Arc::new(union)),
        ("none", Arc::new(NullArray::new(1))),
        ("doc", outer),
        ("text", text),
    ];
    let rows = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = StreamWriter::try_new(std::fs::File::create(&path).unwrap(), &rows.schema()).unwrap();
    writer.write(&rows).unwrap();
    writer.finish().unwrap();
    let parsed = |text: &str, id: &str| {
        let mut batch = read_first(&path);
        batch.parse(&Keys { text: text.into(), id: id.into(), source: "none".into(), ..keys() });
        assert_eq!(&batch.texts[batch.documents[0].text.clone()], "글");
        String::from_utf8(batch.metadata[batch.documents[0].metadata.clone()].to_vec()).unwrap()
    };
    let odd = r#","utc":"1970-01-01T00:00:00Z","seoul":"1970-01-01T09:00:00+09:00","map":"{7: 가}","union":"{n=5}""#;
    assert_eq!(parsed("text", "none"), format!(r#"{odd},"doc":{{"deep":{{"body":"글","n":1}},"k":2}}"#));
    assert_eq!(parsed("doc.deep.body", "id"), format!(r#"{odd},"none":null,"doc":{{"deep":{{"n":1}},"k":2}}"#));
}

/// A view points into buffers, a key into a dictionary, that all rows share: a batch is cut by what its own rows have.
#[test]
fn strings_of_every_layout_are_read_in_batches_of_one_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.arrow");
    let plain: ArrayRef = Arc::new((0..3000).map(|i| Some(format!("{} {}", "글".repeat(30), i % 50))).collect::<StringArray>());
    let keyed = DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    let viewed = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8View));
    let runs = [("run_ends", DataType::Int32, false), ("values", DataType::Utf8, true)];
    let [ends, values] = runs.map(|(name, of, nullable)| Arc::new(Field::new(name, of, nullable)));
    let runs = DataType::RunEndEncoded(ends, values);
    let mut counts = Vec::new();
    use DataType::{BinaryView, LargeBinary, LargeUtf8, Utf8, Utf8View};
    for layout in [Utf8, LargeUtf8, Utf8View, BinaryView, LargeBinary, keyed, viewed, runs] {
        let column = arrow_cast::cast(&plain, &layout).unwrap_or_else(|_| {
            let keys = arrow_cast::cast(&plain, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))).unwrap();
            arrow_cast::cast(&keys, &layout).unwrap()
        });
        let rows = RecordBatch::try_from_iter([("text", column)]).unwrap();
        let mut writer = FileWriter::try_new(std::fs::File::create(&path).unwrap(), &rows.schema()).unwrap();
        writer.write(&rows).unwrap();
        writer.finish().unwrap();
        let mut reader = Reader::open(&Io::default(), &path, ReadOptions { batch_size: 30_000, ..options(0, None, u64::MAX) }).unwrap();
        let (mut texts, mut batches) = (Vec::new(), 0);
        while let Some(mut batch) = reader.next_batch().unwrap() {
            batch.parse(&Keys { text: "text".into(), ..keys() });
            texts.extend(batch.documents.iter().map(|document| batch.texts[document.text.clone()].to_owned()));
            batches += 1;
        }
        assert!(texts.iter().map(String::as_str).eq(plain.as_string::<i32>().iter().flatten()), "{layout}");
        counts.push(batches);
    }
    assert!(counts.iter().all(|batches| (7..=13).contains(batches)), "{counts:?}");
}

fn read_first(path: &Path) -> Batch {
    Reader::open(&Io::default(), path, ReadOptions { batch_size: 1 << 20, ..options(0, None, u64::MAX) })
        .unwrap()
        .next_batch()
        .unwrap()
        .unwrap()
}

#[test]
fn damage_costs_its_unit_alone() {
    let folder = tempfile::tempdir().unwrap();
    for path in &files(folder.path())[..2] {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle - 200..middle + 200].fill(0xA5);
        std::fs::write(path, bytes).unwrap();
        let mut reader = Reader::open(&Io::default(), path, options(0, None, 3000)).unwrap();
        let (mut rows, mut damage) = (0, 0);
        while let Some(batch) = reader.next_batch().unwrap() {
            rows += batch.records.len();
            damage += usize::from(batch.damage.is_some());
        }
        assert!((20..100).contains(&rows) && damage > 0, "{}: {rows} rows, {damage} damaged", path.display());
    }
}
