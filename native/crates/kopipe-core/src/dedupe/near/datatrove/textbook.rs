//! datatrove's steps one after the other, through strings, by Rust's standard library and crates.
//!
//! Their Unicode is newer than Python 3.11's: for characters that this does not know, the results may differ.

use super::super::permutations::PERMUTATIONS;
use super::characters::ranges;
use icu_normalizer::DecomposingNormalizerBorrowed;
use regex::Regex;
use std::sync::LazyLock;
use xxhash_rust::xxh64::xxh64;

static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{Nd}+([.,،٫⎖⎗⎘]\p{Nd}+)?").unwrap());
static NONSPACING: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{Mn}+").unwrap());
static PUNCTUATION: LazyLock<Vec<char>> =
    LazyLock::new(|| ranges("punctuation").flat_map(|(from, to)| from..=to).filter_map(char::from_u32).collect());

pub fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let text = NUMBER.replace_all(&text, "0");
    let text = text.replace(&PUNCTUATION[..], " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
    let text = NONSPACING.replace_all(&text, "");
    text.split_whitespace().map(str::to_owned).collect()
}

pub fn signature(text: &str, lower61: fn(&[u64], &mut [u64; PERMUTATIONS])) -> Option<[u64; PERMUTATIONS]> {
    let hashes: Vec<u64> = words(text).windows(5).map(|shingle| xxh64(shingle.join(" ").as_bytes(), 0)).collect();
    let mut minima = [u64::MAX; PERMUTATIONS];
    lower61(&hashes, &mut minima);
    (!hashes.is_empty()).then_some(minima)
}
