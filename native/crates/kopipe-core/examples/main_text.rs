//! Pages in, main texts out, for test/golden/main_text.py. Reads length-prefixed pages from stdin (u32 little endian, then
//! UTF-8), writes their texts likewise to stdout, and to stderr the seconds each of `REPETITIONS` passes over all pages
//! took inside `main_text`, one a line.
//!
//!     main_text REPETITIONS < pages > texts

use kopipe_core::html::main_text;
use std::io::{Read, Write};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let repetitions: usize = std::env::args().nth(1).unwrap_or_else(|| "1".into()).parse()?;
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let (mut pages, mut rest) = (Vec::new(), &input[..]);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (page, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or("the last page is cut off")?;
        pages.push(std::str::from_utf8(page)?);
        rest = after;
    }
    let mut texts = Vec::new();
    for _ in 0..repetitions {
        texts.clear();
        let start = Instant::now();
        texts.extend(pages.iter().map(|page| main_text(page)));
        eprintln!("{}", start.elapsed().as_secs_f64());
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for page in &texts {
        out.write_all(&u32::try_from(page.text.len())?.to_le_bytes())?;
        out.write_all(page.text.as_bytes())?;
    }
    Ok(out.flush()?)
}
