//! What C4 takes for placeholders, code and boilerplate, as shares of lines instead of edits.

use super::Verdict;
use crate::clean::measures::terms::{JAVASCRIPT, POLICY};
use crate::clean::measures::{Measures, share};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct C4 {
    /// Drop a text with "lorem ipsum".
    pub lorem_ipsum: bool,
    /// Drop a text with a curly bracket.
    pub curly_bracket: bool,
    /// Share of lines that speak of JavaScript.
    pub javascript: f64,
    /// Share of lines that speak of terms of use, privacy and cookies.
    pub policy: f64,
    /// Fewest different terms of them: an article on copyright has one in every line.
    pub policy_terms: u64,
    /// Fewest sentences.
    pub sentences: u64,
    pub min_words: u64,
}

impl C4 {
    pub const REASONS: &[&str] = &["c4-lorem-ipsum", "c4-curly-bracket", "c4-javascript", "c4-policy", "c4-sentences-few"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let (text, terms) = (measures.text, measures.terms());
        let stands = |found: bool, reason| found.then_some(Verdict { reason, value: 1.0, threshold: 0.0 });
        let few = |measures: &mut Measures| {
            Verdict::under(
                "c4-sentences-few",
                if self.sentences == 0 { 0.0 } else { sentences(measures.text) as f64 },
                self.sentences as f64,
            )
        };
        stands(self.lorem_ipsum && terms.lorem_ipsum > 0, "c4-lorem-ipsum")
            .or_else(|| stands(self.curly_bracket && memchr::memchr2(b'{', b'}', text.as_bytes()).is_some(), "c4-curly-bracket"))
            .or_else(|| of_lines(measures, terms.javascript, &JAVASCRIPT, "c4-javascript", self.javascript))
            .or_else(|| {
                let verdict = of_lines(measures, terms.policy, &POLICY, "c4-policy", self.policy)?;
                let different = POLICY.iter().filter(|term| text.split_whitespace().any(|word| begins(word, term))).count();
                (different as u64 >= self.policy_terms).then_some(verdict)
            })
            .or_else(|| few(measures))
    }
}

/// Lines with one of the terms, looked for where as many eojeol as that begin with one.
fn of_lines(measures: &mut Measures, times: u64, terms: &[&str], reason: &'static str, max: f64) -> Option<Verdict> {
    let lines = measures.lines().count;
    Verdict::over(reason, share(times, lines), max)?;
    let has = |line: &&str| line.split_whitespace().any(|word| terms.iter().any(|term| begins(word, term)));
    Verdict::over(reason, share(measures.text.lines().filter(has).count() as u64, lines), max)
}

fn begins(word: &str, term: &str) -> bool {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    word.get(..term.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(term))
}

/// Ends of sentences: terminal marks before white space, quotation marks, brackets or the end.
fn sentences(text: &str) -> u64 {
    let is_end = |c: char| matches!(c, '.' | '!' | '?' | '…' | '。');
    let mut following =
        text.chars().skip(1).map(|next| next.is_whitespace() || matches!(next, '"' | '\'' | '”' | '’' | ')' | '」' | '』')).chain([true]);
    text.chars().filter(|&c| following.next().unwrap_or(true) && is_end(c)).count() as u64
}
