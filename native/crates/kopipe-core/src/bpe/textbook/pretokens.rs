//! The regexes taken literally: their alternatives tried one by one in order, a run given back character by character
//! where what follows it does not match.

use crate::bpe::pretoken::{Pattern, STARTS};

/// As general categories are named; `Other` is what the patterns do not tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    Other,
    Space,
    Number,
    Mark,
    /// Lu, Lt.
    Upper,
    /// Ll.
    Lower,
    /// Lm, Lo.
    Caseless,
}

use Class::*;

fn class(c: char) -> Class {
    let next = STARTS.partition_point(|&start| start >> 3 <= c as u32);
    [Other, Space, Number, Mark, Upper, Lower, Caseless][(STARTS[next - 1] & 7) as usize]
}

fn letter(c: char) -> bool {
    matches!(class(c), Upper | Lower | Caseless)
}

fn number(c: char) -> bool {
    class(c) == Number
}

fn space(c: char) -> bool {
    class(c) == Space
}

fn line_end(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

fn blank(c: char) -> bool {
    c == ' '
}

/// `[^\s\p{L}\p{N}]`
fn sign(c: char) -> bool {
    !letter(c) && !number(c) && !space(c)
}

/// `[^\r\n\p{L}\p{N}]`
fn before_letters(c: char) -> bool {
    !line_end(c) && !letter(c) && !number(c)
}

/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
fn no_lower(c: char) -> bool {
    matches!(class(c), Upper | Caseless | Mark)
}

/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
fn no_upper(c: char) -> bool {
    matches!(class(c), Lower | Caseless | Mark)
}

enum Step {
    /// `[of]{least,most}`, as many as there are.
    Run(fn(char) -> bool, usize, usize),
    Contraction {
        any_case: bool,
        optional: bool,
    },
    /// `(?!\S)`
    NoneFollows,
}

use Step::*;

const MANY: usize = usize::MAX;

fn alternatives(pattern: Pattern) -> Vec<Vec<Step>> {
    let folded = |optional| Contraction { any_case: true, optional };
    let mut alternatives = match pattern {
        Pattern::Gpt2 => vec![
            vec![Contraction { any_case: false, optional: false }],
            vec![Run(blank, 0, 1), Run(letter, 1, MANY)],
            vec![Run(blank, 0, 1), Run(number, 1, MANY)],
            vec![Run(blank, 0, 1), Run(sign, 1, MANY)],
        ],
        Pattern::Cl100k | Pattern::Llama3 | Pattern::Qwen2 => vec![
            vec![folded(false)],
            vec![Run(before_letters, 0, 1), Run(letter, 1, MANY)],
            vec![Run(number, 1, if pattern == Pattern::Qwen2 { 1 } else { 3 })],
            vec![Run(blank, 0, 1), Run(sign, 1, MANY), Run(line_end, 0, MANY)],
            vec![Run(space, 0, MANY), Run(line_end, 1, MANY)],
        ],
        Pattern::O200k => vec![
            vec![Run(before_letters, 0, 1), Run(no_lower, 0, MANY), Run(no_upper, 1, MANY), folded(true)],
            vec![Run(before_letters, 0, 1), Run(no_lower, 1, MANY), Run(no_upper, 0, MANY), folded(true)],
            vec![Run(number, 1, 3)],
            vec![Run(blank, 0, 1), Run(sign, 1, MANY), Run(|c| line_end(c) || c == '/', 0, MANY)],
            vec![Run(space, 0, MANY), Run(line_end, 1, MANY)],
        ],
    };
    alternatives.push(vec![Run(space, 1, MANY), NoneFollows]);
    alternatives.push(vec![Run(space, 1, MANY)]);
    alternatives
}

/// How many characters the steps match at the start of `rest`.
fn matched(steps: &[Step], rest: &[char]) -> Option<usize> {
    let Some((step, after)) = steps.split_first() else { return Some(0) };
    let then = |taken: usize| Some(taken + matched(after, &rest[taken..])?);
    match *step {
        Run(of, least, most) => {
            let longest = rest.iter().take(most).take_while(|&&c| of(c)).count();
            (least..=longest).rev().find_map(then)
        }
        Contraction { any_case, optional } => ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]
            .iter()
            .filter(|contraction| starts_with(rest, contraction, any_case))
            .find_map(|contraction| then(contraction.len()))
            .or_else(|| then(0).filter(|_| optional)),
        NoneFollows => rest.first().is_none_or(|&c| space(c)).then(|| then(0))?,
    }
}

fn starts_with(rest: &[char], contraction: &str, any_case: bool) -> bool {
    // Unicode's simple case folding: U+017F is an s.
    let fold = |c: char| match c {
        'ſ' if any_case => 's',
        c if any_case => c.to_ascii_lowercase(),
        c => c,
    };
    rest.len() >= contraction.len() && contraction.chars().zip(rest).all(|(wanted, &c)| wanted == fold(c))
}

pub fn pretokens(pattern: Pattern, text: &str) -> Vec<&str> {
    let chars: Vec<char> = text.chars().collect();
    let alternatives = alternatives(pattern);
    let (mut pieces, mut at, mut byte) = (Vec::new(), 0, 0);
    while at < chars.len() {
        let len = alternatives.iter().find_map(|steps| matched(steps, &chars[at..])).expect("one of them takes any character");
        let bytes: usize = chars[at..at + len].iter().map(|c| c.len_utf8()).sum();
        pieces.push(&text[byte..byte + bytes]);
        at += len;
        byte += bytes;
    }
    pieces
}
