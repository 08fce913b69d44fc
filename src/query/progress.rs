//! Tells the caller how far a query is, and hears whether to go on.

use crate::error::{Error, Result, Status};
use std::time::{Duration, Instant};

/// The caller is asked this often at most, and the clock every so many runs.
const INTERVAL: Duration = Duration::from_millis(5);
const RUNS: u64 = 64;

pub struct Progress<'o> {
    done: u64,
    total: u64,
    told: Instant,
    tell: Option<&'o mut dyn FnMut(u64, u64) -> bool>,
}

impl<'o> Progress<'o> {
    pub fn new(total: u64, tell: Option<&'o mut dyn FnMut(u64, u64) -> bool>) -> Progress<'o> {
        Progress {
            done: 0,
            total,
            told: Instant::now(),
            tell,
        }
    }

    /// Before each run. The first run always asks.
    pub fn step(&mut self) -> Result<()> {
        let done = self.done;
        self.done += 1;
        let Some(tell) = &mut self.tell else {
            return Ok(());
        };
        if done != 0 && (!done.is_multiple_of(RUNS) || self.told.elapsed() < INTERVAL) {
            return Ok(());
        }
        self.told = Instant::now();
        if tell(done, self.total) {
            return Ok(());
        }
        Err(Error::new(
            Status::Cancelled,
            format!(
                "the query was cancelled after {done} of {} runs",
                self.total
            ),
        ))
    }
}
