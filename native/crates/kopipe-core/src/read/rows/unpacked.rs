//! A compressed file that must be read from its end: unpacked into a temporary file without a name, which goes with the
//! process, however that ends. It costs disk, as much as the file holds, and is bounded by what it was packed in.

use crate::error::{Error, Result};
use crate::io::Io;
use crate::read::decoded::{Compression, Decoded};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Parquet's pages are compressed already: what grows more than this is a bomb.
const RATIO: u64 = 100;
const ALWAYS: u64 = 1 << 30;

#[derive(Clone)]
pub struct Unpacked {
    file: Arc<File>,
    pub length: u64,
}

impl Unpacked {
    /// Errors: the disk's, and corrupt input with the decoded byte where it ends or grows without bound.
    pub fn new(io: &Io, path: &Path, compression: Compression) -> Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("kopipe-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let temporary = std::env::temp_dir().join(name);
        let failed = |e: io::Error| Error::io("unpack into", &temporary, e);
        let mut file = File::options().read(true).write(true).create_new(true).open(&temporary).map_err(failed)?;
        fs::remove_file(&temporary).map_err(failed)?;
        let most = io.open(path)?.len()?.saturating_mul(RATIO).max(ALWAYS);
        let mut decoded = Decoded::open(io, path, compression, 0, None)?;
        let (mut buffer, mut length) = (vec![0; 1 << 20], 0);
        loop {
            match decoded.read(&mut buffer).map_err(|e| Error::corrupt(path, length, e.to_string()))? {
                0 => return Ok(Unpacked { file: Arc::new(file), length }),
                read => file.write_all(&buffer[..read]).map_err(failed)?,
            }
            length = decoded.position();
            if length > most {
                return Err(Error::corrupt(path, length, format!("it holds over {most} bytes, {RATIO} times what it was packed in")));
            }
        }
    }

    pub fn at(&self, at: u64) -> UnpackedReader {
        UnpackedReader { file: self.file.clone(), at }
    }
}

/// Reads on from a place of its own.
pub struct UnpackedReader {
    file: Arc<File>,
    at: u64,
}

impl Seek for UnpackedReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.file.metadata()?.len(), by),
        };
        self.at = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Read for UnpackedReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
