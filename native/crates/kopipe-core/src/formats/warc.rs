//! WARC 1.0 and 1.1 (ISO 28500), and WET, which is WARC of `conversion` records.
//!
//! A record is its header, its block of Content-Length bytes and the line ends behind it. Bytes that begin no record
//! are taken line by line until one does, each line malformed: a wrong length costs the records it covers, no more.

/// A header longer than this is none.
const MAX_HEADER: usize = 1 << 16;
const MAGIC: &[u8] = b"WARC/";

#[derive(Debug, Clone, Default)]
pub struct Records {
    state: State,
    header: Vec<u8>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum State {
    #[default]
    Header,
    Block {
        left: u64,
    },
    /// Line ends behind the block.
    Trailer {
        left: u8,
    },
    /// A line that begins no record.
    Foreign,
}

impl Records {
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Header => {
                    let byte = bytes[at];
                    at += 1;
                    if self.header.is_empty() && matches!(byte, b'\r' | b'\n') {
                        continue;
                    }
                    self.header.push(byte);
                    let seen = self.header.len();
                    if seen <= MAGIC.len() && !MAGIC.starts_with(&self.header) || seen > MAX_HEADER {
                        self.header.clear();
                        self.state = State::Foreign;
                        if byte == b'\n' {
                            return self.end(at);
                        }
                    } else if byte == b'\n' && (self.header.ends_with(b"\r\n\r\n") || self.header.ends_with(b"\n\n")) {
                        let length = field(&self.header, "content-length").and_then(|length| length.parse().ok());
                        self.header.clear();
                        match length {
                            Some(left) => self.state = State::Block { left },
                            None => return self.end(at),
                        }
                    }
                }
                State::Block { left: 0 } => self.state = State::Trailer { left: 4 },
                State::Block { left } => {
                    let here = left.min((bytes.len() - at) as u64);
                    at += here as usize;
                    self.state = State::Block { left: left - here };
                }
                State::Trailer { left } if left > 0 && matches!(bytes[at], b'\r' | b'\n') => {
                    at += 1;
                    self.state = State::Trailer { left: left - 1 };
                }
                State::Trailer { .. } => return self.end(at),
                State::Foreign => match memchr::memchr(b'\n', &bytes[at..]) {
                    Some(passed) => return self.end(at + passed + 1),
                    None => return None,
                },
            }
        }
        None
    }

    fn end(&mut self, at: usize) -> Option<usize> {
        self.state = State::Header;
        Some(at)
    }
}

/// A record, its parts borrowed from it.
#[derive(Debug)]
pub struct Record<'a> {
    pub header: &'a [u8],
    pub block: &'a [u8],
}

impl Record<'_> {
    pub fn field(&self, name: &str) -> Option<String> {
        field(self.header, name)
    }
}

/// The parts of a record, or what is wrong with it.
pub fn record(bytes: &[u8]) -> Result<Record<'_>, String> {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    let bytes = &bytes[start..];
    if !bytes.starts_with(MAGIC) {
        return Err("expected a WARC record, which begins with WARC/".into());
    }
    let (header, rest) = split_header(bytes).ok_or("the WARC header has no end")?;
    let length: u64 = match field(header, "content-length") {
        Some(length) => length.parse().map_err(|_| format!("Content-Length {length:?} of the WARC record is no number"))?,
        None => return Err("the WARC record has no Content-Length".into()),
    };
    match usize::try_from(length).ok().and_then(|length| rest.get(..length)) {
        Some(block) => Ok(Record { header, block }),
        None => Err(format!("the WARC record ends after {} of {length} bytes", rest.len())),
    }
}

/// Records that hold no page: what the crawler says of itself, requests, revisits.
pub fn is_blank(bytes: &[u8]) -> bool {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return true;
    }
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
    match bytes[start..].starts_with(MAGIC).then(|| split_header(&bytes[start..])).flatten().and_then(|(h, _)| field(h, "warc-type")) {
        Some(kind) => !matches!(kind.to_ascii_lowercase().as_str(), "response" | "resource" | "conversion"),
        None => false,
    }
}

/// A header with the empty line that ends it, and what follows. Line ends may be bare.
pub fn split_header(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut line = 0;
    loop {
        let end = line + memchr::memchr(b'\n', &bytes[line..])? + 1;
        if matches!(&bytes[line..end], b"\n" | b"\r\n") && line > 0 {
            return Some(bytes.split_at(end));
        }
        line = end;
    }
}

/// A field of a header by its name, which is told without regard to case.
pub fn field(header: &[u8], name: &str) -> Option<String> {
    header.split(|&byte| byte == b'\n').skip(1).find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let found = line[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes());
        found.then(|| String::from_utf8_lossy(line[colon + 1..].trim_ascii()).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::super::Framing;
    use super::super::replay::split;
    use super::*;

    fn of(kind: &str, block: &str) -> String {
        format!("WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len())
    }

    #[test]
    fn records_end_with_their_line_ends() {
        let parts = [of("warcinfo", "software: x"), of("response", "HTTP/1.1 200 OK\r\n\r\n\r\nWARC/1.0 글"), of("conversion", "")];
        let all = parts.concat();
        for piece in [1, 3, 1000] {
            let records = split(Framing::Warc(Records::default()), all.as_bytes(), piece);
            assert_eq!(records, parts.iter().map(|p| p.as_bytes()).collect::<Vec<_>>());
        }
        assert!(is_blank(parts[0].as_bytes()) && !is_blank(parts[1].as_bytes()));
        let read = record(parts[1].as_bytes()).unwrap();
        assert_eq!(read.block, "HTTP/1.1 200 OK\r\n\r\n\r\nWARC/1.0 글".as_bytes());
        assert_eq!(read.field("warc-type").as_deref(), Some("response"));
    }

    #[test]
    fn goes_on_behind_damage() {
        let all = format!("{}rubbish\nmore\n{}", of("response", "a"), of("response", "b"));
        let records = split(Framing::Warc(Records::default()), all.as_bytes(), 4);
        assert_eq!(records.len(), 4);
        assert_eq!(record(records[3]).unwrap().block, b"b");
        assert!(record(records[1]).unwrap_err().contains("expected a WARC record"));
        assert!(record(&all.as_bytes()[..52]).unwrap_err().contains("ends after"));
        assert!(record(b"WARC/1.0\r\nContent-Length: -3\r\n\r\n").unwrap_err().contains("no number"));
    }
}
