//! A run: documents gathered until they would pass a limit, sorted by their places, written file by file.

use super::{Head, Order, Place, chance, cluster_size, is_drawn};
use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::io::{Io, NewFile, Sealed};
use crate::shard::write::Tally;
use crate::shard::{Dtype, EncodedBatch};
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A run under construction. Its documents are held; of one that stands there several times, once.
pub struct RunWriter {
    io: Io,
    prefix: PathBuf,
    dtype: Dtype,
    order: Order,
    limit: u64,
    tokens: Vec<u8>,
    entries: Vec<Entry>,
    documents: u64,
    /// Bytes that its files will have.
    bytes: u64,
    /// Number of the next document in the whole input.
    ordinal: u64,
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    tallies: Vec<Tally>,
}

struct Entry {
    place: Place,
    chance: u64,
    bytes: u64,
    repeats: u32,
    source: u32,
    /// Where its tokens lie.
    start: usize,
    length: u32,
}

/// A run that exists.
#[derive(Debug)]
pub struct Run {
    pub files: Vec<RunFile>,
    /// Documents of the input in it, those that are not drawn included.
    pub documents: u64,
    /// Its sources by number, and of each how many documents and tokens one epoch has.
    pub sources: Vec<(String, Tally)>,
}

#[derive(Debug)]
pub struct RunFile {
    pub path: PathBuf,
    pub split: u8,
    pub file: u32,
    pub sealed: Sealed,
}

impl RunWriter {
    /// Files are called `PREFIX-SPLIT-FILE`; `limit` bytes of them are gathered, unless one document exceeds it. `ordinal` is
    /// the number of the first document in the whole input.
    pub fn new(io: &Io, prefix: &Path, dtype: Dtype, limit: u64, order: Order, ordinal: u64) -> Self {
        RunWriter {
            io: io.clone(),
            prefix: prefix.into(),
            dtype,
            order,
            limit,
            tokens: Vec::new(),
            entries: Vec::new(),
            documents: 0,
            bytes: 0,
            ordinal,
            names: Vec::new(),
            numbers: HashMap::new(),
            tallies: Vec::new(),
        }
    }

    /// Takes documents of a batch; gives the number of the first that did not fit.
    pub fn append(&mut self, encoded: &EncodedBatch, batch: &Batch, documents: Range<usize>) -> Result<usize> {
        let fits = documents.end <= encoded.len() && documents.start <= documents.end && batch.documents.len() == encoded.len();
        if !fits || encoded.dtype() != self.dtype {
            return Err(Error::Internal("documents that a batch does not have, or of another type".into()));
        }
        let width = self.dtype.width();
        // Numbered as documents come: where a batch begins and ends leaves no trace.
        let mut sources: Vec<Option<(u32, f64)>> = vec![None; encoded.origins.names.len()];
        let mut at = encoded.lengths[..documents.start].iter().map(|&length| length as usize).sum::<usize>() * width;
        for number in documents.clone() {
            let length = encoded.lengths[number];
            let document = &encoded.tokens()[at..at + length as usize * width];
            at += document.len();
            if length == 0 {
                continue;
            }
            let local = encoded.origins.sources[number] as usize;
            let name = &encoded.origins.names[local];
            let epochs = sources[local].map_or_else(|| self.order.epochs_of(name), |(_, epochs)| epochs);
            let repeats = match self.order.repeats.is_empty() {
                true => 1,
                false => self.order.repeats_of(cluster_size(&batch.metadata[batch.documents[number].additions.clone()])),
            };
            let chance = chance(&document[..document.len() - width]);
            let times = (0..).take_while(|&occurrence| is_drawn(occurrence, chance, epochs * f64::from(repeats))).count() as u32;
            let bytes = u64::from(times) * (Head::BYTES + document.len()) as u64;
            if self.bytes + bytes > self.limit && self.documents > 0 {
                return Ok(number);
            }
            self.bytes += bytes;
            self.documents += 1;
            let source = sources[local].get_or_insert_with(|| (self.number(name), epochs)).0;
            let tally = &mut self.tallies[source as usize];
            let text = encoded.origins.bytes[number];
            (0..repeats).for_each(|repeat| tally.add(length, if repeat == 0 { text } else { 0 }));
            let split = encoded.splits.get(number).copied().unwrap_or(0);
            for occurrence in 0..times {
                let place = Place::new(&self.order, split, self.ordinal, occurrence);
                let bytes = if occurrence == 0 { text } else { 0 };
                self.entries.push(Entry { place, chance, bytes, repeats, source, start: self.tokens.len(), length });
            }
            if times > 0 {
                self.tokens.extend_from_slice(document);
            }
            self.ordinal += 1;
        }
        Ok(documents.end)
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.tallies.push(Tally::default());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// Documents so far, those that are not drawn included.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Sorts and writes; its files exist from here on.
    pub fn seal(mut self) -> Result<Run> {
        self.entries.sort_unstable_by_key(|entry| entry.place);
        let mut written: Vec<(RunFile, NewFile)> = Vec::new();
        for entries in self.entries.chunk_by(|a, b| (a.place.split, a.place.file) == (b.place.split, b.place.file)) {
            let Place { split, file, .. } = entries[0].place;
            let mut name = self.prefix.as_os_str().to_owned();
            name.push(format!("-{split}-{file}"));
            let path = PathBuf::from(name);
            let mut new = self.io.create(&path)?;
            self.write(entries, &mut new)?;
            new.hasten();
            written.push((RunFile { path, split, file, sealed: Sealed { bytes: 0, digest: String::new() } }, new));
        }
        let mut files = Vec::with_capacity(written.len());
        for (file, new) in written {
            files.push(RunFile { sealed: new.commit()?, ..file });
        }
        Ok(Run { files, documents: self.documents, sources: self.names.into_iter().zip(self.tallies).collect() })
    }

    fn write(&self, entries: &[Entry], file: &mut NewFile) -> Result<()> {
        const BUFFER: usize = 1 << 18;
        let mut buffer = Vec::with_capacity(2 * BUFFER);
        for Entry { place, chance, bytes, repeats, source, start, length } in entries {
            let &Place { major, ordinal, occurrence, .. } = place;
            let (chance, bytes, repeats, source, length) = (*chance, *bytes, *repeats, *source, *length);
            buffer.extend_from_slice(&Head { major, ordinal, chance, bytes, occurrence, repeats, source, length }.to_bytes());
            buffer.extend_from_slice(&self.tokens[*start..start + length as usize * self.dtype.width()]);
            if buffer.len() >= BUFFER {
                file.write(&buffer)?;
                buffer.clear();
            }
        }
        file.write(&buffer)
    }
}
