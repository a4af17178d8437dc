//! The patterns as arithmetic on bitmaps: where pretokens start in a block that starts with one.
//!
//! A bit moved up by one says something of the byte before. What depends on bytes behind the block is left to the next,
//! which starts with the last pretoken that is certain to start here.

use super::block::{BLOCK, Block, Bytes64};

/// Where pretokens start, the first aside; those beyond `certain` may be wrong or missing.
pub struct Starts {
    pub bits: u64,
    pub certain: u64,
}

pub trait Rules {
    fn starts<V: Bytes64>(block: &Block<V>) -> Starts;
}

pub struct Gpt2;

impl Rules for Gpt2 {
    #[inline(always)]
    fn starts<V: Bytes64>(block: &Block<V>) -> Starts {
        let (space, letter, number) = (block.space, block.letter(), block.number);
        let before_space = space << 1;
        let blank = block.bytes.equal(b' ');
        let changed = (letter ^ letter << 1) | (number ^ number << 1);
        let word = !space & block.valid & (before_space & !(blank << 1) | !before_space & changed);
        let mut bits = word | space & !before_space | last_spaces(block);
        each(block.bytes.equal(b'\'') & (bits | 1), |i| {
            if let Some(len) = block.characters.contraction(block.at + i, false) {
                bits = bits & !bit(i + 1) | bit(i + len);
            }
        });
        Starts { bits: bits & block.valid, certain: before_open_space(block) }
    }
}

/// cl100k's family: how many digits stay together, and whether a capital starts a word and `/` may follow signs (o200k).
pub struct Split<const DIGITS: usize, const CASED: bool>;

impl<const DIGITS: usize, const CASED: bool> Rules for Split<DIGITS, CASED> {
    #[inline(always)]
    fn starts<V: Bytes64>(block: &Block<V>) -> Starts {
        let (space, letter, number) = (block.space, block.letter(), block.number);
        let line_end = block.bytes.equal(b'\n') | block.bytes.equal(b'\r');
        let blank = block.bytes.equal(b' ');
        let sign = block.valid & !(space | letter | number);
        let tail = line_end | if CASED { block.bytes.equal(b'/') } else { 0 };
        // What signs take along behind them.
        let taken = flood(line_end & sign << 1, tail);
        let first_sign = sign & !taken & (!(sign << 1) | taken << 1) & !(blank << 1);
        // Letters take one character along that is no number or line end and starts a pretoken: the last white space,
        // or the first sign of a run, where that is all of it.
        let mut single = first_sign;
        for _ in 0..3 {
            single |= single << 1 & block.continuation;
        }
        let alone = letter & !(letter << 1) & ((number | line_end | sign & !single) << 1);
        let spaces = space & !(space << 1) & !(line_end & sign << 1);
        let mut bits = alone | number & !(number << 1) | first_sign | spaces;
        bits |= last_spaces(block) & !line_end | after_line_ends(space & !line_end, line_end, taken);
        bits |= digits::<DIGITS>(number, block.continuation);
        let mut certain = before_open_space(block);
        if CASED {
            capitals(block, &mut bits, &mut certain);
        }
        let quotes = block.bytes.equal(b'\'') & if CASED { letter << 1 } else { bits | 1 };
        let mut taken_to = 0;
        each(quotes, |i| match block.characters.contraction(block.at + i, true) {
            // Behind a contraction that was taken along it starts a pretoken.
            Some(len) if !CASED || i != taken_to => {
                if CASED {
                    bits &= !before(i + len) | before(i);
                    taken_to = i + len;
                    if letter & bit(taken_to) != 0 {
                        certain &= up_to(taken_to);
                    }
                }
                bits |= bit(i + len);
            }
            _ => {}
        });
        Starts { bits: bits & block.valid, certain }
    }
}

/// The bit of a byte; none behind the block.
fn bit(i: usize) -> u64 {
    1u64.checked_shl(i as u32).unwrap_or(0)
}

/// The bits before that of a byte.
fn before(i: usize) -> u64 {
    bit(i).wrapping_sub(1)
}

/// The bits up to that of a byte.
fn up_to(i: usize) -> u64 {
    u64::MAX >> (BLOCK - 1 - i)
}

#[inline(always)]
fn each(mut bits: u64, mut act: impl FnMut(usize)) {
    while bits != 0 {
        act(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// Every bit of a run in `within` from its first seed on. The sum's carry goes through the run and leaves zeros, but for
/// ones at further seeds.
fn flood(seeds: u64, within: u64) -> u64 {
    (seeds.wrapping_add(within) ^ within | seeds) & within
}

/// Where the last white-space character before something else starts.
#[inline(always)]
fn last_spaces<V: Bytes64>(block: &Block<V>) -> u64 {
    let mut last = block.space & (!block.space & block.valid) >> 1;
    let whole = last & block.continuation;
    last &= !whole;
    each(whole, |i| last |= 1 << (63 - (!block.continuation & up_to(i)).leading_zeros()));
    last
}

/// White space that reaches the end of a block may go on behind it: certain is only where it starts.
#[inline(always)]
fn before_open_space<V: Bytes64>(block: &Block<V>) -> u64 {
    if block.last { u64::MAX } else { u64::MAX >> (!block.space).leading_zeros().saturating_sub(1) }
}

/// `\s*[\r\n]+` ends behind the last line end of white space: `blanks` are the other white space.
#[inline(always)]
fn after_line_ends(blanks: u64, line_end: u64, taken: u64) -> u64 {
    let mut starts = blanks & line_end << 1;
    // The ends of the runs of blanks that start here.
    let ends = starts.wrapping_add(blanks) & !blanks;
    each(ends & line_end, |end| {
        let start = 63 - (starts & (up_to(end) >> 1)).leading_zeros();
        // Line ends that signs took along are in no run of white space.
        if taken << 1 & 1 << start == 0 {
            starts &= !(1 << start);
        }
    });
    starts
}

/// Where the second and further groups of digits start.
#[inline(always)]
fn digits<const DIGITS: usize>(number: u64, continuation: u64) -> u64 {
    let firsts = number & !continuation;
    if DIGITS == 1 {
        return firsts;
    }
    let mut starts = 0;
    if number & continuation == 0 {
        let after_three = number & number << 1 & number << 2 & number << 3;
        let mut group = number & !(number << 1);
        while group != 0 {
            group = group << 3 & after_three;
            starts |= group;
        }
        return starts;
    }
    let mut place = 0;
    each(firsts, |i| {
        place = if number << 1 & 1 << i == 0 { 0 } else { place + 1 };
        if place > 0 && place % DIGITS == 0 {
            starts |= 1 << i;
        }
    });
    starts
}

/// Where a capital starts a word: behind lower case; or behind letters without case, where no lower case follows.
#[inline(always)]
fn capitals<V: Bytes64>(block: &Block<V>, bits: &mut u64, certain: &mut u64) {
    let uncapital = block.lower | block.caseless;
    let behind_lower = flood(block.lower, uncapital);
    let firsts = block.upper & !(block.upper << 1) & uncapital << 1;
    *bits |= firsts & behind_lower << 1;
    each(firsts & !(behind_lower << 1), |i| {
        let end = i + (!block.upper >> i).trailing_zeros() as usize;
        if end >= BLOCK && !block.last {
            *certain &= before(i);
        } else if (block.letter() | block.mark) & bit(end) == 0 {
            *bits |= bit(i);
        }
    });
    // A mark is what stands before letters, a letter, or among signs: too rare for rules.
    if block.mark != 0 {
        *certain &= before(block.mark.trailing_zeros() as usize);
    }
}
