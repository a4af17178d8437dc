//! A page: its main text, and its title as metadata. A page without main text is malformed, never an empty document.

use super::{Fields, json};
use crate::encoding::{self, Decoded};
use crate::html;
use std::borrow::Cow;

/// How far into a page its charset may be declared (the HTML standard asks for 1,024 bytes; real pages are later).
const PRESCAN: usize = 4096;

pub fn fields<'a>(bytes: &[u8], declared: Option<&str>) -> Result<Fields<'a>, String> {
    let within = html::declared_charset(&bytes[..bytes.len().min(PRESCAN)]);
    let decoded = encoding::decode(bytes, declared.or(within.as_deref()))?;
    let page = html::main_text(&decoded.text);
    if page.text.is_empty() {
        return Err("the page has no main text".into());
    }
    let mut fields = Fields::text(Decoded { text: Cow::Owned(page.text), ..decoded });
    if !page.title.is_empty() {
        fields.metadata.push(("title".into(), String::from_utf8_lossy(&json(&page.title)).into_owned().into()));
    }
    Ok(fields)
}
