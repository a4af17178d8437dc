//! What must hold for any evaluation texts and any document. The fuzz target `decontaminate` looks for bytes that break it; the
//! test below replays what it started from.

use super::build::Origin;
use super::index::{Buffers, Index};
use super::remove::remove;
use super::{Builder, Unit};

/// The first byte chooses the unit and the length; then come texts, each to a zero byte, and last the document.
pub fn check(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    let mut parts: Vec<&str> = text.split('\0').collect();
    let Some(document) = parts.pop() else { return };
    let (unit, n) = match choice & 1 {
        0 => (Unit::Eojeol, 2 + usize::from(choice >> 1) % 30),
        _ => (Unit::Characters, 13 + usize::from(choice >> 1) % 50),
    };
    check_texts(unit, n, &parts, document);
}

pub fn indexed(unit: Unit, n: usize, texts: &[&str]) -> Index {
    let mut builder = Builder::new(unit, n).unwrap_or_else(|error| unreachable!("{error}"));
    builder.begin("texts");
    for (number, text) in texts.iter().enumerate() {
        builder.add(text, Some(text), &Origin { id: &number.to_string(), offset: number as u64, key: None });
    }
    builder.finish().unwrap_or_else(|error| unreachable!("{error}"))
}

fn check_texts(unit: Unit, n: usize, texts: &[&str], document: &str) {
    let (index, mut buffers) = (indexed(unit, n, texts), Buffers::default());
    let counts = &index.files[0];
    assert_eq!(counts.items, counts.used + counts.too_short);
    // A text stands in itself, wholly.
    for text in texts.iter().filter(|text| text.trim().chars().count() >= super::SHORTEST) {
        let met = index.met(text, &mut buffers).unwrap_or_else(|| panic!("{text:?}"));
        assert!(met.texts.iter().any(|(text, grams)| index.texts[*text as usize].grams == *grams), "{text:?}");
    }
    let Some(met) = index.met(document, &mut buffers) else { return };
    assert!(!met.texts.is_empty() && met.texts.is_sorted() && !met.spans.is_empty());
    assert!(met.texts.iter().all(|(text, grams)| (1..=index.texts[*text as usize].grams).contains(grams)));
    let mut at = 0;
    for span in &met.spans {
        assert!(span.start >= at && span.end > span.start && !document[span.clone()].trim().is_empty());
        at = span.end;
    }
    let left = remove(document, &met.spans);
    assert!(left.len() < document.len());
    // Nothing is put in but blanks.
    let mut rest = document.chars();
    assert!(left.chars().filter(|c| !c.is_whitespace()).all(|c| rest.any(|other| other == c)));
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("decontaminate", super::check) >= 5);
    }
}
