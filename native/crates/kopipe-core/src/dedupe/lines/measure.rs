//! What folding and hashing the lines costs, in ns a byte of normalized text: the least of five runs.
//! `cargo test --release -p kopipe-core lines::measure -- --ignored --nocapture`

use super::Unit;
use super::fold::Folder;
use super::pieces::pieces;
use crate::clean::corpus;
use std::hint::black_box;
use std::time::Instant;

#[test]
#[ignore = "a table for people"]
fn measure() {
    for name in ["kowiki-2023", "precedents", "nsmc-reviews", "ms-docs-2021", "web-docs", "ko-html"] {
        let Some(texts) = corpus::normalized(name) else { return };
        let (bytes, mut lines) = (texts.iter().map(String::len).sum::<usize>(), 0);
        let run = || {
            lines = 0;
            let (started, mut folder) = (Instant::now(), Folder::new(5));
            for text in &texts {
                for range in pieces(text, Unit::Line) {
                    lines += usize::from(black_box(folder.hash(&text[range])).is_some());
                }
            }
            started.elapsed().as_nanos() as f64 / bytes as f64
        };
        let least = std::iter::repeat_with(run).take(5).fold(f64::MAX, f64::min);
        println!("{name}: {least:.3} ns a byte of {bytes}, {lines} lines");
    }
}
