//! Finding out, at the price of one load, that this process is a forked child.
//!
//! One page of the process is marked `MADV_WIPEONFORK` and holds a number. A child sees zero there, or the new
//! number that it drew itself; either differs from the number which its parent's objects remember.

use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64};

/// The page; null until first used, `UNSUPPORTED` where the kernel lacks the feature (Linux before 4.14).
static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());
/// Numbers drawn so far, by this process and its ancestors.
static DRAWN: AtomicU64 = AtomicU64::new(0);
/// Stands in for the page. It never agrees with a guard, which then compares process ids.
static UNSUPPORTED: AtomicU64 = AtomicU64::new(0);

/// Generation of a guard without a page.
const COMPARE_PROCESSES: u64 = u64::MAX;
const PAGE_BYTES: usize = 4096;

/// Remembers the process in which it was made.
#[derive(Clone, Copy)]
pub struct ForkGuard {
    page: &'static AtomicU64,
    generation: u64,
    process: u32,
}

impl ForkGuard {
    pub fn new() -> Self {
        let page = page();
        let process = std::process::id();
        if ptr::eq(page, &UNSUPPORTED) {
            return Self {
                page,
                generation: COMPARE_PROCESSES,
                process,
            };
        }
        let mut generation = page.load(Acquire);
        if generation == 0 {
            let drawn = DRAWN.fetch_add(1, Relaxed) + 1;
            generation = match page.compare_exchange(0, drawn, AcqRel, Acquire) {
                Ok(_) => drawn,
                Err(other) => other,
            };
        }
        Self {
            page,
            generation,
            process,
        }
    }

    /// Whether this process is a descendant of the one that made the guard.
    #[inline(always)]
    pub fn forked(&self) -> bool {
        self.page.load(Relaxed) != self.generation && self.other_process()
    }

    #[cold]
    fn other_process(&self) -> bool {
        self.generation != COMPARE_PROCESSES || std::process::id() != self.process
    }
}

impl Default for ForkGuard {
    fn default() -> Self {
        Self::new()
    }
}

fn page() -> &'static AtomicU64 {
    let known = PAGE.load(Acquire);
    if !known.is_null() {
        // SAFETY: `PAGE` only ever holds pointers to words that live as long as the process.
        return unsafe { &*known };
    }
    let made = map_page().unwrap_or((&raw const UNSUPPORTED).cast_mut());
    match PAGE.compare_exchange(ptr::null_mut(), made, AcqRel, Acquire) {
        // SAFETY: as above.
        Ok(_) => unsafe { &*made },
        Err(first) => {
            // Another thread was first; nothing points into the page made here.
            if !ptr::eq(made, &UNSUPPORTED) {
                // SAFETY: the mapping was made above and nobody else knows it.
                unsafe { libc::munmap(made.cast(), PAGE_BYTES) };
            }
            // SAFETY: as above.
            unsafe { &*first }
        }
    }
}

/// A page of zeros that a forked child sees as zeros again, whatever was written to it.
pub(super) fn map_page() -> Option<*mut AtomicU64> {
    // SAFETY: a new anonymous mapping at an address of the kernel's choice.
    let page = unsafe {
        libc::mmap(
            ptr::null_mut(),
            PAGE_BYTES,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the range is the mapping made above.
    if unsafe { libc::madvise(page, PAGE_BYTES, libc::MADV_WIPEONFORK) } == 0 {
        return Some(page.cast());
    }
    // SAFETY: the range is the mapping made above and nothing points into it.
    unsafe { libc::munmap(page, PAGE_BYTES) };
    None
}
