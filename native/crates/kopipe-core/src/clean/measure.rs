//! What the scan, the normalization, the cuts, the filters and the masks cost on the mix of the corpus, in ns a byte: the minimum of
//! five runs. `cargo test --release -p kopipe-core measure -- --ignored --nocapture`

use super::corpus;
use super::cuts::{Cutting, cut};
use super::filters::Filter;
use super::mask::{Kind, Mask, Style, mask};
use super::measures::{Buffers, Measures};
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
    let filters: Vec<Filter> = serde_json::from_str(include_str!("filters/korean.json")).unwrap();
    let how = Mask { style: Style::Polyglot, kinds: Kind::ALL.to_vec(), reserved: Style::Polyglot.tokens(Kind::ALL) };
    let prose = "나는 학교에 갔다. 그리고 집에 왔다, 비가 왔기 때문이다.\n".repeat(20_000);
    let masked = least(prose.len(), || {
        black_box(mask(&prose, &how));
    });
    println!("prose without digits: mask {masked:.3}");
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
        let clean: Vec<String> = texts.iter().map(|text| normalize(text, &scan(text), &KOREAN).unwrap_or_else(|| text.clone())).collect();
        let filtered = least(bytes, || {
            let mut buffers = Buffers::default();
            for text in &clean {
                let mut measures = Measures::new(text, scan(text), &mut buffers);
                black_box(filters.iter().find_map(|filter| filter.judge(&mut measures)));
            }
        });
        let masked = least(bytes, || {
            for text in &texts {
                black_box(mask(text, &how));
            }
        });
        let trimmed = least(bytes, || {
            for text in &clean {
                black_box(cut(text, Cutting { bylines: true, footers: true }));
            }
        });
        println!(
            "{name}: {bytes} bytes, scan {scanned:.3}, scan and normalize {normalized:.3}, mojibake alone {judged:.3}, cut {trimmed:.3}, scan and filters {filtered:.3}, mask {masked:.3}"
        );
    }
}
