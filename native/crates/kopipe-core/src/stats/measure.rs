//! What statistics cost on the mix of the corpus, in ns a byte: the minimum of five runs.
//! `cargo test --release -p kopipe-core stats::measure -- --ignored --nocapture`

use super::measures::Measures;
use super::scripts::Scripts;
use super::*;
use crate::clean::corpus;
use std::hint::black_box;
use std::time::Instant;

const MIX: [&str; 5] = ["kowiki-2023", "precedents", "nsmc-reviews", "ms-docs-2021", "web-docs"];

#[test]
#[ignore = "a table for people"]
fn measure() {
    for name in MIX {
        let Some(texts) = corpus::texts(name) else { return };
        let bytes: usize = texts.iter().map(String::len).sum();
        let least = |run: &dyn Fn()| {
            let once = |_| {
                let start = Instant::now();
                run();
                start.elapsed().as_nanos() as f64 / bytes as f64
            };
            (0..5).map(once).fold(f64::MAX, f64::min)
        };
        let scripts = least(&|| {
            for text in &texts {
                black_box(Scripts::count(text));
            }
        });
        let plain = least(&|| {
            let mut measures = Measures::default();
            for text in &texts {
                black_box(measures.add(text));
            }
        });
        let all = |one_in: u64, measures_all: bool| {
            least(&|| {
                let look = Look { rate: Rate { one_in, measures_all }, fertility: None };
                let mut corpus = Corpus::default();
                for texts in texts.chunks(texts.len().div_ceil(16)) {
                    let mut gathered = Gathered::new(&look);
                    for text in texts {
                        let hash = xxh3_64(text.as_bytes());
                        gathered.add(
                            &look,
                            Described {
                                text,
                                source: name,
                                id: "1",
                                metadata: r#","url":"https://ko.wikipedia.org/x","date":"2023-01-01""#,
                                hash,
                            },
                        );
                    }
                    corpus.take(gathered);
                }
                black_box(corpus.store().unwrap());
            })
        };
        let (every, sixteenth, sixtyfourth) = (all(1, true), all(16, true), all(64, false));
        println!(
            "{name}: {bytes} bytes, scripts {scripts:.3}, measures {plain:.3}, all observed {every:.2}, one in 16 {sixteenth:.2}, one in 64 and nothing of others {sixtyfourth:.2}"
        );
    }
}
