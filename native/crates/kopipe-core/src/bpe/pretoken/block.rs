//! 64 bytes of text as bitmaps: a bit for each byte, the lowest for the first, set for every byte of a character.

use super::characters::*;

pub const BLOCK: usize = 64;

/// A block and two bytes more: the second and third of a character whose first is the last of the block.
pub const VIEW: usize = BLOCK + 2;

/// 64 bytes in registers. A value is the proof that the CPU has the instructions of its kind.
pub trait Bytes64: Copy {
    /// # Safety
    ///
    /// The CPU has the instructions, and 64 bytes can be read at `from`.
    unsafe fn load(from: *const u8) -> Self;

    /// The bytes of a text from its first, second and third on, zeros where it is over.
    ///
    /// # Safety
    ///
    /// The CPU has the instructions.
    #[inline(always)]
    unsafe fn first_three(text: &[u8]) -> [Self; 3] {
        let mut padded = [0; VIEW];
        let view: &[u8; VIEW] = text.first_chunk().unwrap_or_else(|| {
            padded[..text.len()].copy_from_slice(text);
            &padded
        });
        // SAFETY: of the caller; 64 bytes are in the view from its third on.
        unsafe { [Self::load(view.as_ptr()), Self::load(view.as_ptr().add(1)), Self::load(view.as_ptr().add(2))] }
    }

    fn equal(self, byte: u8) -> u64;
    fn within(self, first: u8, last: u8) -> u64;
    /// With the bit that tells the cases of an ASCII letter apart set.
    fn lowered(self) -> Self;
    /// For each byte what stands in a table at its low four bits.
    fn lookup(self, table: &[u8; 16]) -> Self;
    fn at_least(self, other: Self) -> u64;

    /// Writes `base` plus the places of the bits to `into`, in order.
    ///
    /// # Safety
    ///
    /// `into` has room for 64 numbers.
    #[inline(always)]
    unsafe fn write_places(self, mut bits: u64, base: u32, mut into: *mut u32) {
        while bits != 0 {
            for i in 0..4 {
                // SAFETY: at most three more are written than there are bits left, 64 in all.
                unsafe { into.add(i).write(base.wrapping_add(bits.trailing_zeros())) };
                bits &= bits.wrapping_sub(1);
            }
            // SAFETY: as above.
            into = unsafe { into.add(4) };
        }
    }
}

/// The first and the last second byte of the letters of three bytes that are known by their lead byte, by its low half:
/// jamo, compatibility jamo (most), Han, Hangul syllables.
const SECOND_FROM: [u8; 16] = [0xff, 0x84, 0xff, 0x85, 0xb8, 0x80, 0x80, 0x80, 0x80, 0x80, 0xb0, 0x80, 0x80, 0x80, 0xff, 0xff];
const SECOND_TO: [u8; 16] = [0x00, 0x87, 0x00, 0x85, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0x9d, 0x00, 0x00];

/// A block of text from the start of a pretoken on, and what its bytes are.
pub struct Block<'t, V> {
    pub characters: Characters<'t>,
    /// Where it stands in the text.
    pub at: usize,
    /// Its bytes.
    pub bytes: V,
    /// Bytes that belong to the text.
    pub valid: u64,
    /// Whether nothing is behind it.
    pub last: bool,
    pub space: u64,
    pub number: u64,
    pub upper: u64,
    pub lower: u64,
    pub caseless: u64,
    pub mark: u64,
    /// Bytes of a character other than its first.
    pub continuation: u64,
}

impl<'t, V: Bytes64> Block<'t, V> {
    /// # Safety
    ///
    /// The CPU has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn new(characters: Characters<'t>, at: usize) -> Self {
        let left = characters.text.len() - at;
        // SAFETY: of the caller.
        let [bytes, second, third] = unsafe { V::first_three(&characters.text[at..]) };
        let valid = if left < BLOCK { (1 << left) - 1 } else { u64::MAX };
        let lowered = bytes.lowered();
        let letters = lowered.within(b'a', b'z');
        let upper = bytes.within(b'A', b'Z');
        let known = bytes.within(0xe1, 0xed) & second.at_least(bytes.lookup(&SECOND_FROM)) & bytes.lookup(&SECOND_TO).at_least(second)
            | bytes.equal(0xe3) & second.equal(0x84) & third.within(0xb1, 0xbf);
        let mut block = Block {
            characters,
            at,
            bytes,
            valid,
            last: left <= BLOCK,
            space: (bytes.equal(b' ') | bytes.within(9, 13)) & valid,
            number: bytes.within(b'0', b'9') & valid,
            upper: upper & valid,
            lower: letters & !upper & valid,
            caseless: (known | known << 1 | known << 2) & valid,
            mark: 0,
            continuation: bytes.within(0x80, 0xbf) & valid,
        };
        let signs = bytes.equal(0xe2) & second.equal(0x80) & third.within(0x8b, 0xa7);
        block.look_up(bytes.within(0xc0, 0xff) & !known & !signs & valid);
        block
    }

    /// Characters that start at these bytes, from the table.
    #[inline(always)]
    fn look_up(&mut self, mut leads: u64) {
        while leads != 0 {
            let i = leads.trailing_zeros();
            leads &= leads - 1;
            let (class, len) = self.characters.class_at(self.at + i as usize);
            let bits = ((1 << len) - 1) << i;
            match class {
                SPACE => self.space |= bits,
                NUMBER => self.number |= bits,
                MARK => self.mark |= bits,
                UPPER => self.upper |= bits,
                LOWER => self.lower |= bits,
                CASELESS => self.caseless |= bits,
                _ => {}
            }
        }
    }

    pub fn letter(&self) -> u64 {
        self.upper | self.lower | self.caseless
    }
}
