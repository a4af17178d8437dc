//! The slow, obvious twins that the fast paths are compared with: alternatives tried one by one, every pair counted
//! anew before every merge.

mod pretokens;

pub use pretokens::pretokens;
use std::collections::BTreeMap;

/// One merge after another: (pair, id of the result). `words` are symbols with a count; `known` says which id a
/// string has already; of more than the initial ones, a pair may be merged where it is shorter than `max_length`, and
/// `allowed` says what a merged string may be.
pub fn train(
    mut words: Vec<(Vec<u32>, u64)>,
    mut strings: Vec<String>,
    vocabulary: usize,
    min_frequency: u64,
    max_length: usize,
    allowed: impl Fn(&str) -> bool,
) -> Vec<((u32, u32), u32)> {
    let mut merges = Vec::new();
    let mut merged = std::collections::HashSet::new();
    while strings.len() < vocabulary {
        let mut counts = BTreeMap::new();
        for (word, count) in &words {
            for pair in word.windows(2) {
                *counts.entry((pair[0], pair[1])).or_insert(0) += count;
            }
        }
        let length = |id: u32| if merged.contains(&id) { strings[id as usize].chars().count() } else { 1 };
        counts.retain(|&(left, right), _| length(left) + length(right) == 2 || length(left) + length(right) < max_length);
        counts.retain(|&(left, right), _| allowed(&[&*strings[left as usize], &strings[right as usize]].concat()));
        // The first of the largest: a BTreeMap runs through pairs in the order of their ids.
        let Some((&pair, &count)) = counts.iter().rev().max_by_key(|&(_, count)| count) else { break };
        if count < min_frequency.max(1) {
            break;
        }
        let joined = strings[pair.0 as usize].clone() + &strings[pair.1 as usize];
        let id = strings.iter().position(|s| *s == joined).unwrap_or_else(|| {
            strings.push(joined);
            strings.len() - 1
        });
        for (word, _) in &mut words {
            *word = apply(word, pair, id as u32);
        }
        merged.insert(id as u32);
        merges.push((pair, id as u32));
    }
    merges
}

pub fn apply(word: &[u32], pair: (u32, u32), id: u32) -> Vec<u32> {
    let mut merged = Vec::new();
    let mut at = 0;
    while at < word.len() {
        let hit = at + 1 < word.len() && (word[at], word[at + 1]) == pair;
        merged.push(if hit { id } else { word[at] });
        at += if hit { 2 } else { 1 };
    }
    merged
}

/// The merge loop: the pair of the lowest rank, the leftmost of several, until none is left.
pub fn encode(mut word: Vec<u32>, rank: impl Fn((u32, u32)) -> Option<(u32, u32)>) -> Vec<u32> {
    while let Some((at, (_, id))) =
        word.windows(2).enumerate().filter_map(|(i, p)| Some((i, rank((p[0], p[1]))?))).min_by_key(|&(i, (rank, _))| (rank, i))
    {
        word.splice(at..at + 2, [id]);
    }
    word
}
