//! Training a linear model as fastText does: stochastic gradient descent on the softmax of two labels, the learning rate
//! falling to nothing, a text's gradient divided among its rows.
//!
//! Unlike fastText, one thread trains a model, so that a seed gives the same bytes for ever (folds train side by side), and
//! texts come shuffled, anew in each epoch, the classes mixed evenly as many as they are: a score is a probability in that
//! mix. Good and bad in turn, whatever their numbers, was tried: with one good text in 25 it costs .036 of F1. 25 to 35 MB/s
//! of text and epoch on one core.

use super::bytes::Cursor;
use super::documents::CLASSES;
use super::features::Features;
use super::vocabulary::Vocabulary;
use super::{Arguments, Bytes, Model, Room};
use crate::error::{Error, Result};
use crate::sample::random::Random;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

pub const LABELS: [&str; CLASSES] = ["__label__good", "__label__bad"];

/// How a model is made: docs/quality-model.md measures what else was tried.
#[derive(Debug, Clone)]
pub struct Settings {
    pub dim: u32,
    pub epochs: u32,
    pub rate: f32,
    pub word_ngrams: u32,
    pub bucket: u32,
    /// Words that occur less often are not in the dictionary.
    pub least_count: u64,
    /// Shortest and longest character n-gram; 0, 0: none.
    pub chars: (u32, u32),
}

impl Default for Settings {
    fn default() -> Self {
        Settings { dim: 8, epochs: 5, rate: 0.5, word_ngrams: 1, bucket: 500_000, least_count: 5, chars: (2, 3) }
    }
}

/// Watched and stopped from outside.
#[derive(Default)]
pub struct Progress {
    /// Bytes of text that were trained on, in all trainings.
    pub bytes: AtomicU64,
    pub cancelled: AtomicBool,
}

/// A model of good and bad texts, as the bytes of its file.
pub fn train(texts: &[Vec<&str>; CLASSES], settings: &Settings, seed: u64, progress: &Progress) -> Result<Vec<u8>> {
    let vocabulary = Vocabulary::count(texts.iter().flatten().copied(), settings.least_count);
    let mut labels = std::array::from_fn(|class| (LABELS[class], texts[class].len() as u64));
    let swapped = labels[1].1 > labels[0].1;
    if swapped {
        labels.swap(0, 1);
    }
    let mut file = vocabulary.head(settings, labels);
    let mut descent = Descent::new(&file, settings, vocabulary.words(), seed)?;
    let lengths = [0, 1].map(|class: usize| texts[class].len() as u64);
    let steps = u64::from(settings.epochs) * (lengths[0] + lengths[1]);
    let mut cycles = [0, 1].map(|class: usize| Cycle::new(texts[class].len(), Random::at(seed, 1, class as u64)));
    let mut shown = [0; CLASSES];
    for step in 0..steps {
        if progress.cancelled.load(Relaxed) {
            return Err(Error::Cancelled);
        }
        // That which is less far through its texts.
        let class = usize::from(shown[1] * lengths[0] < shown[0] * lengths[1]);
        let text = texts[class][cycles[class].next()];
        let rate = settings.rate * (1.0 - step as f64 / steps as f64) as f32;
        descent.step(&file, text, class ^ usize::from(swapped), rate);
        progress.bytes.fetch_add(text.len() as u64, Relaxed);
        shown[class] += 1;
    }
    for (matrix, rows) in [(&descent.input, descent.input.len() / descent.dim), (&descent.output, CLASSES)] {
        // Not quantized.
        file.push(0);
        file.extend((rows as u64).to_le_bytes());
        file.extend((descent.dim as u64).to_le_bytes());
        matrix.iter().for_each(|value| file.extend(value.to_le_bytes()));
    }
    Ok(file)
}

/// Of texts whose class is known, how many reach each hundredth: entry i counts probabilities of good from i/100 on and
/// under the next.
pub type Scores = [[u64; 101]; CLASSES];

/// How a model scores texts it has not seen.
pub fn scores(model: Vec<u8>, texts: &[Vec<&str>; CLASSES]) -> Result<Scores> {
    let model = Model::parse(Bytes::Held(model), Path::new("the model just trained"))?;
    let good = model.label(LABELS[0]).ok_or_else(|| Error::Internal("a model without its labels".into()))?;
    let (mut scores, mut room) = ([[0; 101]; CLASSES], Room::default());
    for (of, scores) in texts.iter().zip(&mut scores) {
        for text in of {
            let value = f64::from(model.probability(text, &[good], &mut room));
            scores[(1..=100).take_while(|&hundredth| value >= f64::from(hundredth) / 100.0).count()] += 1;
        }
    }
    Ok(scores)
}

struct Descent {
    features: Features,
    dim: usize,
    input: Vec<f32>,
    output: Vec<f32>,
    room: Room,
    gradient: Vec<f32>,
}

impl Descent {
    fn new(head: &[u8], settings: &Settings, words: usize, seed: u64) -> Result<Self> {
        let mut at = Cursor::new(head, Path::new("the model in training"));
        let arguments = Arguments::read(&mut at)?;
        let (features, ..) = Features::read(&mut at, &arguments)?;
        let (dim, rows) = (arguments.dim, words + settings.bucket as usize);
        let mut random = Random::at(seed, 0, 0);
        let bound = 1.0 / dim as f32;
        let input = (0..rows * dim).map(|_| bound * (2.0 * random.unit() as f32 - 1.0)).collect();
        Ok(Descent { features, dim, input, output: vec![0.0; CLASSES * dim], room: Room::default(), gradient: vec![0.0; dim] })
    }

    fn step(&mut self, head: &[u8], text: &str, label: usize, rate: f32) {
        let Descent { features, dim, input, output, room: Room { found, hidden, .. }, gradient } = self;
        features.rows(head, text.as_bytes(), found);
        let rows = &found.rows;
        if rows.is_empty() {
            return;
        }
        let share = 1.0 / rows.len() as f32;
        hidden.clear();
        hidden.resize(*dim, 0.0);
        for &row in rows {
            add(hidden, 1.0, &input[row as usize * *dim..][..*dim]);
        }
        hidden.iter_mut().for_each(|x| *x *= share);
        let dot = |label: usize| output[label * *dim..][..*dim].iter().zip(&*hidden).map(|(w, x)| w * x).sum::<f32>();
        // The softmax of two is a sigmoid of their difference.
        let first = 1.0 / (1.0 + (dot(1) - dot(0)).exp());
        gradient.fill(0.0);
        for (class, probability) in [first, 1.0 - first].into_iter().enumerate() {
            let pull = rate * (f32::from(u8::from(class == label)) - probability);
            let weights = &mut output[class * *dim..][..*dim];
            add(gradient, pull, weights);
            add(weights, pull, hidden);
        }
        for &row in rows {
            add(&mut input[row as usize * *dim..][..*dim], share, gradient);
        }
    }
}

#[inline]
fn add(to: &mut [f32], factor: f32, values: &[f32]) {
    to.iter_mut().zip(values).for_each(|(x, value)| *x += factor * value);
}

/// The numbers below a bound in a random order, again and again in another.
struct Cycle {
    order: Vec<u32>,
    at: usize,
    random: Random,
}

impl Cycle {
    fn new(count: usize, random: Random) -> Self {
        Cycle { order: (0..count as u32).collect(), at: count, random }
    }

    fn next(&mut self) -> usize {
        if self.at == self.order.len() {
            self.at = 0;
            for i in (1..self.order.len()).rev() {
                self.order.swap(i, self.random.below(i as u64 + 1) as usize);
            }
        }
        self.at += 1;
        self.order[self.at - 1] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::documents::{Documents, Sample};

    fn documents(good: usize, bad: usize) -> Documents {
        let mut random = Random::new(5);
        let mut class = |count: usize, words: &[&str]| {
            let mut sample = Sample::new(1, 1 << 20);
            (0..count).for_each(|i| sample.add(&format!("{} {i} {}", random.pick(words), random.pick(words))));
            sample
        };
        Documents::new([class(good, &["역사", "과학", "문서"]), class(bad, &["무료", "클릭", "할인"])], 4).unwrap()
    }

    #[test]
    fn a_seed_gives_a_model_that_tells_the_classes_apart() {
        let small = Settings { bucket: 5000, ..Settings::default() };
        for (good, bad) in [(200, 200), (400, 20)] {
            let documents = documents(good, bad);
            let progress = Progress::default();
            let model = train(&documents.without(Some(1)), &small, 7, &progress).unwrap();
            assert_eq!(model, train(&documents.without(Some(1)), &small, 7, &progress).unwrap());
            assert!(model != train(&documents.without(Some(1)), &small, 8, &progress).unwrap());
            let [good, bad] = scores(model, &documents.fold(1)).unwrap();
            assert!(good[..90].iter().all(|count| *count == 0), "{good:?}");
            assert!(bad[10..].iter().all(|count| *count == 0), "{bad:?}");
        }
    }

    #[test]
    fn training_stops_when_asked() {
        let progress = Progress { cancelled: true.into(), ..Progress::default() };
        let documents = documents(20, 20);
        assert_eq!(train(&documents.without(None), &Settings::default(), 1, &progress).err().map(|e| e.kind()), Some("cancelled"));
    }
}
