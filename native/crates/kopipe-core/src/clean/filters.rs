//! The judgements on one document. Each is a case here, with its schema, defaults and documentation in
//! `pipeline/filters/<id>.ts`; the ids and the keys are the same on both sides, and a test holds them together.

use super::scan::Scan;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Filter {
    /// Characters of the whole text.
    Length { min: u64 },
    /// Hangul among the characters that are not white space.
    HangulRatio { min: f64 },
}

/// Why a document goes: the reason, the number that tripped it, and the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    pub reason: &'static str,
    pub value: f64,
    pub threshold: f64,
}

/// Every reason a filter can give, with the id of the filter first.
pub const REASONS: &[(&str, &str)] = &[("length", "length-short"), ("hangul-ratio", "hangul-ratio-low")];

impl Filter {
    pub fn judge(&self, scan: &Scan) -> Option<Verdict> {
        match *self {
            Filter::Length { min } => {
                (scan.chars < min).then_some(Verdict { reason: "length-short", value: scan.chars as f64, threshold: min as f64 })
            }
            Filter::HangulRatio { min } => {
                let visible = scan.chars - scan.white_space;
                let ratio = if visible == 0 { 0.0 } else { scan.hangul as f64 / visible as f64 };
                (ratio < min).then_some(Verdict { reason: "hangul-ratio-low", value: ratio, threshold: min })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    #[test]
    fn length_counts_characters() {
        let filter = Filter::Length { min: 3 };
        assert_eq!(filter.judge(&scan("가나")), Some(Verdict { reason: "length-short", value: 2.0, threshold: 3.0 }));
        assert_eq!(filter.judge(&scan("가나다")), None);
    }

    #[test]
    fn hangul_ratio_does_not_pass_chinese() {
        let filter = Filter::HangulRatio { min: 0.25 };
        assert!(filter.judge(&scan("中文文字 全部 漢字")).is_some());
        assert!(filter.judge(&scan("")).is_some());
        assert!(filter.judge(&scan("漢字와 한글을 섞어 쓴 글")).is_none());
    }
}
