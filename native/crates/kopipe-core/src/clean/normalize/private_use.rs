//! Private-use characters: old Hangul in Hanyang's code, and what nobody can read.
//!
//! Word processors and fonts of the 1990s had 5,660 old syllables and jamo in U+E0BC–F8F7; texts made with them are
//! still about (the magazines of the corpus). They become the conjoining jamo they stand for. The correspondence was
//! published by the Korean TeX Users Group; `hanyang.txt` is made by test/golden/hanyang.py. Web fonts put their icons
//! into the same range: in a text of Korean, that is the rarer use (none in 590,000 documents).

use std::sync::LazyLock;

pub fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

pub fn is_hanyang(c: char) -> bool {
    is_private(c) && jamo(c).is_some()
}

pub fn push_jamo(c: char, out: &mut String) {
    out.extend(jamo(c).into_iter().flatten().filter(|&&c| c != '\0'));
}

fn jamo(c: char) -> Option<&'static [char; 3]> {
    TABLE.get((c as usize).checked_sub(FIRST)?).filter(|jamo| jamo[0] != '\0')
}

const FIRST: usize = 0xE0BC;
const LAST: usize = 0xF8F7;

/// Up to three jamo a code point, filled with NUL.
static TABLE: LazyLock<Vec<[char; 3]>> = LazyLock::new(|| {
    let mut table = vec![['\0'; 3]; LAST - FIRST + 1];
    let jamo = |hex: &str| u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
    for line in include_str!("hanyang.txt").lines() {
        let Some((start, thirds)) = line.split_once(" : ") else { continue };
        let mut start = start.split(' ');
        let first = start.next().and_then(|hex| usize::from_str_radix(hex, 16).ok()).map_or(0, |code| code - FIRST);
        let shared: Vec<char> = start.filter_map(jamo).collect();
        for (place, third) in thirds.split(' ').enumerate() {
            for (slot, c) in table[first + place].iter_mut().zip(shared.iter().copied().chain(jamo(third))) {
                *slot = c;
            }
        }
    }
    table
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let codes: Vec<char> = ('\u{E000}'..='\u{F8FF}').filter(|&c| is_hanyang(c)).collect();
        assert_eq!(codes.len(), 5660);
        let text: String = codes.iter().flat_map(|&c| jamo(c).unwrap()).filter(|&&c| c != '\0').collect();
        assert!(text.chars().all(crate::clean::characters::is_conjoining));
        for (code, expected) in
            [('\u{E0BC}', "\u{115F}\u{1161}\u{11AE}"), ('\u{EAAB}', "\u{112F}\u{1169}"), ('\u{F53A}', "ᄒᆞᆫ"), ('\u{F8F7}', "\u{11F9}")]
        {
            let mut out = String::new();
            push_jamo(code, &mut out);
            assert_eq!(out, expected);
        }
    }
}
