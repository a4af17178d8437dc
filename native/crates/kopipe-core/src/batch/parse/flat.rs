//! Objects as nearly all records are: keys with strings, numbers, `true`, `false` and `null`, on one line. They are read here in one
//! walk over the values; whatever else stands in a line is left to the parser, so nothing is ever refused here.
//!
//! The stage `parse` of mix takes .35 s with it; .53 while a text's end, its escapes and its encoding were looked for one after
//! the other, and .73 by the parser alone (medians of four in turn, 253 MB, a Xeon of 2.5 GHz).

use super::json::{parsed, sound, unescaped};
use super::{Fields, Keys};
use crate::batch::string_end;
use crate::encoding::Encoding;
use std::borrow::Cow;

/// What the parser would say of the same line. Nothing where it has to be asked. A text with escapes is written into `room`.
pub fn fields<'a>(line: &'a str, keys: &Keys, room: &'a mut String) -> Option<Fields<'a>> {
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
        if key == keys.text {
            text = Some(rest.text(room)?);
        } else {
            let value = rest.value()?;
            let is_string = value.starts_with('"');
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
    let text = text?.unwrap_or(Cow::Borrowed(room));
    rest.is_over().then_some(Fields { text, id, source, metadata, encoding: Encoding::Utf8, replaced: 0, textless: false })
}

/// Whether a line is read here, which must be as the parser reads it.
pub fn check(line: &str, keys: &Keys) -> bool {
    let mut room = String::new();
    let Some(found) = fields(line, keys, &mut room) else { return false };
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

    /// What a string says; nothing within where it has escapes and stands in `room`. Nearly all of them have two bytes: the runs
    /// between them are copied, and what has others is left to the parser of strings.
    fn text(&mut self, room: &mut String) -> Option<Option<Cow<'a, str>>> {
        if self.peek()? != b'"' {
            return None;
        }
        room.clear();
        let (bytes, mut run) = (self.line.as_bytes(), self.at + 1);
        loop {
            let at = run + memchr::memchr2(b'"', b'\\', &bytes[run..])?;
            let escaped = match (bytes[at], *bytes.get(at + 1)?) {
                (b'"', _) if run == self.at + 1 => {
                    self.at = at + 1;
                    return Some(Some(Cow::Borrowed(&self.line[run..at])));
                }
                (b'"', _) => {
                    room.push_str(&self.line[run..at]);
                    self.at = at + 1;
                    return Some(None);
                }
                (_, b'n') => '\n',
                (_, b't') => '\t',
                (_, b'r') => '\r',
                (_, b'b') => '\u{8}',
                (_, b'f') => '\u{c}',
                (_, same @ (b'"' | b'\\' | b'/')) => char::from(same),
                _ => return Some(Some(unescaped(self.string()?).ok()?)),
            };
            room.push_str(&self.line[run..at]);
            room.push(escaped);
            run = at + 2;
        }
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

    proptest! {
        #[test]
        fn escapes_are_read_as_the_parser_reads_them(parts in prop::collection::vec(r#"[가-나a ]{0,9}|\\[nrtbf"/\\]|\\u00[0-9a-f]{2}|\\[a-z]?|\t|\x01"#, 0..12)) {
            check(&format!("{{\"text\":\"{}\"}}", parts.concat()), &keys(false));
        }
    }

    #[test]
    fn escapes_of_two_bytes_need_no_parser() {
        let (mut room, mut rest) = ("남은 것".into(), Rest { line: r#" "가\n\"나\"\\\/\t","#, at: 0 });
        assert_eq!((rest.text(&mut room), room.as_str(), rest.at), (Some(None), "가\n\"나\"\\/\t", rest.line.len() - 1));
        let text = |line| Rest { line, at: 0 }.text(&mut String::new()).map(|text| text.map(Cow::into_owned));
        assert_eq!([text(r#""가","#), text(r#""\n가\u00e9","#)], ["가", "\n가é"].map(|text| Some(Some(text.to_owned()))));
        assert_eq!([r#""가\","#, r#""가\x","#, r#""가""#, "가"].map(text), [const { None }; 4]);
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
