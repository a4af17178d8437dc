//! The charset a page declares of itself, found before it can be decoded.

/// Browsers look at this many bytes; pages put scripts before their declaration.
const PRESCAN: usize = 4096;

/// The charset in `<meta charset>`, `<meta http-equiv content>` or the XML declaration within the first 4096 bytes,
/// lower case as written (`euc-kr`, not `windows-949`); `None` where there is none. The byte order mark is not looked
/// at. After the HTML standard's "prescan a byte stream to determine its encoding", more tolerant: a declaration of
/// any quoting counts, comments do not.
pub fn declared_charset(head: &[u8]) -> Option<String> {
    let head = &head[..head.len().min(PRESCAN)];
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', &head[at..]).map(|i| at + i) {
        let rest = &head[open..];
        if rest.starts_with(b"<!--") {
            at = memchr::memmem::find(&rest[4..], b"-->").map(|i| open + 4 + i + 3)?;
            continue;
        }
        let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        let tag = rest[..end].to_ascii_lowercase();
        let label = match &*tag {
            [b'<', b'm', b'e', b't', b'a', after, ..] if after.is_ascii_whitespace() || *after == b'/' => label(&tag, b"charset"),
            [b'<', b'?', b'x', b'm', b'l', after, ..] if after.is_ascii_whitespace() => label(&tag, b"encoding"),
            _ => None,
        };
        if label.is_some() {
            return label;
        }
        at = open + 1;
    }
    None
}

/// The value after `key=` in a lower-case tag.
fn label(tag: &[u8], key: &[u8]) -> Option<String> {
    let mut rest = tag;
    loop {
        rest = &rest[memchr::memmem::find(rest, key)? + key.len()..];
        let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value).trim_ascii_start();
        let length = value.iter().position(|b| !(b.is_ascii_alphanumeric() || b"-_:.+".contains(b))).unwrap_or(value.len());
        if length > 0 && length <= 40 {
            return Some(String::from_utf8_lossy(&value[..length]).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        for (head, expected) in [
            (&b"<meta charset=\"UTF-8\">"[..], Some("utf-8")),
            (b"<html><head><META http-equiv='Content-Type' content='text/html; charset = EUC-KR'>", Some("euc-kr")),
            (b"<?xml version=\"1.0\" encoding=\"EUC-KR\"?><html>", Some("euc-kr")),
            (b"<meta charset=ks_c_5601-1987>", Some("ks_c_5601-1987")),
            (b"<meta content=\"text/html;charset=utf-8\" http-equiv=Content-Type", Some("utf-8")),
            (b"<!-- <meta charset=euc-kr> --><meta charset='utf-8'>", Some("utf-8")),
            (b"<!-- <meta charset=euc-kr>", None),
            (b"<meta name=\"charset\" content=\"x\"><meta charset=utf-8>", Some("utf-8")),
            (b"<metadata charset=x><p>charset=utf-8", None),
            (b"<script>var s = '<\xb0\xa1'</script><meta charset=cp949>", Some("cp949")),
            (b"<meta charset=\"\">", None),
            (b"<meta", None),
            (b"", None),
        ] {
            assert_eq!(declared_charset(head).as_deref(), expected, "{}", String::from_utf8_lossy(head));
        }
        let late = [&vec![b' '; PRESCAN][..], b"<meta charset=utf-8>"].concat();
        assert_eq!(declared_charset(&late), None);
    }
}
