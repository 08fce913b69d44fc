//! A value that a child has from its parent.

use std::ptr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicPtr, AtomicUsize};

/// A value that is replaced as a whole, so that a child finds one of those that were set, whatever happened to it in the
/// parent at the fork. Nobody waits for another thread.
pub struct Inherited<T: 'static> {
    current: AtomicPtr<T>,
    /// Threads that may be at a value that is no longer the current one; in a child some may be counted for ever.
    readers: AtomicUsize,
}

impl<T: Clone + Send + Sync> Inherited<T> {
    pub const fn new() -> Self {
        Self {
            current: AtomicPtr::new(ptr::null_mut()),
            readers: AtomicUsize::new(0),
        }
    }

    pub fn get(&self) -> Option<T> {
        if self.current.load(SeqCst).is_null() {
            return None;
        }
        self.readers.fetch_add(1, SeqCst);
        // SAFETY: null, or from `Box::into_raw` in `set`, which frees nothing that a counted reader can have found.
        let value = unsafe { self.current.load(SeqCst).as_ref() }.cloned();
        self.readers.fetch_sub(1, SeqCst);
        value
    }

    pub fn set(&self, value: Option<T>) {
        let new = value.map_or(ptr::null_mut(), |value| Box::into_raw(Box::new(value)));
        let old = self.current.swap(new, SeqCst);
        // A reader that is not counted by now finds the new one. With others about, the old one stays for good, which is
        // hardly ever.
        if !old.is_null() && self.readers.load(SeqCst) == 0 {
            // SAFETY: from `Box::into_raw` above; who swapped it out is the only one to know it.
            drop(unsafe { Box::from_raw(old) });
        }
    }
}
