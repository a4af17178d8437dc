//! JSON lines → documents. sonic-rs does the parsing (0.8 ns a byte; serde_json 2.3); every value is validated,
//! metadata is carried through as the bytes it came in, half surrogate pairs in escapes included; a text with one
//! is malformed.

use super::{Batch, Document, Record, State};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use sonic_rs::{JsonValueTrait, LazyValue};
use std::borrow::Cow;
use std::fmt;

/// Objects and arrays nested deeper than this make a record malformed: the parser recurses.
pub const MAX_DEPTH: usize = 128;
/// A batch names at most this many sources; the documents of further ones count under `(other)`.
const MAX_SOURCES: usize = u16::MAX as usize;

/// Which keys of a record mean what.
#[derive(Debug, Clone)]
pub struct Keys {
    pub text: String,
    pub id: String,
    pub source: String,
    /// Texts over this many bytes are dropped.
    pub max_document: u64,
}

impl Batch {
    /// Fills `documents` from `records`.
    pub fn parse(&mut self, keys: &Keys) {
        let records = std::mem::take(&mut self.records);
        self.texts.reserve(self.raw.len());
        let stem = self.name.split('.').next().unwrap_or(&self.name).to_owned();
        for (number, record) in records.iter().enumerate() {
            let mut document = Document {
                record: number,
                text: 0..0,
                bytes: record.length,
                id: 0..0,
                metadata: 0..0,
                additions: 0..0,
                scan: None,
                source: 0,
                state: State::Kept,
            };
            let mut source = None;
            if !record.whole {
                document.state = State::Dropped { reason: "too-long", value: record.length as f64, threshold: keys.max_document as f64 };
            } else {
                match self.parse_record(record, keys, &mut document) {
                    Ok(named) => source = named,
                    Err(why) => document.state = State::Malformed { why },
                }
            }
            if document.id.is_empty() {
                let start = self.metadata.len();
                self.metadata.extend_from_slice(&json(&format!("{}:{}", self.name, record.offset)));
                document.id = start..self.metadata.len();
            }
            document.source = self.source_number(source.as_deref().unwrap_or(&stem));
            self.documents.push(document);
        }
        self.records = records;
    }

    fn parse_record(&mut self, record: &Record, keys: &Keys, document: &mut Document) -> Result<Option<String>, String> {
        let mut line = &self.raw[record.start..record.end];
        if record.offset == 0 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        let line = simdutf8::compat::from_utf8(line).map_err(|e| format!("not UTF-8 from byte {}", e.valid_up_to()))?;
        if too_deep(line.as_bytes()) {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
        let fields = read_fields(line, keys)?;
        let text = match fields.text {
            None => return Err(format!("no key {:?}", keys.text)),
            Some(Err(kind)) => return Err(format!("key {:?} is {kind}, not a string", keys.text)),
            Some(Ok(text)) => text,
        };
        document.bytes = text.len() as u64;
        document.text = self.texts.len()..self.texts.len() + text.len();
        if document.bytes > keys.max_document {
            document.state = State::Dropped { reason: "too-long", value: document.bytes as f64, threshold: keys.max_document as f64 };
            let head = text.floor_char_boundary(super::HEAD);
            self.texts.push_str(&text[..head]);
            document.text.end = self.texts.len();
        } else {
            self.texts.push_str(&text);
        }
        if let Some(id) = fields.id {
            let start = self.metadata.len();
            self.metadata.extend_from_slice(id.as_bytes());
            document.id = start..self.metadata.len();
        }
        let start = self.metadata.len();
        let (mut additions, mut shadowed) = (Vec::new(), Vec::new());
        for (key, value) in fields.metadata {
            match key.as_ref() {
                "kopipe" if value.starts_with('{') => additions.extend_from_slice(value[1..value.len() - 1].trim().as_bytes()),
                // A foreign key with one of our own names would stand twice.
                "kopipe" | "id" | "text" => push_field(&mut shadowed, &key, &value),
                _ => push_field(&mut self.metadata, &key, &value),
            }
        }
        document.metadata = start..self.metadata.len();
        if !shadowed.is_empty() {
            shadowed[0] = b'{';
            shadowed.push(b'}');
            let comma = !additions.is_empty();
            push_field(&mut additions, "shadowed", &String::from_utf8_lossy(&shadowed));
            if !comma {
                additions.remove(0);
            }
        }
        self.metadata.extend_from_slice(&additions);
        document.additions = document.metadata.end..self.metadata.len();
        Ok(fields.source)
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

fn push_field(into: &mut Vec<u8>, key: &str, value: &str) {
    into.push(b',');
    into.extend_from_slice(&json(key));
    into.push(b':');
    into.extend_from_slice(value.as_bytes());
}

/// A string as JSON.
pub fn json(text: &str) -> Vec<u8> {
    sonic_rs::to_vec(text).unwrap_or_else(|e| unreachable!("a string is always JSON: {e}"))
}

struct Fields<'a> {
    /// The text, or the JSON type that stood in its place.
    text: Option<Result<Cow<'a, str>, &'static str>>,
    id: Option<Cow<'a, str>>,
    source: Option<String>,
    metadata: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

fn read_fields<'a>(line: &'a str, keys: &Keys) -> Result<Fields<'a>, String> {
    let mut deserializer = sonic_rs::Deserializer::from_str(line);
    let fields = FieldsSeed { keys }.deserialize(&mut deserializer).map_err(said)?;
    deserializer.end().map_err(said)?;
    Ok(fields)
}

/// The first line of a parser's message; the others quote the document.
fn said(error: sonic_rs::Error) -> String {
    format!("not a JSON object: {}", error.to_string().lines().next().unwrap_or_default())
}

struct FieldsSeed<'k> {
    keys: &'k Keys,
}

impl<'de> DeserializeSeed<'de> for FieldsSeed<'_> {
    type Value = Fields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_> {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields { text: None, id: None, source: None, metadata: Vec::new() };
        while let Some(Key(key)) = map.next_key()? {
            let value = map.next_value::<LazyValue<'de>>()?;
            if key == self.keys.text {
                fields.text = Some(match value.is_str() {
                    true => Ok(unescaped::<A::Error>(value)?),
                    false => Err(type_name(&value)),
                });
                continue;
            }
            if key == self.keys.source && value.is_str() {
                fields.source = Some(unescaped::<A::Error>(value.clone())?.into_owned());
            }
            if key == self.keys.id {
                if !value.is_null() {
                    fields.id = Some(sound::<A::Error>(&value)?);
                }
                continue;
            }
            fields.metadata.push((key, sound::<A::Error>(&value)?));
        }
        Ok(fields)
    }
}

/// A key, borrowed where it has no escapes (serde's own `Cow` always copies).
struct Key<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A value as it came, which is written again: sonic-rs skips over escapes without looking at them, so the few values
/// that have any are looked at here.
fn sound<'de, E: serde::de::Error>(value: &LazyValue<'de>) -> Result<Cow<'de, str>, E> {
    let raw = value.as_raw_cow();
    if raw.contains('\\') {
        serde_json::from_str::<serde::de::IgnoredAny>(&raw).map_err(|e| E::custom(e))?;
    }
    Ok(raw)
}

fn unescaped<'de, E: serde::de::Error>(value: LazyValue<'de>) -> Result<Cow<'de, str>, E> {
    let raw = value.as_raw_cow();
    match raw {
        Cow::Borrowed(raw) if !raw.contains('\\') => Ok(Cow::Borrowed(&raw[1..raw.len() - 1])),
        raw => sonic_rs::from_str::<String>(&raw).map(Cow::Owned).map_err(|e| E::custom(said(e))),
    }
}

fn type_name(value: &LazyValue) -> &'static str {
    use sonic_rs::JsonType::{Array, Boolean, Null, Number, Object, String};
    match value.get_type() {
        Null => "null",
        Boolean => "a boolean",
        Number => "a number",
        String => "a string",
        Object => "an object",
        Array => "an array",
    }
}

/// Whether brackets outside strings nest deeper than `MAX_DEPTH`.
fn too_deep(line: &[u8]) -> bool {
    // Nearly every record has few brackets at all, those in its text included.
    if memchr::memchr2_iter(b'[', b'{', line).nth(MAX_DEPTH).is_none() {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for &byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
