//! One pass for all judgements on single characters: plain stretches are copied whole, the others looked up.

use super::{Normalize, PrivateUse, Replacement, Spaces, clean_up, compose, private_use, width};
use crate::clean::characters::{is_cleaned, is_space};
use crate::clean::scan::next_odd;

/// What becomes of a character.
pub enum Fate {
    Keep,
    Remove,
    Become(char),
}

pub fn rewrite(text: &str, how: &Normalize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut from, mut copied) = (0, 0);
    while let Some(at) = next_odd(text, from) {
        let Some(c) = text[at..].chars().next() else { break };
        let next = at + c.len_utf8();
        // The judgements that look back see what has been written.
        out.push_str(&text[copied..at]);
        copied = next;
        match fate(c, &text[next..], &out, how) {
            Fate::Keep => out.push(c),
            Fate::Remove => {}
            Fate::Become(other) => out.push(other),
        }
        if how.hanyang && private_use::is_hanyang(c) {
            private_use::push_jamo(c, &mut out);
        } else if how.half_width && width::is_half_width_jamo(c) {
            let run = text[at..].chars().take_while(|&c| width::is_half_width_jamo(c));
            let jamo: Vec<char> = run.filter_map(width::jamo).collect();
            compose::spelled(&jamo, &mut out);
            copied = at + jamo.len() * c.len_utf8();
        } else if how.fillers
            && c == '\u{3164}'
            && let Some((syllable, length)) = compose::made_up(&text[next..])
        {
            out.pop();
            out.push(syllable);
            copied = next + length;
        }
        from = copied;
    }
    out.push_str(&text[copied..]);
    (out != text).then_some(out)
}

fn fate(c: char, following: &str, written: &str, how: &Normalize) -> Fate {
    match c {
        c if how.clean_up && is_cleaned(c) => clean_up::fate(c, following, written),
        c if how.spaces != Spaces::Keep && is_space(c) => Fate::Become(' '),
        // A blank, as it is drawn, unless it begins a sequence.
        '\u{3164}' | '\u{FFA0}' if how.fillers => Fate::Become(' '),
        '\u{FF01}'..='\u{FFE6}' if how.full_width && width::ascii(c).is_some() => width::ascii(c).map_or(Fate::Keep, Fate::Become),
        c if how.half_width && width::is_half_width_jamo(c) || how.hanyang && private_use::is_hanyang(c) => Fate::Remove,
        c if private_use::is_private(c) => match how.private_use {
            PrivateUse::Keep => Fate::Keep,
            PrivateUse::Remove => Fate::Remove,
            PrivateUse::Replace if how.replacement == Replacement::Remove => Fate::Remove,
            PrivateUse::Replace => Fate::Become(char::REPLACEMENT_CHARACTER),
        },
        char::REPLACEMENT_CHARACTER if how.replacement == Replacement::Remove => Fate::Remove,
        _ => Fate::Keep,
    }
}
