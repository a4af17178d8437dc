//! JSON that is not a record a line: an array of records, or records behind each other over any number of lines.
//!
//! The scanner follows strings and brackets alone; whether a value is JSON is judged where it is parsed. The bracket
//! that opens the array is a blank record; commas belong to the record behind them. Strings are passed by memchr.

use memchr::memchr2;

#[derive(Debug, Clone, Default)]
pub struct Values {
    /// Brackets that are open within the value.
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// A number or a word at the top level: it ends where something else begins.
    in_word: bool,
    /// The stream began with a bracket: the values are elements.
    in_array: bool,
    begun: bool,
}

impl Values {
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else {
                    match memchr2(b'"', b'\\', &bytes[at..]) {
                        None => return None,
                        Some(passed) if bytes[at + passed] == b'\\' => {
                            at += passed;
                            self.escaped = true;
                        }
                        Some(passed) => {
                            at += passed;
                            self.in_string = false;
                            if self.depth == 0 {
                                return Some(at + 1);
                            }
                        }
                    }
                }
                at += 1;
                continue;
            }
            match byte {
                b'"' if self.in_word => return self.end_word(at),
                b'"' => (self.in_string, self.begun) = (true, true),
                b'[' if !self.begun => {
                    (self.in_array, self.begun) = (true, true);
                    return Some(at + 1);
                }
                b'[' | b'{' if self.in_word => return self.end_word(at),
                b'[' | b'{' => {
                    self.depth += 1;
                    self.begun = true;
                }
                b']' | b'}' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ if self.depth > 0 => {}
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' if self.in_word => return self.end_word(at),
                b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
                b']' if self.in_array => {}
                // A byte order mark before the first value is not one.
                0xEF | 0xBB | 0xBF if !self.begun => {}
                _ => (self.in_word, self.begun) = (true, true),
            }
            at += 1;
        }
        None
    }

    /// A word always has a byte before `at`, in this piece or an earlier one.
    fn end_word(&mut self, at: usize) -> Option<usize> {
        self.in_word = false;
        Some(at)
    }
}

/// What stands between values.
fn is_separator(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',')
}

/// The value of a record, without the comma before it.
pub fn value(record: &[u8]) -> &[u8] {
    let record = record.strip_prefix("\u{feff}".as_bytes()).unwrap_or(record);
    let start = record.iter().position(|byte| !is_separator(byte)).unwrap_or(record.len());
    record[start..].trim_ascii_end()
}

/// Separators, and the brackets around the array.
pub fn is_blank(record: &[u8]) -> bool {
    matches!(value(record), b"" | b"[" | b"]")
}

#[cfg(test)]
mod tests {
    use super::super::Framing;
    use super::super::replay::split;
    use super::*;
    use proptest::prelude::*;

    fn values(input: &str, piece: usize) -> Vec<String> {
        let records = split(Framing::Json(Values::default()), input.as_bytes(), piece);
        records.into_iter().filter(|r| !is_blank(r)).map(|r| String::from_utf8_lossy(value(r)).into_owned()).collect()
    }

    #[test]
    fn arrays_and_rows_of_values() {
        assert_eq!(values(" [ {\"a\":\"]}\\\"\"} ,\n{\"b\":[1,{}]}\n]\n", 3), ["{\"a\":\"]}\\\"\"}", "{\"b\":[1,{}]}"]);
        assert_eq!(values("{\"a\":1}{\"b\":2}\n\n{\n\"c\": 3\n}", 1), ["{\"a\":1}", "{\"b\":2}", "{\n\"c\": 3\n}"]);
        assert_eq!(values("\u{feff}[{}, 3, \"x\", null, [1]]", 2), ["{}", "3", "\"x\"", "null", "[1]"]);
        assert_eq!(values("[[], [{}]]", 1), ["[]", "[{}]"]);
        assert_eq!(values(" []\n", 1), [""; 0]);
    }

    #[test]
    fn what_is_broken_is_one_record() {
        assert_eq!(values("[{\"a\":\"open}, {\"b\":2}]", 4).len(), 1);
        assert_eq!(values("} ] {\"a\":1}", 2).last().map(String::as_str), Some("{\"a\":1}"));
    }

    proptest! {
        /// What serde_json writes comes back value by value, in one array or one behind the other.
        #[test]
        fn equals_serde_json(texts in prop::collection::vec("\\PC{0,12}|[\\[\\]{},\"\\\\ ]{0,8}", 0..8), piece in 1usize..40, array in any::<bool>(), pretty in any::<bool>()) {
            let records: Vec<_> = texts.iter().map(|t| serde_json::json!({"text": t, t.as_str(): [t, {"x": null}]})).collect();
            let all = serde_json::Value::from(records.clone());
            let written = match (array, pretty) {
                (true, true) => serde_json::to_string_pretty(&all).unwrap(),
                (true, false) => all.to_string(),
                (false, _) => records.iter().map(|r| r.to_string()).collect::<Vec<_>>().join("\n "),
            };
            let read: Vec<serde_json::Value> = values(&written, piece).iter().map(|v| serde_json::from_str(v).unwrap()).collect();
            prop_assert_eq!(read, records);
        }
    }
}
