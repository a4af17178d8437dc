//! Signatures of the profile `datatrove`, for test/golden/minhash.py: JSON lines with a `text` on stdin; on stdout a line
//! for each: XXH3-128 of its 112 values as little-endian bytes in hexadecimal, `-` for a text of under five words. On
//! stderr, the nanoseconds a byte of text that the signatures took.

use kopipe_core::dedupe::near::datatrove::Datatrove;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

#[derive(serde::Deserialize)]
struct Document {
    text: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut datatrove = Datatrove::new();
    let (mut bytes, mut taken) = (0, Duration::ZERO);
    for line in std::io::stdin().lock().lines() {
        let Document { text } = serde_json::from_str(&line?)?;
        let start = Instant::now();
        let signature = datatrove.signature(&text);
        taken += start.elapsed();
        bytes += text.len();
        match signature {
            Some(values) => {
                let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                writeln!(out, "{:032x}", xxhash_rust::xxh3::xxh3_128(&values))?;
            }
            None => writeln!(out, "-")?,
        }
    }
    out.flush()?;
    eprintln!("{:.2}", taken.as_secs_f64() * 1e9 / bytes as f64);
    Ok(())
}
