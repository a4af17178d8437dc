//! JSON objects. Flat ones are read by `flat`, all others by sonic-rs (0.8 ns a byte; serde_json 2.3); every value is
//! validated, metadata is carried through as the bytes it came in, half surrogate pairs in escapes included; a text with one is
//! malformed.

use super::{Fields, Keys, flat};
use crate::encoding::Encoding;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use sonic_rs::{JsonValueTrait, LazyValue};
use std::borrow::Cow;
use std::fmt;

/// Objects and arrays nested deeper than this make a record malformed: the parser recurses.
pub const MAX_DEPTH: usize = 128;

/// A string as JSON.
pub fn json(text: &str) -> Vec<u8> {
    sonic_rs::to_vec(text).unwrap_or_else(|e| unreachable!("a string is always JSON: {e}"))
}

/// `room` is for a text that cannot be borrowed from the line.
pub fn fields<'a>(line: &'a str, keys: &Keys, textless: bool, room: &'a mut String) -> Result<Fields<'a>, String> {
    flat::fields(line, keys, room).map_or_else(|| parsed(line, keys, textless), Ok)
}

/// The same by the parser, whatever the line is.
pub fn parsed<'a>(line: &'a str, keys: &Keys, textless: bool) -> Result<Fields<'a>, String> {
    if too_deep(line.as_bytes()) {
        return Err(format!("nested deeper than {MAX_DEPTH}"));
    }
    let mut deserializer = sonic_rs::Deserializer::from_str(line);
    let found = FieldsSeed { keys }.deserialize(&mut deserializer).map_err(said)?;
    deserializer.end().map_err(said)?;
    let Found { text, id, source, metadata } = found;
    match text {
        None if textless => Ok(Fields { text: Cow::Borrowed(""), id, source, metadata, encoding: Encoding::Utf8, replaced: 0, textless }),
        None => Err(format!("no key {:?}", keys.text)),
        Some(Err(kind)) => Err(format!("key {:?} is {kind}, not a string", keys.text)),
        Some(Ok(text)) => Ok(Fields { text, id, source, metadata, encoding: Encoding::Utf8, replaced: 0, textless: false }),
    }
}

/// What is known of a record while it is read.
struct Found<'a> {
    /// The text, or the JSON type that stood in its place.
    text: Option<Result<Cow<'a, str>, &'static str>>,
    id: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    metadata: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// The first line of a parser's message; the others quote the document.
fn said(error: sonic_rs::Error) -> String {
    format!("not a JSON object: {}", error.to_string().lines().next().unwrap_or_default())
}

struct FieldsSeed<'k> {
    keys: &'k Keys,
}

impl<'de> DeserializeSeed<'de> for FieldsSeed<'_> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let mut found = Found { text: None, id: None, source: None, metadata: Vec::new() };
        while let Some(Key(key)) = map.next_key()? {
            let value = map.next_value::<LazyValue<'de>>()?;
            self.take::<A::Error>(key, value, &mut found)?;
        }
        Ok(found)
    }
}

impl FieldsSeed<'_> {
    fn take<'de, E: serde::de::Error>(&self, key: Cow<'de, str>, value: LazyValue<'de>, found: &mut Found<'de>) -> Result<(), E> {
        let keys = self.keys;
        if key == keys.text {
            found.text = Some(text_of(value)?);
            return Ok(());
        }
        if key == keys.source && value.is_str() {
            found.source = Some(as_read(value.as_raw_cow(), unescaped)?);
        }
        if key == keys.id {
            if !value.is_null() {
                found.id = Some(as_read(value.as_raw_cow(), sound)?);
            }
            return Ok(());
        }
        let mut whole = as_read(value.as_raw_cow(), sound)?;
        for (name, path) in [&keys.text, &keys.id, &keys.source].into_iter().filter_map(|name| Some((name, below(name, &key)?))) {
            let Some(inner) = nested(&whole, &path) else { continue };
            if *name == keys.text {
                found.text = Some(text_of(inner)?.map(|text| Cow::Owned(text.into_owned())));
                // It would travel twice.
                whole = Cow::Owned(without(&whole, &path));
            } else if *name == keys.id {
                found.id = (!inner.is_null()).then(|| Cow::Owned(inner.as_raw_str().to_owned()));
            } else if inner.is_str() {
                found.source = Some(Cow::Owned(as_read::<E>(inner.as_raw_cow(), unescaped)?.into_owned()));
            }
        }
        match &keys.metadata {
            None => found.metadata.push((key, whole)),
            Some(wanted) => {
                for name in wanted {
                    if *name == key {
                        found.metadata.push((key.clone(), whole.clone()));
                    } else if let Some(inner) = below(name, &key).and_then(|path| nested(&whole, &path)) {
                        found.metadata.push((Cow::Owned(name.clone()), Cow::Owned(inner.as_raw_str().to_owned())));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The path behind `key` where `name` leads into its value.
fn below<'n>(name: &'n str, key: &str) -> Option<Vec<&'n str>> {
    Some(name.strip_prefix(key)?.strip_prefix('.')?.split('.').collect())
}

fn nested<'v>(value: &'v str, path: &[&str]) -> Option<LazyValue<'v>> {
    sonic_rs::get(value, path).ok()
}

/// The object without what the path leads to; all else as the bytes it came in.
fn without(object: &str, path: &[&str]) -> String {
    let Some((head, rest)) = path.split_first() else { return object.to_owned() };
    let mut kept = String::from("{");
    for (key, value) in sonic_rs::to_object_iter(object).flatten() {
        let inner = match (key == *head, rest.is_empty()) {
            (true, true) => continue,
            (true, false) => without(value.as_raw_str(), rest),
            (false, _) => value.as_raw_str().to_owned(),
        };
        if kept.len() > 1 {
            kept.push(',');
        }
        kept.push_str(&String::from_utf8_lossy(&json(&key)));
        kept.push(':');
        kept.push_str(&inner);
    }
    kept.push('}');
    kept
}

fn text_of<'de, E: serde::de::Error>(value: LazyValue<'de>) -> Result<Result<Cow<'de, str>, &'static str>, E> {
    Ok(match value.is_str() {
        true => Ok(as_read(value.as_raw_cow(), unescaped)?),
        false => Err(type_name(&value)),
    })
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

/// What `read` makes of a value.
fn as_read<'de, E: serde::de::Error>(
    value: Cow<'de, str>,
    read: for<'v> fn(&'v str) -> Result<Cow<'v, str>, String>,
) -> Result<Cow<'de, str>, E> {
    let read = match value {
        Cow::Borrowed(value) => read(value),
        Cow::Owned(value) => read(&value).map(|read| Cow::Owned(read.into_owned())),
    };
    read.map_err(E::custom)
}

/// A value as it came, which is written again: sonic-rs skips over escapes without looking at them, so the few values
/// that have any are looked at here.
pub fn sound(value: &str) -> Result<Cow<'_, str>, String> {
    // Over several lines it cannot be written as one.
    let value = match memchr::memchr2(b'\n', b'\r', value.as_bytes()) {
        Some(_) => Cow::Owned(on_one_line(value)),
        None => Cow::Borrowed(value),
    };
    if value.contains('\\') {
        serde_json::from_str::<serde::de::IgnoredAny>(&value).map_err(|e| e.to_string())?;
    }
    Ok(value)
}

/// Without the white space between its parts; within strings there is no line end.
fn on_one_line(value: &str) -> String {
    let (mut line, mut in_string, mut escaped) = (String::with_capacity(value.len()), false, false);
    for c in value.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            ' ' | '\t' | '\n' | '\r' if !in_string => continue,
            _ => {}
        }
        line.push(c);
    }
    line
}

/// What a string says, which comes with its quotation marks.
pub fn unescaped(string: &str) -> Result<Cow<'_, str>, String> {
    match memchr::memchr(b'\\', string.as_bytes()) {
        None => Ok(Cow::Borrowed(&string[1..string.len() - 1])),
        Some(_) => sonic_rs::from_str(string).map(Cow::Owned).map_err(said),
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
