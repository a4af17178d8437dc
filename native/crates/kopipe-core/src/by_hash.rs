//! Tables whose keys are hashes already: hashing them once more would only take time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub type ByHash<K, V> = HashMap<K, V, BuildHasherDefault<Itself>>;

/// A key of 64 bits, or what a key gives as such, is its own hash.
#[derive(Debug, Default)]
pub struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes of 64 bits are looked up")
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
