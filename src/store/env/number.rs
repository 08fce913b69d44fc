//! The number that tells those who have an environment open from each other.
//!
//! LMDB takes the process id. It writes it into the slots of its readers and locks the byte at that offset of the lock
//! file, so that others see whether a slot's owner lives; at the close it clears the slots with its number. Processes
//! of two containers may have one process id (the trainer in each is 1): then the second gets no lock, and either
//! would clear the other's slots.
//!
//! So each environment has a number drawn at random, larger than every process id: LMDB's own tools, which go by
//! theirs, share the file. If it is taken, the lock tells, and another one is drawn. LMDB is compiled with a function
//! that gives this thread's choice in place of `getpid` (`crates/lmdb-sys`). LMDB calls it where an
//! environment is made and where it is closed, and these two calls run inside `Number::during`.

use crate::error::{Error, Result};
use crate::random;
use std::ffi::c_int;

/// The kernel's process ids are smaller, however it is configured.
const LEAST: u32 = 1 << 22;
const COUNT: u32 = (1 << 31) - LEAST;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(c_int);

impl Number {
    /// From the kernel's random numbers: a forked child does not repeat its parent's.
    pub fn draw() -> Result<Number> {
        let mut bytes = [0; 4];
        random::fill(&mut bytes).map_err(|e| Error::io("drawing a number for the database", &e))?;
        Ok(Number::from_random(u32::from_ne_bytes(bytes)))
    }

    fn from_random(random: u32) -> Number {
        Number((LEAST + random % COUNT) as c_int)
    }

    /// Runs `f`, in which LMDB makes or closes an environment, with this number.
    pub fn during<T>(self, f: impl FnOnce() -> T) -> T {
        let _chosen = Chosen::new(self);
        f()
    }
}

/// This thread's choice, undone when dropped.
struct Chosen;

impl Chosen {
    fn new(number: Number) -> Chosen {
        lmdb_sys::choose_number(number.0);
        Chosen
    }
}

impl Drop for Chosen {
    fn drop(&mut self) {
        lmdb_sys::choose_number(0);
    }
}

#[cfg(test)]
mod tests;
