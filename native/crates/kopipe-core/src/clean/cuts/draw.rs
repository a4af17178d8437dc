//! A list for people: every cut in the whole corpus with what stands around it.
//! `cargo test --release -p kopipe-core draw_cuts -- --ignored --nocapture`

use super::counts::KINDS;
use super::{Cutting, next};
use crate::clean::corpus;

#[test]
#[ignore = "a list for people"]
fn draw_cuts() {
    let how = Cutting { bylines: true, footers: true };
    for name in corpus::FILES {
        let Some(texts) = corpus::normalized(name) else { return };
        list(name, texts, how);
    }
}

fn list(name: &str, texts: Vec<String>, how: Cutting) {
    let (all, mut changed) = (texts.len(), 0);
    for (ordinal, mut text) in texts.into_iter().enumerate() {
        if super::cut(&text, how).is_none() {
            continue;
        }
        changed += 1;
        while let Some((kind, range)) = next(&text, how) {
            let from = text[..range.start].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
            let to = text[range.end..].char_indices().nth(40).map_or(text.len(), |(at, _)| range.end + at);
            let around = format!("{}⟦{}⟧{}", &text[from..range.start], &text[range.clone()], &text[range.end..to]);
            println!("{name}\t{ordinal}\t{}\t{}", KINDS[kind], around.replace(['\n', '\t'], "⏎"));
            text.replace_range(range, "");
        }
    }
    println!("# {name}: {changed} of {all} documents");
}
