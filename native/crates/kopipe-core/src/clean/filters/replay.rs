//! What must hold for any text that filters judge. The fuzz target `filters` looks for bytes that break it; the test below
//! replays what it started from.

use super::{Filter, REASONS};
use crate::clean::measures::{Buffers, Measures};
use crate::clean::scan::scan;
use serde_json::Value;
use std::sync::LazyLock;

/// The recipe `ko`, of which every rule looks at every text, however short; and the same on morphemes.
static FILTERS: LazyLock<Vec<Filter>> = LazyLock::new(|| {
    let recipe: Vec<Value> = serde_json::from_str(include_str!("korean.json")).expect("a recipe of ours");
    let mut filters = Vec::new();
    for mut filter in recipe {
        for key in ["min-words", "min-lines"] {
            if let Some(least) = filter.get_mut(key) {
                *least = 0.into();
            }
        }
        filters.push(filter.clone());
        if filter.get("unit").is_some() {
            filter["unit"] = "morpheme".into();
            filters.push(filter);
        }
    }
    filters.into_iter().map(|filter| serde_json::from_value(filter).expect("a filter of ours")).collect()
});

/// The filters that the fuzz targets look through.
pub fn every() -> &'static [Filter] {
    &FILTERS
}

/// Each filter alone, and all of them on the same measures: what one asks changes nothing for the next.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (mut shared, mut own) = (Buffers::default(), Buffers::default());
    let mut together = Measures::new(&text, scan(&text), &mut shared);
    for filter in every() {
        let verdict = filter.judge(&mut Measures::new(&text, scan(&text), &mut own));
        assert_eq!(filter.judge(&mut together), verdict, "{text:?} {filter:?}");
        if let Some(verdict) = verdict {
            assert!(verdict.value.is_finite(), "{text:?} {verdict:?}");
            assert!(REASONS.iter().any(|(_, reasons)| reasons.contains(&verdict.reason)), "{verdict:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("filters", super::check) >= 4);
    }
}
