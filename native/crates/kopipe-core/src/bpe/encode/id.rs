//! The width of ids: 16 bits where the vocabulary allows, so that caches hold twice as much and shards are written as
//! they are encoded.

use zerocopy::{Immutable, IntoBytes};

pub trait Id: Copy + PartialEq + Default + Send + Sync + IntoBytes + Immutable + 'static {
    /// The id of a number that fits.
    fn of(number: u32) -> Self;
    fn number(self) -> u32;

    /// The tokens that an entry of the cache has room for: with key and count a power of two of bytes.
    type Short: Default + Copy + Send + Sync + AsRef<[Self]> + AsMut<[Self]>;
    type Long: Default + Copy + Send + Sync + AsRef<[Self]> + AsMut<[Self]>;
}

impl Id for u16 {
    type Short = [u16; 7];
    type Long = [u16; 15];
    #[inline]
    fn of(number: u32) -> Self {
        number as u16
    }
    #[inline]
    fn number(self) -> u32 {
        u32::from(self)
    }
}

impl Id for u32 {
    type Short = [u32; 11];
    type Long = [u32; 7];
    #[inline]
    fn of(number: u32) -> Self {
        number
    }
    #[inline]
    fn number(self) -> u32 {
        self
    }
}
