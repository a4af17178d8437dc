//! Small files of our own: what a file is, with the version, then zstd of what postcard makes of a value. A file is read within
//! bounds: it may be damaged, or not ours.

use crate::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::io::Read;

/// A kind of such files.
pub struct OwnFile {
    pub magic: &'static [u8; 8],
    /// What messages call them.
    pub what: &'static str,
    /// More bytes than the largest has, unpacked.
    pub largest: u64,
}

impl OwnFile {
    pub fn store(&self, value: &impl Serialize) -> Result<Vec<u8>> {
        let plain = postcard::to_stdvec(value).map_err(|e| Error::Internal(e.to_string()))?;
        let packed = zstd::encode_all(&plain[..], 3).map_err(|e| Error::Internal(e.to_string()))?;
        Ok([&self.magic[..], &packed].concat())
    }

    pub fn read<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T> {
        let foreign = || Error::invalid(format!("these are no {} of kopipe, or of another version", self.what));
        let packed = bytes.strip_prefix(self.magic).ok_or_else(foreign)?;
        let mut plain = Vec::new();
        let decoder = zstd::Decoder::new(packed).map_err(|e| self.damaged(e))?;
        decoder.take(self.largest).read_to_end(&mut plain).map_err(|e| self.damaged(e))?;
        postcard::from_bytes(&plain).map_err(|e| self.damaged(e))
    }

    pub fn damaged(&self, why: impl Display) -> Error {
        Error::invalid(format!("{} that cannot be read: {why}", self.what))
    }

    /// A file with one byte of what it says changed.
    #[cfg(test)]
    pub fn changed(&self, stored: &[u8], at: usize, byte: u8) -> Vec<u8> {
        let mut plain = zstd::decode_all(&stored[self.magic.len()..]).unwrap();
        let at = at % plain.len();
        plain[at] = byte;
        [&self.magic[..], &zstd::encode_all(&plain[..], 1).unwrap()].concat()
    }
}
