//! What the evaluation sets meet in the corpus, by unit and length, and what it costs in ns a byte: the minimum of five runs.
//! `cargo test --release -p kopipe-core decontaminate::measure -- --ignored --nocapture`

use super::Unit;
use super::index::Buffers;
use super::replay::indexed;
use crate::clean::corpus;
use std::collections::HashSet;
use std::hint::black_box;
use std::time::Instant;

const SETS: [&str; 3] = ["eval-kobest", "eval-klue", "eval-nsmc"];
const DOCUMENTS: [&str; 8] =
    ["kowiki-2023", "precedents", "nsmc-reviews", "ms-docs-2021", "web-docs", "colonial-magazines", "news-comments", "chat"];

#[test]
#[ignore = "a table for people"]
fn measure() {
    let Some(sets) = SETS.map(corpus::texts).into_iter().collect::<Option<Vec<_>>>() else { return };
    let texts: Vec<&str> = sets.iter().flatten().map(String::as_str).collect();
    let documents: Vec<_> = DOCUMENTS.iter().map(|name| (name, corpus::texts(name).unwrap())).collect();
    let lengths = [
        (Unit::Eojeol, 8),
        (Unit::Eojeol, 13),
        (Unit::Characters, 20),
        (Unit::Characters, 25),
        (Unit::Characters, 30),
        (Unit::Characters, 40),
    ];
    for (unit, n) in lengths {
        let started = Instant::now();
        let index = indexed(unit, n, &texts);
        println!("{unit:?} {n}: {} n-grams, {} bytes, built in {:.2?}", index.grams.len(), index.bytes(), started.elapsed());
        for (name, documents) in &documents {
            let bytes: usize = documents.iter().map(String::len).sum();
            let mut buffers = Buffers::default();
            // Some milliseconds at a time, so that other processes are not measured.
            let nanos: u128 = documents
                .chunks(50)
                .map(|few| {
                    let once = |_| {
                        let started = Instant::now();
                        few.iter().for_each(|text| drop(black_box(index.met(text, &mut buffers))));
                        started.elapsed().as_nanos()
                    };
                    (0..5).map(once).min().unwrap_or(0)
                })
                .sum();
            let least = nanos as f64 / bytes as f64;
            let (mut contaminated, mut met, mut example) = (0, HashSet::new(), String::new());
            for text in documents {
                let Some(found) = index.met(text, &mut buffers) else { continue };
                contaminated += 1;
                met.extend(found.texts.iter().map(|(text, _)| *text));
                if contaminated % 7 == 1 && example.len() < 900 {
                    example.push_str(&format!("\n      {} <- {}", &text[found.spans[0].clone()].replace('\n', " "), found.texts[0].0));
                }
            }
            println!("  {name}: {contaminated} documents, {} texts, {least:.3} ns a byte{example}", met.len());
        }
    }
}
