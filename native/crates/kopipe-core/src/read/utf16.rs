//! UTF-16 under a container that is cut at ASCII characters: the whole stream is turned into UTF-8 as it is read, and
//! offsets count bytes of that. Files whose documents are decoded one by one (`text`, `html`) are not touched.

use crate::encoding::{Encoding, utf16_without_mark};
use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};
use std::io::{self, Read};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Utf16 {
    LittleEndian,
    BigEndian,
}

impl Utf16 {
    /// Told by the byte order mark, or by what begins a record of JSON, or else by what the bytes say: NUL, which no text has, and
    /// Korean in one of the two orders.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xFF, 0xFE, ..] | [b'{' | b'[', 0, ..] => Some(Utf16::LittleEndian),
            [0xFE, 0xFF, ..] | [0, b'{' | b'[', ..] => Some(Utf16::BigEndian),
            _ if !head.contains(&0) => None,
            _ => match utf16_without_mark(&head[..head.len() & !1])? {
                Encoding::Utf16Le => Some(Utf16::LittleEndian),
                _ => Some(Utf16::BigEndian),
            },
        }
    }

    pub fn decode(self, bytes: &[u8]) -> String {
        let encoding = if self == Utf16::LittleEndian { UTF_16LE } else { UTF_16BE };
        encoding.decode(bytes).0.into_owned()
    }

    pub fn stream<R: Read>(self, inner: R) -> FromUtf16<R> {
        let encoding = if self == Utf16::LittleEndian { UTF_16LE } else { UTF_16BE };
        FromUtf16 {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; 1 << 16],
            text: Vec::new(),
            given: 0,
            ended: false,
        }
    }
}

/// A reader of UTF-8 over one of UTF-16; what is no character becomes U+FFFD.
pub struct FromUtf16<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Decoded, of which `given` bytes have been given out.
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> FromUtf16<R> {
    fn fill(&mut self) -> io::Result<()> {
        while self.given == self.text.len() && !self.ended {
            let read = self.inner.read(&mut self.raw)?;
            self.ended = read == 0;
            let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(0);
            self.text.resize(room, 0);
            let (_, _, written, _) = self.decoder.decode_to_utf8(&self.raw[..read], &mut self.text, self.ended);
            self.text.truncate(written);
            self.given = 0;
        }
        Ok(())
    }
}

impl<R: Read> Read for FromUtf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let left = &self.text[self.given..];
        let here = left.len().min(into.len());
        into[..here].copy_from_slice(&left[..here]);
        self.given += here;
        Ok(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_as_it_decodes_whole() {
        let text = format!("\u{feff}{}", "한글 𝄞 text\n".repeat(20_000));
        for (utf16, bytes) in [
            (Utf16::LittleEndian, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            (Utf16::BigEndian, text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ] {
            assert_eq!(Utf16::of(&bytes), Some(utf16));
            let mut read = String::new();
            utf16.stream(&bytes[..]).read_to_string(&mut read).unwrap();
            assert_eq!(read, &text[3..]);
        }
    }
}
