//! Bounds on what an expression may cost.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::fault::{Fault, Res};

/// The longest query text, in bytes.
pub const MAX_SOURCE: usize = 256 * 1024;
/// The deepest nesting of an expression.
pub const MAX_NESTING: usize = 150;
/// The deepest nesting of an expression with the calls and values that it makes.
pub const MAX_DEPTH: u32 = 400;
/// The largest integer, in bits: enough for every exact computation that a query can mean.
pub(crate) const MAX_INT_BITS: u64 = 1 << 17;

/// Steps between two looks at the cancel flag.
const CANCEL_EVERY: u64 = 8192;

/// How much a query may cost. A step is about one loop iteration, one call, or the handling of 16 elements or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps for one row; a row that needs more is not selected and counts as failed.
    pub row_steps: u64,
    /// Bytes of strings, lists and numbers that one row may create.
    pub row_bytes: u64,
    /// Steps for the whole query; when they are used up the query ends with [`Error::Steps`].
    pub query_steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            row_steps: 1_000_000,
            row_bytes: 16 << 20,
            query_steps: 1_000_000_000,
        }
    }
}

/// What is left of a query's limits, and the flag that cancels it. One per thread that evaluates the query.
#[derive(Debug)]
pub struct Budget<'c> {
    limits: Limits,
    left: u64,
    cancel: Option<&'c AtomicBool>,
}

impl<'c> Budget<'c> {
    pub fn new(limits: Limits, cancel: Option<&'c AtomicBool>) -> Self {
        Budget {
            limits,
            left: limits.query_steps,
            cancel,
        }
    }

    pub(crate) fn start_row(&self) -> Result<Meter<'c>> {
        let meter = Meter {
            limits: self.limits,
            row_steps: self.limits.row_steps.min(self.left),
            left: Cell::new(0),
            granted: Cell::new(0),
            bytes: Cell::new(self.limits.row_bytes),
            cancel: self.cancel,
        };
        meter.check_cancel()?;
        Ok(meter)
    }

    pub(crate) fn finish_row(&mut self, spent: u64) -> Result<()> {
        self.left = self.left.saturating_sub(spent);
        if self.left > 0 {
            return Ok(());
        }
        Err(Error::Steps(self.limits.query_steps))
    }
}

/// Counts what one row costs.
#[derive(Debug)]
pub(crate) struct Meter<'c> {
    limits: Limits,
    row_steps: u64,
    /// Steps left until the next look at the clock and the cancel flag.
    left: Cell<u64>,
    granted: Cell<u64>,
    bytes: Cell<u64>,
    cancel: Option<&'c AtomicBool>,
}

impl Meter<'_> {
    /// Pays for `n` steps of work.
    #[inline]
    pub(crate) fn work(&self, n: u64) -> Res<()> {
        let left = self.left.get();
        if n <= left {
            self.left.set(left - n);
            return Ok(());
        }
        self.grant(n - left)
    }

    /// Pays for handling `n` elements or bytes.
    #[inline]
    pub(crate) fn handle(&self, n: usize) -> Res<()> {
        self.work(n as u64 / 16 + 1)
    }

    #[cold]
    fn grant(&self, needed: u64) -> Res<()> {
        self.check_cancel()?;
        let granted = self.granted.get();
        let rest = self.row_steps.saturating_sub(granted);
        if rest < needed {
            self.left.set(0);
            self.granted.set(self.row_steps);
            let bound = self.limits.row_steps;
            return Err(Box::new(Fault::RowLimit(format!(
                "LimitError: the row needs more than its bound of {bound} steps"
            ))));
        }
        let more = rest.min(needed.max(CANCEL_EVERY));
        self.granted.set(granted + more);
        self.left.set(more - needed);
        Ok(())
    }

    fn check_cancel(&self) -> Result<()> {
        match self.cancel {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(Error::Cancelled),
            _ => Ok(()),
        }
    }

    /// Pays for `n` bytes of memory, before they are allocated.
    #[inline]
    pub(crate) fn memory(&self, n: usize) -> Res<()> {
        match self.bytes.get().checked_sub(n as u64) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => self.out_of_memory(),
        }
    }

    #[cold]
    pub(crate) fn out_of_memory(&self) -> Res<()> {
        let bound = self.limits.row_bytes;
        Err(Box::new(Fault::RowLimit(format!(
            "LimitError: the row needs more than its bound of {bound} bytes"
        ))))
    }

    pub(crate) fn spent(&self) -> u64 {
        self.granted.get() - self.left.get()
    }
}
