//! What a file holds: told by its first decoded bytes where they say it, else by its name.

use super::decoded::{Compression, Decoded, sniff};
use super::utf16::Utf16;
use crate::error::Result;
use crate::formats::{Framing, delimited, json, lines, tar, warc};
use crate::io::Io;
use std::io::Read;
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    JsonLines,
    /// An array of records, or records over several lines.
    Json,
    Csv,
    Tsv,
    Text,
    Html,
    Parquet,
    /// The Arrow IPC file format.
    Arrow,
    /// The Arrow IPC stream format.
    ArrowStream,
    /// WARC, and WET, which is a WARC of texts.
    Warc,
    Tar,
}

/// What a document is in a file of plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainText {
    File,
    Paragraph,
    Line,
}

impl PlainText {
    pub fn parse(name: &str) -> Option<Self> {
        [("file", Self::File), ("paragraph", Self::Paragraph), ("line", Self::Line)].into_iter().find(|(n, _)| *n == name).map(|(_, t)| t)
    }
}

/// How many decoded bytes are looked at: the first line of JSON tells whether there is one a line.
const HEAD: u64 = 1 << 16;

pub fn detect(io: &Io, path: &Path) -> Result<(Container, Compression)> {
    let compression = sniff(io, path)?;
    let mut head = Vec::new();
    // What is damaged from its first byte on is told where it is read.
    let _ = Decoded::open(io, path, compression, 0, None)?.take(HEAD).read_to_end(&mut head);
    if let Some(utf16) = Utf16::of(&head) {
        head = utf16.decode(&head).into_bytes();
    }
    Ok((container_of(&super::file_name(path), &head), compression))
}

fn container_of(name: &str, head: &[u8]) -> Container {
    if let Some(found) = by_magic(head) {
        return found;
    }
    let name = name.to_ascii_lowercase();
    let stem = [".gz", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
    match stem.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "jsonl" | "ndjson" => Container::JsonLines,
        "json" => json_of(text),
        "csv" => Container::Csv,
        "tsv" | "tab" => Container::Tsv,
        "txt" | "text" | "md" => Container::Text,
        "html" | "htm" | "xhtml" => Container::Html,
        _ if text.starts_with(b"{") || text.starts_with(b"[") => json_of(text),
        _ if is_html(text) => Container::Html,
        _ if text.is_empty() => Container::JsonLines,
        _ => Container::Text,
    }
}

fn by_magic(head: &[u8]) -> Option<Container> {
    match head {
        [b'P', b'A', b'R', b'1', ..] => Some(Container::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(Container::Arrow),
        // The continuation marker, and the length of a schema.
        [0xFF, 0xFF, 0xFF, 0xFF, _, _, 0, 0, ..] => Some(Container::ArrowStream),
        _ if head.starts_with(b"WARC/") => Some(Container::Warc),
        _ if head.get(257..262) == Some(b"ustar") => Some(Container::Tar),
        _ => None,
    }
}

/// JSON lines where the first line is a whole value, or where its end is not in sight.
fn json_of(text: &[u8]) -> Container {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match text.first() {
        Some(b'[') => Container::Json,
        _ if line.len() == text.len() || serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok() => Container::JsonLines,
        _ => Container::Json,
    }
}

pub fn is_html(text: &[u8]) -> bool {
    if text.starts_with(b"<?xml") {
        // XHTML, which says so behind its declaration.
        let behind = memchr::memchr(b'>', &text[..text.len().min(200)]).map_or(&text[..0], |end| text[end + 1..].trim_ascii_start());
        return !behind.starts_with(b"<?xml") && is_html(behind);
    }
    let head: Vec<u8> = text.iter().take(14).map(u8::to_ascii_lowercase).collect();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body"].iter().any(|start| head.starts_with(start))
}

impl Container {
    pub fn framing(self, plain_text: PlainText) -> Framing {
        match (self, plain_text) {
            (Container::JsonLines, _) | (Container::Text, PlainText::Line) => Framing::Lines,
            (Container::Text, PlainText::Paragraph) => Framing::Paragraphs(lines::Paragraphs::default()),
            (Container::Json, _) => Framing::Json(json::Values::default()),
            (Container::Csv, _) => Framing::Delimited(delimited::Rows::new(b',')),
            (Container::Tsv, _) => Framing::Delimited(delimited::Rows::new(b'\t')),
            (Container::Warc, _) => Framing::Warc(warc::Records::default()),
            (Container::Tar, _) => Framing::Tar(tar::Entries::default()),
            _ => Framing::Whole,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Container::JsonLines => "jsonl",
            Container::Json => "json",
            Container::Csv => "csv",
            Container::Tsv => "tsv",
            Container::Text => "text",
            Container::Html => "html",
            Container::Parquet => "parquet",
            Container::Arrow => "arrow",
            Container::ArrowStream => "arrow-stream",
            Container::Warc => "warc",
            Container::Tar => "tar",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_first_then_the_name() {
        for (name, head, expected) in [
            ("a.jsonl.zst", "[1]\n", Container::JsonLines),
            ("a.txt", "PAR1", Container::Parquet),
            ("a", "WARC/1.0\r\n", Container::Warc),
            ("a.wet.gz", "WARC/1.0\r\n", Container::Warc),
            ("a.json", "\u{feff} [\n{", Container::Json),
            ("a.json", "{\"text\":\"a\"}\n{\"text\":\"b\"}", Container::JsonLines),
            ("a.json", "{\n \"text\": 1}", Container::Json),
            ("a.CSV.gz", "id,text\n", Container::Csv),
            ("a.tsv", "", Container::Tsv),
            ("a.txt", "{ 중괄호", Container::Text),
            ("a.html.ko.euc-kr", "<!DOCTYPE html PUBLIC", Container::Html),
            ("a.ko", "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC", Container::Html),
            ("a.ko", "<?xml version=\"1.0\"?><modulesynopsis>", Container::Text),
            ("a.data", "그냥 글", Container::Text),
        ] {
            assert_eq!(container_of(name, head.as_bytes()), expected, "{name}");
        }
    }
}
