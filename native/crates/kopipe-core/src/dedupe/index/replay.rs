//! What must hold for any bytes that come as the sketches of an older artifact. The fuzz target `index` looks for some that
//! break it; the test below replays what it starts from.

use super::sketches::Rows;
use crate::dedupe::near::sketch::Sketch;

/// The first byte is the number of documents. What can be read is written again as it is, and is compared with any text.
pub fn check(input: &[u8]) {
    let Some((&documents, body)) = input.split_first() else { return };
    let rows = Rows::new(body.to_vec(), documents as usize);
    let text = Sketch::of(&String::from_utf8_lossy(body));
    for sketch in (0..=documents as usize).filter_map(|position| rows.get(position)) {
        assert!(sketch.hashes.is_sorted());
        let mut bytes = Vec::new();
        sketch.push(&mut bytes);
        assert_eq!(Sketch::read(&bytes).as_ref(), Some(&sketch));
        for (one, other) in [(&sketch, &text), (&text, &sketch), (&sketch, &sketch)] {
            assert!(one.jaccard(other).is_none_or(|jaccard| (0.0..=1.0).contains(&jaccard)));
        }
        assert!(sketch.clone().coarse().hashes.len() <= sketch.hashes.len());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("index", super::check) >= 3);
    }
}
