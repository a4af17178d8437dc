//! UTF-16, with a byte order mark or without.

use super::plausible::is_common;
use super::{Attempt, Decoded, Encoding};
use std::borrow::Cow;

/// How much is looked at to recognize UTF-16.
const SAMPLE: usize = 1 << 14;
/// Share of everyday syllables, ASCII and CJK punctuation that only UTF-16 in its own byte order has: others give 2 %.
const PLAUSIBLE: f64 = 0.6;

pub fn decode(bytes: &[u8], big_endian: bool) -> Attempt<'static> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let mut replaced = 0;
    for unit in char::decode_utf16(units(bytes, big_endian)) {
        text.push(unit.unwrap_or_else(|_| {
            replaced += 1;
            char::REPLACEMENT_CHARACTER
        }));
    }
    if bytes.len() % 2 == 1 {
        text.push(char::REPLACEMENT_CHARACTER);
        replaced += 1;
    }
    let encoding = if big_endian { Encoding::Utf16Be } else { Encoding::Utf16Le };
    Attempt::new(Decoded { text: Cow::Owned(text), encoding, replaced })
}

/// The text, where the bytes are UTF-16 without a mark.
pub fn unmarked(bytes: &[u8]) -> Option<Decoded<'static>> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let (little, big) = (plausible(sample, false), plausible(sample, true));
    if sample.len() < 4 || little.max(big) < PLAUSIBLE {
        return None;
    }
    super::accept(decode(bytes, big > little)).ok()
}

fn plausible(sample: &[u8], big_endian: bool) -> f64 {
    let (mut good, mut all) = (0, 0);
    for unit in units(sample, big_endian) {
        all += 1;
        let c = char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
        good += u32::from(matches!(c, ' '..='~' | '\n' | '\r' | '\t' | '\u{3000}'..='\u{301F}') || is_common(c));
    }
    f64::from(good) / f64::from(all.max(1))
}

fn units(bytes: &[u8], big_endian: bool) -> impl Iterator<Item = u16> {
    let read = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    bytes.chunks_exact(2).map(move |pair| read([pair[0], pair[1]]))
}
