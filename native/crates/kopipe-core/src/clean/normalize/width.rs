//! Half-width and full-width forms, which old character sets had for their columns.
//!
//! Full-width Latin letters, digits and punctuation become ASCII, and ￠ ￡ ￥ ￦ the signs ¢ £ ¥ ₩. Half-width jamo spell
//! syllables and become them. Half-width katakana, ￣ (a face's eyes) and the half-width arrows stay.

/// The usual form of a full-width one.
pub fn ascii(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0),
        '￠' => Some('¢'),
        '￡' => Some('£'),
        '￥' => Some('¥'),
        '￦' => Some('₩'),
        _ => None,
    }
}

pub fn is_half_width_jamo(c: char) -> bool {
    jamo(c).is_some()
}

/// The compatibility jamo of a half-width one.
pub fn jamo(c: char) -> Option<char> {
    let code = c as u32;
    let offset = match code {
        0xFFA1..=0xFFBE => code - 0xFFA1,
        // The vowels stand in rows of six with a gap of two.
        0xFFC2..=0xFFC7 => code - 0xFFC2 + 30,
        0xFFCA..=0xFFCF => code - 0xFFCA + 36,
        0xFFD2..=0xFFD7 => code - 0xFFD2 + 42,
        0xFFDA..=0xFFDC => code - 0xFFDA + 48,
        _ => return None,
    };
    char::from_u32(0x3131 + offset)
}
