//! Documents as the JSON lines they are written as: kept ones in the result, all others in the rejects, with the
//! reason and the place they came from. The body of a line is left open: what is decided later is added behind it.

use super::{Batch, Document, HEAD, HEAD_IN_ARCHIVE, Layout, State, json};
use crate::error::{Error, Result};

/// Where a record was read.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub file: &'a str,
    pub unit: u32,
    pub ordinal: u32,
    /// First byte in the decoded stream.
    pub offset: u64,
    /// Bytes of the text as it came; for a malformed record its raw bytes.
    pub bytes: u64,
}

/// What stands before the id, and before the text of a document.
const ID: &[u8] = b"{\"id\":";
const TEXT: &[u8] = b",\"text\":";

/// The parts of a document's body: each as JSON, the metadata as `,"key":value` of each key.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    pub id: &'a [u8],
    pub text: &'a [u8],
    pub metadata: &'a [u8],
}

impl<'a> Body<'a> {
    /// Of a body as `push_body` has written it; `text` is where the text's string begins.
    pub fn of(body: &'a [u8], text: usize) -> Option<Self> {
        let end = string_end(body, text)?;
        Some(Body { id: body.get(ID.len()..text.checked_sub(TEXT.len())?)?, text: &body[text..end], metadata: &body[end..] })
    }
}

/// Behind the JSON string that begins at a place.
pub fn string_end(json: &[u8], start: usize) -> Option<usize> {
    let string = json.get(start + 1..)?;
    let mut end = 0;
    loop {
        end += memchr::memchr2(b'"', b'\\', string.get(end..)?)?;
        match string[end] {
            b'"' => return Some(start + 1 + end + 1),
            _ => end += 2,
        }
    }
}

impl Batch {
    /// `{"id":…,"text":…` and the metadata, not closed; `raw` in place of the text where there is none. Gives where the
    /// text's JSON string begins.
    pub fn push_body(&self, document: &Document, into: &mut Vec<u8>) -> Result<usize> {
        let record = &self.records[document.record];
        into.extend_from_slice(ID);
        into.extend_from_slice(&self.metadata[document.id.clone()]);
        if matches!(document.state, State::Malformed { .. }) || !record.whole {
            let head = if record.whole { &self.raw[record.start..record.end] } else { &self.heads[record.start][..] };
            into.extend_from_slice(b",\"raw\":");
            // Of a page or a picture in an archive its headers say enough.
            let limit = if matches!(self.layout, Layout::Warc | Layout::Tar) { HEAD_IN_ARCHIVE } else { HEAD };
            let start = into.len();
            push_json(into, &String::from_utf8_lossy(cut(head, limit)))?;
            Ok(start)
        } else {
            into.extend_from_slice(TEXT);
            let start = into.len();
            push_json(into, &self.texts[document.text.clone()])?;
            into.extend_from_slice(&self.metadata[document.metadata.clone()]);
            Ok(start)
        }
    }

    /// What stands inside `"kopipe":{…}`: what came there, and why the document is dropped.
    pub fn push_additions(&self, document: &Document, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.metadata[document.additions.clone()]);
        let comma = if document.additions.is_empty() { "" } else { "," };
        match &document.state {
            State::Kept => {}
            State::Dropped { reason, value, threshold } => {
                into.extend_from_slice(format!("{comma}\"reason\":\"{reason}\",\"value\":{value},\"threshold\":{threshold}").as_bytes());
            }
            State::Malformed { why } => {
                into.extend_from_slice(format!("{comma}\"reason\":\"malformed\",\"why\":").as_bytes());
                into.extend_from_slice(&json(why));
            }
        }
    }
}

/// The end of a kept document's line.
pub fn push_kept(into: &mut Vec<u8>, additions: &[u8]) {
    if !additions.is_empty() {
        into.extend_from_slice(b",\"kopipe\":{");
        into.extend_from_slice(additions);
        into.push(b'}');
    }
    into.extend_from_slice(b"}\n");
}

/// A whole line of the rejects. `additions` are JSON fields; empty ones leave no trace.
pub fn push_reject(into: &mut Vec<u8>, body: &[u8], additions: &[&[u8]], origin: &Origin) {
    let Origin { file, unit, ordinal, offset, bytes } = origin;
    into.extend_from_slice(body);
    into.extend_from_slice(b",\"kopipe\":{");
    for part in additions.iter().filter(|part| !part.is_empty()) {
        into.extend_from_slice(part);
        into.push(b',');
    }
    into.extend_from_slice(b"\"file\":");
    into.extend_from_slice(&json(file));
    into.extend_from_slice(format!(",\"offset\":{offset},\"bytes\":{bytes},\"unit\":{unit},\"ordinal\":{ordinal}}}}}\n").as_bytes());
}

/// At most `limit` bytes, not ending inside a character where the bytes are UTF-8.
fn cut(bytes: &[u8], limit: usize) -> &[u8] {
    if bytes.len() <= limit {
        return bytes;
    }
    let is_lead = |&at: &usize| bytes[at] & 0xC0 != 0x80;
    let end = (limit.saturating_sub(3)..=limit).rev().find(is_lead).unwrap_or(limit);
    &bytes[..end]
}

fn push_json(into: &mut Vec<u8>, text: &str) -> Result<()> {
    sonic_rs::to_writer(into, text).map_err(|e| Error::Internal(e.to_string()))
}
