//! An entry of a tar: its name is the id. Pages give their main text, everything else must be text.

use super::{Fields, html, json};
use crate::formats::tar;
use crate::{encoding, read};
use std::borrow::Cow;

pub fn fields(record: &[u8]) -> Result<Fields<'_>, String> {
    let entry = tar::entry(record)?;
    let mut fields = if read::is_html(entry.data.trim_ascii_start()) {
        html::fields(entry.data, None)?
    } else {
        Fields::text(encoding::decode(entry.data, None)?)
    };
    let name =
        encoding::decode(&entry.name, None).map_or_else(|_| String::from_utf8_lossy(&entry.name).into_owned(), |d| d.text.into_owned());
    fields.id = Some(Cow::Owned(String::from_utf8_lossy(&json(&name)).into_owned()));
    Ok(fields)
}
