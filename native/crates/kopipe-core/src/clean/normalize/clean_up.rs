//! Characters that carry no text. What goes: control characters but newline and tab; zero-width characters and byte
//! order marks; bidirectional controls; soft hyphens within words; marks of interlinear annotation. CR LF, CR, form
//! feed, U+0085, U+2028 and U+2029 become LF. What stays: the zero-width joiner inside emoji.
//! A soft hyphen elsewhere was typed as a hyphen, since KS X 1001 has it among its signs (1973­470호), and becomes one.

use super::single::Fate;

pub fn fate(c: char, following: &str, written: &str) -> Fate {
    match c {
        '\r' if following.starts_with('\n') => Fate::Remove,
        '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Become('\n'),
        SOFT_HYPHEN if !(ends_in_letter(written) && following.chars().next().is_some_and(char::is_alphabetic)) => Fate::Become('-'),
        ZERO_WIDTH_JOINER if written.chars().next_back().is_some_and(joins) => Fate::Keep,
        _ => Fate::Remove,
    }
}

const SOFT_HYPHEN: char = '\u{AD}';
const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// What a zero-width joiner may follow: emoji, their modifiers and the variation selector.
fn joins(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

fn ends_in_letter(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphabetic)
}
