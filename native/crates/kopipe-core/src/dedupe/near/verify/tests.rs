use super::super::candidate::Key;
use super::super::sketch::Sketch;
use super::*;
use proptest::prelude::*;

/// A document of a component, of consecutive shingles from `first` on.
fn document(component: u32, number: u32, first: u32, length: u32, bands: &[u32]) -> Candidate {
    let sketch = Sketch { hashes: (first..first + length).map(|hash| hash * 1000).collect(), shift: 0, left_out: 0 };
    Candidate { key: Key::new(component, 1, length, number), bands: bands.to_vec(), sketch }
}

/// The obvious way: all in memory, in order, against all that are to be compared.
fn slow(candidates: &[Candidate]) -> Vec<(u32, u32, bool)> {
    let mut sorted = candidates.to_vec();
    sorted.sort_by_key(|candidate| candidate.key);
    let mut kept: Vec<Candidate> = Vec::new();
    let mut verdicts = Vec::new();
    for candidate in sorted {
        let of_component: Vec<&Candidate> = kept.iter().filter(|k| k.key.component == candidate.key.component).collect();
        let compared =
            of_component.iter().enumerate().filter(|(i, k)| *i < NEAREST || k.bands.iter().zip(&candidate.bands).any(|(a, b)| a == b));
        let judged: Vec<_> = compared.filter_map(|(_, k)| Some((k.key.number, judge(&k.sketch, &candidate.sketch)?))).collect();
        let taken = judged.iter().find(|(_, (rule, _))| *rule != Rule::Different);
        let most = judged.iter().rev().max_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
        if let Some((of, (rule, _))) = taken.or(most) {
            verdicts.push((candidate.key.number, *of, *rule != Rule::Different));
        }
        if taken.is_none() {
            kept.push(candidate);
        }
    }
    verdicts.sort_unstable();
    verdicts
}

fn fast(candidates: &[Candidate], partitions: usize, memory: usize) -> Vec<(u32, u32, bool)> {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let path = dir.path().join("c");
    let mut runs = Runs::create(&io, &path, partitions, 1 << 14).unwrap();
    candidates.iter().for_each(|candidate| runs.push(candidate).unwrap());
    runs.commit().unwrap();
    let mut found = Vec::new();
    for partition in 0..partitions {
        let verdicts = dir.path().join("v");
        verify(&io, std::slice::from_ref(&path), partition, partitions, Verification { compare: true, memory }, &verdicts).unwrap();
        let all = records::Records::<Verdict>::read_all(&io, &verdicts).unwrap();
        assert!(all.is_sorted_by_key(|verdict| verdict.number));
        found.extend(all.iter().map(|v| (v.number, v.of, v.rule != Rule::Different as u32)));
    }
    found.sort_unstable();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn equals_its_slow_twin_in_any_memory(
        documents in prop::collection::vec((0u32..3, 0u32..4000, 20u32..120, 0u32..3), 0..400),
        partitions in 1usize..4,
        memory in prop_oneof![Just(1usize), 10_000usize..60_000, Just(1 << 24)],
    ) {
        let candidates: Vec<Candidate> = documents
            .iter()
            .enumerate()
            .map(|(i, &(component, first, length, band))| document(component, i as u32, first / 8 * 8, length, &[band, first / 500]))
            .collect();
        prop_assert_eq!(fast(&candidates, partitions, memory), slow(&candidates));
    }
}

#[test]
fn a_chain_of_resemblances_makes_no_cluster() {
    // Each of ten is .82 like the next, and the first nothing like the last.
    let chain: Vec<Candidate> = (0..10).map(|i| document(0, i, 10 * i, 100, &[0])).collect();
    let verdicts = fast(&chain, 1, 1 << 20);
    assert_eq!(verdicts.iter().filter(|v| v.2).map(|v| (v.0, v.1)).collect::<Vec<_>>(), [(1, 0), (3, 2), (5, 4), (7, 6), (9, 8)]);
    assert_eq!(verdicts.iter().filter(|v| !v.2).map(|v| v.0).collect::<Vec<_>>(), [2, 4, 6, 8]);
}

#[test]
fn what_is_known_stays_and_takes_others_before_longer_ones_do() {
    let known = |number, length| {
        let mut known = document(0, number, 0, length, &[0]);
        known.key.rank = KNOWN;
        known
    };
    let documents = [known(0, 90), known(1, 100), document(0, 2, 0, 110, &[0]), document(0, 3, 0, 105, &[0])];
    for memory in [1, 1 << 20] {
        assert_eq!(fast(&documents, 1, memory), [(2, 1, true), (3, 1, true)]);
    }
}

#[test]
fn the_longest_stays() {
    let documents = [document(0, 0, 0, 90, &[0]), document(0, 1, 0, 100, &[0]), document(0, 2, 30, 80, &[0])];
    assert_eq!(fast(&documents, 1, 1 << 20), [(0, 1, true), (2, 1, false)]);
}

#[test]
fn without_a_comparison_what_hangs_together_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let io = Io::default();
    let (path, verdicts) = (dir.path().join("c"), dir.path().join("v"));
    let mut runs = Runs::create(&io, &path, 1, 1 << 14).unwrap();
    for (number, length) in [(0, 10), (1, 30), (2, 20)] {
        runs.push(&document(0, number, 1000 * number, length, &[number])).unwrap();
    }
    runs.commit().unwrap();
    verify(&io, &[path], 0, 1, Verification { compare: false, memory: 1 << 20 }, &verdicts).unwrap();
    let found = records::Records::<Verdict>::read_all(&io, &verdicts).unwrap();
    assert_eq!(found.iter().map(|v| (v.number, v.of, v.rule)).collect::<Vec<_>>(), [(0, 1, Rule::Band as u32), (2, 1, Rule::Band as u32)]);
}
