//! The width of ids: 16 bits where the vocabulary allows, so that caches hold twice as much and shards are written as
//! they are encoded.

use zerocopy::{Immutable, IntoBytes};

pub trait Id: Copy + PartialEq + Default + Send + Sync + IntoBytes + Immutable + 'static {
    /// The id of a number that fits.
    fn of(number: u32) -> Self;
    fn number(self) -> u32;

    /// Two tokens in one number.
    type Pair: Copy + PartialEq + Send + Sync;
    fn pair(left: u32, right: u32) -> Self::Pair;
    fn tokens(pair: Self::Pair) -> (u32, u32);
    /// Two numbers of a pair: the high bits of the first say which bucket, the second tells the pairs of a bucket apart.
    fn hash(pair: Self::Pair) -> [u32; 2];

    /// The tokens that an entry of the cache has room for: with key and count a power of two of bytes.
    type Short: Default + Copy + Send + Sync + AsRef<[Self]> + AsMut<[Self]>;
    type Long: Default + Copy + Send + Sync + AsRef<[Self]> + AsMut<[Self]>;
}

impl Id for u16 {
    type Pair = u32;
    type Short = [u16; 7];
    type Long = [u16; 15];
    #[inline]
    fn pair(left: u32, right: u32) -> u32 {
        left << 16 | right
    }
    #[inline]
    fn tokens(pair: u32) -> (u32, u32) {
        (pair >> 16, pair & 0xffff)
    }
    #[inline]
    fn hash(pair: u32) -> [u32; 2] {
        let hash = pair.wrapping_mul(0x9e37_79b1);
        [hash, hash.rotate_left(13)]
    }
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
    type Pair = u64;
    type Short = [u32; 11];
    type Long = [u32; 7];
    #[inline]
    fn pair(left: u32, right: u32) -> u64 {
        u64::from(left) << 32 | u64::from(right)
    }
    #[inline]
    fn tokens(pair: u64) -> (u32, u32) {
        ((pair >> 32) as u32, pair as u32)
    }
    #[inline]
    fn hash(pair: u64) -> [u32; 2] {
        let hash = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        [(hash >> 32) as u32, (hash >> 16) as u32 ^ (hash >> 44) as u32]
    }
    #[inline]
    fn of(number: u32) -> Self {
        number
    }
    #[inline]
    fn number(self) -> u32 {
        self
    }
}
