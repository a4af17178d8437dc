//! A file as a stream of decoded bytes: plain, gzip (multi-member) or zstd (multi-frame), told apart by their first
//! bytes, not by their name.
//!
//! zstd decodes at 500–700 MB/s a core here; a window over 128 MiB is refused, so that a hostile frame cannot
//! claim gigabytes.

use super::frames::Entry;
use super::utf16::Utf16;
use crate::error::{Error, Result};
use crate::io::{Io, ReadFile};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    Plain,
    Gzip,
    Zstd,
}

impl Compression {
    pub fn name(self) -> &'static str {
        match self {
            Compression::Plain => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }
}

/// Looks at the first bytes of a file.
pub fn sniff(io: &Io, path: &Path) -> Result<Compression> {
    let mut head = Vec::with_capacity(4);
    io.open(path)?.take(4).read_to_end(&mut head).map_err(|e| Error::io("read", path, e))?;
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
        // A zstd stream may begin with a skippable frame.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Compression::Zstd,
        _ => Compression::Plain,
    })
}

/// Compressed bytes are fetched in reads of this size.
const READ_SIZE: usize = 1 << 20;

pub struct Decoded {
    stream: Box<dyn Read + Send>,
    position: u64,
    file_bytes: Arc<AtomicU64>,
}

impl Decoded {
    /// Opens `path` so that the next byte is number `at` of the decoded stream. Plain files seek; a compressed stream
    /// is decoded up to there, from `entry` on where one is known.
    pub fn open(io: &Io, path: &Path, compression: Compression, at: u64, entry: Option<Entry>) -> Result<Self> {
        let mut file = io.open(path)?;
        let file_bytes = file.bytes_read();
        let start = match compression {
            Compression::Plain => Entry { file: at, decoded: at },
            Compression::Gzip => Entry { file: 0, decoded: 0 },
            Compression::Zstd => entry.filter(|entry| entry.decoded <= at).unwrap_or(Entry { file: 0, decoded: 0 }),
        };
        if start.file > 0 {
            file.seek(SeekFrom::Start(start.file)).map_err(|e| Error::io("seek", path, e))?;
        }
        let stream: Box<dyn Read + Send> = match compression {
            Compression::Plain => Box::new(file),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(READ_SIZE, file))),
            Compression::Zstd => Box::new(zstd_stream(file, path)?),
        };
        let mut decoded = Decoded { stream, position: start.decoded, file_bytes };
        decoded.pass(path, at)?;
        Ok(decoded)
    }

    /// The same from a stream of UTF-16: positions count bytes of UTF-8.
    pub fn open_utf16(io: &Io, path: &Path, compression: Compression, utf16: Utf16, at: u64) -> Result<Self> {
        let Decoded { stream, file_bytes, .. } = Self::open(io, path, compression, 0, None)?;
        let mut decoded = Decoded { stream: Box::new(utf16.stream(stream)), position: 0, file_bytes };
        decoded.pass(path, at)?;
        Ok(decoded)
    }

    fn pass(&mut self, path: &Path, at: u64) -> Result<()> {
        let mut waste = vec![0; 1 << 16];
        while self.position < at {
            let want = waste.len().min((at - self.position) as usize);
            match self.read(&mut waste[..want]) {
                Ok(0) => return Err(Error::corrupt(path, self.position, format!("expected at least {at} decoded bytes"))),
                Ok(_) => {}
                Err(e) => return Err(Error::corrupt(path, self.position, e.to_string())),
            }
        }
        Ok(())
    }

    /// Bytes of the file read so far.
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes.load(Ordering::Relaxed)
    }

    /// Number of the next byte in the decoded stream.
    pub fn position(&self) -> u64 {
        self.position
    }
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(into) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
                Ok(n) => {
                    self.position += n as u64;
                    return Ok(n);
                }
            }
        }
    }
}

fn zstd_stream(file: ReadFile, path: &Path) -> Result<zstd::stream::read::Decoder<'static, BufReader<ReadFile>>> {
    zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(READ_SIZE, file)).map_err(|e| Error::io("decode", path, e))
}
