//! A row of CSV or TSV: the columns named by the keys are text, id and source, all others travel on as strings.

use super::{Fields, Keys, json};
use crate::encoding::Decoded;
use crate::formats::delimited::{self, Header};
use std::borrow::Cow;

pub fn fields<'a>(row: &'a [u8], header: &'a Header, keys: &Keys, textless: bool) -> Result<Fields<'a>, String> {
    let textless = textless && !header.names.contains(&keys.text);
    if !textless && !header.names.contains(&keys.text) {
        return Err(format!("no column {:?}: the header has {}", keys.text, header.names.join(", ")));
    }
    let delimited::Row { fields: values, encoding, replaced } = delimited::fields(row, header.delimiter)?;
    if values.len() != header.names.len() {
        return Err(format!("{} fields, expected {} as in the header", values.len(), header.names.len()));
    }
    let mut fields = Fields { textless, ..Fields::text(Decoded { text: Cow::Borrowed(""), encoding, replaced }) };
    for (name, value) in header.names.iter().zip(values) {
        if *name == keys.text {
            fields.text = Cow::Owned(value);
            continue;
        }
        if *name == keys.source {
            fields.source = Some(Cow::Owned(value.clone()));
        }
        if *name == keys.id {
            // An empty field is no id.
            fields.id = (!value.is_empty()).then(|| quoted(&value));
        } else if keys.is_metadata(name) {
            fields.metadata.push((Cow::Borrowed(name.as_str()), quoted(&value)));
        }
    }
    Ok(fields)
}

fn quoted(value: &str) -> Cow<'static, str> {
    Cow::Owned(String::from_utf8_lossy(&json(value)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Encoding;

    #[test]
    fn columns_by_name() {
        let header = Header { names: ["id", "document", "label"].map(String::from).to_vec(), delimiter: b'\t' };
        let keys = Keys { text: "document".into(), id: "id".into(), source: "source".into(), metadata: None, max_document: 100 };
        let read = fields("7\t좋은 영화\t1".as_bytes(), &header, &keys, false).unwrap();
        assert_eq!((read.text.as_ref(), read.id.as_deref(), read.encoding), ("좋은 영화", Some("\"7\""), Encoding::Utf8));
        assert_eq!(read.metadata, [("label".into(), "\"1\"".into())]);
        assert_eq!(fields(b"7\tx", &header, &keys, false).err().as_deref(), Some("2 fields, expected 3 as in the header"));
        let other = Keys { text: "text".into(), ..keys };
        assert!(fields(b"7\tx\t1", &header, &other, false).err().unwrap().contains("no column \"text\""));
    }
}
