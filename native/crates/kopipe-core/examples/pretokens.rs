//! Pretokens, for test/golden/pretokens.py: JSON lines with a `text` on stdin; on stdout a line for each, the bytes of its
//! pretokens. On stderr, the nanoseconds a byte of text that cutting took: the least of `REPETITIONS` passes.
//!
//!     pretokens PATTERN [REPETITIONS] < documents > lengths

use kopipe_core::bpe::{Pattern, Pretokens};
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

#[derive(serde::Deserialize)]
struct Document {
    text: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("a pattern is expected")?;
    let pattern = Pattern::from_name(&name).ok_or_else(|| format!("{name} is no pattern"))?;
    let repetitions: usize = arguments.next().map_or(Ok(1), |n| n.parse())?;
    let texts = std::io::stdin().lock().lines().map(|line| Ok(serde_json::from_str::<Document>(&line?)?.text));
    let texts = texts.collect::<Result<Vec<_>, Box<dyn std::error::Error>>>()?;
    let (mut ends, mut pretokens, mut least) = (Vec::new(), 0, Duration::MAX);
    for _ in 0..repetitions {
        let start = Instant::now();
        pretokens = 0;
        for text in &texts {
            let mut cut = Pretokens::new(pattern, text);
            while {
                cut.next_ends(&mut ends);
                !ends.is_empty()
            } {
                pretokens += ends.len();
            }
        }
        least = least.min(start.elapsed());
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    eprintln!("{name}: {:.3} ns a byte, {pretokens} pretokens", least.as_secs_f64() * 1e9 / bytes as f64);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for text in &texts {
        let (mut cut, mut start) = (Pretokens::new(pattern, text), 0);
        loop {
            cut.next_ends(&mut ends);
            if ends.is_empty() {
                break;
            }
            for &end in &ends {
                write!(out, "{} ", end - start)?;
                start = end;
            }
        }
        writeln!(out)?;
    }
    Ok(out.flush()?)
}
