//! What is set up once in a process, and by nobody waited for.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Done at least once, and hardly ever again. Unlike with `std::sync::Once`, no thread waits for another one that does it:
/// in a forked child there is no other one, and it would wait for ever.
pub struct SetUp(AtomicBool);

impl SetUp {
    pub const fn new() -> SetUp {
        SetUp(AtomicBool::new(false))
    }

    /// Does `work`, of which a second time must do no harm, unless it has been done.
    pub fn ensure(&self, work: impl FnOnce()) {
        if !self.0.load(Acquire) {
            work();
            self.0.store(true, Release);
        }
    }
}
