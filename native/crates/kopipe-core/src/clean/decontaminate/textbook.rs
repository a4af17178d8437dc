//! The obvious way: all n-grams of all texts as they are, compared with all of a document.

use super::{LETTERS, SHARED, SHORTEST, Unit, words};
use std::collections::{BTreeMap, HashMap, HashSet};

/// For each text given what a document has of it: n-grams, and of how many; nothing where it has none.
pub struct Textbook {
    unit: Unit,
    n: usize,
    texts: Vec<Known>,
}

enum Known {
    Unused,
    Whole(String),
    Grams(HashSet<Vec<String>>),
}

fn units(unit: Unit, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    words::each_slow(text, |start, end| words.push(text[start..end].to_ascii_lowercase()));
    match unit {
        Unit::Eojeol => words,
        Unit::Characters => words.concat().chars().map(String::from).collect(),
    }
}

/// Of each letter of the units whether it counts.
fn counted(units: &[String]) -> Vec<Vec<bool>> {
    let mut last = None;
    let mut counts = |letter: char| {
        let counts = !letter.is_numeric() && last != Some(letter);
        last = Some(letter);
        counts
    };
    units.iter().map(|unit| unit.chars().map(&mut counts).collect()).collect()
}

impl Textbook {
    pub fn new(unit: Unit, n: usize, texts: &[&str]) -> Self {
        let mut known: Vec<Known> = texts
            .iter()
            .map(|text| {
                let text = text.trim();
                if text.chars().count() < SHORTEST {
                    return Known::Unused;
                }
                let (units, mut grams) = (units(unit, text), HashSet::new());
                let counts = counted(&units);
                let length = n.min(units.len()).max(1);
                for (window, counts) in units.windows(length).zip(counts.windows(length)) {
                    if counts.iter().flatten().filter(|counts| **counts).count() >= LETTERS as usize {
                        grams.insert(window.to_vec());
                    }
                }
                if grams.is_empty() { Known::Whole(text.to_owned()) } else { Known::Grams(grams) }
            })
            .collect();
        // Texts that are equal as they are compared are one.
        let mut different: HashMap<Vec<String>, HashSet<Vec<String>>> = HashMap::new();
        for (text, known) in texts.iter().zip(&known) {
            if let Known::Grams(grams) = known {
                different.insert(units(unit, text), grams.clone());
            }
        }
        let mut shared: HashMap<Vec<String>, u32> = HashMap::new();
        different.values().flatten().for_each(|gram| *shared.entry(gram.clone()).or_default() += 1);
        for known in &mut known {
            if let Known::Grams(grams) = known
                && grams.iter().any(|gram| shared[gram] <= SHARED)
            {
                grams.retain(|gram| shared[gram] <= SHARED);
            }
        }
        Textbook { unit, n, texts: known }
    }

    /// By the number of the text given.
    pub fn met(&self, document: &str) -> BTreeMap<usize, (u32, u32)> {
        let whole = self.texts.iter().any(|known| matches!(known, Known::Whole(text) if text == document.trim()));
        let units = units(self.unit, document);
        let mut windows: HashSet<&[String]> = HashSet::new();
        (1..=self.n).for_each(|length| windows.extend(units.windows(length)));
        let mut met = BTreeMap::new();
        for (number, known) in self.texts.iter().enumerate() {
            match known {
                Known::Whole(text) if text == document.trim() => drop(met.insert(number, (1, 1))),
                // A document that is such a text is looked at no further.
                Known::Grams(grams) if !whole => {
                    let has = grams.iter().filter(|gram| windows.contains(gram.as_slice())).count() as u32;
                    if has > 0 {
                        met.insert(number, (has, grams.len() as u32));
                    }
                }
                _ => {}
            }
        }
        met
    }
}
