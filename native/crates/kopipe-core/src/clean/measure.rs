//! What the scan and the normalization cost on the mix of the corpus, in ns a byte: the minimum of five runs.
//! `cargo test --release -p kopipe-core measure -- --ignored --nocapture`

use super::corpus;
use super::normalize::{KOREAN, normalize};
use super::scan::scan;
use std::hint::black_box;
use std::time::Instant;

const MIX: [&str; 5] = ["kowiki-2023", "precedents", "nsmc-reviews", "ms-docs-2021", "web-docs"];

fn least(bytes: usize, mut run: impl FnMut()) -> f64 {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_nanos() as f64 / bytes as f64
        })
        .fold(f64::MAX, f64::min)
}

#[test]
#[ignore = "a table for people"]
fn measure() {
    for name in MIX {
        let Some(texts) = corpus::texts(name) else { return };
        let bytes = texts.iter().map(String::len).sum();
        let scanned = least(bytes, || {
            for text in &texts {
                black_box(scan(text));
            }
        });
        let normalized = least(bytes, || {
            for text in &texts {
                black_box(normalize(text, &scan(text), &KOREAN));
            }
        });
        let judged = least(bytes, || {
            for text in &texts {
                black_box(crate::encoding::mojibake(text));
            }
        });
        println!("{name}: {bytes} bytes, scan {scanned:.3}, scan and normalize {normalized:.3}, mojibake alone {judged:.3}");
    }
}
