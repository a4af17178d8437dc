//! Objects as nearly all records are: keys with strings, numbers, `true`, `false` and `null`, on one line. They are read here in one
//! walk over the values; whatever else stands in a line is left to the parser, so nothing is ever refused here.
//!
//! The stage `parse` of mix takes .49 s with it and .73 without (medians of four in turn, 253 MB, a Xeon of 2.5 GHz).

use super::json::{parsed, sound, unescaped};
use super::{Fields, Keys};
use crate::batch::string_end;
use crate::encoding::Encoding;
use std::borrow::Cow;

/// What the parser would say of the same line. Nothing where it has to be asked.
pub fn fields<'a>(line: &'a str, keys: &Keys) -> Option<Fields<'a>> {
    // White space but for blanks, and what strings may not hold.
    if line.bytes().fold(u8::MAX, u8::min) < b' ' {
        return None;
    }
    let (mut text, mut id, mut source, mut metadata) = (None, None, None, Vec::new());
    let mut rest = Rest { line, at: 0 };
    rest.pass(b'{')?;
    loop {
        let key = rest.string()?;
        let key = &key[1..key.len() - 1];
        if key.contains('\\') {
            return None;
        }
        rest.pass(b':')?;
        let value = rest.value()?;
        let is_string = value.starts_with('"');
        if key == keys.text {
            text = Some(unescaped(is_string.then_some(value)?).ok()?);
        } else {
            if key == keys.source && is_string {
                source = Some(unescaped(value).ok()?);
            }
            if key == keys.id {
                if value != "null" {
                    id = Some(sound(value).ok()?);
                }
            } else if keys.is_metadata(key) {
                metadata.push((Cow::Borrowed(key), sound(value).ok()?));
            } else {
                sound(value).ok()?;
            }
        }
        if rest.pass(b',').is_none() {
            break;
        }
    }
    rest.pass(b'}')?;
    rest.is_over().then_some(Fields { text: text?, id, source, metadata, encoding: Encoding::Utf8, replaced: 0, textless: false })
}

/// Whether a line is read here, which must be as the parser reads it.
pub fn check(line: &str, keys: &Keys) -> bool {
    let Some(found) = fields(line, keys) else { return false };
    let expected = parsed(line, keys, false).unwrap_or_else(|why| panic!("{line:?} is none: {why}"));
    assert_eq!(found, expected, "{line:?}");
    true
}

/// A line from a place on.
struct Rest<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.line.as_bytes();
        while *bytes.get(self.at)? == b' ' {
            self.at += 1;
        }
        Some(bytes[self.at])
    }

    fn is_over(&mut self) -> bool {
        self.peek().is_none()
    }

    fn pass(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    /// Up to a place.
    fn until(&mut self, end: usize) -> &'a str {
        let start = std::mem::replace(&mut self.at, end);
        &self.line[start..end]
    }

    /// A string with its quotation marks.
    fn string(&mut self) -> Option<&'a str> {
        if self.peek()? != b'"' {
            return None;
        }
        Some(self.until(string_end(self.line.as_bytes(), self.at)?))
    }

    fn value(&mut self) -> Option<&'a str> {
        if self.peek()? == b'"' {
            return self.string();
        }
        let value = &self.line[self.at..];
        let value = &value[..value.find([',', '}', ' '])?];
        let is_sound = !value.starts_with('[') && serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok();
        is_sound.then(|| self.until(self.at + value.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;
    use std::cell::Cell;

    fn keys(metadata: bool) -> Keys {
        let [text, id, source] = ["text", "id", "from"].map(str::to_owned);
        Keys { text, id, source, metadata: metadata.then(|| vec!["n".into(), "from".into()]), max_document: 1 << 20 }
    }

    fn is_read(line: &str) -> bool {
        [true, false].into_iter().all(|metadata| check(line, &keys(metadata)))
    }

    #[test]
    fn what_is_read_is_what_the_parser_reads() {
        let read = Cell::new(0);
        let looked = TestRunner::new(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() }).run(
            &objects(),
            |line| {
                read.set(read.get() + usize::from(is_read(&line)));
                Ok(())
            },
        );
        assert!(looked.is_ok() && read.get() > 1024, "{looked:?}, {} of 4,096 were read", read.get());
    }

    /// Half of them whole.
    fn objects() -> impl Strategy<Value = String> {
        let string = r#""([가-나a-c \t{\[,:}]|\\[nrtbf"/\\]|\\u[0-9a-e]{4}){0,9}""#;
        let whole = || prop_oneof![4 => string, 1 => "-?[1-9][0-9]?(\\.5)?(e[+-]?7)?", 1 => "true|false|null"];
        let broken = prop_oneof![r#""(가|\\u0?|\\[a-z]|\\)""#, r#""가?"#, "-?[0-9.eE+-]{1,4}", "tru|nul", r"\[1,2\]|\{\}|\[|\{"];
        let [text, other] = [r#""text" ?: ?"#, r#""(id|from|n|kopipe)" ?: ?"#];
        let odd = prop_oneof![text, other, r#""te\\u0078t":|"n"|"#];
        let pair = prop_oneof![6 => (text, string), 6 => (other, whole()), 1 => (odd, prop_oneof![whole(), broken])];
        let pairs = prop::collection::vec(pair, 1..5);
        (prop_oneof![20 => r" ?\{ ?", 1 => ".?"], pairs, prop_oneof![20 => " ?, ?", 1 => ".?"], prop_oneof![20 => r" ?\} ?", 1 => ".{0,2}"])
            .prop_map(|(open, pairs, comma, close)| {
                let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| key + &value).collect();
                open + &pairs.join(&comma) + &close
            })
    }

    #[test]
    fn records_as_they_come_are_read() {
        let read = [
            r#"{"text":"가\n나"}"#,
            r#" { "id" : 7, "text": "\uac00\"", "n": -1.5e3, "from":"한\t겨레", "a":null,"b":true, "c": false } "#,
            r#"{"id":null,"text":"","text":"두 번"}"#,
        ];
        assert_eq!(read.map(is_read), [true; 3]);
        let left = [
            "",
            "{}",
            r#"{"id":1}"#,
            r#"{"text":1}"#,
            r#"{"text":"가","a":[]}"#,
            r#"{"text":"가",}"#,
            r#"{"text":"가"} 1"#,
            r#"{"text":"가"#,
        ];
        assert_eq!(left.map(is_read), [false; 8]);
        assert!(!is_read("{\"text\":\"가\",\t\"a\":1}") && !is_read(r#"{"text":"가","a":01}"#) && !is_read(r#"{"text":"\ud800"}"#));
    }
}
