//! English prose among the eojeol: its commonest function words. A quarter to half of any English text, hardly any of code,
//! of names and of commands.

use super::eojeol::Word;

/// Small letters, sorted. Keywords of code (for, in, is, not, this) are left out.
const WORDS: [&str; 22] = [
    "an", "and", "are", "be", "by", "can", "has", "have", "of", "on", "that", "the", "these", "they", "to", "was", "were", "which", "will",
    "with", "you", "your",
];

/// How many eojeol are one of them, signs around it aside and whatever the case.
pub fn function_words(text: &str, words: &[Word]) -> u64 {
    words.iter().filter(|word| is_one(word.of(text))).count() as u64
}

fn is_one(word: &[u8]) -> bool {
    // The longest with three signs; most eojeol of Korean go here or by their first byte.
    if word.len() > 7 || !word.is_ascii() {
        return false;
    }
    let is_sign = |byte: &u8| !byte.is_ascii_alphanumeric();
    let start = word.iter().take_while(|byte| is_sign(byte)).count();
    let end = word.len() - word[start..].iter().rev().take_while(|byte| is_sign(byte)).count();
    let mut small = [0; 7];
    let small = &mut small[..end - start];
    small.copy_from_slice(&word[start..end]);
    small.make_ascii_lowercase();
    WORDS.binary_search_by(|word| word.as_bytes().cmp(small)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::eojeol;
    use super::*;

    #[test]
    fn function_words_are_counted_in_any_dress() {
        assert!(WORDS.is_sorted());
        let text = "The 값 of (the) list, ARE; \"to\" and... for(i=0;i<n;i++) android 한글the 한 — \n....... it's";
        let mut words = Vec::new();
        eojeol::find(text, false, &mut words);
        assert_eq!(function_words(text, &words), 6);
        assert_eq!(function_words("", &[]), 0);
    }
}
