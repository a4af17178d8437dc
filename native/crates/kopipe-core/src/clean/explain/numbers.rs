//! The numbers of a document that filters hold against thresholds, whether they drop it or not.
//!
//! A filter says its number only of what it drops. So each threshold is moved, alone, beyond every number: then the filter
//! drops the document for that reason and says by which number it would have been judged. What a filter does not look at,
//! as in documents of few words, it does not drop then either. The filters need to know nothing of this; the cost is a
//! judgement a threshold, for the commands that explain.

use crate::clean::filters::{Filter, REASONS};
use crate::clean::measures::Measures;
use crate::error::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// Which numbers go: those under the threshold, or those over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Under,
    Over,
}
use Side::{Over, Under};

/// Reason, where its threshold stands in the filter's section, and which numbers go.
pub const THRESHOLDS: &[(&str, &str, Side)] = &[
    ("length-short", "/min", Under),
    ("length-long", "/max", Over),
    ("hangul-ratio-low", "/min", Under),
    ("language-other", "/min", Under),
    ("language-model", "/least", Under),
    ("english-prose", "/max", Over),
    ("replacement-many", "/max", Over),
    ("words-few", "/min", Under),
    ("words-many", "/max", Over),
    ("word-length-short", "/min", Under),
    ("word-length-long", "/max", Over),
    ("letters-few", "/min", Under),
    ("symbols-hashes", "/hashes", Over),
    ("symbols-ellipses", "/ellipses", Over),
    ("bullets-many", "/max", Over),
    ("ellipsis-many", "/max", Over),
    ("stop-endings-few", "/min", Under),
    ("c4-javascript", "/javascript", Over),
    ("c4-policy", "/policy", Over),
    ("c4-sentences-few", "/sentences", Under),
    ("bad-words-many", "/density", Over),
    ("spam-dense", "/density", Over),
    ("fineweb-ended-lines", "/ended-lines", Under),
    ("fineweb-short-lines", "/short-lines", Over),
    ("fineweb-duplicate-characters", "/duplicate-characters", Over),
    ("fineweb-line-feeds", "/line-feeds", Over),
    ("repetition-paragraphs", "/paragraphs", Over),
    ("repetition-paragraph-characters", "/paragraph-characters", Over),
    ("repetition-lines", "/lines", Over),
    ("repetition-line-characters", "/line-characters", Over),
    ("repetition-top-2-gram", "/top/0", Over),
    ("repetition-top-3-gram", "/top/1", Over),
    ("repetition-top-4-gram", "/top/2", Over),
    ("repetition-duplicate-5-grams", "/duplicate/0", Over),
    ("repetition-duplicate-6-grams", "/duplicate/1", Over),
    ("repetition-duplicate-7-grams", "/duplicate/2", Over),
    ("repetition-duplicate-8-grams", "/duplicate/3", Over),
    ("repetition-duplicate-9-grams", "/duplicate/4", Over),
    ("repetition-duplicate-10-grams", "/duplicate/5", Over),
    ("quality-low", "/least", Under),
];

/// A number, and the threshold it is held against.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Number {
    pub reason: &'static str,
    pub value: f64,
    pub threshold: f64,
}

impl Number {
    pub fn margin(&self) -> f64 {
        (self.value - self.threshold).abs()
    }
}

struct Probe {
    reason: &'static str,
    side: Side,
    threshold: f64,
    opened: Filter,
    filter: Filter,
}

pub struct Numbers(Vec<Probe>);

impl Numbers {
    /// `filters` are sections of a recipe with their ids; with a reason, its number alone.
    pub fn new(filters: &[Value], only: Option<&str>) -> Result<Self> {
        let mut probes = Vec::new();
        for filter in filters {
            let id = filter["id"].as_str().unwrap_or_default();
            let reasons = REASONS.iter().find(|(of, _)| *of == id).map_or(&[][..], |(_, reasons)| reasons);
            for (reason, pointer, side) in THRESHOLDS.iter().filter(|(reason, ..)| reasons.contains(reason)) {
                if only.is_some_and(|only| only != *reason) {
                    continue;
                }
                let threshold = filter.pointer(pointer).and_then(Value::as_f64);
                let threshold = threshold.ok_or_else(|| Error::invalid(format!("filter {id:?} has no number at {pointer}")))?;
                let opened = opened(filter, pointer, *side)?;
                let filter = serde_json::from_value(filter.clone()).map_err(|e| Error::invalid(format!("{id:?}: {e}")))?;
                probes.push(Probe { reason, side: *side, threshold, opened, filter });
            }
        }
        Ok(Numbers(probes))
    }

    pub fn of(&self, measures: &mut Measures) -> Vec<Number> {
        let number = |probe: &Probe| {
            let Probe { reason, side, threshold, opened, filter } = probe;
            let value = opened.judge(measures).filter(|verdict| verdict.reason == *reason)?.value;
            let wrong = if *side == Under { value < *threshold } else { value > *threshold };
            // What passes on the wrong side was not looked at: the filter asks for more than this number.
            if wrong && filter.judge(measures).is_none() {
                return None;
            }
            Some(Number { reason, value, threshold: *threshold })
        };
        self.0.iter().filter_map(number).collect()
    }
}

/// The filter with one threshold beyond every number.
fn opened(filter: &Value, pointer: &str, side: Side) -> Result<Filter> {
    // Counts take no -1: every document has more than none.
    let beyond: &[Value] = if side == Under { &[Value::from(u64::MAX)] } else { &[Value::from(-1), Value::from(0)] };
    let try_with = |value: &Value| {
        let mut filter = filter.clone();
        if let Some(at) = filter.pointer_mut(pointer) {
            *at = value.clone();
        }
        serde_json::from_value::<Filter>(filter)
    };
    let mut tried = beyond.iter().map(try_with);
    tried.find_map(std::result::Result::ok).ok_or_else(|| Error::invalid(format!("no filter: {filter}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::filters::Verdict;
    use crate::clean::measures::Buffers;
    use crate::clean::scan::scan;

    fn korean() -> Vec<Value> {
        serde_json::from_str(include_str!("../filters/korean.json")).unwrap()
    }

    fn numbers(filters: &[Value], text: &str) -> Vec<Number> {
        Numbers::new(filters, None).unwrap().of(&mut Measures::new(text, scan(text), &mut Buffers::default()))
    }

    #[test]
    fn every_reason_with_a_number_has_its_threshold() {
        let without = ["url-list-domain", "url-list-url", "url-list-word", "url-list-soft-words", "c4-lorem-ipsum", "c4-curly-bracket"];
        let all: Vec<&str> = REASONS.iter().flat_map(|(_, reasons)| reasons.iter().copied()).filter(|r| !without.contains(r)).collect();
        assert_eq!(all, THRESHOLDS.iter().map(|(reason, ..)| *reason).collect::<Vec<_>>());
    }

    #[test]
    fn a_document_has_every_number_that_is_looked_at() {
        let short = numbers(&korean(), "짧은 글이다. 그래도 수는 있다.");
        assert_eq!(short.iter().find(|n| n.reason == "length-short").map(|n| (n.value, n.threshold)), Some((18.0, 10.0)));
        assert!(short.iter().all(|n| n.reason != "letters-few"), "not judged under 50 eojeol");
        let stem = |i: u32| char::from_u32(0xAC00 + 28 * i).unwrap();
        let lines = (0..60).map(|i| format!("{}나라에 {}사람이 {}물을 길었다.\n", stem(i), stem(i + 60), stem(i + 120)));
        let long = numbers(&korean(), &lines.collect::<String>());
        for reason in ["letters-few", "repetition-lines", "repetition-top-2-gram", "fineweb-ended-lines", "stop-endings-few"] {
            assert!(long.iter().any(|n| n.reason == reason), "{reason}");
        }
    }

    /// On real text: what the filters say of what they drop is what the numbers say, on the wrong side of the threshold;
    /// those of what they keep are on the right side.
    #[test]
    fn numbers_are_those_of_the_verdicts() {
        for name in ["chat", "web-docs"] {
            let Some(texts) = crate::clean::corpus::texts(name) else { return };
            let filters: Vec<Filter> = korean().iter().map(|filter| serde_json::from_value(filter.clone()).unwrap()).collect();
            for text in texts.iter().take(1500) {
                let mut buffers = Buffers::default();
                let mut measures = Measures::new(text, scan(text), &mut buffers);
                let verdict = filters.iter().find_map(|filter| filter.judge(&mut measures));
                let numbers = numbers(&korean(), text);
                match verdict {
                    Some(Verdict { reason, value, threshold }) => {
                        assert!(numbers.contains(&Number { reason, value, threshold }), "{reason} {value} {threshold}: {numbers:?}");
                    }
                    None => assert!(numbers.iter().all(|n| !is_wrong(n)), "{numbers:?}"),
                }
            }
        }
    }

    fn is_wrong(number: &Number) -> bool {
        let side = THRESHOLDS.iter().find(|(reason, ..)| *reason == number.reason).map(|(.., side)| *side);
        if side == Some(Under) { number.value < number.threshold } else { number.value > number.threshold }
    }
}
