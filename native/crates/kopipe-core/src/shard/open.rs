//! A shard opened for reading: both files mapped, every promise of the format checked once.
//!
//! The check reads the index front to back (20 bytes a sequence, about 1 GB/s); after it no reader needs a bound or a
//! sign check of its own. The tokens themselves are not read: a token's range is the reader's business.

use super::{Dtype, HEADER, MAGIC, VERSION};
use crate::bpe::pages::prefetch;
use crate::error::{Error, Result};
use crate::io::Io;
use memmap2::Mmap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One `.bin` / `.idx` pair. Sequences are numbered from 0; each is a run of tokens in `.bin`.
pub struct Shard {
    index: Mmap,
    tokens: Mmap,
    layout: Layout,
}

/// Where the parts of an `.idx` lie, once it was found to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub dtype: Dtype,
    pub sequences: usize,
    pub documents: usize,
    /// Sum of all sizes.
    pub tokens: u64,
}

impl Shard {
    /// Opens `PREFIX.bin` and `PREFIX.idx`. Fails with `Corrupt` on the first rule of the format that is broken.
    pub fn open(io: &Io, prefix: &Path) -> Result<Shard> {
        let (index_path, tokens_path) = (with_extension(prefix, "idx"), with_extension(prefix, "bin"));
        let index = io.map(&index_path)?;
        let tokens = io.map(&tokens_path)?;
        let layout = Layout::check(&index_path, &index, &tokens_path, tokens.len() as u64)?;
        Ok(Shard { index, tokens, layout })
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Length of a sequence in tokens.
    pub fn size(&self, sequence: usize) -> u32 {
        i32_at(&self.index, HEADER + 4 * sequence) as u32
    }

    /// The bytes of `count` tokens of a sequence from `offset` on. Both must lie within the sequence.
    pub fn bytes(&self, sequence: usize, offset: usize, count: usize) -> &[u8] {
        &self.tokens[self.begin(sequence) + offset * self.layout.dtype.width()..][..count * self.layout.dtype.width()]
    }

    /// Where the bytes of a sequence begin in the `.bin`.
    pub fn begin(&self, sequence: usize) -> usize {
        i64_at(&self.index, self.pointer(sequence)) as usize
    }

    /// The bytes of all tokens.
    pub fn all_bytes(&self) -> &[u8] {
        &self.tokens
    }

    /// Asks memory for what `size` reads.
    pub fn prefetch_size(&self, sequence: usize) {
        prefetch(&self.index[HEADER + 4 * sequence]);
    }

    /// Asks memory for what `bytes` reads of the index.
    pub fn prefetch_pointer(&self, sequence: usize) {
        prefetch(&self.index[self.pointer(sequence)]);
    }

    fn pointer(&self, sequence: usize) -> usize {
        HEADER + 4 * self.layout.sequences + 8 * sequence
    }
}

impl Layout {
    /// Checks an `.idx` held in `index` against itself and against the length of its `.bin`.
    pub fn check(index_path: &Path, index: &[u8], tokens_path: &Path, tokens_bytes: u64) -> Result<Layout> {
        let layout = Layout::of_index(index_path, index, Unlisted::Refused)?;
        layout.check_length(tokens_path, tokens_bytes)?;
        Ok(layout)
    }

    /// Checks an `.idx` against itself.
    pub fn of_index(path: &Path, index: &[u8], unlisted: Unlisted) -> Result<Layout> {
        let header = Header::check(path, index)?;
        let tokens = header.check_sequences(path, index)?;
        let listed = header.check_documents(path, index, unlisted)?;
        let documents = header.entries - 1 + (header.sequences - listed);
        Ok(Layout { dtype: header.dtype, sequences: header.sequences, documents, tokens })
    }

    /// Checks that a `.bin` is as long as its index promises.
    pub fn check_length(&self, tokens_path: &Path, tokens_bytes: u64) -> Result<()> {
        let (tokens, bytes) = (self.tokens, self.tokens * self.dtype.width() as u64);
        if bytes != tokens_bytes {
            let what = format!("its index promises {tokens} tokens in {bytes} bytes, the file has {tokens_bytes}");
            return Err(Error::corrupt(tokens_path, bytes.min(tokens_bytes), what));
        }
        Ok(())
    }
}

/// What becomes of sequences behind the last document that an index lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlisted {
    Refused,
    /// Each is a document: GPT-NeoX's merge tool copies the sequences and lists no document at all.
    Documents,
}

struct Header {
    dtype: Dtype,
    sequences: usize,
    /// Bounds of documents: one more than there are documents.
    entries: usize,
}

impl Header {
    fn check(path: &Path, index: &[u8]) -> Result<Header> {
        let broken = |offset: usize, what: String| Err(Error::corrupt(path, offset as u64, what));
        if index.len() < HEADER {
            return broken(index.len(), format!("a shard index has a header of {HEADER} bytes, this file ends after {}", index.len()));
        }
        if &index[..9] != MAGIC {
            return broken(0, "it does not begin with MMIDIDX, so it is no shard index".into());
        }
        let version = u64_at(index, 9);
        if version != VERSION {
            return broken(9, format!("its version is {version}; kopipe reads version {VERSION}"));
        }
        let Some(dtype) = Dtype::from_code(index[17]) else {
            return broken(17, format!("its token type is {}; kopipe reads 4 (i32) and 8 (u16)", index[17]));
        };
        let (sequences, entries) = (u64_at(index, 18), u64_at(index, 26));
        if entries == 0 {
            return broken(26, "its list of documents is empty, where at least its end must stand".into());
        }
        let expected = 12 * u128::from(sequences) + 8 * u128::from(entries) + HEADER as u128;
        if expected != index.len() as u128 {
            let what = format!("{sequences} sequences and {entries} document bounds take {expected} bytes, this file has {}", index.len());
            return broken(18, what);
        }
        // The file holds that many entries, so both fit a usize.
        Ok(Header { dtype, sequences: sequences as usize, entries: entries as usize })
    }

    /// Sizes and pointers belong together; gives the number of tokens.
    fn check_sequences(&self, path: &Path, index: &[u8]) -> Result<u64> {
        let broken = |offset: usize, what: String| Err(Error::corrupt(path, offset as u64, what));
        let pointers = HEADER + 4 * self.sequences;
        let mut tokens = 0u64;
        for i in 0..self.sequences {
            let (size, pointer) = (i32_at(index, HEADER + 4 * i), i64_at(index, pointers + 8 * i));
            if size < 0 {
                return broken(HEADER + 4 * i, format!("sequence {i} has a size of {size} tokens"));
            }
            let here = tokens * self.dtype.width() as u64;
            if pointer < 0 || pointer as u64 != here {
                return broken(pointers + 8 * i, format!("sequence {i} points to byte {pointer}; the sizes before it end at byte {here}"));
            }
            tokens += size as u64;
        }
        Ok(tokens)
    }

    /// Gives the sequence at which the listed documents end.
    fn check_documents(&self, path: &Path, index: &[u8], unlisted: Unlisted) -> Result<usize> {
        let broken = |offset: usize, what: String| Err(Error::corrupt(path, offset as u64, what));
        let documents = HEADER + 12 * self.sequences;
        let mut before = 0i64;
        for i in 0..self.entries {
            let bound = i64_at(index, documents + 8 * i);
            if i == 0 && bound != 0 {
                return broken(documents, format!("its first document begins at sequence {bound}, not 0"));
            }
            if bound < before {
                return broken(documents + 8 * i, format!("document {i} begins at sequence {bound}, before its predecessor's {before}"));
            }
            before = bound;
        }
        let end = before as u64;
        if end > self.sequences as u64 || (end < self.sequences as u64 && unlisted == Unlisted::Refused) {
            let what = format!("its documents end at sequence {before}, its sequences at {}", self.sequences);
            return broken(documents + 8 * (self.entries - 1), what);
        }
        Ok(before as usize)
    }
}

/// `PREFIX.EXT`, also where the prefix has dots of its own.
pub(super) fn with_extension(prefix: &Path, extension: &str) -> PathBuf {
    let mut name = OsString::from(prefix);
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

// The header is 34 bytes, so nothing behind it is aligned: integers are read byte-wise, which costs nothing.

fn i32_at(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

pub(super) fn i64_at(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    i64_at(bytes, at) as u64
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
