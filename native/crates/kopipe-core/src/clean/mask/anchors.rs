//! The places where personal data or a reserved string can stand, found in blocks of 64 bytes.
//!
//! Korean prose is mostly blocks without a digit or a sign of the range `0`–`@`: of those one range comparison a byte is
//! all that is made. In the others every place is compared with the few forms that all kinds go through: four digits
//! behind a digit (and one sign), two dots among digits, `@`, `://`, `www`, `(at)`, two colons, `<|`.

pub enum Anchor {
    /// Digits that are more than a year or a price begin or go on here.
    Number,
    /// `@`, or the bracket of `(at)`.
    At,
    /// The colon of `://`, or the first of `www`.
    Url,
    /// The first of two colons with at most four letters between.
    Colons,
    /// `<|`
    Mark,
}

const BLOCK: usize = 64;
/// Bytes that are looked at behind a place.
const AHEAD: usize = 6;
const VIEW: usize = BLOCK + AHEAD;

/// Anchors from the text's beginning on.
pub struct Anchors<'a> {
    bytes: &'a [u8],
    /// Where the block begins whose places `open` are, the place in it to go on from, and the block behind it.
    block: usize,
    next: usize,
    ahead: usize,
    open: [u8; BLOCK],
}

impl<'a> Anchors<'a> {
    pub fn new(text: &'a str) -> Self {
        Anchors { bytes: text.as_bytes(), block: 0, next: BLOCK, ahead: 0, open: [0; BLOCK] }
    }

    fn fill(&mut self) -> bool {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2.
            return unsafe { self.fill_avx2() };
        }
        self.fill_next()
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fill_avx2(&mut self) -> bool {
        self.fill_next()
    }

    /// Goes to the next block with an anchor; whether there is one.
    #[inline(always)]
    fn fill_next(&mut self) -> bool {
        while let Some(left) = self.bytes.get(self.ahead..).filter(|left| !left.is_empty()) {
            let mut padded = [0; VIEW];
            let view = match left.first_chunk::<VIEW>() {
                Some(view) => view,
                None => {
                    padded[..left.len()].copy_from_slice(left);
                    &padded
                }
            };
            self.block = self.ahead;
            self.ahead += BLOCK;
            if may_have(view) && places(view, &mut self.open) {
                self.next = 0;
                return true;
            }
        }
        false
    }
}

impl Iterator for Anchors<'_> {
    type Item = (usize, Anchor);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.next >= BLOCK && !self.fill() {
                return None;
            }
            match self.open[self.next..].iter().position(|&place| place != 0) {
                None => self.next = BLOCK,
                Some(skipped) => {
                    let place = self.next + skipped;
                    self.next = place + 1;
                    return Some((self.block + place, kind_of(self.open[place])));
                }
            }
        }
    }
}

/// A bit each, the lowest first where several hold.
const NUMBER: u8 = 1;
const AT: u8 = 2;
const URL: u8 = 4;
const COLONS: u8 = 8;
const MARK: u8 = 16;

fn kind_of(place: u8) -> Anchor {
    match place & place.wrapping_neg() {
        NUMBER => Anchor::Number,
        AT => Anchor::At,
        URL => Anchor::Url,
        COLONS => Anchor::Colons,
        _ => Anchor::Mark,
    }
}

#[inline(always)]
fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

/// Digits and `: ; < = > ? @`, also two places on, where the digits stand that a dash joins; three `w`; a bracket before
/// an `a`.
#[inline(always)]
fn may_have(view: &[u8; VIEW]) -> bool {
    let in_range = |byte: u8| u8::from(byte.wrapping_sub(b'0') <= b'@' - b'0');
    let mut any = in_range(view[BLOCK]) | in_range(view[BLOCK + 1]);
    for i in 0..BLOCK {
        let [a, b, c] = [view[i], view[i + 1], view[i + 2]];
        any |= in_range(a) | u8::from(is_www(a, b, c)) | u8::from(is_bracketed_at(a, b, c));
    }
    any != 0
}

#[inline(always)]
fn is_www(a: u8, b: u8, c: u8) -> bool {
    (a | 0x20 == b'w') & (b | 0x20 == b'w') & (c | 0x20 == b'w')
}

#[inline(always)]
fn is_bracketed_at(a: u8, b: u8, c: u8) -> bool {
    ((a == b'(') | (a == b'[')) & (b | 0x20 == b'a') & (c | 0x20 == b't')
}

/// Whether two bytes before four digits join them to a number: digits, a sign behind a digit, a dash of three bytes, a
/// sign and a blank, a letter of a passport number.
#[inline(always)]
fn joins(a: u8, b: u8) -> bool {
    let sign = (b == b'-') | (b == b' ') | (b == b'.') | (b == b')') | (b.wrapping_sub(b'A') < 26);
    is_digit(a) & (is_digit(b) | sign)
        | (a == 0x80) & (b.wrapping_sub(0x90) < 6)
        | (a == 0x88) & (b == 0x92)
        | ((a == b'-') | (a == b')') | (a.wrapping_sub(0x90) < 6)) & (b == b' ')
}

#[inline(always)]
fn places(view: &[u8; VIEW], open: &mut [u8; BLOCK]) -> bool {
    let mut any = 0u8;
    for i in 0..BLOCK {
        let [a, b, c, d, e, f] = [view[i], view[i + 1], view[i + 2], view[i + 3], view[i + 4], view[i + 5]];
        let number = joins(a, b) & is_digit(c) & is_digit(d) & is_digit(e) & is_digit(f);
        let dotted = is_digit(a) & (b == b'.') & is_digit(c) & ((d == b'.') | (e == b'.') | (f == b'.'));
        let url = (a == b':') & (b == b'/') & (c == b'/') | is_www(a, b, c);
        let colons = (a == b':') & ((b == b':') | (c == b':') | (d == b':') | (e == b':') | (f == b':'));
        let place = (NUMBER * u8::from(number | dotted))
            | (AT * u8::from((a == b'@') | is_bracketed_at(a, b, c)))
            | (URL * u8::from(url))
            | (COLONS * u8::from(colons))
            | (MARK * u8::from((a == b'<') & (b == b'|')));
        open[i] = place;
        any |= place;
    }
    any != 0
}
