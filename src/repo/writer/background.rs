//! What calls leave to be done behind them: objects whose memory they were lent for longer than the call. One thread does
//! it, in the order in which it came, while processors are free; it exists while there is something to do, and a moment
//! longer. So much waits at most; then calls wait, which is counted.

use crate::error::{Error, Result};
use crate::lock::Mutex;
use crate::log::{self, Level};
use crate::repo::deadline::left;
use crate::thread::{self, Changes, is_current};
use crate::{panics, shield};
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

/// Pieces of work that may wait.
const MOST: usize = 64;
/// How long the thread waits for more before it ends, and after which time whoever waits looks again.
const IDLE: Duration = Duration::from_secs(1);

type Work = Box<dyn FnOnce() -> Result<()> + Send>;

#[derive(Default)]
pub struct Background {
    state: Mutex<State>,
    changed: Changes,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    /// Places that were given out and not yet filled.
    reserved: usize,
    /// Pieces given and done so far.
    given: u64,
    done: u64,
    /// Whether the thread waits for more.
    sleeping: bool,
    thread: Option<Thread>,
    handle: Option<JoinHandle<()>>,
    ended: bool,
    counts: Counts,
}

/// Since the writer started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Pieces of work that are not done.
    pub waiting: u64,
    /// Calls that waited for a place, and how long together.
    pub waits: u64,
    pub wait_nanos: u64,
    /// Pieces that failed: what they had to store is lost, and the log callback was told.
    pub failures: u64,
}

/// A place for one piece of work, which is given back if it is not filled.
pub struct Place<'b> {
    of: &'b Background,
    filled: bool,
}

impl Background {
    /// A place for work; waits while there is none.
    pub fn reserve(self: &Arc<Self>) -> Result<Place<'_>> {
        let mut since = None;
        loop {
            let seen = self.changed.seen();
            {
                let _held = shield::hold();
                let mut state = self.state.lock();
                if state.waiting.len() + state.reserved < MOST || self.is_own(&state) {
                    if let Some(since) = since.take() {
                        state.counts.waits += 1;
                        state.counts.wait_nanos += Instant::elapsed(&since).as_nanos() as u64;
                    }
                    self.start(&mut state)?;
                    state.reserved += 1;
                    return Ok(Place {
                        of: self,
                        filled: false,
                    });
                }
            }
            since.get_or_insert_with(Instant::now);
            self.changed.wait(seen, IDLE);
        }
    }

    /// Callbacks of the host may use the library, too.
    fn is_own(&self, state: &State) -> bool {
        state.thread.as_ref().is_some_and(is_current)
    }

    fn start(self: &Arc<Self>, state: &mut State) -> Result<()> {
        if state.thread.is_some() {
            return Ok(());
        }
        let own = Arc::clone(self);
        let handle = thread::spawn("aim-encode", move || own.work())?;
        state.thread = Some(handle.thread().clone());
        state.handle = Some(handle);
        Ok(())
    }

    fn work(&self) {
        let mut since = Instant::now();
        loop {
            let seen = self.changed.seen();
            let next = {
                let mut state = self.state.lock();
                let next = state.waiting.pop_front();
                state.sleeping = next.is_none();
                let unused = state.reserved == 0 && (state.ended || since.elapsed() >= IDLE);
                if next.is_none() && unused {
                    state.thread = None;
                    return;
                }
                next
            };
            let Some(work) = next else {
                self.changed.wait(seen, IDLE);
                continue;
            };
            let outcome = panics::contain(work)
                .unwrap_or_else(|report| Err(Error::new(crate::error::Status::Panic, report)));
            if let Err(e) = &outcome {
                log::emit(Level::Error, || format!("objects are lost: {e}"));
            }
            let mut state = self.state.lock();
            state.done += 1;
            state.counts.failures += u64::from(outcome.is_err());
            drop(state);
            self.changed.tell();
            since = Instant::now();
        }
    }

    /// Waits until what was given before is done.
    pub fn drain(&self, deadline: Option<Instant>) -> Result<()> {
        let target = {
            let state = self.state.lock();
            if state.done == state.given || self.is_own(&state) {
                return Ok(());
            }
            state.given
        };
        loop {
            let seen = self.changed.seen();
            if self.state.lock().done >= target {
                return Ok(());
            }
            let most = left(deadline)?.map_or(IDLE, |left| left.min(IDLE));
            self.changed.wait(seen, most);
        }
    }

    /// Nothing is given any more: the thread ends, and is waited for.
    pub fn end(&self) {
        let handle = {
            let mut state = self.state.lock();
            state.ended = true;
            state.handle.take()
        };
        self.changed.tell();
        if let Some(handle) = handle
            && !is_current(handle.thread())
        {
            let _ = handle.join();
        }
    }

    pub fn counts(&self) -> Counts {
        let state = self.state.lock();
        Counts {
            waiting: state.given - state.done,
            ..state.counts
        }
    }
}

impl Place<'_> {
    pub fn fill(mut self, work: impl FnOnce() -> Result<()> + Send + 'static) {
        self.filled = true;
        let sleeping = {
            let _held = shield::hold();
            let mut state = self.of.state.lock();
            state.reserved -= 1;
            state.waiting.push_back(Box::new(work));
            state.given += 1;
            std::mem::take(&mut state.sleeping)
        };
        if sleeping {
            self.of.changed.tell();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.filled {
            self.of.state.lock().reserved -= 1;
            self.of.changed.tell();
        }
    }
}
