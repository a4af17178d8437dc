//! How many morphemes Kiwi would find, estimated from what a text is made of: no analyser ships.
//!
//! Syllables of Hangul, runs of Hangul, of Latin letters, of digits and of other letters, and signs, weighted by least
//! squares against kiwipiepy (test/golden/morpheme_estimate.py fits them and tells the errors; docs/calibration.md has the table).
//! The walk is plain: 1 to 2 ns a byte, only where a recipe asks for morphemes.

#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Morphemes {
    pub count: f64,
    /// Mean characters of those that are no signs.
    pub length: f64,
}

/// A syllable of Hangul; a run of Hangul, Latin letters, digits, other letters; a sign.
const WEIGHTS: [f64; 6] = [0.5, 0.59, 1.13, 0.43, 1.37, 0.51];
/// Kiwi writes contracted endings out (했다 is 하 + 었 + 다): characters of its forms for one of the text.
const WRITTEN_OUT: f64 = 1.06;

pub fn estimate(text: &str) -> Morphemes {
    // Of each kind of character: how many, and in how many runs; white space ends runs.
    let (mut chars, mut runs, mut last) = ([0u64; 5], [0u64; 5], None);
    for c in text.chars() {
        let kind = match c {
            c if c.is_whitespace() => None,
            '가'..='힣' => Some(0),
            'A'..='Z' | 'a'..='z' => Some(1),
            '0'..='9' => Some(2),
            c if c.is_alphanumeric() => Some(3),
            _ => Some(4),
        };
        if let Some(kind) = kind {
            chars[kind] += 1;
            runs[kind] += u64::from(last != Some(kind));
        }
        last = kind;
    }
    let [hangul, hangul_runs, latin, digits, others] = [chars[0], runs[0], runs[1], runs[2], runs[3]].map(|n| n as f64);
    let [syllable, run, latin_run, digit_run, other_run, sign] = WEIGHTS;
    let words = syllable * hangul + run * hangul_runs + latin_run * latin + digit_run * digits + other_run * others;
    let written = WRITTEN_OUT * hangul + (chars[1] + chars[2] + chars[3]) as f64;
    Morphemes { count: words + sign * chars[4] as f64, length: if words > 0.0 { written / words } else { 0.0 } }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// test/golden/morphemes.json has self-made texts, Kiwi's counts of them and what morpheme_estimate.py estimates.
    #[test]
    fn estimates_equal_those_that_were_measured() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/morphemes.json");
        let golden: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert!(golden.len() >= 20);
        for case in &golden {
            let found = estimate(case["text"].as_str().unwrap());
            let near = |value: f64, key: &str| (value - case[key].as_f64().unwrap()).abs() < 1e-6;
            assert!(near(found.count, "estimate") && near(found.length, "estimated-length"), "{case} {found:?}");
            let ratio = found.count / case["morphemes"].as_f64().unwrap();
            assert!((0.6..1.5).contains(&ratio), "{ratio} {case}");
        }
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        assert_eq!(estimate(" \n"), Morphemes::default());
        assert_eq!(estimate("!").length, 0.0);
    }
}
