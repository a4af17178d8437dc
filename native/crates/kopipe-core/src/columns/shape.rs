//! Which keys documents have, and what kind of values: the schema of the result before it is one.

use crate::batch::JSON_EXTENSION;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// More keys than this are gathered in one column: no table should have as many columns as a web page has ideas.
const MAX_COLUMNS: usize = 1000;
/// The column they are gathered in, as JSON objects.
pub const GATHERED: &str = "metadata";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Null,
    Bool,
    Int,
    Float,
    String,
    Json,
}

impl Kind {
    /// Of a JSON value, told by its first byte; integers outside 64 bits stay JSON.
    pub fn of(value: &str) -> Self {
        match value.as_bytes().first() {
            Some(b'n') => Kind::Null,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'"') => Kind::String,
            Some(b'{' | b'[') | None => Kind::Json,
            Some(_) if value.contains(['.', 'e', 'E']) => Kind::Float,
            Some(_) => value.parse::<i64>().map_or(Kind::Json, |_| Kind::Int),
        }
    }

    fn with(self, other: Kind) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Kind::Null, kind) | (kind, Kind::Null) => kind,
            (Kind::Int | Kind::Float, Kind::Int | Kind::Float) => Kind::Float,
            _ => Kind::Json,
        }
    }

    fn field(self, name: &str) -> Field {
        let data_type = match self {
            Kind::Bool => DataType::Boolean,
            Kind::Int => DataType::Int64,
            Kind::Float => DataType::Float64,
            Kind::Null | Kind::String | Kind::Json => DataType::Utf8,
        };
        let field = Field::new(name, data_type, true);
        match self {
            Kind::Json => field.with_metadata(HashMap::from([
                ("ARROW:extension:name".to_owned(), JSON_EXTENSION.to_owned()),
                ("ARROW:extension:metadata".to_owned(), String::new()),
            ])),
            _ => field,
        }
    }
}

/// Kinds by key, in the order in which keys first came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    id: Option<Kind>,
    keys: Vec<(String, Kind)>,
    /// kopipe's own additions stand in some document.
    additions: bool,
}

impl Shape {
    /// Of no documents; whether kopipe will add to some.
    pub fn with_additions(additions: bool) -> Self {
        Shape { additions, ..Shape::default() }
    }

    /// Takes in a document: its id, its metadata as `,"key":value…`, and whether kopipe adds to it.
    pub fn add(&mut self, id: &str, metadata: &str, additions: bool) {
        let kind = Kind::of(id);
        self.id = Some(self.id.map_or(kind, |before| before.with(kind)));
        self.additions |= additions;
        if let Some(fields) = metadata.strip_prefix(',') {
            for (key, value) in sonic_rs::to_object_iter(&format!("{{{fields}}}")).flatten() {
                self.add_key(&key, Kind::of(value.as_raw_str()));
            }
        }
    }

    fn add_key(&mut self, key: &str, kind: Kind) {
        if let Some((_, known)) = self.keys.iter_mut().find(|(known, _)| known == key) {
            *known = known.with(kind);
        } else if self.keys.len() <= MAX_COLUMNS {
            self.keys.push((key.to_owned(), kind));
        }
    }

    /// Takes in what documents behind these have.
    pub fn merge(&mut self, other: &Shape) {
        if let Some(kind) = other.id {
            self.id = Some(self.id.map_or(kind, |before| before.with(kind)));
        }
        self.additions |= other.additions;
        for (key, kind) in &other.keys {
            self.add_key(key, *kind);
        }
    }

    /// id, text, the keys, and kopipe's additions where there are any.
    pub fn schema(&self) -> SchemaRef {
        // Numbers beside strings are ids like any others; only whole numbers alone are numbers.
        let id = if self.id == Some(Kind::Int) { DataType::Int64 } else { DataType::Utf8 };
        let mut fields = vec![Field::new("id", id, false), Field::new("text", DataType::Utf8, false)];
        if self.keys.len() > MAX_COLUMNS {
            fields.push(Kind::Json.field(GATHERED));
        } else {
            fields.extend(self.keys.iter().map(|(key, kind)| kind.field(key)));
        }
        if self.additions {
            fields.push(Kind::Json.field("kopipe"));
        }
        Arc::new(Schema::new(fields))
    }
}
