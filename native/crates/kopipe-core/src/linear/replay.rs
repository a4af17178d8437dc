//! What must hold for any bytes that come as a model. The fuzz target `linear` looks for some that break it; the test below
//! replays what it starts from.

use super::{Bytes, Model, Room};
use std::path::Path;

const TEXTS: [&str; 4] = ["", "서울은 대한민국의 수도이다\n지금 바로 클릭", "__label__good </s> 뒤", "<a>\0é 낱말3 word5 漢字"];

/// Refused with an error, or judged as the textbook would.
pub fn check(input: &[u8]) {
    let Ok(model) = Model::parse(Bytes::Held(input.to_vec()), Path::new("model.bin")) else { return };
    let own = String::from_utf8_lossy(&input[..input.len().min(256)]);
    let mut room = Room::default();
    let labels: Vec<usize> = (0..model.labels().len().min(8)).collect();
    for text in TEXTS.into_iter().chain([&*own]) {
        let probability = model.probability(text, &labels, &mut room);
        assert!(probability >= 0.0, "{probability}");
        assert_eq!(room.found.rows, model.features.textbook_rows(&model.bytes, text));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("linear", super::check) >= 5);
    }
}
