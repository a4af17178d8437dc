//! What `scan` raises when the text may hold something that a judgement of the normalizer would change. A flag that is
//! down is proof; one that is up is a reason to look.

use super::characters::{is_cleaned, is_conjoining, is_ellipsis, is_repeatable, is_space, may_not_be_nfc};
use std::ops::{BitOr, BitOrAssign};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    pub const NONE: Flags = Flags(0);
    /// Control, zero-width and bidirectional characters; line ends other than LF.
    pub const UNCLEAN: Flags = Flags(1);
    pub const MAYBE_NOT_NFC: Flags = Flags(1 << 1);
    /// White space other than ASCII's.
    pub const SPACES: Flags = Flags(1 << 2);
    /// Blanks at a line's end, or more than two blank lines.
    pub const LINES: Flags = Flags(1 << 3);
    /// Two blanks in succession.
    pub const BLANKS: Flags = Flags(1 << 4);
    /// U+3164 and U+FFA0; the fillers of conjoining jamo are `JAMO`.
    pub const FILLERS: Flags = Flags(1 << 5);
    pub const HALF_WIDTH: Flags = Flags(1 << 6);
    pub const FULL_WIDTH: Flags = Flags(1 << 7);
    /// Conjoining jamo.
    pub const JAMO: Flags = Flags(1 << 8);
    /// Jamo of U+3131–318E.
    pub const COMPATIBILITY_JAMO: Flags = Flags(1 << 9);
    pub const PRIVATE_USE: Flags = Flags(1 << 10);
    /// U+FFFD.
    pub const REPLACEMENT: Flags = Flags(1 << 11);
    /// Jamo, signs or emoji that repeat.
    pub const REPEATS: Flags = Flags(1 << 12);
    /// A character without which there is no mojibake.
    pub const SUSPICIOUS: Flags = Flags(1 << 13);

    pub fn has(self, any: Flags) -> bool {
        self.0 & any.0 != 0
    }

    #[cfg(test)]
    pub fn bit(place: u32) -> Flags {
        Flags(1 << place)
    }

    /// The flag where it holds.
    pub(super) fn when(self, holds: bool) -> Flags {
        Flags(if holds { self.0 } else { 0 })
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}

/// Flags of a character outside ASCII, with what follows it.
pub fn flags_of(c: char, following: &[u8]) -> Flags {
    match c {
        '가'..='힣' => return Flags::NONE,
        '\u{4000}'..='\u{9FFF}' => return Flags::SUSPICIOUS,
        _ => {}
    }
    let mut flags = Flags::UNCLEAN.when(is_cleaned(c))
        | Flags::MAYBE_NOT_NFC.when(may_not_be_nfc(c))
        | Flags::SPACES.when(is_space(c))
        | Flags::REPEATS.when(is_repeatable(c) && repeats(c, following));
    flags |= match c {
        '\u{80}'..='\u{9F}' | '\u{C0}'..='\u{FF}' => Flags::SUSPICIOUS,
        '\u{3164}' | '\u{FFA0}' => Flags::FILLERS,
        '\u{3131}'..='\u{318E}' => Flags::COMPATIBILITY_JAMO,
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' => Flags::PRIVATE_USE,
        '\u{FFA1}'..='\u{FFDC}' => Flags::HALF_WIDTH,
        '\u{FF01}'..='\u{FF5E}' | '\u{FFE0}' | '\u{FFE1}' | '\u{FFE5}' | '\u{FFE6}' => Flags::FULL_WIDTH,
        '\u{FFFD}' => Flags::REPLACEMENT | Flags::SUSPICIOUS,
        c if is_conjoining(c) => Flags::JAMO,
        _ => Flags::NONE,
    };
    flags
}

/// Whether the character stands there as often as no judgement allows, or a pair of characters three times.
fn repeats(c: char, bytes: &[u8]) -> bool {
    let stands = |width: usize, times: usize| bytes.len() >= width * times && bytes[..width * (times - 1)] == bytes[width..width * times];
    // A pair is two of three bytes, or an emoji and a selector, or two emoji.
    stands(c.len_utf8(), if is_ellipsis(c) { 4 } else { 3 }) || [6, 7, 8].into_iter().any(|width| stands(width, 3))
}
