use super::*;
use proptest::prelude::*;

type Lower32 = fn(&[u32], &mut [u32; PERMUTATIONS]);
type Lower61 = fn(&[u64], &mut [u64; PERMUTATIONS]);

/// Every path that this CPU has, and what the dispatch chooses.
fn paths32() -> Vec<(&'static str, Lower32)> {
    let mut paths: Vec<(&str, Lower32)> = vec![("chosen", lower32)];
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            // SAFETY: the CPU has AVX-512 F.
            paths.push(("AVX-512", |shingles, minima| unsafe { avx512::lower32(shingles, &PAIRS32, minima) }));
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2.
            paths.push(("AVX2", |shingles, minima| unsafe { avx2::lower32(shingles, &PAIRS32, minima) }));
        }
    }
    #[cfg(target_arch = "aarch64")]
    paths.push(("NEON", |shingles, minima| neon::lower32(shingles, &PAIRS32, minima)));
    paths
}

fn paths61() -> Vec<(&'static str, Lower61)> {
    let mut paths: Vec<(&str, Lower61)> = vec![("chosen", lower61)];
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512dq") {
            paths.push(("AVX-512", |hashes, minima| {
                // SAFETY: the CPU has AVX-512 F and DQ.
                lower61_by(|block, pairs, lowest| unsafe { avx512::lowest61(block, pairs, lowest) }, hashes, minima)
            }));
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            paths.push(("AVX2", |hashes, minima| {
                // SAFETY: the CPU has AVX2.
                lower61_by(|block, pairs, lowest| unsafe { avx2::lowest61(block, pairs, lowest) }, hashes, minima)
            }));
        }
    }
    #[cfg(target_arch = "aarch64")]
    paths.push(("NEON", |hashes, minima| lower61_by(neon::lowest61, hashes, minima)));
    paths
}

fn equal32(shingles: &[u32], start: [u32; PERMUTATIONS]) {
    let mut textbook = start;
    lower32_textbook(shingles, &mut textbook);
    for (name, lower) in paths32() {
        let mut minima = start;
        lower(shingles, &mut minima);
        assert_eq!(minima, textbook, "{name}");
    }
}

fn equal61(hashes: &[u64], start: [u64; PERMUTATIONS]) {
    let mut textbook = start;
    lower61_textbook(hashes, &mut textbook);
    for (name, lower) in paths61() {
        let mut minima = start;
        lower(hashes, &mut minima);
        assert_eq!(minima, textbook, "{name}");
    }
}

proptest! {
    #[test]
    fn every_path_equals_the_textbook(
        hashes in prop::collection::vec(any::<u64>(), 0..50),
        start in prop::collection::vec(any::<u64>(), PERMUTATIONS),
    ) {
        let start: [u64; PERMUTATIONS] = start.try_into().unwrap();
        let shingles: Vec<u32> = hashes.iter().map(|&hash| hash as u32).collect();
        equal32(&shingles, [u32::MAX; PERMUTATIONS]);
        equal32(&shingles, start.map(|word| word as u32));
        equal61(&hashes, [u64::MAX; PERMUTATIONS]);
        equal61(&hashes, start);
    }
}

#[test]
fn equal_over_many_blocks_and_at_the_edges() {
    let hashes: Vec<u64> = (0..3 * BLOCK as u64 + 7).map(splitmix).collect();
    equal61(&hashes, [u64::MAX; PERMUTATIONS]);
    equal32(&hashes.iter().map(|&hash| hash as u32).collect::<Vec<_>>(), [u32::MAX; PERMUTATIONS]);
    for hash in [0, 1, u64::MAX, MERSENNE, MERSENNE + 1, u64::from(u32::MAX), 1 << 32, 1 << 63] {
        equal61(&[hash], [u64::MAX; PERMUTATIONS]);
        equal32(&[hash as u32, (hash >> 32) as u32], [u32::MAX; PERMUTATIONS]);
    }
}

/// The inverse of an odd number mod 2^64, by Newton's method.
fn inverse(a: u64) -> u64 {
    (0..6).fold(a, |x, _| x.wrapping_mul(2u64.wrapping_sub(a.wrapping_mul(x))))
}

/// Sums that reach 2^61 − 1 happen to no random input: hashes are made that lead to each of them.
#[test]
fn residues_wrap_at_the_prime() {
    let pairs = &*PAIRS61;
    let mut tried = 0;
    for i in (0..PERMUTATIONS).filter(|&i| pairs.a[i] % 2 == 1) {
        for high in 0..8u64 {
            for below in 0..9 {
                let value = high << 61 | (MERSENNE - below);
                let hash = value.wrapping_sub(pairs.b[i]).wrapping_mul(inverse(pairs.a[i]));
                assert_eq!(hash.wrapping_mul(pairs.a[i]).wrapping_add(pairs.b[i]), value);
                equal61(&[hash], [u64::MAX; PERMUTATIONS]);
                equal61(&[splitmix(below), hash, splitmix(high)], [u64::MAX; PERMUTATIONS]);
                tried += 1;
            }
        }
    }
    assert!(tried > 2000, "{tried}");
}

/// From datatrove 0.10.1 under numpy 2.4.6.
#[test]
fn pairs_are_those_of_numpy() {
    let pairs = &*PAIRS61;
    assert_eq!(pairs.a[..4], [775169054918279404, 1758426461858698313, 2109959069025162, 965365488286768774]);
    assert_eq!(pairs.b[..4], [1062448801025099917, 1324811268927594100, 1217488311597731462, 100775521383383736]);
    assert_eq!((pairs.a[111], pairs.b[111]), (223865076026037746, 1097409548522419201));
}

/// What is on disk depends on them.
#[test]
fn own_pairs_never_change() {
    assert!(PAIRS32.a.iter().all(|a| a % 2 == 1));
    assert_eq!(splitmix(0), 0xE220_A839_7B1D_CDAF);
    assert_eq!((PAIRS32.a[0], PAIRS32.b[111]), (3793791033, 1376350402));
}
