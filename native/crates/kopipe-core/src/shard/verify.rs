//! A shard held against the format, and against what its tokenizer promises, to the last byte: all that is wrong is told,
//! where reading a shard (`open`) stops at the first.
//!
//! `.bin` is read once, 256 KiB at a time: digested and scanned while it is in the cache. Nothing of it is held.

use super::index::Index;
use super::open::with_extension;
use super::scan::{Rules, Scan};
use super::{Dtype, Layout, Unlisted};
use crate::error::Error;
use crate::io::{Io, ReadFile, Sealed, hex};
use std::io::Read;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Less than a core's second cache.
const PIECE: usize = 256 << 10;

/// So far ahead the disk is asked for what comes next.
const AHEAD: u64 = 8 << 20;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub path: PathBuf,
    /// Where it is met first, in bytes of the file.
    pub offset: Option<u64>,
    pub what: String,
    /// How often it is met.
    pub count: u64,
}

/// What was found of a shard. A file that cannot be read has no length and digest, a broken index no layout.
#[derive(Debug)]
pub struct Verified {
    pub idx: Option<Sealed>,
    pub bin: Option<Sealed>,
    pub layout: Option<Layout>,
    pub faults: Vec<Fault>,
}

pub struct Verifier {
    index: Option<Index>,
    tokens: Option<ReadFile>,
    tokens_path: PathBuf,
    scan: Option<Scan>,
    digest: Box<Xxh3>,
    read: u64,
    buffer: Vec<u8>,
    found: Verified,
}

impl Verifier {
    /// Looks at `PREFIX.idx` and opens `PREFIX.bin`. Without rules tokens are any.
    pub fn open(io: &Io, prefix: &Path, rules: Option<Rules>) -> Verifier {
        let (index_path, tokens_path) = (with_extension(prefix, "idx"), with_extension(prefix, "bin"));
        let mut found = Verified { idx: None, bin: None, layout: None, faults: Vec::new() };
        let mut dtype = None;
        let index = io.map(&index_path).and_then(|bytes| {
            found.idx = Some(Sealed { bytes: bytes.len() as u64, digest: hex(xxh3_128(&bytes)) });
            // A token's width is known as long as its code is there.
            dtype = bytes.get(17).and_then(|code| Dtype::from_code(*code));
            Index::of_bytes(&index_path, bytes, Unlisted::Refused)
        });
        let index = index.map_err(|error| found.faults.push(fault(&index_path, &error))).ok();
        found.layout = index.as_ref().map(Index::layout);
        let tokens = io.open(&tokens_path).and_then(|file| {
            let length = file.len()?;
            Ok((file, length))
        });
        let tokens = tokens.map_err(|error| found.faults.push(fault(&tokens_path, &error))).ok();
        if let (Some(layout), Some((_, length))) = (found.layout, &tokens)
            && let Err(error) = layout.check_length(&tokens_path, *length)
        {
            found.faults.push(fault(&tokens_path, &error));
        }
        let scan = rules.zip(dtype).map(|(rules, dtype)| Scan::new(rules, dtype));
        let tokens = tokens.map(|(file, _)| file);
        Verifier { index, tokens, tokens_path, scan, digest: Box::default(), read: 0, buffer: vec![0; PIECE], found }
    }

    /// Reads on for about as many bytes; gives how many were read, 0 at the end.
    pub fn step(&mut self, bytes: u64) -> u64 {
        let before = self.read;
        while self.read - before < bytes {
            let Some(file) = &mut self.tokens else { break };
            if self.read.is_multiple_of(AHEAD) {
                file.expect(self.read..self.read + 2 * AHEAD);
            }
            match read_full(file, &mut self.buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let piece = &self.buffer[..length];
                    self.digest.update(piece);
                    self.read += length as u64;
                    // Where the file is longer than its index says, there are no documents to hold it against.
                    if let Some(scan) = &mut self.scan {
                        scan.piece(self.index.as_ref(), piece);
                    }
                }
                Err(error) => {
                    self.found.faults.push(fault(&self.tokens_path, &Error::io("read", &self.tokens_path, error)));
                    self.tokens = None;
                }
            }
        }
        self.read - before
    }

    pub fn finish(mut self) -> Verified {
        if self.tokens.is_some() {
            self.found.bin = Some(Sealed { bytes: self.read, digest: hex(self.digest.digest128()) });
        }
        for tally in self.scan.iter().flat_map(Scan::wrong) {
            let (path, what) = (self.tokens_path.clone(), tally.what.clone());
            self.found.faults.push(Fault { path, offset: Some(tally.offset), what, count: tally.count });
        }
        self.found
    }
}

fn fault(path: &Path, error: &Error) -> Fault {
    let what = match error {
        Error::Corrupt { what, .. } => what.clone(),
        other => other.to_string(),
    };
    Fault { path: path.into(), offset: error.offset(), what, count: 1 }
}

/// Fills the buffer, but at the end of the file: pieces hold whole tokens.
fn read_full(file: &mut ReadFile, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
