//! A user's own filter: the kept documents as Arrow, and the rows it drops.

use crate::batch::{Batch, State};
use crate::error::{Error, Result};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock};

/// A row of the view that goes, and why.
#[derive(Debug, Clone)]
pub struct Row {
    /// Number among the documents that were kept when the view was made.
    pub row: usize,
    pub reason: String,
    pub value: f64,
    pub threshold: f64,
}

impl Batch {
    /// The kept documents as an Arrow IPC stream of one batch, not compressed, so that readers point into it: `id`, `text`,
    /// `source` and `metadata` (a JSON object), all strings.
    pub fn view(&self) -> Result<Vec<u8>> {
        if self.texts.len() + self.metadata.len() > i32::MAX as usize {
            return Err(Error::invalid("documents over 2 GB are too long for a filter of one's own: lower --max-document"));
        }
        let text = |range: &std::ops::Range<usize>| String::from_utf8_lossy(&self.metadata[range.clone()]);
        let columns: [(&str, ArrayRef); 4] = [
            ("id", Arc::new(StringArray::from_iter_values(self.kept().map(|document| self.id_of(document))))),
            ("text", Arc::new(StringArray::from_iter_values(self.texts()))),
            ("source", Arc::new(StringArray::from_iter_values(self.kept().map(|d| &self.sources[d.source as usize])))),
            (
                "metadata",
                Arc::new(StringArray::from_iter_values(self.kept().map(|d| format!("{{{}}}", text(&d.metadata).trim_start_matches(','))))),
            ),
        ];
        let fields: Vec<Field> = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, false)).collect();
        let schema = Arc::new(Schema::new(fields));
        let internal = |e: arrow_schema::ArrowError| Error::Internal(format!("documents as Arrow: {e}"));
        let rows = RecordBatch::try_new(schema.clone(), columns.into_iter().map(|(_, column)| column).collect()).map_err(internal)?;
        let mut writer = StreamWriter::try_new(Vec::new(), &schema).map_err(internal)?;
        writer.write(&rows).map_err(internal)?;
        writer.into_inner().map_err(internal)
    }

    /// Drops rows of the view; of a row that is named twice the first reason counts.
    pub fn drop_rows(&mut self, rows: &[Row]) -> Result<()> {
        let kept: Vec<usize> = (0..self.documents.len()).filter(|&i| self.documents[i].state == State::Kept).collect();
        for Row { row, reason, value, threshold } in rows {
            let document = kept.get(*row).ok_or_else(|| Error::invalid(format!("row {row} of {}", kept.len())))?;
            let state = &mut self.documents[*document].state;
            if *state == State::Kept {
                *state = State::Dropped { reason: interned(reason), value: *value, threshold: *threshold };
            }
        }
        Ok(())
    }
}

/// The reason for as long as the process lives: a module declares its few before it runs.
fn interned(reason: &str) -> &'static str {
    static KNOWN: OnceLock<Mutex<HashSet<&'static str>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(|e| e.into_inner());
    if let Some(found) = known.get(reason) {
        return found;
    }
    let fresh: &'static str = Box::leak(reason.to_owned().into_boxed_str());
    known.insert(fresh);
    fresh
}
