//! Quantiles of every quantity the filters judge by, a table of Markdown for every file of JSON lines in a folder.
//! `scripts/calibrate FOLDER [MIN-WORDS]`

use kopipe_core::clean::measures::quantities::{QUANTITIES, quantities};
use kopipe_core::clean::measures::{Buffers, Measures};
use kopipe_core::clean::scan::scan;
use std::io::BufRead;

const AT: [f64; 8] = [0.01, 0.02, 0.05, 0.5, 0.95, 0.98, 0.99, 0.999];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("a folder of .jsonl or .jsonl.zst files is expected")?;
    let min_words: f64 = arguments.next().map_or(Ok(50.0), |words| words.parse())?;
    let mut files: Vec<_> = std::fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    for path in files {
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        let reader: Box<dyn BufRead> = match &name {
            name if name.ends_with(".jsonl.zst") => Box::new(std::io::BufReader::new(zstd::Decoder::new(std::fs::File::open(&path)?)?)),
            name if name.ends_with(".jsonl") => Box::new(std::io::BufReader::new(std::fs::File::open(&path)?)),
            _ => continue,
        };
        let mut values: Vec<Vec<f64>> = vec![Vec::new(); QUANTITIES.len()];
        let mut buffers = Buffers::default();
        for line in reader.lines() {
            let document: serde_json::Value = serde_json::from_str(&line?)?;
            let text = document["text"].as_str().ok_or("a document without \"text\"")?;
            let mut measures = Measures::new(text, scan(text), &mut buffers);
            if (measures.eojeol().count as f64) < min_words {
                continue;
            }
            for (into, value) in values.iter_mut().zip(quantities(&mut measures)) {
                into.push(value);
            }
        }
        print(&name, min_words, &mut values);
    }
    Ok(())
}

fn print(name: &str, min_words: f64, values: &mut [Vec<f64>]) {
    println!("\n### {name}: {} documents of {min_words} eojeol or more\n", values[0].len());
    if values[0].is_empty() {
        return;
    }
    println!("| quantity |{}", AT.map(|at| format!(" {} % |", at * 100.0)).concat());
    println!("|---|{}", "---|".repeat(AT.len()));
    for (quantity, values) in QUANTITIES.iter().zip(values) {
        values.sort_by(f64::total_cmp);
        let quantile = |at: f64| {
            let value = values[((values.len() - 1) as f64 * at).round() as usize];
            format!(" {} |", (value * 1000.0).round() / 1000.0)
        };
        println!("| {quantity} |{}", AT.map(quantile).concat());
    }
}
