//! Files of runs merged: documents by their places, those that are drawn.
//!
//! Memory is a buffer for each file and the batch that is made. A file is opened for each buffer that is read, so that a
//! thousand runs are no thousand open files. Every byte is digested as it is read, and compared at a file's end.

use super::{Head, is_drawn};
use crate::bpe::{Encoded, Output};
use crate::error::{Error, Result};
use crate::io::{Io, Sealed, hex};
use crate::shard::batch::Origins;
use crate::shard::{Dtype, EncodedBatch};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::path::PathBuf;
use xxhash_rust::xxh3::Xxh3;
use zerocopy::{FromBytes, IntoBytes};

/// A file of a run, as it was sealed.
#[derive(Debug, Clone)]
pub struct Piece {
    pub path: PathBuf,
    pub sealed: Sealed,
    /// The run's sources by number, and how often each stands in the result.
    pub sources: Vec<(String, f64)>,
}

/// Pieces of the same split and file number, in order.
pub struct Arranged {
    cursors: Vec<Cursor>,
    /// The next document of each piece by its place.
    heap: BinaryHeap<Reverse<(u64, u64, u32, usize)>>,
    names: Vec<String>,
    dtype: Dtype,
}

/// Of a piece's buffer.
const LEAST: usize = 1 << 16;
const MOST: usize = 1 << 22;

impl Arranged {
    /// `memory` bytes of buffers, or 64 KiB a piece where that is more; begins behind the first `from` documents.
    pub fn open(io: &Io, pieces: Vec<Piece>, dtype: Dtype, memory: u64, from: u64) -> Result<Arranged> {
        let buffer = (memory as usize / pieces.len().max(1)).clamp(LEAST, MOST);
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut names = Vec::new();
        let mut cursors = Vec::with_capacity(pieces.len());
        for Piece { path, sealed, sources } in pieces {
            let number = |(name, epochs): (String, f64)| {
                let number = *numbers.entry(name.clone()).or_insert_with(|| {
                    names.push(name);
                    names.len() as u32 - 1
                });
                (number, epochs)
            };
            let sources = sources.into_iter().map(number).collect();
            cursors.push(Cursor::new(io, path, sealed, sources, dtype, buffer));
        }
        let mut arranged = Arranged { cursors, heap: BinaryHeap::new(), names, dtype };
        for number in 0..arranged.cursors.len() {
            arranged.advance(number)?;
        }
        for skipped in 0..from {
            let Some(Reverse((_, _, _, number))) = arranged.heap.pop() else {
                return Err(Error::Internal(format!("document {from} was asked for; there are {skipped}")));
            };
            arranged.cursors[number].skip()?;
            arranged.advance(number)?;
        }
        Ok(arranged)
    }

    /// The next documents, of about `bytes` in `.bin`; nothing at the end.
    pub fn next(&mut self, bytes: u64) -> Result<Option<EncodedBatch>> {
        let mut lengths = Vec::new();
        let mut origins = Origins { names: self.names.clone(), ..Origins::default() };
        let tokens = match self.dtype {
            Dtype::U16 => Encoded::Narrow(self.gather(bytes, &mut lengths, &mut origins)?),
            Dtype::I32 => Encoded::Wide(self.gather(bytes, &mut lengths, &mut origins)?),
        };
        Ok((!lengths.is_empty()).then(|| EncodedBatch::of(tokens, lengths, origins)))
    }

    fn gather<T: Default + Clone + FromBytes + IntoBytes>(
        &mut self,
        bytes: u64,
        lengths: &mut Vec<u32>,
        origins: &mut Origins,
    ) -> Result<Output<T>> {
        let mut tokens = Vec::<T>::new();
        while (size_of_val(tokens.as_slice()) as u64) < bytes {
            let Some(Reverse((_, _, _, number))) = self.heap.pop() else { break };
            let cursor = &mut self.cursors[number];
            let Head { length, source, bytes, .. } = cursor.head;
            let start = tokens.len();
            tokens.resize(start + length as usize, T::default());
            cursor.take(tokens[start..].as_mut_bytes())?;
            lengths.push(length);
            origins.sources.push(cursor.sources[source as usize].0);
            origins.bytes.push(bytes);
            self.advance(number)?;
        }
        Ok(Output { tokens, lengths: Vec::new() })
    }

    /// The next drawn document of a piece takes its place.
    fn advance(&mut self, number: usize) -> Result<()> {
        let cursor = &mut self.cursors[number];
        if cursor.advance()? {
            let Head { major, ordinal, occurrence, .. } = cursor.head;
            self.heap.push(Reverse((major, ordinal, occurrence, number)));
        }
        Ok(())
    }
}

/// A piece that is read front to back.
struct Cursor {
    io: Io,
    path: PathBuf,
    sealed: Sealed,
    sources: Vec<(u32, f64)>,
    width: usize,
    buffer: Vec<u8>,
    capacity: usize,
    /// What of the buffer was taken.
    taken: usize,
    /// Byte of the file behind the buffer.
    at: u64,
    digest: Box<Xxh3>,
    /// Of the document whose tokens come next.
    head: Head,
}

impl Cursor {
    fn new(io: &Io, path: PathBuf, sealed: Sealed, sources: Vec<(u32, f64)>, dtype: Dtype, capacity: usize) -> Cursor {
        let head = Head { major: 0, ordinal: 0, chance: 0, bytes: 0, occurrence: 0, repeats: 0, source: 0, length: 0 };
        let (width, digest) = (dtype.width(), Box::default());
        Cursor { io: io.clone(), path, sealed, sources, width, buffer: Vec::new(), capacity, taken: 0, at: 0, digest, head }
    }

    /// Goes on to the next document that is drawn; false at the end.
    fn advance(&mut self) -> Result<bool> {
        loop {
            if self.place() == self.sealed.bytes {
                return self.check_digest().map(|()| false);
            }
            let start = self.place();
            let mut bytes = [0; Head::BYTES];
            self.take(&mut bytes)?;
            let (before, head) = (self.head, Head::from_bytes(&bytes));
            let Some(&(_, epochs)) = self.sources.get(head.source as usize) else {
                return self.damaged(start, format!("source {}, of {}", head.source, self.sources.len()));
            };
            let places = |head: Head| (head.major, head.ordinal, head.occurrence);
            if head.length == 0 || (start > 0 && places(head) <= places(before)) {
                return self.damaged(start, "no document can stand here".into());
            }
            if u64::from(head.length) * self.width as u64 > self.sealed.bytes - self.place() {
                return self.damaged(start, format!("a document of {} tokens, where the file ends before", head.length));
            }
            self.head = head;
            if is_drawn(head.occurrence, head.chance, epochs * f64::from(head.repeats)) {
                return Ok(true);
            }
            self.skip()?;
        }
    }

    /// Passes over the tokens of the document.
    fn skip(&mut self) -> Result<()> {
        let mut left = self.head.length as usize * self.width;
        while left > 0 {
            let here = self.filled()?.min(left);
            self.taken += here;
            left -= here;
        }
        Ok(())
    }

    fn take(&mut self, mut into: &mut [u8]) -> Result<()> {
        while !into.is_empty() {
            let here = self.filled()?.min(into.len());
            into[..here].copy_from_slice(&self.buffer[self.taken..self.taken + here]);
            self.taken += here;
            into = &mut into[here..];
        }
        Ok(())
    }

    /// Byte of the file that is taken next.
    fn place(&self) -> u64 {
        self.at - (self.buffer.len() - self.taken) as u64
    }

    /// Bytes of the buffer that can be taken, read where there are none.
    fn filled(&mut self) -> Result<usize> {
        if self.taken == self.buffer.len() {
            let left = self.sealed.bytes - self.at;
            if left == 0 {
                return self.damaged(self.at, "it ends within a document".into());
            }
            self.buffer.resize(self.capacity.min(left as usize), 0);
            self.io.open(&self.path)?.read_exact_at(self.at, &mut self.buffer)?;
            self.digest.update(&self.buffer);
            self.at += self.buffer.len() as u64;
            self.taken = 0;
        }
        Ok(self.buffer.len() - self.taken)
    }

    fn check_digest(&mut self) -> Result<()> {
        // Nothing of a finished piece is asked for again.
        self.buffer = Vec::new();
        self.taken = 0;
        let came = hex(self.digest.digest128());
        if came == self.sealed.digest {
            return Ok(());
        }
        self.damaged(0, format!("it was sealed with digest {}, its bytes have {came}", self.sealed.digest))
    }

    fn damaged<T>(&self, at: u64, what: String) -> Result<T> {
        Err(Error::corrupt(&self.path, at, what))
    }
}
