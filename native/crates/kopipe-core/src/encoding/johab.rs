//! Johab, the combining code of KS X 1001 annex 3: a Hangul syllable is one bit and three times five bits, initial,
//! medial and final; symbols and Hanja are the rows of KS X 1001 at another place. Equal to Python's `johab` for every
//! pair of bytes (test/golden/encodings.py).

use super::{Decoded, Encoding, replacements};
use std::borrow::Cow;

/// Bytes that form no character become U+FFFD; a second byte in ASCII is then a character of its own.
pub fn decode(bytes: &[u8]) -> Decoded<'static> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let mut at = 0;
    while let Some(&lead) = bytes.get(at) {
        at += 1;
        if lead.is_ascii() {
            text.push(char::from(lead));
            continue;
        }
        match bytes.get(at).map(|&trail| (trail, character(lead, trail))) {
            Some((_, Some(c))) => {
                text.push(c);
                at += 1;
            }
            Some((trail, None)) => {
                text.push(char::REPLACEMENT_CHARACTER);
                at += usize::from(!trail.is_ascii());
            }
            None => text.push(char::REPLACEMENT_CHARACTER),
        }
    }
    let replaced = replacements(&text);
    Decoded { text: Cow::Owned(text), encoding: Encoding::Johab, replaced }
}

/// The character of a pair of bytes.
pub fn character(lead: u8, trail: u8) -> Option<char> {
    match lead {
        0x84..=0xD3 => hangul(u16::from_be_bytes([lead, trail])),
        0xD9..=0xDE | 0xE0..=0xF9 => symbol(lead, trail),
        _ => None,
    }
}

/// Number of the medial, by its five bits; eleven of them are none.
const MEDIALS: [u8; 32] = [
    NONE, NONE, FILL, 0, 1, 2, 3, 4, NONE, NONE, 5, 6, 7, 8, 9, 10, NONE, NONE, 11, 12, 13, 14, 15, 16, NONE, NONE, 17, 18, 19, 20, NONE,
    NONE,
];
const NONE: u8 = 0xFF;
const FILL: u8 = 0xFE;

/// Compatibility jamo of the initials ㄱ ㄲ ㄴ…, and of the finals ㄱ ㄲ ㄳ…, as offsets from U+3131.
const INITIAL_JAMO: [u8; 19] = [0, 1, 3, 6, 7, 8, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29];
const FINAL_JAMO: [u8; 27] = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 25, 26, 27, 28, 29];

fn hangul(code: u16) -> Option<char> {
    let (initial, medial, last) = ((code >> 10) & 31, MEDIALS[usize::from((code >> 5) & 31)], code & 31);
    // 1 is the fill; 18 is no final.
    let last = match last {
        1..=17 => u32::from(last) - 1,
        19..=29 => u32::from(last) - 2,
        _ => return None,
    };
    let initial = match initial {
        1 => None,
        2..=20 => Some(u32::from(initial) - 2),
        _ => return None,
    };
    match (initial, medial, last) {
        (_, NONE, _) => None,
        (Some(initial), medial, last) if medial != FILL => char::from_u32(0xAC00 + (initial * 21 + u32::from(medial)) * 28 + last),
        (Some(initial), _, 0) => jamo(u32::from(INITIAL_JAMO[initial as usize])),
        (None, FILL, 0) => Some('\u{3000}'),
        (None, FILL, last) => jamo(u32::from(FINAL_JAMO[last as usize - 1])),
        (None, medial, 0) => jamo(30 + u32::from(medial)),
        _ => None,
    }
}

fn jamo(offset: u32) -> Option<char> {
    char::from_u32(0x3131 + offset)
}

/// Two rows of KS X 1001 a lead byte; encoding_rs has the rows.
fn symbol(lead: u8, trail: u8) -> Option<char> {
    let cell = match trail {
        0x31..=0x7E => trail - 0x31,
        0x91..=0xFE => trail - 0x91 + 78,
        _ => return None,
    };
    let row = if lead < 0xE0 { 2 * (lead - 0xD9) } else { 2 * (lead - 0xE0) + 41 };
    let (row, cell) = (0xA1 + row + cell / 94, 0xA1 + cell % 94);
    // The modern jamo of row 4 are written in five bits.
    if row == 0xA4 && cell < 0xD4 {
        return None;
    }
    encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(&[row, cell])?.chars().next()
}
