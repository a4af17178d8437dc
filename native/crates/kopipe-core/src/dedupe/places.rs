//! One number for every record of all units, in input order: that of the first record of its unit and its ordinal.
//! Tables over documents are then arrays of 4 bytes a record, and both ways to the place are a look-up.

use crate::error::{Error, Result};

/// The highest bit of a number is free for those who keep tables.
pub const MAX_RECORDS: u64 = 1 << 31;

#[derive(Debug, Clone)]
pub struct Places {
    /// The first number of each unit, and behind the last one the number of all.
    firsts: Vec<u32>,
}

impl Places {
    /// `records` of each unit, in input order.
    pub fn new(records: impl IntoIterator<Item = u32>) -> Result<Self> {
        let (mut firsts, mut all) = (vec![0], 0);
        for of_unit in records {
            all += u64::from(of_unit);
            if all > MAX_RECORDS {
                return Err(Error::invalid(format!(
                    "more than {MAX_RECORDS} records: duplicates are found among fewer; clean in parts, or with --dedupe off"
                )));
            }
            firsts.push(all as u32);
        }
        Ok(Places { firsts })
    }

    pub fn records(&self) -> usize {
        self.firsts.last().copied().unwrap_or(0) as usize
    }

    /// The number of a unit's first record; behind the last unit the number of all records.
    pub fn first_of(&self, unit: usize) -> u32 {
        self.firsts[unit]
    }

    /// The numbers of a unit's records.
    pub fn of_unit(&self, unit: usize) -> std::ops::Range<u32> {
        self.firsts[unit]..self.firsts[unit + 1]
    }

    /// Unit and ordinal of a record.
    pub fn place(&self, number: u32) -> (u32, u32) {
        let unit = self.firsts.partition_point(|&first| first <= number) - 1;
        (unit as u32, number - self.firsts[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_places_are_one() {
        let places = Places::new([3, 0, 2]).unwrap();
        let found: Vec<_> = (0..5).map(|number| places.place(number)).collect();
        assert_eq!(found, [(0, 0), (0, 1), (0, 2), (2, 0), (2, 1)]);
        assert_eq!((places.records(), places.of_unit(1), places.of_unit(2)), (5, 3..3, 3..5));
        assert_eq!(Places::new([u32::MAX]).err().map(|e| e.kind()), Some("invalid"));
    }
}
