//! How far a training is, for another thread to watch, and to stop it.
//!
//! In memory what a merge costs falls about as one over its rank, as the first go through most of the words and the last
//! through few: on 5 GB, 123 of 29,745 merges took half of the time. On disk the time is in passes over the words, two for each
//! segment; how many are left follows from the ranks. Of 2 GB in 400 MB, 35, 32, 30, 30, 15, 13 and 2 seconds were told to be left
//! where 36, 31, 26, 21, 16, 11 and 6 were.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

#[derive(Default)]
pub struct Progress {
    pub merges: AtomicU64,
    /// Merges that there will be at the most.
    pub(super) wanted: AtomicU64,
    /// Passes over words on disk, with the one that is going on.
    pub passes: AtomicU64,
    /// Bytes of the last pass: those it took, and all.
    taken: AtomicU64,
    bytes: AtomicU64,
    /// Segments whose words are collected.
    segments: AtomicU64,
    /// The largest share told so far, in millionths.
    told: AtomicU64,
    pub cancelled: AtomicBool,
}

/// What bounded trainings of 2 to 20 GB took: a guess until the first merges say more.
const PASSES: f64 = 8.0;
/// What a segment behind the first brings of the logarithm of the ranks: of 2 GB in 400 MB they ended at 101, 561, 6,192 and 29,745.
const GAIN: f64 = 0.18;

impl Progress {
    pub(super) fn begin_pass(&self, bytes: u64) {
        self.taken.store(0, Relaxed);
        self.bytes.store(bytes, Relaxed);
        self.passes.fetch_add(1, Relaxed);
    }

    /// Of the pass that is going on.
    pub(super) fn passed(&self, bytes: u64) {
        self.taken.store(bytes, Relaxed);
    }

    pub(super) fn collected(&self) {
        self.segments.fetch_add(1, Relaxed);
    }

    /// The share of the work that is done, 0 to 1; it never falls.
    pub fn share(&self) -> f64 {
        let [merges, wanted] = [&self.merges, &self.wanted].map(|number| (1.0 + number.load(Relaxed) as f64).ln());
        let merged = if wanted > 0.0 { (merges / wanted).min(1.0) } else { 0.0 };
        let [passes, taken, bytes, segments] = [&self.passes, &self.taken, &self.bytes, &self.segments].map(|n| n.load(Relaxed) as f64);
        let passed = passes - 1.0 + taken / bytes.max(1.0);
        let share = match (passes, segments) {
            (0.0, _) => merged,
            (_, 0.0) => passed / PASSES,
            _ => passed / (2.0 * segments + 2.0 * (1.0 - merged) / GAIN),
        };
        let millionths = (share.clamp(0.0, 1.0) * 1e6) as u64;
        self.told.fetch_max(millionths, Relaxed).max(millionths) as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(progress: &Progress, share: f64) {
        let told = progress.share();
        assert!((told - share).abs() < 0.01, "{told} where {share} is expected");
    }

    /// The share at half of the first, and behind both.
    fn two_passes(progress: &Progress, half: f64, both: f64) {
        progress.begin_pass(1000);
        progress.passed(500);
        at(progress, half);
        progress.passed(1000);
        progress.begin_pass(10);
        progress.passed(10);
        at(progress, both);
    }

    #[test]
    fn passes_and_merges_tell_one_share_that_never_falls() {
        let progress = Progress::default();
        at(&progress, 0.0);
        progress.wanted.store(9999, Relaxed);
        two_passes(&progress, 0.5 / 8.0, 2.0 / 8.0);
        progress.collected();
        at(&progress, 2.0 / 8.0);
        // Half of the logarithm: of 2 and 5.6 passes two are done.
        progress.merges.store(99, Relaxed);
        at(&progress, 2.0 / 7.56);
        two_passes(&progress, 2.5 / 7.56, 4.0 / 7.56);
        progress.collected();
        at(&progress, 4.0 / 7.56);
        progress.merges.store(9999, Relaxed);
        at(&progress, 1.0);
    }

    #[test]
    fn in_memory_the_ranks_tell_it() {
        let progress = Progress::default();
        progress.wanted.store(29_745, Relaxed);
        progress.merges.store(123, Relaxed);
        at(&progress, 0.47);
        progress.merges.store(29_745, Relaxed);
        at(&progress, 1.0);
    }
}
