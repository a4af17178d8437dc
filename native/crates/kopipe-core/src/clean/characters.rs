//! What single characters are to the cleaner: Hangul, text or noise, possibly not normalized.

/// Syllables and jamo of every block.
pub fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}' | '\u{3131}'..='\u{318E}' | '\u{A960}'..='\u{A97C}' | '\u{D7B0}'..='\u{D7FB}' | '\u{FFA0}'..='\u{FFDC}')
}

/// Jamo that join to syllables, and their fillers.
pub fn is_conjoining(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97C}' | '\u{D7B0}'..='\u{D7C6}' | '\u{D7CB}'..='\u{D7FB}')
}

/// Characters the clean-up removes or replaces; the joiner only outside emoji.
pub fn is_cleaned(c: char) -> bool {
    matches!(c,
        '\0'..='\u{08}' | '\u{0B}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{61C}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// White space within a line (Unicode's Zs) other than the ASCII space.
pub fn is_space(c: char) -> bool {
    matches!(c, '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// What is typed again and again to say it louder: jamo, marks, emoji and their modifiers. Not what draws lines, tables
/// or code (- = * _ # / | < > and the box drawings), nor what counts or stands for letters (★ ○ ■ ♤ in ratings and
/// anonymized names).
pub fn is_repeatable(c: char) -> bool {
    matches!(c, '!' | '?' | '~' | '^' | ';')
        || is_ellipsis(c)
        || matches!(c,
            '\u{3131}'..='\u{3163}' | '\u{2600}'..='\u{2604}' | '\u{2607}'..='\u{265F}' | '♡' | '♥' | '\u{2668}'..='\u{27BF}' | '\u{301C}' | '\u{FE0F}'
            | '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F300}'..='\u{1FAFF}')
}

/// Marks that stand three in a row as an ellipsis.
pub fn is_ellipsis(c: char) -> bool {
    matches!(c, '.' | ',' | '·' | '‥' | '…' | 'ㆍ' | 'ᆢ')
}

/// Whether a text with this character can be other than NFC. Errs on the safe side outside the scripts of Korean
/// text; the test proves it against ICU for every code point.
pub fn may_not_be_nfc(c: char) -> bool {
    match c as u32 {
        0..=0x2FF => false,
        0x400..=0x482 => false,
        0x2000..=0x2BFF => matches!(
            c,
            '\u{2000}' | '\u{2001}' | '\u{20D0}'..='\u{20FF}' | '\u{2126}' | '\u{212A}' | '\u{212B}' | '\u{2329}' | '\u{232A}' | '\u{2ADC}'
        ),
        0x3000..=0x33FF => matches!(c, '\u{302A}'..='\u{302F}' | '\u{3099}' | '\u{309A}'),
        0x3400..=0x9FFF => false,
        0xAC00..=0xD7A3 => false,
        0xE000..=0xF8FF => false,
        0xFE00..=0xFE0F => false,
        0xFF00..=0xFFFF => false,
        0x1F000..=0x1FAFF => false,
        _ => true,
    }
}
