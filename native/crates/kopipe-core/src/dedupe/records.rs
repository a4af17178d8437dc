//! Files of equal records, as the steps of deduplication leave them: sealed by a trailer with their number and the
//! xxh3 of their bytes, so that a file cut short by a full disk or another hand is never read as a shorter one.

use crate::error::{Error, Result};
use crate::io::{Io, NewFile, ReadFile};
use std::io::Read;
use std::marker::PhantomData;
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A record: bytes that mean the same everywhere they are read, which is on the machine that wrote them.
pub trait Record: Copy + FromBytes + IntoBytes + Immutable {}

impl<T: Copy + FromBytes + IntoBytes + Immutable> Record for T {}

/// u64 number of records · u64 xxh3 of their bytes.
const TRAILER: usize = 16;

/// Writes all records of a file at once; from then on it exists.
pub fn write<T: Record>(io: &Io, path: &Path, records: &[T]) -> Result<()> {
    let mut writer = Writer::create(io, path)?;
    writer.write(records)?;
    writer.commit()
}

/// Writes records as they are found; the file exists from `commit` on.
pub struct Writer {
    file: NewFile,
    records: u64,
    digest: Xxh3,
}

impl Writer {
    pub fn create(io: &Io, path: &Path) -> Result<Self> {
        Ok(Writer { file: io.create(path)?, records: 0, digest: Xxh3::new() })
    }

    pub fn write<T: Record>(&mut self, records: &[T]) -> Result<()> {
        self.records += records.len() as u64;
        self.digest.update(records.as_bytes());
        if records.is_empty() { Ok(()) } else { self.file.write(records.as_bytes()) }
    }

    pub fn commit(mut self) -> Result<()> {
        self.file.write(&trailer(self.records, self.digest.digest()))?;
        self.file.commit().map(drop)
    }
}

fn trailer(records: u64, digest: u64) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    trailer[..8].copy_from_slice(&records.to_le_bytes());
    trailer[8..].copy_from_slice(&digest.to_le_bytes());
    trailer
}

/// A sealed file, of which ranges are read; checked whole when it is opened.
pub struct Records<T> {
    file: ReadFile,
    number: u64,
    kind: PhantomData<T>,
}

impl<T: Record> Records<T> {
    pub fn open(io: &Io, path: &Path) -> Result<Self> {
        let mut file = io.open(path)?;
        let failed = |e| Error::io("read", path, e);
        let cut = || Error::corrupt(path, 0, "not the records that were written");
        let number = (file.len()?.checked_sub(TRAILER as u64).ok_or_else(cut)?) / size_of::<T>() as u64;
        let mut left = number * size_of::<T>() as u64;
        let (mut digest, mut buffer) = (Xxh3::new(), vec![0; left.min(1 << 20) as usize]);
        while left > 0 {
            let piece = &mut buffer[..left.min(1 << 20) as usize];
            file.read_exact(piece).map_err(failed)?;
            digest.update(piece);
            left -= piece.len() as u64;
        }
        let mut end = Vec::new();
        file.read_to_end(&mut end).map_err(failed)?;
        if end != trailer(number, digest.digest()) {
            return Err(cut());
        }
        Ok(Records { file, number, kind: PhantomData })
    }

    /// All records of a file.
    pub fn read_all(io: &Io, path: &Path) -> Result<Vec<T>> {
        Records::open(io, path)?.all()
    }

    pub fn all(&mut self) -> Result<Vec<T>> {
        self.range(0..self.number)
    }

    /// The records of a range of numbers.
    pub fn range(&mut self, range: std::ops::Range<u64>) -> Result<Vec<T>> {
        let mut records = vec![T::new_zeroed(); (range.end - range.start) as usize];
        self.file.read_exact_at(range.start * size_of::<T>() as u64, records.as_mut_bytes())?;
        Ok(records)
    }

    /// Of records sorted by a key those whose key lies in a range.
    pub fn sorted_range(&mut self, keys: std::ops::Range<u32>, key: impl Fn(&T) -> u32) -> Result<Vec<T>> {
        let (from, to) = (self.first_at_least(keys.start, &key)?, self.first_at_least(keys.end, &key)?);
        self.range(from..to)
    }

    /// By halving, over single records until few are left.
    fn first_at_least(&mut self, wanted: u32, key: impl Fn(&T) -> u32) -> Result<u64> {
        let (mut low, mut high) = (0, self.number);
        while high - low > 512 {
            let middle = low + (high - low) / 2;
            match self.range(middle..middle + 1)?.first().is_some_and(|record| key(record) < wanted) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low + self.range(low..high)?.partition_point(|record| key(record) < wanted) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn ranges_are_those_of_the_slice(mut keys in prop::collection::vec(0u32..5000, 0..3000), a in 0u32..5100, b in 0u32..5100) {
            keys.sort_unstable();
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("r");
            write(&Io::default(), &path, &keys).unwrap();
            let range = a.min(b)..a.max(b);
            let found = Records::<u32>::open(&Io::default(), &path).unwrap().sorted_range(range.clone(), |key| *key).unwrap();
            let expected: Vec<u32> = keys.iter().copied().filter(|key| range.contains(key)).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(Records::<u32>::read_all(&Io::default(), &path).unwrap(), keys);
        }
    }

    #[test]
    fn a_file_that_was_cut_or_changed_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r");
        write(&Io::default(), &path, &[1u32, 2, 3]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for broken in [&whole[..whole.len() - 4], &whole[4..], &[][..], &[&[9], &whole[1..]].concat()] {
            std::fs::write(&path, broken).unwrap();
            assert_eq!(Records::<u32>::open(&Io::default(), &path).err().map(|e| e.kind()), Some("corrupt"));
        }
    }
}
