//! A WARC record as a document: the main text of a page, or the text of a WET conversion. The record's id becomes the
//! id; url, date and title travel as metadata.

use super::{Fields, Keys, html, json};
use crate::encoding::{self, Decoded};
use crate::formats::{http, warc};
use crate::read;
use std::borrow::Cow;

pub fn fields<'a>(record: &'a [u8], keys: &Keys) -> Result<Fields<'a>, String> {
    let record = warc::record(record)?;
    let media = record.field("content-type").unwrap_or_default();
    let mut fields = match record.field("warc-type").unwrap_or_default().to_ascii_lowercase().as_str() {
        "response" => {
            let response = http::response(record.block, keys.max_record())?;
            if response.status != 200 {
                return Err(format!("HTTP status {}", response.status));
            }
            text_of(Cow::clone(&response.body), &response.content_type, response.charset.as_deref())?
        }
        _ => text_of(Cow::Borrowed(record.block), &http::content_type(&media), http::charset(&media).as_deref())?,
    };
    fields.id = record.field("warc-record-id").map(|id| quoted(id.trim_matches(['<', '>'])));
    for (key, name) in [("url", "warc-target-uri"), ("date", "warc-date")] {
        if let Some(value) = record.field(name) {
            fields.metadata.push((key.into(), quoted(value.trim_matches(['<', '>']))));
        }
    }
    fields.metadata.retain(|(key, _)| keys.is_metadata(key));
    Ok(fields)
}

fn text_of<'a>(body: Cow<'a, [u8]>, content_type: &str, charset: Option<&str>) -> Result<Fields<'a>, String> {
    match content_type {
        "text/html" | "application/xhtml+xml" => html::fields(&body, charset),
        "" if read::is_html(body.trim_ascii_start()) => html::fields(&body, charset),
        "" | "text/plain" => {
            let decoded = encoding::decode(&body, charset)?;
            if decoded.text.trim().is_empty() {
                return Err("there is no text".into());
            }
            Ok(Fields::text(Decoded { text: Cow::Owned(decoded.text.into_owned()), ..decoded }))
        }
        other => Err(format!("{other} is not text")),
    }
}

fn quoted(value: &str) -> Cow<'static, str> {
    Cow::Owned(String::from_utf8_lossy(&json(value)).into_owned())
}
