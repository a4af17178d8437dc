//! How a block lies in the scratch file: u32 raw length · u32 stored length · u64 xxh3 of the stored bytes, seeded with
//! the raw length · the bytes, LZ4 or, where both lengths are equal, as they are.
//!
//! LZ4 costs 2.1 ns a byte to write and .35 for each of two readings, and leaves .47 of Korean text; plain bytes cost
//! .4 more for being written to the page cache and read from it. So blocks are plain while a run's scratch is small enough
//! for that cache (`pipeline/scratch.ts` draws the line at `--memory`) and LZ4 behind it, where the disk would be the limit: 1.2 TB
//! leave 530 GB. Measured on mix and not taken: LZ4 with an acceleration of 16 writes 1.6 times as fast and leaves .71, of 64
//! three times and .91; Snappy is slower and leaves .49; zstd −5 is as fast as LZ4 and leaves .49.

use crate::error::{Error, Result};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Whether a block is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    Lz4,
}

/// Bytes before those of the block.
pub const HEADER: usize = 16;

#[derive(Debug, Clone, Copy)]
pub struct Header {
    raw: usize,
    /// Bytes that follow.
    pub stored: usize,
    checksum: u64,
}

impl Header {
    pub fn read(header: &[u8; HEADER]) -> Self {
        let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        Header { raw: word(0) as usize, stored: word(4) as usize, checksum: u64::from(word(8)) | u64::from(word(12)) << 32 }
    }

    pub fn is_plain(&self) -> bool {
        self.stored == self.raw
    }

    /// The raw bytes of the block that begins at `offset`. Nothing is decoded that is not what was written.
    pub fn open(&self, stored: Vec<u8>, path: &Path, offset: u64) -> Result<Vec<u8>> {
        if xxh3_64_with_seed(&stored, self.raw as u64) != self.checksum {
            return Err(Error::corrupt(path, offset, "the checksum of a scratch block does not match"));
        }
        if self.is_plain() {
            return Ok(stored);
        }
        lz4_flex::block::decompress(&stored, self.raw).map_err(|e| Error::corrupt(path, offset, e.to_string()))
    }
}

/// A block to be filled: room for the header stands before its raw bytes.
pub fn begin(capacity: usize) -> Vec<u8> {
    let mut block = Vec::with_capacity(HEADER + capacity);
    block.resize(HEADER, 0);
    block
}

/// Of a block that `begin` began what goes into the file.
pub fn finish(mut block: Vec<u8>, form: Form) -> Result<Vec<u8>> {
    let raw = block.len() - HEADER;
    if form == Form::Lz4 {
        let mut compressed = vec![0; HEADER + lz4_flex::block::get_maximum_output_size(raw)];
        let length =
            lz4_flex::block::compress_into(&block[HEADER..], &mut compressed[HEADER..]).map_err(|e| Error::Internal(e.to_string()))?;
        // What does not become shorter is left as it is: equal lengths say so.
        if length < raw {
            compressed.truncate(HEADER + length);
            compressed.shrink_to_fit();
            block = compressed;
        }
    }
    let (header, stored) = block.split_at_mut(HEADER);
    header[..4].copy_from_slice(&length(raw)?.to_le_bytes());
    header[4..8].copy_from_slice(&length(stored.len())?.to_le_bytes());
    header[8..].copy_from_slice(&xxh3_64_with_seed(stored, raw as u64).to_le_bytes());
    Ok(block)
}

/// A length as blocks have it.
pub fn length(bytes: usize) -> Result<u32> {
    u32::try_from(bytes).map_err(|_| Error::Internal(format!("a batch of {bytes} bytes: over the 4 GiB a scratch block holds")))
}

#[cfg(test)]
mod tests {
    use super::super::ScratchReader;
    use super::*;
    use crate::io::Io;
    use proptest::prelude::*;

    fn stored(raw: &[u8], form: Form) -> Vec<u8> {
        let mut block = begin(raw.len());
        block.extend_from_slice(raw);
        finish(block, form).unwrap()
    }

    /// All blocks of a file.
    fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        std::fs::write(&path, bytes).unwrap();
        let mut reader = ScratchReader::open(&Io::default(), &path)?;
        std::iter::from_fn(|| reader.next_block().transpose()).collect()
    }

    fn form() -> impl Strategy<Value = Form> {
        prop_oneof![Just(Form::Plain), Just(Form::Lz4)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn blocks_of_both_forms_come_back_as_they_were(
            blocks in prop::collection::vec((form(), prop_oneof!["(?s).{0,200}", "[가-나]{0,300}"], 0usize..40), 0..6),
            skipped in any::<prop::sample::Index>(),
        ) {
            let raw: Vec<Vec<u8>> = blocks.iter().map(|(_, text, times)| text.repeat(*times).into_bytes()).collect();
            let bytes: Vec<u8> = blocks.iter().zip(&raw).flat_map(|((form, ..), raw)| stored(raw, *form)).collect();
            prop_assert_eq!(&read(&bytes).unwrap(), &raw);
            if !raw.is_empty() {
                let dir = tempfile::tempdir().unwrap();
                std::fs::write(dir.path().join("b"), bytes).unwrap();
                let mut reader = ScratchReader::open(&Io::default(), &dir.path().join("b")).unwrap();
                for (number, raw) in raw.iter().enumerate() {
                    if number == skipped.index(blocks.len()) {
                        reader.skip_block().unwrap();
                    } else {
                        prop_assert_eq!(&reader.next_block().unwrap().unwrap(), raw);
                    }
                }
                prop_assert!(reader.next_block().unwrap().is_none());
            }
        }

        /// Of noise nothing is saved: such a block stays as it is.
        #[test]
        fn no_block_grows(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert!(stored(&raw, Form::Lz4).len() <= HEADER + raw.len());
            prop_assert_eq!(stored(&raw, Form::Plain).len(), HEADER + raw.len());
        }
    }

    #[test]
    fn damage_is_noticed() {
        let text = "한국어 문서의 글 ".repeat(9).into_bytes();
        for form in [Form::Plain, Form::Lz4] {
            let whole = stored(&text, form);
            assert_eq!(whole.len() < text.len(), form == Form::Lz4);
            for at in 0..whole.len() {
                let mut broken = whole.clone();
                broken[at] ^= 4;
                assert_eq!(read(&broken).err().map(|e| e.kind()), Some("corrupt"), "{form:?}, byte {at}");
                assert_eq!(read(&whole[..at]).err().map(|e| e.kind()), (at > 0).then_some("corrupt"), "{form:?}, cut at {at}");
            }
        }
    }
}
