//! The HTTP response in a WARC record: status, what its body is, and the body itself, without the transfer's chunks
//! and compression, which some crawlers leave in.

use super::warc::{field, split_header};
use std::borrow::Cow;
use std::io::Read;

#[derive(Debug)]
pub struct Response<'a> {
    pub status: u16,
    /// Lower case, without parameters; empty where there is none.
    pub content_type: String,
    pub charset: Option<String>,
    pub body: Cow<'a, [u8]>,
}

/// Reads a response; a body over `limit` bytes is refused.
pub fn response(block: &[u8], limit: usize) -> Result<Response<'_>, String> {
    let (header, mut body) = split_header(block).ok_or("the HTTP header has no end")?;
    let line = header.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let protocol = words.next().unwrap_or_default();
    let status = words.next().and_then(|word| std::str::from_utf8(word).ok()?.parse().ok());
    let status: u16 = match (protocol.starts_with(b"HTTP/"), status) {
        (true, Some(status)) => status,
        _ => return Err("expected an HTTP status line".into()),
    };
    let stated: Option<usize> = field(header, "content-length").and_then(|length| length.parse().ok());
    // Crawlers rewrite the header where they unpack the body, or do not: a length that fits is believed.
    if let Some(exact) = stated.and_then(|length| body.get(..length)) {
        body = exact;
    }
    let mut body = Cow::Borrowed(body);
    if field(header, "transfer-encoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked"))
        && let Some(joined) = unchunked(&body)
    {
        body = Cow::Owned(joined);
    }
    if let Some(encoding) = field(header, "content-encoding") {
        match encoding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" if body.starts_with(&[0x1F, 0x8B]) => {
                body = Cow::Owned(inflated(flate2::bufread::MultiGzDecoder::new(&body[..]), limit)?)
            }
            // Bodies that are unpacked already keep the field in many archives.
            "gzip" | "x-gzip" | "identity" | "" => {}
            "deflate" if is_zlib(&body) => body = Cow::Owned(inflated(flate2::bufread::ZlibDecoder::new(&body[..]), limit)?),
            // Many servers leave the header of zlib out.
            "deflate" => {
                if let Ok(unpacked) = inflated(flate2::bufread::DeflateDecoder::new(&body[..]), limit) {
                    body = Cow::Owned(unpacked);
                }
            }
            other if std::str::from_utf8(&body).is_err() => {
                return Err(format!("Content-Encoding {other:?} is not one of gzip and deflate"));
            }
            _ => {}
        }
    }
    let media = field(header, "content-type").unwrap_or_default();
    Ok(Response { status, content_type: content_type(&media), charset: charset(&media), body })
}

/// By the check of its first two bytes.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0F == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

/// The type of a media type, without parameters.
pub fn content_type(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The charset parameter of a media type.
pub fn charset(media: &str) -> Option<String> {
    media.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_ascii_lowercase())
    })
}

/// The chunks of a body joined, or nothing where they do not stand there as promised.
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let (mut joined, mut rest) = (Vec::with_capacity(body.len()), body);
    loop {
        let end = memchr::memchr(b'\n', rest)?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(joined);
        }
        let chunk = rest.get(end + 1..)?.get(..size)?;
        joined.extend_from_slice(chunk);
        rest = &rest[end + 1 + size..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
}

fn inflated(decoder: impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut body).map_err(|e| format!("the body cannot be unpacked: {e}"))?;
    if body.len() > limit {
        return Err(format!("the body unpacks to more than {limit} bytes"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn status_type_charset_and_body() {
        let block = b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=\"EUC-KR\"\r\n\r\n<p>";
        let read = response(block, 100).unwrap();
        assert_eq!((read.status, read.content_type.as_str(), read.charset.as_deref()), (200, "text/html", Some("euc-kr")));
        assert_eq!(&read.body[..], b"<p>");
        assert!(response(b"no status\r\n\r\n", 100).is_err());
        assert!(response(b"HTTP/1.1 200", 100).is_err());
    }

    #[test]
    fn chunks_are_joined_and_what_is_packed_is_unpacked() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all("가나다".as_bytes()).unwrap();
        let packed = gzip.finish().unwrap();
        let mut block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
        for chunk in packed.chunks(10) {
            block.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            block.extend_from_slice(chunk);
            block.extend_from_slice(b"\r\n");
        }
        block.extend_from_slice(b"0\r\n\r\n");
        assert_eq!(&response(&block, 100).unwrap().body[..], "가나다".as_bytes());
        assert!(response(&block, 5).unwrap_err().contains("more than 5"));
        let plain = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\nplain";
        assert_eq!(&response(plain, 100).unwrap().body[..], b"plain");
    }

    #[test]
    fn deflate_comes_with_a_header_of_zlib_without_and_unpacked() {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all("가나다".as_bytes()).unwrap();
        raw.write_all("가나다".as_bytes()).unwrap();
        for body in [zlib.finish().unwrap(), raw.finish().unwrap(), "가나다".into()] {
            let block = [b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", &body[..]].concat();
            assert_eq!(&response(&block, 100).unwrap().body[..], "가나다".as_bytes());
        }
    }
}
