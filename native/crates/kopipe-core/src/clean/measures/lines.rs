//! Lines that are not blank, paragraphs (between blank lines), and which of them came before.
//! 0.5 ns a byte together, 1.4 where lines are short.

use xxhash_rust::xxh3::xxh3_64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub start: u32,
    pub bytes: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    pub count: u64,
    /// Line feeds, those of blank lines too.
    pub feeds: u64,
    /// Lines that begin with a bullet.
    pub bullets: u64,
    /// Lines that end in an ellipsis.
    pub ellipses: u64,
    /// Lines that end as a sentence does.
    pub ended: u64,
}

/// Elements that came before.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Duplicates {
    /// Of how many.
    pub of: u64,
    pub count: u64,
    /// Their characters.
    pub chars: u64,
}

impl Line {
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start as usize..][..self.bytes as usize]
    }

    /// Whether it has this many characters at the most.
    pub fn is_short(&self, text: &str, length: u64) -> bool {
        u64::from(self.bytes) <= length || u64::from(self.bytes) <= 4 * length && chars(self.of(text)) <= length
    }
}

pub fn find(text: &str, into: &mut Vec<Line>) -> Lines {
    into.clear();
    let (mut found, mut start) = (Lines::default(), 0);
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = &text[start..end];
        found.feeds += 1;
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            found.bullets += u64::from(begins_with_bullet(trimmed));
            let ellipsis = trimmed.ends_with("...") || trimmed.ends_with('…');
            found.ellipses += u64::from(ellipsis);
            found.ended += u64::from(ellipsis || ends_sentence(trimmed));
            into.push(Line { start: start as u32, bytes: line.len() as u32 });
        }
        start = end + 1;
    }
    found.feeds -= 1;
    found.count = into.len() as u64;
    found
}

/// Signs of lists in Korean text; letters and digits with a dot are not among them.
fn begins_with_bullet(line: &str) -> bool {
    line.starts_with(|c| {
        matches!(
            c,
            '-' | '*'
                | '+'
                | '•'
                | '‣'
                | '◦'
                | '·'
                | 'ㆍ'
                | '∙'
                | '▪'
                | '▫'
                | '■'
                | '□'
                | '●'
                | '○'
                | '◎'
                | '◆'
                | '◇'
                | '▶'
                | '▷'
                | '►'
                | '▸'
                | '◀'
                | '※'
                | '–'
                | '—'
        )
    })
}

/// A terminal mark, before closing quotation marks and brackets where such stand there.
fn ends_sentence(line: &str) -> bool {
    let is_closing = |c| matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '」' | '』' | '》' | '〉');
    line.trim_end_matches(is_closing).ends_with(['.', '!', '?', '…', '。', '！', '？', '．', '‼', '⁇', '⁈', '⁉'])
}

pub fn chars(text: &str) -> u64 {
    // A byte for a chunk's sum: the compiler vectorizes it.
    let firsts = |chunk: &[u8]| chunk.iter().map(|&byte| u8::from((byte as i8) >= -64)).sum::<u8>();
    text.as_bytes().chunks(192).map(|chunk| u64::from(firsts(chunk))).sum()
}

/// Line by line, as they stand.
pub fn duplicate_lines(text: &str, lines: &[Line], table: &mut Vec<u64>) -> Duplicates {
    duplicates(lines.len(), lines.iter().map(|line| line.of(text)), table)
}

/// Between two or more line feeds.
pub fn duplicate_paragraphs(text: &str, table: &mut Vec<u64>) -> Duplicates {
    let text = text.trim();
    let gaps = memchr::memmem::find_iter(text.as_bytes(), "\n\n").count();
    if gaps == 0 {
        return Duplicates { of: u64::from(!text.is_empty()), ..Duplicates::default() };
    }
    // The gaps do not overlap: of an odd number of line feeds one stays before the paragraph.
    let ends = memchr::memmem::find_iter(text.as_bytes(), "\n\n").chain([text.len()]);
    let paragraphs = ends.scan(0, |start, end| Some(&text[std::mem::replace(start, end + 2)..end]));
    let paragraphs = paragraphs.map(|paragraph| paragraph.trim_start_matches('\n')).filter(|paragraph| !paragraph.is_empty());
    let of = paragraphs.clone().count() as u64;
    Duplicates { of, ..duplicates(gaps + 1, paragraphs, table) }
}

/// Equal where their 64-bit hashes are. `most`: there are no more.
fn duplicates<'t>(most: usize, elements: impl Iterator<Item = &'t str>, table: &mut Vec<u64>) -> Duplicates {
    let mut found = Duplicates { of: most as u64, ..Duplicates::default() };
    if most < 2 {
        return found;
    }
    let size = (most * 2).next_power_of_two();
    table.clear();
    table.resize(size, 0);
    for element in elements {
        // 0 is an empty slot.
        let hash = xxh3_64(element.as_bytes()).max(1);
        let mut slot = hash as usize & (size - 1);
        loop {
            if table[slot] == hash {
                found.count += 1;
                found.chars += chars(element);
            } else if table[slot] == 0 {
                table[slot] = hash;
            } else {
                slot = (slot + 1) & (size - 1);
                continue;
            }
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn duplicates_slow<'t>(elements: impl Iterator<Item = &'t str>) -> Duplicates {
        let (mut seen, mut found) = (HashSet::new(), Duplicates::default());
        for element in elements {
            found.of += 1;
            if !seen.insert(element) {
                found.count += 1;
                found.chars += element.chars().count() as u64;
            }
        }
        found
    }

    proptest! {
        #[test]
        fn equals_its_slow_twin(text in "([가나]{0,2}\n{0,3}|[가-힣 ]{0,20}\n|\n{1,4}| {1,2}){0,60}") {
            let (mut lines, mut table) = (Vec::new(), Vec::new());
            let found = find(&text, &mut lines);
            let slow = || text.split('\n').filter(|line| !line.trim().is_empty());
            prop_assert_eq!(lines.iter().map(|line| line.of(&text)).collect::<Vec<_>>(), slow().collect::<Vec<_>>());
            prop_assert_eq!(found.feeds, text.matches('\n').count() as u64);
            prop_assert_eq!(duplicate_lines(&text, &lines, &mut table), duplicates_slow(slow()));
            let mut paragraphs = vec![String::new()];
            for line in text.trim().split('\n') {
                match line {
                    "" => paragraphs.push(String::new()),
                    line => {
                        let last = paragraphs.last_mut().unwrap();
                        if !last.is_empty() {
                            last.push('\n');
                        }
                        last.push_str(line);
                    }
                }
            }
            let expected = duplicates_slow(paragraphs.iter().map(String::as_str).filter(|p| !p.is_empty()));
            prop_assert_eq!(duplicate_paragraphs(&text, &mut table), expected);
            for line in &lines {
                prop_assert_eq!(line.is_short(&text, 3), line.of(&text).chars().count() <= 3);
            }
        }
    }

    #[test]
    fn knows_bullets_ellipses_and_ends() {
        let found = find(" - 하나\n• 둘...\n\n셋이다.\n\"넷이다.\"\n다섯 (여섯)\n일곱…", &mut Vec::new());
        assert_eq!(found, Lines { count: 6, feeds: 6, bullets: 2, ellipses: 2, ended: 4 });
    }
}
