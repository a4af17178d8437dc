//! Rows of Parquet and Arrow: the text column is copied, all others become JSON, null ones included.
//!
//! Values of columns that are JSON already (the canonical extension type `arrow.json`, which kopipe writes too) pass as
//! they are. Of a dictionary the values that are meant are taken, of views each is read where it lies (a cast would copy all
//! values, or all buffers, for every batch), runs are cast; binary text is decoded like any bytes. What has no form in JSON
//! (maps whose keys are numbers, unions) becomes a string that shows it: no column costs a document its text.

use super::{Fields, Keys};
use crate::encoding::{self, Decoded, Encoding};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_buffer::NullBuffer;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_json::writer::{EncoderOptions, NullableEncoder, make_encoder};
use arrow_schema::{DataType, Field, FieldRef};
use arrow_select::take::take;
use std::borrow::Cow;
use std::sync::Arc;

pub const JSON_EXTENSION: &str = "arrow.json";

struct Column {
    name: String,
    field: FieldRef,
    values: ArrayRef,
    /// Of values, whatever holds them: a column of type null has no bitmap, and one of a dictionary may have null in it.
    nulls: Option<NullBuffer>,
    is_json: bool,
}

impl Column {
    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }
}

pub struct Rows {
    text: Result<Column, String>,
    id: Option<Column>,
    source: Option<Column>,
    metadata: Vec<Column>,
    options: EncoderOptions,
    /// There is no column of texts, and that is well.
    textless: bool,
}

impl Rows {
    pub fn new(rows: RecordBatch, keys: &Keys, textless: bool) -> Self {
        let schema = rows.schema();
        let columns = || schema.fields().iter().zip(rows.columns()).map(|(field, values)| column(field.name(), field, values));
        let named = |key: &str| columns().find(|c| c.name == key).or_else(|| nested(&rows, key));
        let text = named(&keys.text).ok_or_else(|| {
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            format!("no column {:?}: there are {}", keys.text, names.join(", "))
        });
        let textless = textless && text.is_err();
        let text = text.and_then(as_text);
        let mut metadata: Vec<Column> = match &keys.metadata {
            None => columns().filter(|c| c.name != keys.text && c.name != keys.id).collect(),
            Some(wanted) => wanted.iter().filter_map(|key| named(key)).collect(),
        };
        // A nested text does not travel twice.
        if let Some((head, path)) = keys.text.split_once('.').filter(|_| text.is_ok()) {
            for outer in metadata.iter_mut().filter(|c| c.name == head) {
                if let Some(rest) = without(&outer.values, path) {
                    let field = Field::clone(&outer.field).with_data_type(rest.data_type().clone());
                    *outer = column(head, &Arc::new(field), &rest);
                }
            }
        }
        Rows {
            text,
            id: named(&keys.id),
            source: named(&keys.source).and_then(|c| as_text(c).ok()),
            metadata,
            options: options(),
            textless,
        }
    }

    /// What a row says; `raw` gets what it is known by: its text, or all else where it has none.
    pub fn fields(&self, row: usize, raw: &mut Vec<u8>) -> Result<Fields<'static>, String> {
        let mut fields = Fields::text(utf8(String::new()));
        for column in &self.metadata {
            fields.metadata.push((Cow::Owned(column.name.clone()), Cow::Owned(self.value(column, row))));
        }
        if let Some(id) = self.id.as_ref().filter(|id| !id.is_null(row)) {
            fields.id = Some(Cow::Owned(self.value(id, row)));
        }
        if self.textless {
            return Ok(Fields { textless: true, ..fields });
        }
        match self.text.as_ref().map_err(String::clone).and_then(|column| text_at(column, row)) {
            Ok(decoded) => {
                raw.extend_from_slice(decoded.text.as_bytes());
                fields = Fields { metadata: fields.metadata, id: fields.id, ..Fields::text(decoded) };
            }
            Err(why) => {
                raw.extend(fields.metadata.iter().flat_map(|(key, value)| format!("{key}: {value}\n").into_bytes()));
                return Err(why);
            }
        }
        let source = self.source.as_ref().filter(|s| !s.is_null(row));
        fields.source = source.and_then(|s| text_at(s, row).ok()).map(|decoded| decoded.text);
        Ok(fields)
    }

    fn value(&self, column: &Column, row: usize) -> String {
        if column.is_null(row) {
            return "null".into();
        }
        if column.is_json
            && let Ok(decoded) = text_at(column, row)
            && serde_json::from_str::<serde::de::IgnoredAny>(&decoded.text).is_ok()
        {
            return decoded.text.into_owned();
        }
        self.encoded(column, row).unwrap_or_else(|| serde_json::Value::String(shown(column, row)).to_string())
    }

    fn encoded(&self, column: &Column, row: usize) -> Option<String> {
        let mut encoder: NullableEncoder = make_encoder(&column.field, &column.values, &self.options).ok()?;
        let mut json = Vec::new();
        encoder.encode(row, &mut json);
        String::from_utf8(json).ok()
    }
}

/// A value as people read it.
fn shown(column: &Column, row: usize) -> String {
    let options = FormatOptions::default();
    match ArrayFormatter::try_new(&column.values, &options) {
        Ok(formatter) => formatter.value(row).to_string(),
        Err(why) => why.to_string(),
    }
}

fn options() -> EncoderOptions {
    EncoderOptions::default().with_explicit_nulls(true)
}

fn column(name: &str, field: &FieldRef, values: &ArrayRef) -> Column {
    let is_json = field.metadata().get("ARROW:extension:name").is_some_and(|name| name == JSON_EXTENSION);
    Column { name: name.to_owned(), field: field.clone(), values: values.clone(), nulls: values.logical_nulls(), is_json }
}

/// A struct without the field at `path` in it; nothing where there is none.
fn without(values: &ArrayRef, path: &str) -> Option<ArrayRef> {
    let outer = values.as_struct_opt()?;
    let (name, deeper) = path.split_once('.').map_or((path, None), |(name, deeper)| (name, Some(deeper)));
    let place = outer.fields().iter().position(|field| field.name() == name)?;
    let mut fields: Vec<(FieldRef, ArrayRef)> = outer.fields().iter().cloned().zip(outer.columns().iter().cloned()).collect();
    match deeper {
        None => drop(fields.remove(place)),
        Some(deeper) => {
            let inner = without(&fields[place].1, deeper)?;
            fields[place] = (Arc::new(Field::clone(&fields[place].0).with_data_type(inner.data_type().clone())), inner);
        }
    }
    let (types, columns): (Vec<FieldRef>, Vec<ArrayRef>) = fields.into_iter().unzip();
    let rest = StructArray::try_new_with_length(types.into(), columns, outer.nulls().cloned(), outer.len());
    Some(Arc::new(rest.ok()?))
}

/// `a.b` as field b of the structs in column a.
fn nested(rows: &RecordBatch, key: &str) -> Option<Column> {
    let mut path = key.split('.');
    let head = path.next()?;
    let mut values = rows.column_by_name(head)?.clone();
    let mut field = rows.schema().field_with_name(head).ok()?.clone();
    for name in path {
        let parent = values.as_struct_opt()?;
        field = parent.fields().find(name)?.1.as_ref().clone();
        let child = parent.column_by_name(name)?;
        if *child.data_type() == DataType::Null {
            values = child.clone();
            continue;
        }
        // A value within null is null.
        let nulls = NullBuffer::union(parent.nulls(), child.nulls());
        values = arrow_array::make_array(child.to_data().into_builder().nulls(nulls).build().ok()?);
    }
    (key != head).then(|| column(key, &Arc::new(Field::clone(&field).with_nullable(true)), &values))
}

/// The column as strings or bytes.
fn as_text(mut column: Column) -> Result<Column, String> {
    use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Null, Utf8, Utf8View};
    let failed = |e: arrow_schema::ArrowError| format!("column {:?}: {e}", column.name);
    if let Some(dictionary) = column.values.as_any_dictionary_opt() {
        column.values = take(dictionary.values(), dictionary.keys(), None).map_err(failed)?;
    } else if let DataType::RunEndEncoded(..) = column.values.data_type() {
        column.values = arrow_cast::cast(&column.values, &DataType::LargeUtf8).map_err(failed)?;
    }
    if !matches!(column.values.data_type(), Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView | Null) {
        return Err(format!("column {:?} holds {}, not strings", column.name, column.values.data_type()));
    }
    Ok(column)
}

fn utf8(text: String) -> Decoded<'static> {
    Decoded { text: Cow::Owned(text), encoding: Encoding::Utf8, replaced: 0 }
}

fn text_at(column: &Column, row: usize) -> Result<Decoded<'static>, String> {
    let values = &column.values;
    if column.is_null(row) {
        return Err(format!("column {:?} is null here", column.name));
    }
    let bytes = match values.data_type() {
        DataType::Utf8 => return Ok(utf8(values.as_string::<i32>().value(row).to_owned())),
        DataType::LargeUtf8 => return Ok(utf8(values.as_string::<i64>().value(row).to_owned())),
        DataType::Utf8View => return Ok(utf8(values.as_string_view().value(row).to_owned())),
        DataType::BinaryView => values.as_binary_view().value(row),
        DataType::Binary => values.as_binary::<i32>().value(row),
        DataType::LargeBinary => values.as_binary::<i64>().value(row),
        other => return Err(format!("column {:?} holds {other}, not strings", column.name)),
    };
    let decoded = encoding::decode(bytes, None)?;
    Ok(Decoded { text: Cow::Owned(decoded.text.into_owned()), ..decoded })
}
