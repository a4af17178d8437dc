//! Every number the filters hold against a threshold, by filter and key: what calibration takes quantiles of.

use super::{Measures, share};

pub const QUANTITIES: [&str; 32] = [
    "length",
    "hangul-ratio",
    "language",
    "english",
    "replacement",
    "words",
    "word-length",
    "letters",
    "symbols (#)",
    "symbols (…)",
    "bullets",
    "ellipsis",
    "bad-words distinct",
    "bad-words density",
    "spam contacts",
    "spam density",
    "fineweb ended-lines",
    "fineweb short-lines",
    "fineweb duplicate-characters",
    "fineweb line-feeds",
    "repetition paragraphs",
    "repetition paragraph-characters",
    "repetition lines",
    "repetition line-characters",
    "repetition top 2",
    "repetition top 3",
    "repetition top 4",
    "repetition duplicate 5",
    "repetition duplicate 6",
    "repetition duplicate 7",
    "repetition duplicate 8",
    "repetition duplicate 9 and 10",
];

/// In the order of `QUANTITIES`.
pub fn quantities(measures: &mut Measures) -> [f64; 32] {
    let (scan, visible) = (measures.scan, measures.visible());
    let (eojeol, lines, terms) = (measures.eojeol(), measures.lines(), measures.terms());
    let (contacts, short, function_words) = (measures.contacts(), measures.short_lines(30), measures.function_words());
    let (same, paragraphs, ngrams) = (measures.duplicate_lines(), measures.duplicate_paragraphs(), measures.ngrams());
    let words = |part| share(part, eojeol.count);
    let chars = |part| share(part, scan.chars);
    [
        scan.chars as f64,
        share(scan.hangul, visible),
        measures.scripts().korean(),
        words(function_words),
        share(scan.replaced, visible),
        eojeol.count as f64,
        words(eojeol.chars),
        words(eojeol.lettered),
        words(measures.hashes()),
        words(measures.ellipses()),
        share(lines.bullets, lines.count),
        share(lines.ellipses, lines.count),
        terms.distinct as f64,
        words(terms.bad),
        contacts as f64,
        words(terms.calls + contacts),
        share(lines.ended, lines.count),
        share(short, lines.count),
        share(same.chars, scan.chars - lines.feeds),
        words(lines.feeds),
        share(paragraphs.count, paragraphs.of),
        chars(paragraphs.chars),
        share(same.count, same.of),
        chars(same.chars),
        chars(ngrams.top[0]),
        chars(ngrams.top[1]),
        chars(ngrams.top[2]),
        chars(ngrams.duplicate[0]),
        chars(ngrams.duplicate[1]),
        chars(ngrams.duplicate[2]),
        chars(ngrams.duplicate[3]),
        chars(ngrams.duplicate[4].max(ngrams.duplicate[5])),
    ]
}
