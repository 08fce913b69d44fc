//! Values of which every process has its own.

use super::ForkGuard;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A value made on first use in each process. A child never touches its parent's: a thread that held one of its locks
/// at the moment of the fork does not exist there. Values are leaked, one for each process that forks and goes on.
pub struct PerProcess<T: 'static> {
    current: AtomicPtr<(ForkGuard, T)>,
}

impl<T: Default + Send + Sync> PerProcess<T> {
    pub const fn new() -> Self {
        Self {
            current: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// This process's value, if it has one.
    pub fn present(&self) -> Option<&'static T> {
        // SAFETY: the pointer is null or comes from `Box::into_raw` in `get` and is never freed.
        let found = unsafe { self.current.load(Ordering::Acquire).as_ref() }?;
        (!found.0.forked()).then_some(&found.1)
    }

    pub fn get(&self) -> &'static T {
        loop {
            if let Some(value) = self.present() {
                return value;
            }
            let before = self.current.load(Ordering::Acquire);
            if self.present().is_some() {
                continue;
            }
            let new = Box::into_raw(Box::new((ForkGuard::new(), T::default())));
            let swapped =
                self.current
                    .compare_exchange(before, new, Ordering::AcqRel, Ordering::Acquire);
            if swapped.is_err() {
                // SAFETY: nobody else has seen it.
                drop(unsafe { Box::from_raw(new) });
            }
        }
    }
}
