//! The documents of a finished shard as batches, to be written into other shards: what merging and splitting read.
//!
//! No token is decoded. A batch is read 256 KiB at a time, digested and scanned while that is in the cache; its documents
//! keep their order. What comes out is what the shard was sealed with: at its end the digest is compared.

use super::batch::{EncodedBatch, Origins};
use super::index::Index;
use super::open::with_extension;
use super::scan::{Rules, Scan};
use super::{Dtype, Unlisted};
use crate::bpe::{Encoded, Output};
use crate::error::{Error, Result};
use crate::io::{Io, ReadFile, hex};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::Xxh3;
use zerocopy::IntoBytes;

/// Less than a core's second cache.
const PIECE: usize = 256 << 10;

/// What is known of a shard that is read.
#[derive(Debug, Clone)]
pub struct Origin {
    pub dtype: Dtype,
    pub rules: Rules,
    pub unlisted: Unlisted,
    /// xxh3-128 of `.bin`, where a record says it.
    pub digest: Option<String>,
    /// The document to begin with.
    pub from: u64,
}

pub struct Source {
    index: Index,
    tokens: ReadFile,
    path: PathBuf,
    scan: Scan,
    document: usize,
    digest: Box<Xxh3>,
    expected: Option<String>,
}

impl Source {
    /// Opens `PREFIX.bin` and `PREFIX.idx`, and checks the index whole. What lies before the first document is digested.
    pub fn open(io: &Io, prefix: &Path, origin: Origin) -> Result<Source> {
        let Origin { dtype, mut rules, unlisted, digest: expected, from } = origin;
        let (index_path, path) = (with_extension(prefix, "idx"), with_extension(prefix, "bin"));
        let index = Index::open(io, &index_path, unlisted)?;
        let layout = index.layout();
        if layout.dtype != dtype {
            let what = format!("{} holds {:?} tokens, its tokenizer's are {dtype:?}", index_path.display(), layout.dtype);
            return Err(Error::Invalid { what, path: Some(index_path) });
        }
        let mut tokens = io.open(&path)?;
        layout.check_length(&path, tokens.len()?)?;
        // Where documents are not listed, their ends alone tell them apart.
        rules.ends_inside &= index.listed() == layout.documents;
        let document = usize::try_from(from).ok().filter(|from| *from <= layout.documents);
        let Some(document) = document else {
            return Err(Error::corrupt(index_path, 26, format!("document {from} was asked for; there are {}", layout.documents)));
        };
        let at = index.start(document);
        let mut digest = Box::<Xxh3>::default();
        let start = at * dtype.width() as u64;
        if expected.is_some() {
            let mut buffer = vec![0; PIECE];
            let mut before = 0;
            while before < start {
                let piece = &mut buffer[..PIECE.min((start - before) as usize)];
                tokens.read_exact(piece).map_err(|e| Error::io("read", &path, e))?;
                digest.update(piece);
                before += piece.len() as u64;
            }
        }
        tokens.seek(SeekFrom::Start(start)).map_err(|e| Error::io("read", &path, e))?;
        let scan = Scan::from(rules, dtype, document, at);
        Ok(Source { index, tokens, path, scan, document, digest, expected })
    }

    pub fn documents(&self) -> usize {
        self.index.layout().documents
    }

    /// The next documents, of `bytes` in `.bin` at the most unless a single one is larger; nothing at the end.
    pub fn next(&mut self, bytes: u64) -> Result<Option<EncodedBatch>> {
        let documents = self.documents();
        if self.document == documents {
            return self.check_digest().map(|()| None);
        }
        let dtype = self.index.layout().dtype;
        let first = self.index.start(self.document);
        let limit = first + bytes / dtype.width() as u64;
        let mut end = self.document + 1;
        while end < documents && self.index.start(end + 1) <= limit {
            end += 1;
        }
        let starts = (self.document..=end).map(|document| self.index.start(document));
        let lengths: Vec<u64> = starts.clone().zip(starts.skip(1)).map(|(start, end)| end - start).collect();
        if let Some(too_long) = lengths.iter().position(|length| *length > i32::MAX as u64) {
            let what = format!("document {} has {} tokens; an index counts to {}", self.document + too_long, lengths[too_long], i32::MAX);
            return Err(Error::Invalid { what, path: Some(self.path.clone()) });
        }
        let lengths: Vec<u32> = lengths.into_iter().map(|length| length as u32).collect();
        let count = (self.index.start(end) - first) as usize;
        let tokens = match dtype {
            Dtype::U16 => {
                let mut tokens = vec![0u16; count];
                self.read(tokens.as_mut_bytes())?;
                Encoded::Narrow(Output { tokens, lengths: Vec::new() })
            }
            Dtype::I32 => {
                let mut tokens = vec![0u32; count];
                self.read(tokens.as_mut_bytes())?;
                Encoded::Wide(Output { tokens, lengths: Vec::new() })
            }
        };
        self.document = end;
        Ok(Some(EncodedBatch::of(tokens, lengths, Origins::default())))
    }

    fn read(&mut self, into: &mut [u8]) -> Result<()> {
        for piece in into.chunks_mut(PIECE) {
            self.tokens.read_exact(piece).map_err(|e| Error::io("read", &self.path, e))?;
            self.digest.update(piece);
            self.scan.piece(Some(&self.index), piece);
        }
        let Some(wrong) = self.scan.wrong().first() else { return Ok(()) };
        let unlisted = self.index.listed() < self.documents();
        let why = if unlisted { "; its index does not list all documents, so where they begin and end cannot be known" } else { "" };
        Err(Error::corrupt(&self.path, wrong.offset, format!("{}{why}", wrong.what)))
    }

    fn check_digest(&mut self) -> Result<()> {
        let Some(expected) = self.expected.take() else { return Ok(()) };
        let came = hex(self.digest.digest128());
        if came == expected {
            return Ok(());
        }
        Err(Error::corrupt(&self.path, 0, format!("it was sealed with digest {expected}, its bytes have {came}")))
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
