//! A list for people: every cut in the whole corpus with what stands around it.
//! `cargo test --release -p kopipe-core draw_cuts -- --ignored --nocapture`

use super::counts::KINDS;
use super::{Cutting, next};
use crate::clean::corpus;
use crate::clean::normalize::{KOREAN, normalize};
use crate::clean::scan::scan;
use crate::encoding::decode;
use crate::html::{declared_charset, main_text};
use std::io::Read;

const FILES: [&str; 15] = [
    "chat",
    "colonial-magazines",
    "eval-klue",
    "eval-kobest",
    "eval-nsmc",
    "kowiki-2020",
    "kowiki-2023",
    "ms-docs-2018",
    "ms-docs-2021",
    "news-comments",
    "news-titles",
    "nfd",
    "nsmc-reviews",
    "precedents",
    "web-docs",
];

#[test]
#[ignore = "a list for people"]
fn draw_cuts() {
    let how = Cutting { bylines: true, footers: true };
    for name in FILES {
        let Some(texts) = corpus::texts(name) else { return };
        list(name, texts, how);
    }
    let Some(file) = corpus::file("ko-html.warc.gz") else { return };
    let mut archive = Vec::new();
    flate2::read::MultiGzDecoder::new(&file[..]).read_to_end(&mut archive).unwrap();
    let read = |page: Vec<u8>| decode(&page, declared_charset(&page).as_deref()).map(|decoded| main_text(&decoded.text).text);
    list("ko-html", corpus::warc(&archive).into_iter().filter_map(|page| read(page).ok()).collect(), how);
}

fn list(name: &str, texts: Vec<String>, how: Cutting) {
    let (all, mut changed) = (texts.len(), 0);
    for (ordinal, text) in texts.into_iter().enumerate() {
        let mut text = normalize(&text, &scan(&text), &KOREAN).unwrap_or(text);
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
