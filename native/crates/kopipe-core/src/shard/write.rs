//! Writing shards: batches come from any worker, and are appended in order.
//!
//! A document is one sequence and one doc_idx entry, with the end-of-document token last. A shard ends before the
//! document with which `.bin` would pass the limit, so that what is in it depends on documents alone. `.bin` grows as
//! batches come, `.idx` is written at the end from the lengths: four bytes a document are held. A shard of one split
//! takes the documents of a batch that belong there.

use super::{Dtype, EncodedBatch, HEADER, MAGIC, VERSION};
use crate::batch::Count;
use crate::error::{Error, Result};
use crate::io::{Io, NewFile, Sealed};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// One shard under construction.
pub struct ShardWriter {
    bin: NewFile,
    idx: NewFile,
    dtype: Dtype,
    limit: u64,
    lengths: Vec<u32>,
    sources: BTreeMap<String, Tally>,
}

/// What of a source was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub documents: u64,
    pub tokens: u64,
    /// The documents that are there, each counted once, and their text.
    pub distinct: Count,
}

impl Tally {
    pub(super) fn add(&mut self, tokens: u32, bytes: u64) {
        self.documents += 1;
        self.tokens += u64::from(tokens);
        if bytes > 0 {
            self.distinct.add(bytes);
        }
    }
}

/// A shard that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedShard {
    pub bin: Sealed,
    pub idx: Sealed,
    pub documents: u64,
    pub tokens: u64,
}

impl ShardWriter {
    /// `prefix` is the path without its extension; `.bin` stays within `limit` bytes, unless one document exceeds it.
    pub fn create(io: &Io, prefix: &Path, dtype: Dtype, limit: u64) -> Result<Self> {
        let bin = io.create(&prefix.with_extension("bin"))?;
        let idx = io.create(&prefix.with_extension("idx"))?;
        Ok(ShardWriter { bin, idx, dtype, limit, lengths: Vec::new(), sources: BTreeMap::new() })
    }

    /// Appends documents of a batch, those of one split where that is asked for, and gives the number of the first that
    /// did not fit.
    pub fn append(&mut self, batch: &EncodedBatch, documents: Range<usize>, split: Option<u8>) -> Result<usize> {
        if batch.dtype() != self.dtype {
            return Err(Error::Internal("a batch and a shard of different token types".into()));
        }
        if documents.start > documents.end || documents.end > batch.len() || (split.is_some() && batch.splits.len() != batch.len()) {
            return Err(Error::Internal("documents that a batch does not have".into()));
        }
        let width = self.dtype.width();
        let mut at = batch.lengths[..documents.start].iter().map(|&length| length as usize).sum::<usize>() * width;
        // What stands side by side is written as it stands; short runs are gathered first.
        let mut run = at..at;
        let mut gathered = Vec::new();
        let mut bytes = self.bin.bytes();
        let mut end = documents.start;
        let origins = &batch.origins;
        let mut tallies = vec![Tally::default(); origins.names.len()];
        for number in documents {
            let length = batch.lengths[number];
            let next = at + length as usize * width;
            if length > 0 && split.is_none_or(|split| batch.splits[number] == split) {
                bytes += (next - at) as u64;
                if bytes > self.limit && !self.lengths.is_empty() {
                    break;
                }
                self.lengths.push(length);
                if let Some(&source) = origins.sources.get(number) {
                    tallies[source as usize].add(length, origins.bytes[number]);
                }
                if run.end != at {
                    self.put(&batch.tokens()[run], &mut gathered)?;
                    run = at..at;
                }
                run.end = next;
            }
            at = next;
            end = number + 1;
        }
        self.put(&batch.tokens()[run], &mut gathered)?;
        if !gathered.is_empty() {
            self.bin.write(&gathered)?;
        }
        for (name, tally) in origins.names.iter().zip(tallies).filter(|(_, tally)| tally.documents > 0) {
            let sum = self.sources.entry(name.clone()).or_default();
            sum.documents += tally.documents;
            sum.tokens += tally.tokens;
            sum.distinct.docs += tally.distinct.docs;
            sum.distinct.bytes += tally.distinct.bytes;
        }
        Ok(end)
    }

    /// Writes a run of documents, or gathers it where it is short.
    fn put(&mut self, run: &[u8], gathered: &mut Vec<u8>) -> Result<()> {
        const SHORT: usize = 1 << 17;
        if gathered.len() + run.len() > SHORT && !gathered.is_empty() {
            self.bin.write(gathered)?;
            gathered.clear();
        }
        if run.len() > SHORT {
            return self.bin.write(run);
        }
        gathered.extend_from_slice(run);
        Ok(())
    }

    /// Documents so far.
    pub fn documents(&self) -> usize {
        self.lengths.len()
    }

    /// What was written of each source, where that is known.
    pub fn sources(&self) -> &BTreeMap<String, Tally> {
        &self.sources
    }

    /// Writes `.idx` and makes both files exist.
    pub fn seal(mut self) -> Result<SealedShard> {
        let documents = self.lengths.len() as u64;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&VERSION.to_le_bytes());
        header.push(self.dtype.code());
        header.extend_from_slice(&documents.to_le_bytes());
        header.extend_from_slice(&(documents + 1).to_le_bytes());
        self.idx.write(&header)?;
        write_all(&mut self.idx, self.lengths.iter().map(|length| length.to_le_bytes()))?;
        let width = self.dtype.width() as u64;
        let pointers =
            self.lengths.iter().scan(0, |at, &length| Some(std::mem::replace(at, *at + u64::from(length) * width).to_le_bytes()));
        write_all(&mut self.idx, pointers)?;
        write_all(&mut self.idx, (0..=documents).map(u64::to_le_bytes))?;
        let tokens = self.bin.bytes() / width;
        Ok(SealedShard { bin: self.bin.commit()?, idx: self.idx.commit()?, documents, tokens })
    }
}

fn write_all<const N: usize>(file: &mut NewFile, numbers: impl Iterator<Item = [u8; N]>) -> Result<()> {
    const BUFFER: usize = 1 << 18;
    let mut buffer = Vec::with_capacity(BUFFER);
    for number in numbers {
        if buffer.len() + N > BUFFER {
            file.write(&buffer)?;
            buffer.clear();
        }
        buffer.extend_from_slice(&number);
    }
    file.write(&buffer)
}

#[cfg(test)]
mod tests {
    use super::super::Shares;
    use super::super::batch::Origins;
    use super::*;
    use crate::bpe::{Encoded, Output};
    use zerocopy::IntoBytes;

    fn encoded(documents: &[&[u16]]) -> EncodedBatch {
        let lengths: Vec<u32> = documents.iter().map(|d| d.len() as u32).collect();
        EncodedBatch::of(Encoded::Narrow(Output { tokens: documents.concat(), lengths: lengths.clone() }), lengths, Origins::default())
    }

    #[test]
    fn an_index_is_what_the_format_says() {
        let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
        let mut shard = ShardWriter::create(&io, &dir.path().join("00000"), Dtype::U16, 1 << 20).unwrap();
        assert_eq!(shard.append(&encoded(&[&[7, 8, 0], &[], &[9, 0]]), 0..3, None).unwrap(), 3);
        let sealed = shard.seal().unwrap();
        assert_eq!((sealed.documents, sealed.tokens), (2, 5));
        assert_eq!(std::fs::read(dir.path().join("00000.bin")).unwrap(), [7, 0, 8, 0, 0, 0, 9, 0, 0, 0]);
        let mut expected = b"MMIDIDX\0\0\x01\0\0\0\0\0\0\0\x08".to_vec();
        expected.extend([2u64, 3].iter().flat_map(|n| n.to_le_bytes()));
        expected.extend([3u32, 2].iter().flat_map(|n| n.to_le_bytes()));
        expected.extend([0u64, 6, 0, 1, 2].iter().flat_map(|n| n.to_le_bytes()));
        assert_eq!(std::fs::read(dir.path().join("00000.idx")).unwrap(), expected);
    }

    /// However documents are cut into batches, the same ones are in a shard; one over the limit stands alone.
    #[test]
    fn a_shard_ends_before_the_document_that_passes_the_limit() {
        let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
        let documents: [&[u16]; 5] = [&[1, 0], &[2, 0], &[], &[3, 3, 3, 3, 3, 0], &[4, 0]];
        for size in 1..=5 {
            let batches: Vec<_> = documents.chunks(size).map(encoded).collect();
            let mut shards = vec![ShardWriter::create(&io, &dir.path().join("0"), Dtype::U16, 8).unwrap()];
            for batch in &batches {
                let mut first = 0;
                while first < batch.lengths.len() {
                    first = shards.last_mut().unwrap().append(batch, first..batch.len(), None).unwrap();
                    if first < batch.lengths.len() {
                        shards.push(ShardWriter::create(&io, &dir.path().join(shards.len().to_string()), Dtype::U16, 8).unwrap());
                    }
                }
            }
            assert_eq!(shards.iter().map(ShardWriter::documents).collect::<Vec<_>>(), [2, 1, 1]);
        }
    }

    proptest::proptest! {
        /// Every document is in the shard of its split, in order, however batches are cut; the slow way is document by document.
        #[test]
        fn splits_part_the_documents(
            documents in proptest::collection::vec(proptest::collection::vec(1u16..5, 0..60_000usize), 1..12),
            cut in 1usize..5,
        ) {
            let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
            let documents: Vec<Vec<u16>> = documents.into_iter().map(|d| if d.is_empty() { d } else { [d, vec![0]].concat() }).collect();
            let shares = Shares::new([0.4, 0.3, 0.3]).unwrap();
            let mut shards: Vec<_> = (0..3u8)
                .map(|split| ShardWriter::create(&io, &dir.path().join(split.to_string()), Dtype::U16, u64::MAX).unwrap())
                .collect();
            for part in documents.chunks(cut) {
                let mut batch = encoded(&part.iter().map(Vec::as_slice).collect::<Vec<_>>());
                batch.split(&shares);
                for (split, shard) in (0u8..).zip(&mut shards) {
                    assert_eq!(shard.append(&batch, 0..batch.len(), Some(split)).unwrap(), batch.len());
                }
            }
            for (split, shard) in (0u8..).zip(shards) {
                shard.seal().unwrap();
                let tokens = documents.iter().filter(|d| !d.is_empty() && shares.of(d[..d.len() - 1].as_bytes()) == split);
                let expected: Vec<u8> = tokens.flat_map(|d| d.as_bytes().iter().copied()).collect();
                assert!(std::fs::read(dir.path().join(format!("{split}.bin"))).unwrap() == expected);
            }
        }
    }
}
