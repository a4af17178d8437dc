//! What C1 controls tell: no text has them, but Windows-1252 read as Latin-1 does, and UTF-8 of which bytes are lost.

use super::Round;
use super::latin::{byte_of, run_around};

pub fn look(text: &str, round: &mut Round) {
    let bytes = text.as_bytes();
    let mut end = 0;
    for hit in memchr::memchr_iter(0xC2, bytes) {
        if hit < end || bytes[hit + 1] >= 0xA0 {
            continue;
        }
        let run = run_around(text, hit, end);
        end = run.end;
        let mut read: Vec<u8> = text[run.clone()].chars().filter_map(byte_of).collect();
        // A longer run has letters, and `latin` knows better.
        if !read.iter().all(|byte| (0x80..0xC0).contains(byte)) || read == [NEXT_LINE] {
            continue;
        }
        if read.len() > 1 {
            read.clear();
        }
        match encoding_rs::WINDOWS_1252.decode_without_bom_handling(&read).0.chars().next() {
            Some(sign) if !sign.is_control() => round.repair(run, sign.to_string(), "windows-1252 read as latin-1"),
            _ => round.repair(run, char::REPLACEMENT_CHARACTER.to_string(), "utf-8 of which bytes are lost"),
        }
    }
}

/// U+0085, a line end of its own.
const NEXT_LINE: u8 = 0x85;
