//! The way to memory: fewer pages, and asked for ahead. Large vectors are on huge pages, where the system offers them to
//! those who ask: a table that is looked into at random misses the cache of pages nearly every time otherwise, and faults
//! in 4 KB at a time.

/// An empty vector with room for so many, whose memory is asked to be huge pages before it is touched.
pub fn with_capacity<T>(len: usize) -> Vec<T> {
    let vec = Vec::with_capacity(len);
    #[cfg(target_os = "linux")]
    {
        const HUGE: usize = 2 << 20;
        let (start, bytes) = (vec.as_ptr() as usize, len * size_of::<T>());
        let (first, last) = (start.next_multiple_of(HUGE), (start + bytes) / HUGE * HUGE);
        if last > first {
            // SAFETY: whole pages within the vector's own memory. A refusal changes nothing.
            unsafe {
                libc::madvise(first as *mut libc::c_void, last - first, libc::MADV_HUGEPAGE);
            }
        }
    }
    vec
}

pub fn filled<T: Clone>(value: T, len: usize) -> Vec<T> {
    let mut vec = with_capacity(len);
    vec.resize(len, value);
    vec
}

/// Returns freed memory to the system: glibc keeps what it may need again, which counts against a bound all the same.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it touches nothing that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Asks for a value that will be read soon, where the processor can be asked.
#[inline(always)]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing; any address is allowed.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
