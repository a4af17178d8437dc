//! Encodes JSON lines from memory on one thread or more, caches cold, and says how long that took: the part of `pack`
//! that peers' encoders do.
//!
//!     encode TOKENIZER.json FILE.jsonl [THREADS]

use kopipe_core::bpe::{Encoded, Encoder, Specials, Tokenizer};
use kopipe_core::io::Io;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

/// Bytes of text that are encoded at a time, as in `pack`.
const BATCH: usize = 4 << 20;

#[derive(serde::Deserialize)]
struct Document {
    text: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, tokenizer, documents, rest @ ..] = &arguments[..] else {
        return Err("expected TOKENIZER.json FILE.jsonl [THREADS]".into());
    };
    let threads = rest.first().map_or(Ok(1), |threads| threads.parse())?;
    let tokenizer = Tokenizer::load(&Io::default(), Path::new(tokenizer))?;
    let mut batches = vec![Vec::new()];
    let (mut bytes, mut filled) = (0, 0);
    for line in std::fs::read_to_string(documents)?.lines() {
        let Document { text } = serde_json::from_str(line)?;
        bytes += text.len();
        filled += text.len();
        batches.last_mut().expect("one at least").push(text);
        if filled > BATCH {
            filled = 0;
            batches.push(Vec::new());
        }
    }
    let added = tokenizer.added(Specials::Only(&[]))?;
    let start = Instant::now();
    let stretches = stretches(batches.len(), threads);
    let part = |thread: usize| {
        let mut encoder = Encoder::new(&tokenizer);
        let mine = std::iter::from_fn(|| next(&stretches, thread));
        mine.map(|batch| match encoder.encode(batches[batch].iter().map(String::as_str), &added, None) {
            Encoded::Narrow(output) => output.tokens.len(),
            Encoded::Wide(output) => output.tokens.len(),
        })
        .sum::<usize>()
    };
    let tokens: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn({
                    let part = &part;
                    move || part(thread)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).sum()
    });
    let seconds = start.elapsed().as_secs_f64();
    println!("{}", serde_json::json!({ "seconds": seconds, "tokens": tokens, "bytes": bytes, "rate": bytes as f64 / seconds / 1e6 }));
    Ok(())
}

/// Each thread has a stretch of the batches, as peers' threads have: its cache meets fewer of the pretokens of others.
fn stretches(batches: usize, threads: usize) -> Vec<Mutex<Range<usize>>> {
    (0..threads).map(|thread| Mutex::new(batches * thread / threads..batches * (thread + 1) / threads)).collect()
}

/// The next batch of the thread's own stretch; behind it the last one of the stretch that has most left.
fn next<'a>(stretches: &'a [Mutex<Range<usize>>], thread: usize) -> Option<usize> {
    let lock = |stretch: &'a Mutex<Range<usize>>| stretch.lock().expect("no thread panics while it holds a stretch");
    let own = lock(&stretches[thread]).next();
    own.or_else(|| lock(stretches.iter().max_by_key(|stretch| lock(stretch).len())?).next_back())
}
