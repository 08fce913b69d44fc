//! Whether a run is still open in this process, at the price of one load.
//!
//! Gates are words of pages that a forked child sees as zeros (`MADV_WIPEONFORK`). An open gate holds its key, which no
//! other gate of the process or its ancestors ever had; closing or forking makes it zero, and the word may serve another
//! gate. Where the kernel lacks the feature, and past the last page, gates are always shut: callers then take the way on
//! which they ask for everything one by one.

use super::fork::map_page;
use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU64};

const WORDS: usize = 512;
/// Room for as many runs that are open at a time as a process can have.
const PAGES: usize = 256;

static PAGE: [AtomicPtr<AtomicU64>; PAGES] = [const { AtomicPtr::new(ptr::null_mut()) }; PAGES];
static KEYS: AtomicU64 = AtomicU64::new(1);
/// The word of gates that could not be had.
static SHUT: AtomicU64 = AtomicU64::new(0);

/// Open from when it is made until it is closed, dropped, or seen by a forked child.
pub struct Gate {
    pass: Pass,
}

/// What passes a gate as long as it is open.
#[derive(Clone, Copy)]
pub struct Pass {
    word: &'static AtomicU64,
    key: u64,
}

impl Pass {
    #[inline(always)]
    pub fn is_open(&self) -> bool {
        self.word.load(Relaxed) == self.key
    }
}

impl Gate {
    pub fn open() -> Gate {
        let key = KEYS.fetch_add(1, Relaxed);
        let word = (0..PAGES)
            .map_while(page)
            .find_map(|page| free_word(page, key));
        let word = word.unwrap_or(&SHUT);
        Gate {
            pass: Pass { word, key },
        }
    }

    pub fn pass(&self) -> Pass {
        self.pass
    }

    /// Closes the gate; it stays closed.
    pub fn close(&self) {
        let Pass { word, key } = self.pass;
        // In a child the word may belong to a gate of its own.
        let _ = word.compare_exchange(key, 0, Release, Relaxed);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.close();
    }
}

fn free_word(page: &'static [AtomicU64; WORDS], key: u64) -> Option<&'static AtomicU64> {
    page.iter().find(|word| {
        word.load(Relaxed) == 0 && word.compare_exchange(0, key, Acquire, Relaxed).is_ok()
    })
}

/// The page with this number, mapped if it is not yet.
fn page(number: usize) -> Option<&'static [AtomicU64; WORDS]> {
    let known = PAGE[number].load(Acquire);
    let page = match known.is_null() {
        false => known,
        true => {
            let made = map_page()?;
            match PAGE[number].compare_exchange(ptr::null_mut(), made, AcqRel, Acquire) {
                Ok(_) => made,
                // Another thread was first; this page, untouched, takes no memory.
                Err(first) => first,
            }
        }
    };
    // SAFETY: pages hold this many words, are never unmapped, and their words are only accessed as atomics.
    Some(unsafe { &*page.cast() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_open_until_it_closes() {
        let gates: Vec<Gate> = (0..2 * WORDS).map(|_| Gate::open()).collect();
        let passes: Vec<Pass> = gates.iter().map(Gate::pass).collect();
        assert!(passes.iter().all(Pass::is_open));
        gates[3].close();
        assert!(!passes[3].is_open() && passes[4].is_open());
        // Its word serves the next one, whose key is another.
        let next = Gate::open();
        assert!(next.pass().is_open() && !passes[3].is_open());
        gates[3].close();
        assert!(next.pass().is_open());
        drop(gates);
        assert!(!passes.iter().any(Pass::is_open));
    }
}
