//! Compatibility jamo that spell syllables.
//!
//! Half-width jamo always do. The jamo people type do so on request only, and only where the whole run of them is
//! syllables (ㅎㅏㄴㄱㅡㄹ, not ㅋㅋㅏ): ㅇㅋ and ㅠㅠ are words of their own.

use crate::clean::characters::is_conjoining;

const INITIALS: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const FINALS: &str = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

fn number(jamo: char, among: &str) -> Option<u32> {
    among.chars().position(|c| c == jamo).map(|place| place as u32)
}

fn medial(jamo: char) -> Option<u32> {
    matches!(jamo, 'ㅏ'..='ㅣ').then(|| jamo as u32 - 'ㅏ' as u32)
}

/// The syllable at the beginning, and how many jamo it takes. A consonant before a vowel begins the next one.
fn syllable(jamo: &[char]) -> Option<(char, usize)> {
    let initial = number(*jamo.first()?, INITIALS)?;
    let vowel = medial(*jamo.get(1)?)?;
    let begins_next = jamo.get(3).is_some_and(|&c| medial(c).is_some()) && number(*jamo.get(2)?, INITIALS).is_some();
    let last = jamo.get(2).filter(|_| !begins_next).and_then(|&c| number(c, FINALS));
    let code = 0xAC00 + (initial * 21 + vowel) * 28 + last.map_or(0, |last| last + 1);
    Some((char::from_u32(code)?, 2 + usize::from(last.is_some())))
}

/// Writes jamo as the syllables they spell, and those that spell none as they are.
pub fn spelled(mut jamo: &[char], out: &mut String) {
    while let Some(&first) = jamo.first() {
        let (c, taken) = syllable(jamo).unwrap_or((first, 1));
        out.push(c);
        jamo = &jamo[taken..];
    }
}

/// The syllable that a filler makes up of the next three characters (KS X 1001 annex 3: initial, medial, and final or
/// filler), and their length in bytes.
pub fn made_up(following: &str) -> Option<(char, usize)> {
    let mut chars = following.chars();
    let mut jamo = [chars.next()?, chars.next()?, chars.next()?];
    let whole = if jamo[2] == '\u{3164}' { 2 } else { 3 };
    jamo[2] = if whole == 2 { '\0' } else { jamo[2] };
    syllable(&jamo).filter(|&(_, taken)| taken == whole).map(|(c, _)| (c, following.len() - chars.as_str().len()))
}

/// Composes the runs that are syllables throughout.
pub fn runs(text: &str) -> Option<String> {
    let is_jamo = |c: char| matches!(c, 'ㄱ'..='ㅣ');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_jamo) {
        let run = &rest[start..];
        let end = run.find(|c| !is_jamo(c)).unwrap_or(run.len());
        let (run, behind) = run.split_at(end);
        out.push_str(&rest[..start]);
        rest = behind;
        let jamo: Vec<char> = run.chars().collect();
        let mut composed = String::new();
        spelled(&jamo, &mut composed);
        // Conjoining jamo beside it would join the syllable.
        let joined = behind.starts_with(is_conjoining) || out.ends_with(is_conjoining);
        out.push_str(if composed.contains(is_jamo) || joined { run } else { &composed });
    }
    out.push_str(rest);
    (out != text).then_some(out)
}
