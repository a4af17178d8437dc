//! What must hold for any bytes that come as a file: the fuzz target `files` looks for bytes that break it, the test
//! below replays what it started from.

use super::{PlainText, ReadOptions, Reader, plan};
use crate::batch::Keys;
use crate::io::Io;
use std::path::Path;

/// Names under which the bytes are read: what they hold may say more than the name.
const NAMES: [&str; 8] = ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.html", "a.parquet", "a.arrow"];

type Seen = Vec<(u64, u64, u32)>;

/// The first byte is the name, the second the size of a unit, the rest is the file. Records come in order, each unit
/// by itself says what the whole says, and every document ends with a state.
pub fn check(input: &[u8], folder: &Path) {
    let [name, unit, bytes @ ..] = input else { return };
    let path = folder.join(NAMES[*name as usize % NAMES.len()]);
    std::fs::write(&path, bytes).expect("the folder takes small files");
    let plain_text = [PlainText::File, PlainText::Paragraph, PlainText::Line][*unit as usize % 3];
    let options = |unit: u64, end_unit: Option<u64>, unit_size: u64| ReadOptions {
        unit,
        record: None,
        end_unit,
        unit_size,
        batch_size: 64,
        max_record: 1 << 12,
        plain_text,
        entry: None,
    };
    let unit_size = 16 + u64::from(*unit);
    let Some((whole, damaged)) = read(&path, options(0, None, unit_size)) else { return };
    assert!(whole.is_sorted_by(|a, b| a.0 < b.0 || (a.0 == b.0 && a.1 < b.1)), "{whole:?}");
    let Ok(plan) = plan(&Io::default(), &path, unit_size, plain_text) else { return };
    // What can be read behind damage depends on where the file is entered.
    if let Some(units) = plan.units.filter(|units| *units < 64 && !damaged) {
        let mut apart = Seen::new();
        for unit in 0..units {
            let entry = plan.entries.get(unit as usize).copied();
            apart.extend(read(&path, ReadOptions { entry, ..options(unit, Some(unit + 1), unit_size) }).expect("it was read before").0);
        }
        assert_eq!(apart, whole);
    }
}

/// Unit, offset and ordinal of every record, and whether something could not be decoded.
fn read(path: &Path, options: ReadOptions) -> Option<(Seen, bool)> {
    let keys = Keys { text: "text".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 1 << 11 };
    let mut reader = Reader::open(&Io::default(), path, options).ok()?;
    let (mut seen, mut damaged) = (Vec::new(), false);
    while let Some(mut batch) = reader.next_batch().ok()? {
        damaged |= batch.damage.is_some();
        batch.parse(&keys);
        assert_eq!(batch.documents.len(), batch.records.len());
        for document in &batch.documents {
            seen.push((batch.unit, batch.records[document.record].offset, batch.ordinal(document)));
        }
        batch.encode(crate::scratch::Next::Columns, crate::scratch::Form::Lz4, &crate::stats::Look::default()).ok()?;
    }
    Some((seen, damaged))
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        let temporary = tempfile::tempdir().unwrap();
        assert!(crate::seeds::replay("files", |seed| super::check(seed, temporary.path())) >= 8);
    }
}
