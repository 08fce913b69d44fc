//! Bounds on what an expression may cost.
//!
//! Every primitive whose cost grows with its operands pays for what it touches before it touches it: by size, and where
//! it walks a table by the table's capacity. `tests/cost.rs` holds steps against processor time and memory over the
//! whole language.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::fault::{Fault, Res};

/// Bytes that a row has without asking whether there is memory.
const UNASKED: u64 = 1 << 20;
/// The longest query text, in bytes.
pub const MAX_SOURCE: usize = 256 * 1024;
/// The deepest nesting of an expression.
pub const MAX_NESTING: usize = 150;
/// The deepest nesting of an expression with the calls and values that it makes.
pub const MAX_DEPTH: u32 = 400;
/// The largest integer, in bits: enough for every exact computation that a query can mean.
pub(crate) const MAX_INT_BITS: u64 = 1 << 17;

/// Steps between two looks at the watch: a fraction of a millisecond.
const LOOK_EVERY: u64 = 8192;
/// Rows between two looks, as long as they are cheap.
const LOOK_ROWS: u32 = 16;

/// How much a query may cost. A step is about one loop iteration, one call, or one entry of a dict; the handling of 16
/// elements or bytes; or the copying or comparing of 256 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps for one row; a row that needs more is not selected and counts as failed. A row that reads a large value
    /// of its own data gets more: a step for each two bytes of the largest.
    pub row_steps: u64,
    /// Bytes of strings, lists and numbers that one row may create. A row that reads a large value gets eight
    /// times its size on top.
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

/// Looks now and then, between rows and inside of them, whether a query may go on. An error ends it.
pub trait Watch {
    fn look(&self) -> Result<()>;
}

/// A flag that cancels.
impl Watch for AtomicBool {
    fn look(&self) -> Result<()> {
        match self.load(Ordering::Relaxed) {
            true => Err(Error::Cancelled),
            false => Ok(()),
        }
    }
}

/// What is left of a query's limits, and who watches it. One per thread that evaluates the query.
pub struct Budget<'c> {
    limits: Limits,
    left: u64,
    watch: Option<&'c dyn Watch>,
    rows: u32,
}

impl<'c> Budget<'c> {
    pub fn new(limits: Limits, watch: Option<&'c dyn Watch>) -> Self {
        Budget {
            limits,
            left: limits.query_steps,
            watch,
            rows: 0,
        }
    }

    /// Steps that the rows have taken so far.
    pub fn spent(&self) -> u64 {
        self.limits.query_steps - self.left
    }

    pub(crate) fn start_row(&mut self) -> Result<Meter<'c>> {
        let meter = Meter {
            limits: self.limits,
            row_steps: Cell::new(self.limits.row_steps.min(self.left)),
            most: self.left,
            left: Cell::new(0),
            granted: Cell::new(0),
            bytes: Cell::new(self.limits.row_bytes.min(UNASKED)),
            withheld: Cell::new(self.limits.row_bytes.saturating_sub(UNASKED)),
            largest: Cell::new(0),
            watch: self.watch,
        };
        if self.rows.is_multiple_of(LOOK_ROWS) {
            meter.look()?;
        }
        self.rows = self.rows.wrapping_add(1);
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
pub(crate) struct Meter<'c> {
    limits: Limits,
    row_steps: Cell<u64>,
    /// Steps that the query has left.
    most: u64,
    /// Steps left until the next look at the watch.
    left: Cell<u64>,
    granted: Cell<u64>,
    /// Bytes left until it is asked whether there is memory for more.
    bytes: Cell<u64>,
    /// Those that the row may have after that.
    withheld: Cell<u64>,
    /// Size of the largest value that the row has read.
    largest: Cell<u64>,
    watch: Option<&'c dyn Watch>,
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

    /// Pays for handling `n` elements or bytes one by one.
    #[inline]
    pub(crate) fn handle(&self, n: usize) -> Res<()> {
        self.work(n as u64 / 16 + 1)
    }

    /// Pays for comparing or copying `n` bytes in one go.
    #[inline]
    pub(crate) fn scan(&self, n: usize) -> Res<()> {
        self.work(n as u64 / 256)
    }

    /// Pays for arithmetic that multiplies every word of one integer with every one of another.
    pub(crate) fn multiply(&self, a_bits: u64, b_bits: u64) -> Res<()> {
        let (a, b) = (a_bits / 64 + 1, b_bits / 64 + 1);
        self.work(a.saturating_mul(b) / 16 + (a + b) / 4)
    }

    /// Pays for walking once through an integer.
    pub(crate) fn integer(&self, bits: u64) -> Res<()> {
        self.work(bits / 1024)
    }

    #[cold]
    fn grant(&self, needed: u64) -> Res<()> {
        self.look()?;
        let granted = self.granted.get();
        let rest = self.row_steps.get().saturating_sub(granted);
        if rest < needed {
            self.left.set(0);
            self.granted.set(self.row_steps.get());
            let bound = self.limits.row_steps;
            return Err(Box::new(Fault::RowLimit(format!(
                "LimitError: the row needs more than its bound of {bound} steps"
            ))));
        }
        let more = rest.min(needed.max(LOOK_EVERY));
        self.granted.set(granted + more);
        self.left.set(more - needed);
        Ok(())
    }

    fn look(&self) -> Result<()> {
        self.watch.map_or(Ok(()), Watch::look)
    }

    /// Pays for reading `n` bytes of the row's data. What the row may spend grows with the largest value it reads.
    pub(crate) fn read(&self, n: usize) -> Res<()> {
        let more = (n as u64).saturating_sub(self.largest.get());
        if more > 0 {
            self.largest.set(n as u64);
            let steps = self.row_steps.get().saturating_add(more / 2);
            self.row_steps.set(steps.min(self.most));
            self.withheld
                .set(self.withheld.get().saturating_add(more * 8));
        }
        self.scan(n)
    }

    /// Pays for `n` bytes of memory, before they are allocated.
    #[inline]
    pub(crate) fn memory(&self, n: usize) -> Res<()> {
        self.room(n)?;
        self.bytes.set(self.bytes.get() - n as u64);
        Ok(())
    }

    /// Whether `n` bytes of memory could be paid for: asked before something is made that is paid for when it is done.
    #[inline]
    pub(crate) fn room(&self, n: usize) -> Res<()> {
        match n as u64 > self.bytes.get() {
            true => self.ask_for(n as u64),
            false => Ok(()),
        }
    }

    /// Lets the row have as much again as it had, and `n` bytes at least, if there is so much memory: a buffer that grows may
    /// be twice as large as what is in it.
    #[cold]
    fn ask_for(&self, n: u64) -> Res<()> {
        let (bytes, withheld) = (self.bytes.get(), self.withheld.get());
        let needed = n - bytes;
        if needed > withheld {
            let bound = self.limits.row_bytes;
            return Err(Box::new(Fault::RowLimit(format!(
                "LimitError: the row needs more than its bound of {bound} bytes"
            ))));
        }
        let had = self.limits.row_bytes.saturating_sub(withheld);
        let more = needed.max(had).max(UNASKED).min(withheld);
        let most = usize::try_from(2 * (had + more)).unwrap_or(usize::MAX);
        if Vec::<u8>::new().try_reserve_exact(most).is_err() {
            return Err(Box::new(Fault::RowLimit(format!(
                "LimitError: there is no memory for {most} bytes"
            ))));
        }
        self.bytes.set(bytes + more);
        self.withheld.set(withheld - more);
        Ok(())
    }

    pub(crate) fn spent(&self) -> u64 {
        self.granted.get() - self.left.get()
    }
}
