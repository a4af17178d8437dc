//! What is written beside a number and says what it is.

/// Labels of a kind: some say it from a way off, some words mean it only where the number follows at once.
pub struct Labels {
    pub far: &'static [&'static str],
    pub near: &'static [&'static str],
    pub behind: &'static [&'static str],
}

/// Characters of a line that are looked at before and behind a number.
const FAR: usize = 24;
const NEAR: usize = 8;
const BEHIND: usize = 8;

impl Labels {
    /// Whether one stands beside `start..end`, in the same line.
    pub fn stand_by(&self, text: &str, start: usize, end: usize) -> bool {
        let (far, near) = (before(text, start, FAR), before(text, start, NEAR));
        let behind = behind(text, end, BEHIND);
        self.far.iter().any(|label| says(&far, label))
            || self.near.iter().any(|label| says(&near, label))
            || self.behind.iter().any(|label| says(&behind, label))
    }

    /// Whether one stands right before a place.
    pub fn stand_right_before(&self, text: &str, start: usize) -> bool {
        let near = before(text, start, NEAR);
        self.far.iter().chain(self.near).any(|label| says(&near, label))
    }
}

/// Whether a label stands in a text, one of Latin letters as a word: `ip`, not `pip`.
fn says(text: &str, label: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    text.match_indices(label).any(|(at, _)| {
        let inside = |edge: Option<char>, neighbour| is_letter(edge) && is_letter(neighbour);
        !inside(label.chars().next(), text[..at].chars().next_back())
            && !inside(label.chars().next_back(), text[at + label.len()..].chars().next())
    })
}

/// So many characters of the line before a place, in lower case. What stands before a mask says nothing, nor does the
/// mask: masked text must look to the next run as it did to the one before.
pub fn before(text: &str, start: usize, chars: usize) -> String {
    let line = text[..start].chars().rev().take_while(|&c| c != '\n' && c != '>').take(chars);
    let reversed: Vec<char> = line.collect();
    reversed.iter().rev().map(char::to_ascii_lowercase).collect()
}

fn behind(text: &str, end: usize, chars: usize) -> String {
    text[end..].chars().take_while(|&c| c != '\n' && c != '<').take(chars).map(|c| c.to_ascii_lowercase()).collect()
}
