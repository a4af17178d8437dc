//! The bytes that a vocabulary begins with.

use super::run::Sorted;
use crate::bpe::alphabet::CHARACTERS;
use crate::error::{Error, Result};
use std::cmp::Reverse;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InitialAlphabet {
    /// All 256: no text loses a byte.
    #[default]
    Bytes,
    /// Those that occur, as HF has it where no alphabet is given: what does not occur is lost when it is encoded.
    Found,
}

/// The bytes to begin with. Of more than `limit`, HF keeps the most frequent, and any of equal ones; here the one whose
/// character has the smaller code point.
pub fn bytes(initial: InitialAlphabet, limit: Option<usize>, counts: &mut impl Sorted) -> Result<Vec<u8>> {
    let limit = limit.unwrap_or(256);
    if initial == InitialAlphabet::Bytes {
        if limit < 256 {
            return Err(Error::invalid(format!("an alphabet limited to {limit} loses {} of the 256 bytes", 256 - limit)));
        }
        return Ok((0..=255).collect());
    }
    let mut occurrences = [0u64; 256];
    while counts.advance()? {
        for &byte in counts.pretoken() {
            occurrences[byte as usize] = occurrences[byte as usize].saturating_add(counts.count());
        }
    }
    let mut found: Vec<u8> = (0..=255).filter(|&byte| occurrences[byte as usize] > 0).collect();
    found.sort_by_key(|&byte| (Reverse(occurrences[byte as usize]), CHARACTERS[byte as usize]));
    found.truncate(limit);
    Ok(found)
}
