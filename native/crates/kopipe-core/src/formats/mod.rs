//! Containers of text as bytes: where one record ends and the next begins, and what stands in a record. No files
//! here; `read` feeds these scanners, `batch` asks them what a record says.
//!
//! A scanner sees each byte once, in pieces of any size, and holds no more than a header: a record that is too long
//! to keep is still followed to its end. Every one of them is fuzzed, and compared with a slow twin or a library.

pub mod delimited;
pub mod http;
pub mod json;
pub mod lines;
pub mod replay;
pub mod tar;
pub mod warc;

/// Where records end in a stream, and how far the scanner has come.
#[derive(Debug, Clone)]
pub enum Framing {
    /// A record a line.
    Lines,
    /// A record between blank lines.
    Paragraphs(lines::Paragraphs),
    /// A JSON array, or JSON values behind each other.
    Json(json::Values),
    /// CSV or TSV, quoted fields over several lines included.
    Delimited(delimited::Rows),
    Warc(warc::Records),
    Tar(tar::Entries),
    /// The whole stream is one record.
    Whole,
}

impl Framing {
    /// Looks at bytes behind those it has seen; gives how many of them still belong to the record it is in, or
    /// nothing where that one goes on. Never gives 0 for a record of which nothing came before.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        match self {
            Framing::Lines => memchr::memchr(b'\n', bytes).map(|at| at + 1),
            Framing::Paragraphs(scanner) => scanner.feed(bytes),
            Framing::Json(scanner) => scanner.feed(bytes),
            Framing::Delimited(scanner) => scanner.feed(bytes),
            Framing::Warc(scanner) => scanner.feed(bytes),
            Framing::Tar(scanner) => scanner.feed(bytes),
            Framing::Whole => None,
        }
    }

    /// Whether these bytes between two records, or instead of one, hold none: a blank line, a folder in a tar.
    pub fn is_blank(&self, record: &[u8]) -> bool {
        match self {
            Framing::Json(_) => json::is_blank(record),
            Framing::Warc(_) => warc::is_blank(record),
            Framing::Tar(_) => tar::is_blank(record),
            Framing::Delimited(_) => delimited::line_end(record) == 0,
            _ => record.iter().all(u8::is_ascii_whitespace),
        }
    }

    /// Length of a record without what ends it.
    pub fn trimmed(&self, record: &[u8]) -> usize {
        match self {
            Framing::Lines | Framing::Paragraphs(_) | Framing::Json(_) => record.trim_ascii_end().len(),
            Framing::Delimited(_) => delimited::line_end(record),
            Framing::Warc(_) | Framing::Tar(_) | Framing::Whole => record.len(),
        }
    }
}
