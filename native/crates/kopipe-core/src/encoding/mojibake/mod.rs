//! Mojibake: text whose bytes were once read in another encoding and written again.
//!
//! UTF-8 read as CP949 (`媛쒕컻`), UTF-8 read as Windows-1252 (`í•œêµ­`), CP949 read as Windows-1252 (`ÇÑ±Û`), each
//! once or several times over. Where encoding a run again and decoding it strictly gives Korean, it is repaired; where
//! bytes are lost (U+FFFD and `?` in their place), the text is broken, and how much of it is said.
//! A few bytes that are left of a character among sound ones become U+FFFD, so that what is lost is seen and counted.
//! A text is looked at only where it has ideographs, U+FFFD, C1 controls, or letters from À to ÿ, or begins with syllables that
//! hardly occur; in the first case only where ideographs stand together that such a reading gives. Cost after the scan, which says whether to look at all:
//! nothing for text without these, 0.2–0.3 ns a byte for an encyclopedia with its Hanja.

mod fragments;
mod latin;
mod unreadable;

pub(crate) use unreadable::begins_unreadable;

use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq)]
pub enum Mojibake {
    None,
    Repaired {
        text: String,
        kind: &'static str,
    },
    /// Share of the text's characters that stand in broken lines.
    Broken {
        share: f64,
    },
}

/// A text read wrongly more often than this is not worth the search.
const ROUNDS: usize = 4;

/// What is wrong with a text, line by line.
pub fn mojibake(text: &str) -> Mojibake {
    if is_suspicious(text.as_bytes()) || begins_unreadable(text) { judge(text) } else { Mojibake::None }
}

/// Whether a character stands in the text without which there is no mojibake. `Flags::SUSPICIOUS` sees less.
fn is_suspicious(bytes: &[u8]) -> bool {
    bytes.chunks(1024).any(|block| any(block, is_suspicious_lead))
}

/// First bytes of U+0080–00FF, of the ideographs, and of U+FFFD (with the other specials and full-width forms).
#[inline(always)]
fn is_suspicious_lead(byte: u8) -> bool {
    (byte == 0xC2) | (byte == 0xC3) | (byte.wrapping_sub(0xE4) < 6) | (byte == 0xEF)
}

/// Without an early end, so that it is vectorized.
#[inline(always)]
fn any(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        return unsafe { any_avx2(bytes, is) };
    }
    any_of(bytes, is)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn any_avx2(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    any_of(bytes, is)
}

#[inline(always)]
fn any_of(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(0u8, |found, &byte| found | u8::from(is(byte))) != 0
}

/// As `mojibake`, without the first look.
pub(crate) fn judge(text: &str) -> Mojibake {
    let mut current = Cow::Borrowed(text);
    let mut kind = None;
    let mut broken = 0;
    for _ in 0..ROUNDS {
        let mut round = Round::default();
        latin::look(&current, &mut round);
        fragments::look(&current, &mut round);
        unreadable::look(&current, &mut round);
        broken = round.broken;
        if round.repairs.is_empty() {
            break;
        }
        kind = Some(match (kind, round.kind) {
            (None, kind) => kind,
            (Some(_), _) => "read wrongly several times",
        });
        current = Cow::Owned(round.apply(&current));
    }
    match (broken, kind) {
        (0, None) => Mojibake::None,
        (0, Some(kind)) => Mojibake::Repaired { text: current.into_owned(), kind },
        (broken, _) => Mojibake::Broken { share: (broken as f64 / current.chars().count().max(1) as f64).min(1.0) },
    }
}

/// What one look over a text finds: places and what stands there in truth.
#[derive(Debug, Default)]
struct Round {
    repairs: Vec<(std::ops::Range<usize>, String)>,
    kind: &'static str,
    /// Characters that cannot be repaired.
    broken: usize,
}

impl Round {
    fn repair(&mut self, place: std::ops::Range<usize>, truth: String, kind: &'static str) {
        self.repairs.push((place, truth));
        self.kind = kind;
    }

    fn apply(mut self, text: &str) -> String {
        self.repairs.sort_by_key(|(place, _)| place.start);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (place, truth) in self.repairs {
            // What two judgements claim, the first has.
            if place.start < at {
                continue;
            }
            out.push_str(&text[at..place.start]);
            out.push_str(&truth);
            at = place.end;
        }
        out.push_str(&text[at..]);
        out
    }
}

#[cfg(test)]
mod tests;
