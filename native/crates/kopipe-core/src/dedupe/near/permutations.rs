pub const PERMUTATIONS: usize = 112;

pub fn lower32(shingles: &[u32], minima: &mut [u32; PERMUTATIONS]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        // SAFETY: the CPU has AVX-512.
        return unsafe { lower_avx512(shingles, minima) };
    }
    lower(shingles, minima)
}

const A: [u32; PERMUTATIONS] = {
    let mut a = [0; PERMUTATIONS];
    let mut s = 0x9E37_79B9_7F4A_7C15u64;
    let mut i = 0;
    while i < PERMUTATIONS {
        s = s.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        a[i] = (s >> 32) as u32 | 1;
        i += 1;
    }
    a
};
const B: [u32; PERMUTATIONS] = {
    let mut a = [0; PERMUTATIONS];
    let mut s = 0x1234_5678_9ABC_DEF1u64;
    let mut i = 0;
    while i < PERMUTATIONS {
        s = s.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        a[i] = (s >> 32) as u32;
        i += 1;
    }
    a
};

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
fn lower_avx512(shingles: &[u32], minima: &mut [u32; PERMUTATIONS]) {
    lower(shingles, minima)
}

#[inline(always)]
fn lower(shingles: &[u32], minima: &mut [u32; PERMUTATIONS]) {
    for &x in shingles {
        for i in 0..PERMUTATIONS {
            minima[i] = minima[i].min(A[i].wrapping_mul(x).wrapping_add(B[i]));
        }
    }
}
