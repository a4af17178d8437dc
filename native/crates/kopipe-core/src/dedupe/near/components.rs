//! Documents that hang together by shared bands: a union-find of 4 bytes a record in memory, whose roots are the first
//! documents of their components, so that nothing depends on the order of the edges or the number of workers.

use super::edges::Edge;
use crate::dedupe::documents::Bits;
use crate::dedupe::records::Records;
use crate::error::Result;
use crate::io::Io;
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

pub struct Components {
    parents: Vec<AtomicU32>,
    linked: Bits,
}

impl Components {
    /// Of `records` records with the edges of these files.
    pub fn connect(io: &Io, records: usize, edges: &[PathBuf]) -> Result<Self> {
        let mut components = Components { parents: (0..records as u32).map(AtomicU32::new).collect(), linked: Bits::new(records) };
        for path in edges {
            let edges = Records::<Edge>::read_all(io, path)?;
            edges.par_iter().for_each(|edge| components.union(edge.first, edge.second));
            for edge in edges {
                components.linked.set(edge.first);
                components.linked.set(edge.second);
            }
        }
        Ok(components)
    }

    /// The component of a document that shares a band with another.
    pub fn of(&self, number: u32) -> Option<u32> {
        self.linked.get(number).then(|| self.root(number))
    }

    /// Halves the path it walks.
    fn root(&self, mut number: u32) -> u32 {
        loop {
            let parent = self.parents[number as usize].load(Relaxed);
            let above = self.parents[parent as usize].load(Relaxed);
            if parent == above {
                return parent;
            }
            // Another thread may have moved it up already: any parent it has is nearer to the root.
            let _ = self.parents[number as usize].compare_exchange_weak(parent, above, Relaxed, Relaxed);
            number = above;
        }
    }

    /// Hangs the higher root under the lower one.
    fn union(&self, a: u32, b: u32) {
        loop {
            let (a, b) = (self.root(a), self.root(b));
            let (low, high) = (a.min(b), a.max(b));
            if low == high || self.parents[high as usize].compare_exchange(high, low, Relaxed, Relaxed).is_ok() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedupe::records;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn equals_its_slow_twin(edges in prop::collection::vec((0u32..200, 0u32..200), 0..200)) {
            let dir = tempfile::tempdir().unwrap();
            let paths: Vec<PathBuf> = (0..2).map(|i| dir.path().join(i.to_string())).collect();
            let (some, rest) = edges.split_at(edges.len() / 2);
            for (path, edges) in paths.iter().zip([some, rest]) {
                let edges: Vec<Edge> = edges.iter().map(|&(first, second)| Edge { first, second }).collect();
                records::write(&Io::default(), path, &edges).unwrap();
            }
            let components = Components::connect(&Io::default(), 200, &paths).unwrap();
            // The obvious way: the lowest label spreads until nothing changes.
            let mut labels: Vec<u32> = (0..200).collect();
            for _ in 0..200 {
                for &(a, b) in &edges {
                    let low = labels[a as usize].min(labels[b as usize]);
                    (labels[a as usize], labels[b as usize]) = (low, low);
                }
            }
            for number in 0..200 {
                let linked = edges.iter().any(|&(a, b)| a == number || b == number);
                prop_assert_eq!(components.of(number), linked.then(|| labels[number as usize]));
            }
        }
    }
}
