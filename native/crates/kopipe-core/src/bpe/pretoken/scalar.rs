//! One pretoken at a time: what runs where there are no vectors, and where a block of them does not decide.

use super::characters::*;
use super::pattern::Pattern;

impl Characters<'_> {
    /// Where the pretoken ends that starts at `start`, which is before the end of the text.
    #[inline]
    pub fn end(&self, pattern: Pattern, start: usize) -> usize {
        match pattern {
            Pattern::Gpt2 => self.gpt2(start),
            Pattern::Cl100k | Pattern::Llama3 => self.split(start, 3),
            Pattern::Qwen2 => self.split(start, 1),
            Pattern::O200k => self.o200k(start),
        }
    }

    fn gpt2(&self, start: usize) -> usize {
        if let Some(len) = self.contraction(start, false) {
            return start + len;
        }
        let (mut class, mut len) = self.class_at(start);
        if self.text[start] == b' '
            && let (next, more) = self.class_at(start + 1)
            && !matches!(next, SPACE | END)
        {
            (class, len) = (next, 1 + more);
        }
        match class {
            SPACE => self.spaces(start),
            NUMBER => self.run(start + len, |class| class == NUMBER),
            OTHER | MARK => self.run(start + len, |class| matches!(class, OTHER | MARK)),
            _ => self.run(start + len, is_letter),
        }
    }

    /// cl100k's, Llama 3's, and Qwen 2's with a single digit for three.
    fn split(&self, start: usize, digits: usize) -> usize {
        if let Some(len) = self.contraction(start, true) {
            return start + len;
        }
        let (class, len) = self.class_at(start);
        if is_letter(class) {
            return self.run(start + len, is_letter);
        }
        // One character before the letters, whatever it is.
        if class != NUMBER && !is_line_end(self.text[start]) && is_letter(self.class_at(start + len).0) {
            return self.run(start + len, is_letter);
        }
        self.numbers_signs_spaces(start, digits, is_line_end)
    }

    fn o200k(&self, start: usize) -> usize {
        let (class, len) = self.class_at(start);
        let is_word = |class| is_letter(class) || class == MARK;
        let word = if is_word(class) {
            start
        } else if class != NUMBER && !is_line_end(self.text[start]) && is_word(self.class_at(start + len).0) {
            start + len
        } else {
            return self.numbers_signs_spaces(start, 3, |byte| is_line_end(byte) || byte == b'/');
        };
        let end = self.cased(word);
        end + self.contraction(end, true).unwrap_or(0)
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`, else the same with `+` and `*`. What has no case
    /// is in both halves: where no lower case follows, the regex goes back to the last of it.
    fn cased(&self, start: usize) -> usize {
        let (mut at, mut caseless) = (start, start);
        loop {
            match self.class_at(at) {
                (UPPER, len) => at += len,
                (CASELESS | MARK, len) => {
                    at += len;
                    caseless = at;
                }
                (LOWER, len) => return self.run(at + len, |class| matches!(class, LOWER | CASELESS | MARK)),
                _ => return if caseless > start { caseless } else { at },
            }
        }
    }

    /// `\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`; `tail` is what may follow signs.
    fn numbers_signs_spaces(&self, start: usize, digits: usize, tail: impl Fn(u8) -> bool) -> usize {
        let (mut class, len) = self.class_at(start);
        let mut at = start + len;
        if class == NUMBER {
            for _ in 1..digits {
                let (NUMBER, len) = self.class_at(at) else { break };
                at += len;
            }
            return at;
        }
        let is_sign = |class| matches!(class, OTHER | MARK);
        if self.text[start] == b' ' {
            class = self.class_at(at).0;
        }
        if is_sign(class) {
            at = self.run(at, is_sign);
            return at + self.text[at..].iter().take_while(|&&byte| tail(byte)).count();
        }
        let spaces = self.run(start, |class| class == SPACE);
        match self.text[start..spaces].iter().rposition(|&byte| is_line_end(byte)) {
            Some(last) => start + last + 1,
            None => self.spaces(start),
        }
    }

    /// `\s+(?!\S)|\s+`: up to the last character before what is none, unless that is the only one.
    fn spaces(&self, start: usize) -> usize {
        let (mut at, mut last) = (start, start);
        loop {
            match self.class_at(at) {
                (SPACE, len) => (last, at) = (at, at + len),
                (END, _) => return at,
                _ => return if last > start { last } else { at },
            }
        }
    }

    /// The length of `'s|'t|'re|'ve|'m|'ll|'d` at a place. Regardless of case, the long s is one too.
    #[inline]
    pub fn contraction(&self, at: usize, any_case: bool) -> Option<usize> {
        let &[b'\'', first, ref rest @ ..] = self.text.get(at..)? else { return None };
        let fold = |byte: u8| if any_case { byte.to_ascii_lowercase() } else { byte };
        match (fold(first), rest.first().map(|&byte| fold(byte))) {
            (b's' | b't' | b'm' | b'd', _) => Some(2),
            (b'r' | b'v', Some(b'e')) | (b'l', Some(b'l')) => Some(3),
            // U+017F.
            (0xc5, Some(0xbf)) if any_case => Some(3),
            _ => None,
        }
    }
}
