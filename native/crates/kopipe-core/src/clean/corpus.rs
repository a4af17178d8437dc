//! The real corpus for tests, which say that they are skipped where it is absent.

use super::normalize::{KOREAN, normalize};
use super::scan::scan;
use crate::encoding::decode;
use crate::html::{declared_charset, main_text};
use std::io::Read;
use std::path::PathBuf;

/// Pages of HTML are told by this name.
const PAGES: &str = "ko-html";

/// All there is of text.
pub const FILES: [&str; 16] = [
    "chat",
    "colonial-magazines",
    "eval-klue",
    "eval-kobest",
    "eval-nsmc",
    "kowiki-2020",
    "kowiki-2023",
    "ms-docs-2018",
    "ms-docs-2021",
    "news-comments",
    "news-titles",
    "nfd",
    "nsmc-reviews",
    "precedents",
    "web-docs",
    PAGES,
];

fn folder() -> PathBuf {
    std::env::var_os("KOPIPE_CORPUS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/corpus")), PathBuf::from)
}

pub fn file(name: &str) -> Option<Vec<u8>> {
    let path = folder().join(name);
    if !path.exists() {
        println!("SKIPPED: no corpus at {} (set KOPIPE_CORPUS)", folder().display());
        return None;
    }
    Some(std::fs::read(path).unwrap())
}

/// The texts of a file of JSON lines.
pub fn texts(name: &str) -> Option<Vec<String>> {
    let lines = zstd::decode_all(&file(&format!("{name}.jsonl.zst"))?[..]).unwrap();
    let text = |line| match serde_json::from_str(line) {
        Ok(serde_json::Value::Object(mut fields)) => match fields.remove("text") {
            Some(serde_json::Value::String(text)) => text,
            other => panic!("no text but {other:?}"),
        },
        other => panic!("no object but {other:?}"),
    };
    Some(String::from_utf8(lines).unwrap().lines().map(text).collect())
}

/// The texts of one of the files as `clean` has them before normalization.
pub fn read(name: &str) -> Option<Vec<String>> {
    if name == PAGES {
        let mut archive = Vec::new();
        flate2::read::MultiGzDecoder::new(&file("ko-html.warc.gz")?[..]).read_to_end(&mut archive).unwrap();
        let read = |page: Vec<u8>| decode(&page, declared_charset(&page).as_deref()).map(|decoded| main_text(&decoded.text).text);
        return Some(warc(&archive).into_iter().filter_map(|page| read(page).ok()).collect());
    }
    texts(name)
}

/// And behind it.
pub fn normalized(name: &str) -> Option<Vec<String>> {
    Some(read(name)?.into_iter().map(|text| normalize(&text, &scan(&text), &KOREAN).unwrap_or(text)).collect())
}

/// The files in a tar.
pub fn tar(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, mut files) = (0, Vec::new());
    while bytes.len() >= at + 512 && bytes[at] != 0 {
        let header = &bytes[at..at + 512];
        let size = std::str::from_utf8(&header[124..135]).unwrap().trim_matches(['\0', ' ']);
        let size = usize::from_str_radix(size, 8).unwrap();
        if matches!(header[156], b'0' | 0) {
            files.push(bytes[at + 512..at + 512 + size].to_vec());
        }
        at += 512 + size.next_multiple_of(512);
    }
    files
}

/// The bodies of a WARC's HTTP responses.
pub fn warc(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, mut bodies) = (0, Vec::new());
    while bytes[at..].starts_with(b"WARC/") {
        let head = at + memchr::memmem::find(&bytes[at..], b"\r\n\r\n").unwrap() + 4;
        let fields = std::str::from_utf8(&bytes[at..head]).unwrap();
        let length = fields.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse::<usize>().unwrap();
        let block = &bytes[head..head + length];
        if fields.contains("WARC-Type: response") {
            bodies.push(block[memchr::memmem::find(block, b"\r\n\r\n").unwrap() + 4..].to_vec());
        }
        at = head + length;
        while bytes[at..].first().is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
    }
    bodies
}
