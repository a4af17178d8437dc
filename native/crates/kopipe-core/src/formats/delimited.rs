//! CSV (RFC 4180) and TSV: where rows end, and their fields.
//!
//! The scanner knows quotes only where a field begins with one, as csv-core does, which reads the fields: a quote
//! within a field is text. A quoted field may hold line ends, so such a file is read from its beginning. A quote that
//! is never closed swallows what follows up to the next one; such rows have a wrong number of fields and are malformed.

use crate::encoding::{self, Encoding};
use memchr::{memchr, memchr3};

/// The names of the columns, and what stands between fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub names: Vec<String>,
    pub delimiter: u8,
}

#[derive(Debug, Clone)]
pub struct Rows {
    pub delimiter: u8,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    /// A quote within a quoted field: its end, or the first of two.
    Quote,
    /// Behind a carriage return: a line feed belongs to it.
    Return,
}

impl Rows {
    pub fn new(delimiter: u8) -> Self {
        Rows { delimiter, state: State::FieldStart }
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            self.state = match self.state {
                State::Quoted => match memchr(b'"', &bytes[at..]) {
                    Some(passed) => {
                        at += passed;
                        State::Quote
                    }
                    None => return None,
                },
                State::Quote if byte == b'"' => State::Quoted,
                State::FieldStart if byte == b'"' => State::Quoted,
                State::Return => {
                    self.state = State::FieldStart;
                    // A lone carriage return ends a row too.
                    return Some(at + usize::from(byte == b'\n'));
                }
                _ => match memchr3(self.delimiter, b'\n', b'\r', &bytes[at..]) {
                    Some(passed) => {
                        at += passed;
                        match bytes[at] {
                            b'\n' => {
                                self.state = State::FieldStart;
                                return Some(at + 1);
                            }
                            b'\r' => State::Return,
                            _ => State::FieldStart,
                        }
                    }
                    None => {
                        self.state = State::Unquoted;
                        return None;
                    }
                },
            };
            at += 1;
        }
        None
    }
}

/// Where the line end of a row begins; white space before it may be a field.
pub fn line_end(row: &[u8]) -> usize {
    row.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1)
}

/// A row as text.
#[derive(Debug)]
pub struct Row {
    pub fields: Vec<String>,
    pub encoding: Encoding,
    pub replaced: u32,
}

/// Reads a row, or says why it is no text.
pub fn fields(row: &[u8], delimiter: u8) -> Result<Row, String> {
    // Delimiters and quotes are ASCII in every encoding that comes in lines, and no second byte of a character in CP949.
    let decoded = encoding::decode(row, None)?;
    let row = decoded.text.as_bytes();
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut output, mut ends) = (vec![0; row.len() + 16], vec![0; 16]);
    let (mut from, mut written, mut found) = (0, 0, 0);
    loop {
        let (result, read, wrote, ended) = reader.read_record(&row[from..], &mut output[written..], &mut ends[found..]);
        (from, written, found) = (from + read, written + wrote, found + ended);
        match result {
            csv_core::ReadRecordResult::OutputFull => output.resize(2 * output.len(), 0),
            csv_core::ReadRecordResult::OutputEndsFull => ends.resize(2 * ends.len(), 0),
            // An empty piece tells it that nothing follows.
            csv_core::ReadRecordResult::InputEmpty => {}
            _ => break,
        }
    }
    let mut start = 0;
    let mut fields = Vec::with_capacity(found);
    for &end in &ends[..found] {
        fields.push(String::from_utf8_lossy(&output[start..end]).into_owned());
        start = end;
    }
    Ok(Row { fields, encoding: decoded.encoding, replaced: decoded.replaced })
}

#[cfg(test)]
mod tests {
    use super::super::Framing;
    use super::super::replay::split;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_and_fields() {
        let input = "id,text\r\n1,\"쉼표, 그리고\n줄 \"\"따옴표\"\"\"\n2,5\" 화면\n\n3,끝";
        let rows = split(Framing::Delimited(Rows::new(b',')), input.as_bytes(), 3);
        let read: Vec<Vec<String>> = rows.iter().map(|row| fields(row, b',').unwrap().fields).collect();
        assert_eq!(read[0], ["id", "text"]);
        assert_eq!(read[1], ["1", "쉼표, 그리고\n줄 \"따옴표\""]);
        assert_eq!(read[2], ["2", "5\" 화면"]);
        assert_eq!(read[4], ["3", "끝"]);
    }

    proptest! {
        /// Rows written by any writer that quotes come back, in pieces of any size.
        #[test]
        fn what_is_written_comes_back(table in prop::collection::vec(prop::collection::vec("[가나a\",\n\r\t ]{0,6}", 2..4), 1..6), piece in 1usize..30, tab in any::<bool>()) {
            let delimiter = if tab { b'\t' } else { b',' };
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let written: String = table.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(if tab { "\t" } else { "," }) + "\n").collect();
            let rows = split(Framing::Delimited(Rows::new(delimiter)), written.as_bytes(), piece);
            let read: Vec<Vec<String>> = rows.iter().map(|row| fields(row, delimiter).unwrap().fields).collect();
            prop_assert_eq!(read, table);
        }

        /// Rows end where csv-core ends them, whatever comes.
        #[test]
        fn ends_where_csv_core_does(input in "[a\",\n\r]{0,40}", piece in 1usize..9) {
            let mut reader = csv_core::Reader::new();
            let (mut output, mut ends) = ([0; 200], [0; 200]);
            let (mut at, mut expected) = (0, Vec::new());
            while at < input.len() {
                let (result, read, _, found) = reader.read_record(&input.as_bytes()[at..], &mut output, &mut ends);
                at += read;
                if result == csv_core::ReadRecordResult::Record && found > 0 {
                    expected.push(found);
                }
                if result == csv_core::ReadRecordResult::InputEmpty {
                    let (_, _, _, found) = reader.read_record(&[], &mut output, &mut ends);
                    if found > 0 {
                        expected.push(found);
                    }
                    break;
                }
            }
            let rows = split(Framing::Delimited(Rows::new(b',')), input.as_bytes(), piece);
            let read: Vec<usize> = rows.iter().filter(|r| !r.iter().all(u8::is_ascii_whitespace)).map(|row| fields(row, b',').unwrap().fields.len()).collect();
            prop_assert_eq!(read.len(), expected.len());
        }
    }
}
