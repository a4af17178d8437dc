//! Documents of the sample: plain Korean-looking text, and edits of it whose similarity is known.

use super::random::Random;
use super::words::Words;
use std::collections::HashSet;

/// Appends a document: sentences of eojeol, paragraphs, lengths from a review's to a long article's.
pub fn write_document(words: &Words, random: &mut Random, into: &mut String) {
    let eojeol = match random.below(10) {
        0..3 => random.between(5, 25),
        3..8 => random.between(40, 300),
        _ => random.between(400, 1800),
    };
    // A document speaks of something: a few words of its own come back.
    let topic: Vec<u64> = (0..6).map(|_| words.draw(random)).collect();
    let mut left_in_sentence = random.between(4, 16);
    for n in 0..eojeol {
        let own = random.below(12);
        let rank = if (own as usize) < topic.len() / 3 { topic[random.below(topic.len() as u64) as usize] } else { words.draw(random) };
        words.spell(rank, into);
        left_in_sentence -= 1;
        if left_in_sentence == 0 || n + 1 == eojeol {
            into.push_str(random.pick(&["다.", "다.", "다.", "요.", "다!", "까?", "음.", "다…"]));
            left_in_sentence = random.between(4, 16);
            if n + 1 < eojeol {
                into.push(if random.below(6) == 0 { '\n' } else { ' ' });
            }
        } else {
            into.push(' ');
        }
    }
}

/// Replaces a share of the eojeol by others, at least one where the share is not 0.
pub fn edited(text: &str, share: f64, words: &Words, random: &mut Random) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let sure = if share > 0.0 { random.below(text.matches(' ').count() as u64 + 1) } else { u64::MAX };
    for (number, piece) in text.split_inclusive(' ').enumerate() {
        if number as u64 == sure || random.unit() < share {
            words.spell(words.draw(random), &mut out);
            out.push(' ');
        } else {
            out.push_str(piece);
        }
    }
    out
}

/// Jaccard similarity of the sets of character 5-grams of two texts, as they stand.
pub fn jaccard(a: &str, b: &str) -> f64 {
    let (a, b) = (shingles(a), shingles(b));
    let shared = a.intersection(&b).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}

fn shingles(text: &str) -> HashSet<[char; 5]> {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(5).map(|w| [w[0], w[1], w[2], w[3], w[4]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_lower_the_similarity_and_none_leaves_one() {
        let (words, mut random) = (Words::new(), Random::new(3));
        let mut text = String::new();
        while text.len() < 4000 {
            write_document(&words, &mut random, &mut text);
        }
        assert_eq!(jaccard(&text, &edited(&text, 0.0, &words, &mut random)), 1.0);
        let (few, many) = (edited(&text, 0.02, &words, &mut random), edited(&text, 0.5, &words, &mut random));
        assert!(jaccard(&text, &few) > 0.8 && jaccard(&text, &many) < 0.5);
    }
}
