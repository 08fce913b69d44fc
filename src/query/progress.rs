//! Watches a query: tells the caller how far it is, hears whether to go on, and looks at the time.

use crate::error::{Error, Result, Status};
use aimql::Watch;
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// The caller is asked this often at most.
const INTERVAL: Duration = Duration::from_millis(5);
/// Runs between two looks at the clock, where their rows take none.
const RUNS: u64 = 64;
/// How old a snapshot may become. Pages that it sees are not used again: the file grows with what others write.
const SNAPSHOT: Duration = Duration::from_secs(1);

pub type Tell<'o> = dyn FnMut(u64, u64) -> bool + 'o;

pub struct Progress<'o> {
    done: Cell<u64>,
    total: u64,
    started: Instant,
    bound: Option<Duration>,
    told: Cell<Instant>,
    tell: RefCell<Option<&'o mut Tell<'o>>>,
    snapshot: Cell<Instant>,
}

impl<'o> Progress<'o> {
    pub fn new(
        total: u64,
        bound: Option<Duration>,
        tell: Option<&'o mut Tell<'o>>,
    ) -> Progress<'o> {
        let now = Instant::now();
        Progress {
            done: Cell::new(0),
            total,
            started: now,
            bound,
            told: Cell::new(now),
            tell: RefCell::new(tell),
            snapshot: Cell::new(now),
        }
    }

    /// Runs looked at so far, and those to look at in all.
    pub fn counts(&self) -> (u64, u64) {
        (self.done.get(), self.total)
    }

    /// Before each run. The first run always asks.
    pub fn step(&self) -> Result<()> {
        let done = self.done.replace(self.done.get() + 1);
        if done == 0 {
            return self.ask(done);
        }
        match done.is_multiple_of(RUNS) {
            true => self.check(),
            false => Ok(()),
        }
    }

    /// Whether the snapshot is so old that the next run should be read from a new one. Tells so once.
    pub fn snapshot_is_old(&self) -> bool {
        let old = self.told.get().duration_since(self.snapshot.get()) > SNAPSHOT;
        if old {
            self.snapshot.set(Instant::now());
        }
        old
    }

    fn check(&self) -> Result<()> {
        let now = Instant::now();
        if let Some(bound) = self.bound
            && now.duration_since(self.started) > bound
        {
            return Err(Error::new(
                Status::Limit,
                format!(
                    "the query takes longer than its bound of {} s, after {} of {} runs; narrow it or raise the bound",
                    bound.as_secs_f64(),
                    self.looked_at(),
                    self.total
                ),
            ));
        }
        if now.duration_since(self.told.get()) < INTERVAL {
            return Ok(());
        }
        self.told.set(now);
        self.ask(self.looked_at())
    }

    /// Runs that are done with.
    fn looked_at(&self) -> u64 {
        self.done.get().saturating_sub(1)
    }

    fn ask(&self, done: u64) -> Result<()> {
        // Asked while it answers, the caller is not asked again.
        let Ok(mut tell) = self.tell.try_borrow_mut() else {
            return Ok(());
        };
        let go_on = tell.as_mut().is_none_or(|tell| tell(done, self.total));
        if go_on {
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

impl Watch for Progress<'_> {
    fn look(&self) -> aimql::Result<()> {
        self.check().map_err(|e| aimql::Error::Row(Box::new(e)))
    }
}
