//! JSON lines of documents → a table of a schema known before.

use super::internal;
use super::shape::GATHERED;
use crate::batch::{JSON_EXTENSION, json};
use crate::error::{Error, Result};
use arrow_array::builder::{ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use sonic_rs::{JsonValueTrait, LazyValue};
use std::collections::HashMap;
use std::sync::Arc;

enum Column {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    String(StringBuilder),
    /// Values as they stand there.
    Json(StringBuilder),
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Column::Bool(column) => column.len(),
            Column::Int(column) => column.len(),
            Column::Float(column) => column.len(),
            Column::String(column) | Column::Json(column) => column.len(),
        }
    }

    fn push(&mut self, value: &LazyValue) {
        match self {
            Column::Bool(column) => column.append_option(value.as_bool()),
            Column::Int(column) => column.append_option(value.as_i64()),
            Column::Float(column) => column.append_option(value.as_f64()),
            Column::String(column) if value.is_null() => column.append_null(),
            // An id that is a number beside others that are strings.
            Column::String(column) => column.append_value(value.as_str().unwrap_or(value.as_raw_str())),
            Column::Json(column) if value.is_null() => column.append_null(),
            Column::Json(column) => column.append_value(value.as_raw_str()),
        }
    }

    fn push_null(&mut self) {
        match self {
            Column::Bool(column) => column.append_null(),
            Column::Int(column) => column.append_null(),
            Column::Float(column) => column.append_null(),
            Column::String(column) | Column::Json(column) => column.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Column::Bool(mut column) => Arc::new(column.finish()),
            Column::Int(mut column) => Arc::new(column.finish()),
            Column::Float(mut column) => Arc::new(column.finish()),
            Column::String(mut column) | Column::Json(mut column) => Arc::new(column.finish()),
        }
    }
}

/// The documents of some JSON lines as a table; they were written by kopipe.
pub fn table(lines: &[u8], schema: &SchemaRef) -> Result<RecordBatch> {
    if lines.len() > i32::MAX as usize {
        return Err(Error::invalid(format!("a document of {} bytes does not fit a column of 2 GiB: use --format jsonl.zst", lines.len())));
    }
    let lines = std::str::from_utf8(lines).map_err(internal)?;
    let mut columns: Vec<Column> = schema
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Boolean => Column::Bool(BooleanBuilder::new()),
            DataType::Int64 => Column::Int(Int64Builder::new()),
            DataType::Float64 => Column::Float(Float64Builder::new()),
            _ if field.metadata().get("ARROW:extension:name").is_some_and(|name| name == JSON_EXTENSION) => {
                Column::Json(StringBuilder::new())
            }
            _ => Column::String(StringBuilder::new()),
        })
        .collect();
    let places: HashMap<&str, usize> = schema.fields().iter().enumerate().map(|(at, field)| (field.name().as_str(), at)).collect();
    // Where every key has a column, one named like the gathering one is a key like any other.
    let mut gathered = String::new();
    for (row, line) in lines.lines().enumerate() {
        gathered.clear();
        for field in sonic_rs::to_object_iter(line) {
            let (key, value) = field.map_err(internal)?;
            match places.get(key.as_ref()) {
                // Of a key that stands twice the first counts.
                Some(&at) if columns[at].len() == row => columns[at].push(&value),
                Some(_) => {}
                None => {
                    gathered.push(if gathered.is_empty() { '{' } else { ',' });
                    gathered.push_str(&String::from_utf8_lossy(&json(&key)));
                    gathered.push(':');
                    gathered.push_str(value.as_raw_str());
                }
            }
        }
        if !gathered.is_empty()
            && let Some(Column::Json(column)) = places.get(GATHERED).map(|&at| &mut columns[at])
            && column.len() == row
        {
            gathered.push('}');
            column.append_value(&gathered);
        }
        for column in columns.iter_mut().filter(|column| column.len() == row) {
            column.push_null();
        }
    }
    RecordBatch::try_new(schema.clone(), columns.into_iter().map(Column::finish).collect()).map_err(internal)
}
