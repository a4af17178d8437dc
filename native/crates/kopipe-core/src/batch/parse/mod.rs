//! Records → documents, one file a container. Every record ends as a document with a state: kept so far, dropped for
//! its length, or malformed with what was expected and what came.

mod flat;
mod html;
mod json;
mod rows;
mod table;
mod tar;
mod warc;

pub use flat::check as check_flat;
pub use json::{MAX_DEPTH, json};
pub use rows::JSON_EXTENSION;

use super::{Batch, Document, Layout, State};
use crate::encoding::{self, Decoded, Encoding};
use std::borrow::Cow;

/// A batch names at most this many sources; the documents of further ones count under `(other)`.
const MAX_SOURCES: usize = u16::MAX as usize;

/// Which keys of a record mean what. A name with dots is looked for as it stands, then as a path into objects.
#[derive(Debug, Clone)]
pub struct Keys {
    pub text: String,
    pub id: String,
    pub source: String,
    /// Only these travel on, under their own names; without, all do.
    pub metadata: Option<Vec<String>>,
    /// Texts over this many bytes are dropped.
    pub max_document: u64,
}

impl Keys {
    /// What a record may be at the most to be looked at: JSON may write a text at twice its length.
    pub fn max_record(&self) -> usize {
        (2 * self.max_document + (1 << 20)) as usize
    }

    fn is_metadata(&self, key: &str) -> bool {
        self.metadata.as_ref().is_none_or(|wanted| wanted.iter().any(|w| w == key))
    }
}

/// What a record says.
#[derive(Debug, PartialEq)]
struct Fields<'a> {
    text: Cow<'a, str>,
    /// As JSON.
    id: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    /// Keys, and values as JSON.
    metadata: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// How its bytes were read, and how many places could not be.
    encoding: Encoding,
    replaced: u32,
    /// There is no text: all there is is metadata.
    textless: bool,
}

impl<'a> Fields<'a> {
    /// A document that is nothing but its text.
    fn text(decoded: Decoded<'a>) -> Self {
        let Decoded { text, encoding, replaced } = decoded;
        Fields { text, id: None, source: None, metadata: Vec::new(), encoding, replaced, textless: false }
    }
}

impl Batch {
    /// Fills `documents` from `records`.
    pub fn parse(&mut self, keys: &Keys) {
        self.parse_records(keys, false);
    }

    /// The same, but a record without the text's key has its metadata beside being malformed: for readers who want all
    /// its strings.
    pub fn parse_strings(&mut self, keys: &Keys) {
        self.parse_records(keys, true);
    }

    fn parse_records(&mut self, keys: &Keys, textless: bool) {
        let stem = self.name.split('.').next().unwrap_or(&self.name);
        let name = json(&self.name);
        let stem = self.file_source.as_deref().unwrap_or(stem).to_owned();
        let mut rows = match &self.layout {
            Layout::Rows(rows) => Some(rows::Rows::new(rows.clone(), keys, textless)),
            _ => None,
        };
        let mut records = std::mem::take(&mut self.records);
        // Borrowed while the arenas grow.
        let raw = std::mem::take(&mut self.raw);
        let mut rows_raw = Vec::new();
        // Looking at all lines at once takes half of what looking at each does.
        let utf8 = if matches!(self.layout, Layout::Json) { simdutf8::basic::from_utf8(&raw).ok() } else { None };
        let mut room = String::new();
        self.texts.reserve(raw.len());
        self.documents.reserve(records.len());
        for (number, record) in records.iter_mut().enumerate() {
            let mut document = Document::new(number, record.length);
            let parsed = if !record.whole {
                document.state = State::too_long(record.length, keys);
                Ok(None)
            } else if let Some(rows) = &mut rows {
                let row = record.start;
                record.start = rows_raw.len();
                let fields = rows.fields(row, &mut rows_raw);
                record.end = rows_raw.len();
                record.length = (record.end - record.start) as u64;
                document.bytes = record.length;
                fields.map(|fields| self.admit(fields, keys, &mut document))
            } else {
                let bytes = &raw[record.start..record.end];
                let line = utf8.and_then(|raw| raw.get(record.start..record.end));
                self.parse_record(bytes, line, keys, textless, &mut room, &mut document)
            };
            let source = parsed.unwrap_or_else(|why| {
                document.state = State::Malformed { why };
                None
            });
            if document.id.is_empty() {
                let start = self.metadata.len();
                self.metadata.extend_from_slice(&name[..name.len() - 1]);
                self.metadata.push(b':');
                self.metadata.extend_from_slice(itoa::Buffer::new().format(record.offset).as_bytes());
                self.metadata.push(b'"');
                document.id = start..self.metadata.len();
            }
            document.source = self.source_number(source.as_deref().unwrap_or(&stem));
            self.documents.push(document);
        }
        self.records = records;
        self.raw = if rows.is_some() { rows_raw } else { raw };
        if rows.is_some() {
            self.layout = Layout::Parsed;
        }
    }

    /// The source where the record names one. `line` is the record where it is known to be UTF-8.
    fn parse_record(
        &mut self,
        bytes: &[u8],
        line: Option<&str>,
        keys: &Keys,
        textless: bool,
        room: &mut String,
        document: &mut Document,
    ) -> Result<Option<String>, String> {
        match self.layout.clone() {
            Layout::Json | Layout::JsonValues => {
                let bytes = if matches!(self.layout, Layout::JsonValues) { crate::formats::json::value(bytes) } else { bytes };
                let decoded = line.map_or_else(|| encoding::decode(bytes, None), |line| Ok(encoding::of_utf8(line)))?;
                // Within JSON a broken byte may have been a quote: such a record is not guessed at.
                if decoded.replaced > 0 {
                    return Err(format!("{} bytes are not {}", decoded.replaced, decoded.encoding.name()));
                }
                let fields = json::fields(&decoded.text, keys, textless, room)?;
                Ok(self.admit(Fields { encoding: decoded.encoding, ..fields }, keys, document))
            }
            Layout::Delimited(header) => Ok(self.admit(table::fields(bytes, &header, keys, textless)?, keys, document)),
            Layout::Text => Ok(self.admit(Fields::text(encoding::decode(bytes, None)?), keys, document)),
            Layout::Html => Ok(self.admit(html::fields(bytes, None)?, keys, document)),
            Layout::Warc => Ok(self.admit(warc::fields(bytes, keys)?, keys, document)),
            Layout::Tar => Ok(self.admit(tar::fields(bytes)?, keys, document)),
            Layout::Rows(_) | Layout::Parsed => Err("rows are parsed by column".into()),
        }
    }

    /// Takes what a record says into the arenas.
    fn admit(&mut self, fields: Fields, keys: &Keys, document: &mut Document) -> Option<String> {
        let Fields { text, id, source, metadata, encoding, replaced, textless } = fields;
        if textless {
            document.state = State::Malformed { why: format!("no {:?}", keys.text) };
        } else {
            document.bytes = text.len() as u64;
        }
        document.text = self.texts.len()..self.texts.len() + text.len();
        if text.len() as u64 > keys.max_document {
            document.state = State::too_long(document.bytes, keys);
            self.texts.push_str(&text[..text.floor_char_boundary(super::HEAD)]);
            document.text.end = self.texts.len();
        } else {
            self.texts.push_str(&text);
        }
        if let Some(id) = id {
            let start = self.metadata.len();
            self.metadata.extend_from_slice(id.as_bytes());
            document.id = start..self.metadata.len();
        }
        let start = self.metadata.len();
        let (mut additions, mut shadowed) = (Vec::new(), Vec::new());
        for (key, value) in metadata {
            match key.as_ref() {
                "kopipe" if value.starts_with('{') => additions.extend_from_slice(value[1..value.len() - 1].trim().as_bytes()),
                // As a column of a result has it where kopipe added to other documents only.
                "kopipe" if value == "null" => {}
                // A foreign key with one of our own names would stand twice.
                "kopipe" | "id" | "text" => push_field(&mut shadowed, &key, &value),
                _ => push_field(&mut self.metadata, &key, &value),
            }
        }
        document.metadata = start..self.metadata.len();
        if !shadowed.is_empty() {
            shadowed[0] = b'{';
            shadowed.push(b'}');
            push_addition(&mut additions, "shadowed", &String::from_utf8_lossy(&shadowed));
        }
        if encoding != Encoding::Utf8 {
            push_addition(&mut additions, "encoding", &format!("\"{}\"", encoding.name()));
        }
        if replaced > 0 {
            push_addition(&mut additions, "replaced", &replaced.to_string());
        }
        self.metadata.extend_from_slice(&additions);
        document.additions = document.metadata.end..self.metadata.len();
        source.map(Cow::into_owned)
    }

    fn source_number(&mut self, name: &str) -> u16 {
        // Documents of one source follow each other: the last one named is nearly always the one.
        if let Some(at) = self.sources.iter().rposition(|s| s == name) {
            return at as u16;
        }
        if self.sources.len() < MAX_SOURCES {
            self.sources.push(name.to_owned());
        } else if self.sources.len() == MAX_SOURCES {
            self.sources.push("(other)".to_owned());
        }
        (self.sources.len() - 1) as u16
    }
}

impl State {
    fn too_long(bytes: u64, keys: &Keys) -> Self {
        State::Dropped { reason: "too-long", value: bytes as f64, threshold: keys.max_document as f64 }
    }
}

fn push_field(into: &mut Vec<u8>, key: &str, value: &str) {
    into.push(b',');
    push_addition_name(into, key);
    into.extend_from_slice(value.as_bytes());
}

/// A field of the object under "kopipe": the first has no comma before it.
pub fn push_addition(into: &mut Vec<u8>, key: &str, value: &str) {
    if !into.is_empty() {
        into.push(b',');
    }
    push_addition_name(into, key);
    into.extend_from_slice(value.as_bytes());
}

fn push_addition_name(into: &mut Vec<u8>, key: &str) {
    sonic_rs::to_writer(&mut *into, key).unwrap_or_else(|e| unreachable!("a string is always JSON: {e}"));
    into.push(b':');
}
