//! From the hidden vector to probabilities, as each of fastText's losses predicts.

use super::TINY;
use super::matrix::Matrix;

pub enum Loss {
    Softmax,
    /// One against all, and negative sampling: a sigmoid a label, looked up in fastText's table.
    Sigmoid(Box<[f32; STEPS + 1]>),
    Hierarchical(Tree),
}

/// The sigmoid's table: so many steps from −8 to 8.
const STEPS: usize = 512;
const BOUND: f32 = 8.0;

/// A Huffman tree over the labels by their counts: labels are its first nodes, the root its last.
pub struct Tree {
    labels: usize,
    /// Of each node: its parent, and whether it is the right child.
    parents: Vec<(u32, bool)>,
}

impl Loss {
    /// `counts` are those of the labels, the most frequent first.
    pub fn new(code: i32, counts: &[i64]) -> Result<Loss, String> {
        match code {
            1 => Tree::new(counts).map(Loss::Hierarchical),
            2 | 4 => Ok(Loss::Sigmoid(Box::new(std::array::from_fn(|step| {
                let x = (step as f32 * 2.0 * BOUND) / STEPS as f32 - BOUND;
                (1.0 / (1.0 + f64::from((-x).exp()))) as f32
            })))),
            3 => Ok(Loss::Softmax),
            other => Err(format!("its loss is {other}; expected 1 to 4")),
        }
    }

    /// The probability of the likeliest of some labels.
    pub fn probability(&self, file: &[u8], output: &Matrix, hidden: &[f32], labels: &[usize], scores: &mut Vec<f32>) -> f32 {
        let best = |of: &dyn Fn(usize) -> f32| labels.iter().map(|&label| of(label)).fold(0.0, f32::max);
        match self {
            Loss::Softmax => {
                output.dots(file, hidden, scores);
                let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                scores.iter_mut().for_each(|score| *score = (*score - most).exp());
                let sum = scores.iter().fold(0.0, |sum: f32, score| sum + score);
                best(&|label| log(scores[label] / sum).exp())
            }
            Loss::Sigmoid(table) => best(&|label| log(looked_up(table, output.dot(file, label, hidden))).exp()),
            Loss::Hierarchical(tree) => best(&|label| tree.log_probability(file, output, hidden, label).exp()),
        }
    }
}

fn log(x: f32) -> f32 {
    (f64::from(x) + TINY).ln() as f32
}

fn looked_up(table: &[f32; STEPS + 1], x: f32) -> f32 {
    if x < -BOUND {
        0.0
    } else if x > BOUND {
        1.0
    } else {
        table[((x + BOUND) * STEPS as f32 / BOUND / 2.0) as usize]
    }
}

impl Tree {
    fn new(counts: &[i64]) -> Result<Tree, String> {
        let labels = counts.len();
        let total = counts.iter().try_fold(0i64, |sum, &count| sum.checked_add(count).filter(|_| count >= 0));
        if labels == 0 || total.is_none() || !counts.is_sorted_by(|a, b| a >= b) {
            return Err("its labels have no counts, the most frequent first, from which a tree can be made".into());
        }
        let mut nodes = counts.to_vec();
        let mut parents = vec![(0, false); 2 * labels - 1];
        // The two rarest are joined, again and again: leaves wait from the last on, nodes from the first.
        let (mut leaves, mut node) = (labels, labels);
        for parent in labels..2 * labels - 1 {
            let mut count = 0;
            for right in [false, true] {
                let take_leaf = leaves > 0 && nodes.get(node).is_none_or(|&inner| nodes[leaves - 1] < inner);
                let child = if take_leaf {
                    leaves -= 1;
                    leaves
                } else {
                    node += 1;
                    node - 1
                };
                parents[child] = (parent as u32, right);
                count += nodes[child];
            }
            nodes.push(count);
        }
        Ok(Tree { labels, parents })
    }

    /// The choices from the root to the label, taken backwards: the logarithms of their probabilities add up.
    fn log_probability(&self, file: &[u8], output: &Matrix, hidden: &[f32], label: usize) -> f32 {
        let (mut at, mut sum) = (label, 0.0);
        while at + 1 < self.parents.len() {
            let (parent, right) = self.parents[at];
            at = parent as usize;
            let x = output.dot(file, at - self.labels, hidden);
            let chosen = (1.0 / (1.0 + f64::from((-x).exp()))) as f32;
            sum += if right { log(chosen) } else { log((1.0 - f64::from(chosen)) as f32) };
        }
        sum
    }
}
