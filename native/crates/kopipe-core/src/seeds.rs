//! What the fuzz targets start from, for tests.

/// Replays every seed of a target; how many there are.
pub fn replay(target: &str, check: impl Fn(&[u8])) -> usize {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut seeds = 0;
    for seed in std::fs::read_dir(folder).unwrap() {
        check(&std::fs::read(seed.unwrap().path()).unwrap());
        seeds += 1;
    }
    seeds
}
