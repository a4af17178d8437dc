//! An open hash table from 32-bit hashes to numbers. What a number stands for is the caller's; he compares.
//!
//! Twice as many slots as numbers, or more. A chain is short unless a file was made to have a long one: such are refused,
//! so that neither filling nor finding can take long.

pub struct Table {
    slots: Vec<u32>,
    shift: u32,
}

const FREE: u32 = u32::MAX;
const LONGEST: usize = 1024;

impl Table {
    pub fn new(numbers: usize) -> Table {
        let slots = (2 * numbers).next_power_of_two().max(2);
        Table { slots: vec![FREE; slots], shift: 32 - slots.trailing_zeros().min(31) }
    }

    /// Puts a number in; the one that was the same gives way. False where a chain gets too long.
    pub fn insert(&mut self, hash: u32, number: u32, same: impl Fn(u32) -> bool) -> bool {
        for at in self.chain(hash) {
            if self.slots[at] == FREE || same(self.slots[at]) {
                self.slots[at] = number;
                return true;
            }
        }
        false
    }

    pub fn find(&self, hash: u32, same: impl Fn(u32) -> bool) -> Option<u32> {
        for at in self.chain(hash) {
            match self.slots[at] {
                FREE => return None,
                number if same(number) => return Some(number),
                _ => {}
            }
        }
        None
    }

    fn chain(&self, hash: u32) -> impl Iterator<Item = usize> + use<> {
        let (first, mask) = ((hash.wrapping_mul(0x9E37_79B1) >> self.shift) as usize, self.slots.len() - 1);
        (0..LONGEST.min(mask + 1)).map(move |step| (first + step) & mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_and_long_chains_refused() {
        let mut table = Table::new(3000);
        for number in 0..3000 {
            assert!(table.insert(number * 7, number, |_| false));
        }
        assert!((0..3000).all(|number| table.find(number * 7, |found| found == number) == Some(number)));
        assert_eq!(table.find(3, |_| false), None);
        let mut table = Table::new(3000);
        assert!((0..=LONGEST as u32).any(|number| !table.insert(5, number, |_| false)));
        assert!(table.insert(5, 9999, |number| number == 17), "what is the same gives way");
        assert_eq!((table.find(5, |number| number == 17), table.find(5, |number| number == 9999)), (None, Some(9999)));
    }
}
