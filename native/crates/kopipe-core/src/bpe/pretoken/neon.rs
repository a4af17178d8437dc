//! A block in four registers, with NEON, which every arm64 has.

use super::Pretokens;
use super::block::Bytes64;
use std::arch::aarch64::*;

#[derive(Clone, Copy)]
pub struct Neon([uint8x16_t; 4]);

impl Neon {
    /// A bit for each byte that is all ones: pairs of them added thrice.
    #[inline(always)]
    fn bits(self) -> u64 {
        const EACH: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
        // SAFETY: NEON is part of arm64, here and below.
        unsafe {
            let each = vld1q_u8(EACH.as_ptr());
            let [a, b, c, d] = self.0.map(|bytes| vandq_u8(bytes, each));
            let eighths = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
            vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(eighths, eighths)))
        }
    }
}

impl Bytes64 for Neon {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: of the caller.
        Neon([0, 16, 32, 48].map(|at| unsafe { vld1q_u8(from.add(at)) }))
    }

    #[inline(always)]
    fn equal(self, byte: u8) -> u64 {
        // SAFETY: as above.
        Neon(self.0.map(|bytes| unsafe { vceqq_u8(bytes, vdupq_n_u8(byte)) })).bits()
    }

    #[inline(always)]
    fn within(self, first: u8, last: u8) -> u64 {
        // SAFETY: as above.
        Neon(self.0.map(|bytes| unsafe { vcleq_u8(vsubq_u8(bytes, vdupq_n_u8(first)), vdupq_n_u8(last - first)) })).bits()
    }

    #[inline(always)]
    fn lowered(self) -> Self {
        // SAFETY: as above.
        Neon(self.0.map(|bytes| unsafe { vorrq_u8(bytes, vdupq_n_u8(0x20)) }))
    }

    #[inline(always)]
    fn lookup(self, table: &[u8; 16]) -> Self {
        // SAFETY: as above; a table has 16 bytes.
        Neon(self.0.map(|bytes| unsafe { vqtbl1q_u8(vld1q_u8(table.as_ptr()), vandq_u8(bytes, vdupq_n_u8(0x0f))) }))
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u64 {
        // SAFETY: as above.
        Neon(std::array::from_fn(|i| unsafe { vcgeq_u8(self.0[i], other.0[i]) })).bits()
    }
}

pub fn next_ends(pretokens: &mut Pretokens, ends: &mut Vec<u32>) {
    // SAFETY: NEON is part of arm64.
    unsafe { pretokens.next_ends_by::<Neon>(ends) }
}
