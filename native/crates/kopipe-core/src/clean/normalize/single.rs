//! One pass for all judgements on single characters: plain stretches are copied whole, the others looked up.

use super::{Normalize, PrivateUse, Replacement, Spaces, clean_up, compose, private_use, width};
use crate::clean::characters::{is_cleaned, is_space};

/// What becomes of a character.
pub enum Fate {
    Keep,
    Remove,
    Become(char),
}

pub fn rewrite(text: &str, how: &Normalize) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        if is_plain(bytes[at]) {
            at += 1;
            continue;
        }
        // A byte that is not plain begins a character: those that go on with one are.
        let Some(c) = text[at..].chars().next() else { break };
        let next = at + c.len_utf8();
        // The judgements that look back see what has been written.
        out.push_str(&text[copied..at]);
        copied = next;
        at = next;
        match fate(c, &text[next..], &out, how) {
            Fate::Keep => out.push(c),
            Fate::Remove => {}
            Fate::Become(other) => out.push(other),
        }
        if how.hanyang && private_use::is_hanyang(c) {
            private_use::push_jamo(c, &mut out);
        } else if how.half_width && width::is_half_width_jamo(c) {
            let run = text[next - c.len_utf8()..].chars().take_while(|&c| width::is_half_width_jamo(c)).count();
            at = next - c.len_utf8() + run * c.len_utf8();
            let jamo: Vec<char> = text[next - c.len_utf8()..at].chars().filter_map(width::jamo).collect();
            compose::spelled(&jamo, &mut out);
            copied = at;
        } else if how.fillers
            && c == '\u{3164}'
            && let Some((syllable, length)) = compose::made_up(&text[next..])
        {
            out.pop();
            out.push(syllable);
            at = next + length;
            copied = at;
        }
    }
    out.push_str(&text[copied..]);
    (out != text).then_some(out)
}

/// ASCII text, and what continues a character or begins one that no judgement here knows.
fn is_plain(byte: u8) -> bool {
    (0x20..0x7F).contains(&byte) || byte == b'\n' || byte == b'\t' || (0x80..0xC2).contains(&byte) || (0xE4..0xEE).contains(&byte)
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
