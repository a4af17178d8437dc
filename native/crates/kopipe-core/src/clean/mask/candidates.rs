//! From anchors to hits: what is around an anchor is read once, and every kind that is asked for judges it.

use super::anchors::{Anchor, Anchors};
use super::numbers::Numbers;
use super::{Kind, Mask, Style, account, address, business, card, email, licence, passport, phone, resident, url};
use std::ops::Range;

/// What is to be cut, or the `<` of a reserved string to be broken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub range: Range<usize>,
    pub what: Option<Kind>,
}

/// Kinds that are numbers, the most telling form first: of two of one length the first has it.
const NUMBERS: [(Kind, Judge); 7] = [
    (Kind::Rrn, resident::judge),
    (Kind::Crd, card::judge),
    (Kind::Dln, licence::judge),
    (Kind::Brn, business::judge),
    (Kind::Ip, address::judge),
    (Kind::Tel, phone::judge),
    (Kind::Acc, account::judge),
];

/// Says where the number ends that begins with a group.
type Judge = fn(&Numbers, usize) -> Option<usize>;

/// Hits in the order of the text; none overlap.
pub fn hits(text: &str, how: &Mask) -> Vec<Hit> {
    let mut walk = Walk { text, how, hits: Vec::new(), read: 0, url: 0..0 };
    for (at, anchor) in Anchors::new(text) {
        walk.judge(at, anchor);
    }
    walk.hits
}

struct Walk<'a> {
    text: &'a str,
    how: &'a Mask,
    hits: Vec<Hit>,
    /// Numbers before this have been judged.
    read: usize,
    /// The last URL that is left in the text.
    url: Range<usize>,
}

impl Walk<'_> {
    fn judge(&mut self, at: usize, anchor: Anchor) {
        let from = self.hits.last().map_or(0, |hit| hit.range.end);
        if at < from {
            return;
        }
        match anchor {
            Anchor::Mark => self.reserved(at),
            _ if self.how.style == Style::Off => {}
            // Behind the two bytes that join stands a digit; the first may be within a dash.
            Anchor::Number => self.number(if self.text.as_bytes()[at].is_ascii_digit() { at } else { at + 2 }),
            Anchor::At if self.wants(Kind::Email) => {
                if let Some(range) = email::judge(self.text, at, from) {
                    self.push(range, Kind::Email);
                }
            }
            Anchor::Url => self.url(at, from),
            Anchor::Colons if self.wants(Kind::Ip) => {
                if let Some(range) = address::judge_v6(self.text, at, from) {
                    self.push(range, Kind::Ip);
                }
            }
            Anchor::At | Anchor::Colons => {}
        }
    }

    fn wants(&self, kind: Kind) -> bool {
        self.how.kinds.contains(&kind) && self.how.style.mask(kind).is_some()
    }

    fn push(&mut self, range: Range<usize>, kind: Kind) {
        self.hits.push(Hit { range, what: Some(kind) });
    }

    fn reserved(&mut self, at: usize) {
        if self.how.reserved.iter().any(|reserved| self.text[at..].starts_with(reserved.as_str())) {
            self.hits.push(Hit { range: at..at + 1, what: None });
        }
    }

    fn url(&mut self, at: usize, from: usize) {
        if at < self.url.end {
            return;
        }
        let Some(found) = url::judge(self.text, at, from) else { return };
        if self.wants(Kind::Url) && (found.secret || self.how.style == Style::Dps) {
            self.push(found.range, Kind::Url);
        } else {
            self.url = found.range;
        }
    }

    fn number(&mut self, at: usize) {
        if at < self.read {
            return;
        }
        let from = self.hits.last().map_or(0, |hit| hit.range.end).max(self.read);
        let numbers = Numbers::around(self.text, at, from);
        self.read = numbers.end.max(at + 1);
        let mut first = 0;
        while first < numbers.groups.len() {
            match self.best(&numbers, first) {
                None => first += 1,
                Some((range, kind)) => {
                    let end = range.end;
                    self.push(range, kind);
                    self.read = self.read.max(end);
                    first = numbers.groups.iter().position(|group| group.range.start >= end).unwrap_or(numbers.groups.len());
                }
            }
        }
    }

    /// The longest number that begins with a group.
    fn best(&self, numbers: &Numbers, first: usize) -> Option<(Range<usize>, Kind)> {
        let start = numbers.groups[first].range.start;
        // In a URL digits are names of pages, but a host's address is one.
        let in_url = self.url.contains(&start);
        let mut best: Option<(Range<usize>, Kind)> = None;
        for (kind, judge) in NUMBERS {
            if !self.wants(kind) || in_url && kind != Kind::Ip {
                continue;
            }
            if let Some(end) = judge(numbers, first)
                && best.as_ref().is_none_or(|(range, _)| end > range.end)
            {
                best = Some((start - sign_before(self.text, start, end, kind)..end, kind));
            }
        }
        if best.is_none() && self.wants(Kind::Pspt) && !in_url {
            best = passport::judge(self.text, numbers.groups[first].range.clone()).map(|range| (range, Kind::Pspt));
        }
        best
    }
}

/// The `+` of an international number, or the bracket that an area code closes: (02)123-4567.
fn sign_before(text: &str, start: usize, end: usize, kind: Kind) -> usize {
    let bracketed = text[..start].ends_with('(') && text[start..end].contains(')');
    usize::from(kind == Kind::Tel && (text[..start].ends_with('+') || bracketed))
}
