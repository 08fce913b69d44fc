//! The writer: this process's journal in one repository and the thread that commits it.
//!
//! The thread sleeps while nothing is tracked. The first record wakes it; a flush interval later, or when the ring is
//! half full, or when somebody asks, it drains the journal and commits one batch. When a commit fails it tries again
//! every interval; records stay in the journal meanwhile. It ends when the last run is closed and all is stored.

mod background;
mod committer;

pub use background::{Background, Counts};

use super::deadline::left;
use super::op::Op;
use super::registry::RepoRef;
use super::spool::Sender;
use super::{RepoOptions, now_micros};
use crate::blobs::Packs;
use crate::error::{Error, Result, Status};
use crate::journal::{DEFAULT_CAPACITY_BYTES, Journal, PushError, STANDSTILL};
use crate::lock::Mutex;
use crate::shield;
use crate::store::keys::RunId;
use crate::store::{Leave, Outcome, RunState};
use crate::thread::{Changes, is_current};
use committer::Committer;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// How long an exiting process waits for its last commit before it leaves the rest to recovery.
const EXIT_PATIENCE: Duration = Duration::from_secs(60);
/// After this time whoever waits for the thread looks again, though nothing was told.
const PATIENCE: Duration = Duration::from_secs(1);

pub struct Writer {
    journal: Arc<Journal>,
    /// In a spool.
    sender: Option<Arc<Sender>>,
    packs: Arc<Packs>,
    background: Arc<Background>,
    next_series: AtomicU32,
    /// The status of `State::error`, or 0: whether the last commit failed.
    failing: AtomicI32,
    commits: AtomicU64,
    set_aside: AtomicU64,
    state: Mutex<State>,
    changed: Changes,
    thread: once_cell::sync::OnceCell<Thread>,
}

#[derive(Default)]
struct State {
    runs: HashMap<RunId, OpenRun>,
    /// Calls of `enter` whose run is not yet among `runs`.
    entering: usize,
    /// Journal positions: what is committed, and what somebody waits for.
    committed: u64,
    wanted: u64,
    /// Counts those who asked for a commit and wait for it: after a failure it is tried again for them at once.
    asked: u64,
    /// Counts the tries to commit that began, and those that failed; which try failed last, and its error.
    tries: u64,
    failures: u64,
    failed: u64,
    error: Option<Error>,
    /// Changes that found no place in the journal, and how many were given and committed so far.
    late: Vec<Op>,
    late_given: u64,
    late_committed: u64,
    /// No run may join any more.
    ended: bool,
    finished: bool,
    handle: Option<JoinHandle<()>>,
}

impl State {
    /// Whether a try has failed that began after there were so many: an earlier one says nothing of what changed since.
    fn failed_since(&self, tries: u64) -> bool {
        self.failed > tries
    }
}

/// A run that this process has open.
#[derive(Clone, Copy, Default)]
struct OpenRun {
    handles: usize,
    /// Whether anything but edits was recorded.
    recorded: bool,
    /// How the handles that are closed left it: the first outcome that is not a good one, else the last that was said.
    left: Option<(Outcome, bool, i64)>,
}

impl OpenRun {
    fn leave(&mut self, outcome: Outcome, said: bool, at: i64) {
        self.left = match self.left {
            Some((before, said_before, _)) if before.state != RunState::Finished || !said => {
                Some((before, said || said_before, at))
            }
            _ => Some((outcome, said, at)),
        };
    }

    /// What is written when the last handle is closed.
    fn last_word(&self) -> Leave {
        let (outcome, said, at) = self
            .left
            .unwrap_or((Outcome::FINISHED, false, now_micros()));
        Leave {
            outcome,
            at,
            said,
            recorded: self.recorded,
        }
    }
}

/// Counters since the writer started, which is when a process opens its first run of a repository.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriterStats {
    /// 48-byte slots of the journal's ring, and how many hold records that are not committed.
    pub journal_slots: u64,
    pub journal_used: u64,
    /// Slots handed out so far: points, and params by their size.
    pub records: u64,
    pub commits: u64,
    /// Commits that failed and were tried again.
    pub failures: u64,
    /// Records that could not be applied and were set aside.
    pub set_aside: u64,
    /// Calls that waited because the ring was full, and for how long together.
    pub waits: u64,
    pub wait_nanos: u64,
    pub background: Counts,
}

impl Writer {
    /// Starts a writer with one run about to enter.
    pub fn start(repo: RepoRef, options: &RepoOptions) -> Result<Arc<Writer>> {
        let size = options.journal_size.unwrap_or(DEFAULT_CAPACITY_BYTES);
        let journal = Arc::new(Journal::create(&repo.location.journals(), size)?);
        let packs = Arc::new(Packs::new(repo.location.blobs(), journal.id().0));
        let sender = Sender::start(&repo, journal.id(), Arc::clone(&packs))?;
        let writer = Arc::new(Writer {
            journal,
            sender,
            packs,
            background: Arc::default(),
            next_series: AtomicU32::new(0),
            failing: AtomicI32::new(0),
            commits: AtomicU64::new(0),
            set_aside: AtomicU64::new(0),
            state: Mutex::new(State {
                entering: 1,
                ..State::default()
            }),
            changed: Changes::default(),
            thread: once_cell::sync::OnceCell::new(),
        });
        let interval = options.flush_interval.unwrap_or(FLUSH_INTERVAL);
        let own = Arc::clone(&writer);
        let handle = crate::thread::spawn("aim-commit", move || {
            Committer::new(own, repo, interval).run();
        })
        .inspect_err(|_| writer.sender.iter().for_each(|sender| sender.stop()))?;
        let _ = writer.thread.set(handle.thread().clone());
        writer.state.lock().handle = Some(handle);
        Ok(writer)
    }

    /// Announces one more run; false if the writer is about to end.
    pub fn enter(&self) -> bool {
        let mut state = self.state.lock();
        if !state.ended {
            state.entering += 1;
        }
        !state.ended
    }

    /// The announced run is held, or failed to be opened.
    pub fn entered(&self) {
        let mut state = self.state.lock();
        state.entering -= 1;
        self.end_if_unused(&mut state);
    }

    /// One more handle of a run; of one that is known, before it is open: whoever leaves it from now on is not the last.
    pub fn hold(&self, run: RunId) {
        self.state.lock().runs.entry(run).or_default().handles += 1;
    }

    /// A handle that was held came to nothing.
    pub fn forget(&self, run: RunId) {
        let mut state = self.state.lock();
        let Some(open) = state.runs.get_mut(&run) else {
            return;
        };
        open.handles -= 1;
        if open.handles == 0 {
            let left = open.left.map(|_| open.last_word());
            state.runs.remove(&run);
            // Others have left meanwhile, and this one kept the last word from being said.
            if let Some(leave) = left {
                self.close(&mut state, run, leave);
            }
        }
    }

    /// More than edits is recorded in the run.
    pub fn recorded(&self, run: RunId) {
        if let Some(open) = self.state.lock().runs.get_mut(&run) {
            open.recorded = true;
        }
    }

    /// Something that goes on behind the calls holds the run; false if it is not open any more.
    pub fn hold_open(&self, run: RunId) -> bool {
        let mut state = self.state.lock();
        let open = state.runs.get_mut(&run);
        open.is_some_and(|open| {
            open.handles += 1;
            true
        })
    }

    /// What `hold_open` began is done.
    pub fn let_go(&self, run: RunId) {
        self.forget(run);
        self.end_if_unused(&mut self.state.lock());
    }

    /// One handle of a run is done; `said` if its program named the outcome. With the last one the writing ends: `Close`
    /// travels behind all that was tracked. Never waits.
    pub fn leave(&self, run: RunId, outcome: Outcome, said: bool, at: i64) {
        let mut state = self.state.lock();
        let Some(open) = state.runs.get_mut(&run) else {
            return;
        };
        open.handles -= 1;
        open.leave(outcome, said, at);
        if open.handles == 0 {
            let leave = open.last_word();
            state.runs.remove(&run);
            self.close(&mut state, run, leave);
            self.end_if_unused(&mut state);
        }
    }

    fn close(&self, state: &mut State, run: RunId, leave: Leave) {
        let op = Op::Close { run, leave };
        let (kind, payload) = op.encode();
        // A ring that is full, or was never needed, need not be had for this.
        if self.journal.push_payload(kind, &payload).is_err() {
            state.late.push(op);
            state.late_given += 1;
            self.wake();
        }
    }

    fn end_if_unused(&self, state: &mut State) {
        if state.runs.is_empty() && state.entering == 0 && !state.ended {
            state.ended = true;
            self.journal.seal();
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Where this process puts the bytes of objects.
    pub fn packs(&self) -> &Packs {
        &self.packs
    }

    /// What calls leave to be done behind them.
    pub fn background(&self) -> &Arc<Background> {
        &self.background
    }

    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Whether this process has the run open.
    pub fn writes(&self, run: RunId) -> bool {
        self.state.lock().runs.contains_key(&run)
    }

    pub fn next_series(&self) -> u32 {
        self.next_series.fetch_add(1, Ordering::Relaxed)
    }

    /// Appends an encoded change. Waits while the ring is full, unless it cannot be emptied.
    pub fn push(&self, (kind, payload): &(u8, Vec<u8>)) -> Result<()> {
        loop {
            match self.journal.push_payload(*kind, payload) {
                Ok(()) => return Ok(()),
                Err(e) => self.make_room(e, payload.len())?,
            }
        }
    }

    /// Appends a change if there is room for it now; asks for a commit if the journal is filling up.
    pub fn try_push(&self, op: &Op) -> Result<bool> {
        let (kind, payload) = op.encode();
        loop {
            let stats = self.journal.stats();
            if stats.slots > 0 && stats.slots_occupied >= stats.slots / 4 {
                let mut state = self.state.lock();
                state.wanted = state.wanted.max(stats.slots_used);
                self.wake();
                return Ok(false);
            }
            match self.journal.push_payload(kind, &payload) {
                Ok(()) => return Ok(true),
                Err(PushError::Full) => return Ok(false),
                Err(e) => self.make_room(e, payload.len())?,
            }
        }
    }

    /// Whether a change is too large for the journal and must go straight to the store.
    pub fn exceeds_journal(&self, (_, payload): &(u8, Vec<u8>)) -> bool {
        payload.len() > self.journal.max_payload()
    }

    /// After a failed push: makes the ring ready or waits for space; an error if pushing again is of no use.
    #[cold]
    fn make_room(&self, failed: PushError, payload: usize) -> Result<()> {
        match failed {
            PushError::NotReady => self.journal.ensure_ready(),
            other => self
                .wait_for_room(other, payload)
                .map_err(|refused| self.explain(refused)),
        }
    }

    /// After a failed push to a ring that is ready: waits for space; the reason if pushing again is of no use. Neither
    /// this nor `status` allocates or locks: a signal handler may have interrupted whoever does.
    #[cold]
    pub fn wait_for_room(
        &self,
        failed: PushError,
        payload: usize,
    ) -> std::result::Result<(), PushError> {
        if failed != PushError::Full {
            return Err(failed);
        }
        self.wake();
        let failing = || self.failing.load(Ordering::Relaxed) != 0;
        match self.journal.wait_for_space(payload, failing) {
            // It has ended for a reason that is not that it is full.
            Err(PushError::Full) if self.journal.is_sealed() => Err(PushError::Closed),
            outcome => outcome,
        }
    }

    /// Of what `wait_for_room` answered, the status that `explain` gives.
    pub fn status(&self, refused: PushError) -> Status {
        match refused {
            PushError::Failed | PushError::Closed => {
                let cause = Status::from_number(self.failing.load(Ordering::Relaxed));
                cause.unwrap_or(refused.status())
            }
            other => other.status(),
        }
    }

    /// Why a record was refused, in words.
    #[cold]
    pub fn explain(&self, refused: PushError) -> Error {
        match refused {
            PushError::Full => self.stuck(),
            PushError::Failed => self.failure(),
            PushError::Closed => self.ended(),
            other => other.into(),
        }
    }

    /// Why the journal has failed.
    fn failure(&self) -> Error {
        let cause = self.state.lock().error.clone();
        cause.unwrap_or_else(|| PushError::Failed.into())
    }

    /// Why nothing can be tracked any more: the last run was closed, or what it was written to is gone.
    #[cold]
    pub fn ended(&self) -> Error {
        let cause = self.state.lock().error.clone();
        cause.unwrap_or_else(|| Error::new(Status::Closed, "the run is closed"))
    }

    /// What keeps records in the journal; `None` once they are stored.
    fn set_error(&self, state: &mut State, error: Option<Error>) {
        let number = error.as_ref().map_or(0, |error| error.status as i32);
        self.failing.store(number, Ordering::Relaxed);
        state.error = error;
    }

    /// Waits until the thread has saved what can be saved of a repository that was removed; says what came of it.
    pub fn removed(&self) -> Error {
        shield::prolong();
        let tries = {
            let mut state = self.state.lock();
            state.wanted = state.committed + 1;
            state.asked += 1;
            state.tries
        };
        self.wake();
        loop {
            let seen = self.changed.seen();
            {
                let state = self.state.lock();
                if state.failed_since(tries) || state.finished {
                    return uncommitted(&state);
                }
            }
            self.changed.wait(seen, PATIENCE);
        }
    }

    /// Ends tracking while runs are open, for a reason that every call from now on gives.
    fn end(&self, why: &Error) {
        let mut state = self.state.lock();
        state.ended = true;
        self.set_error(&mut state, Some(why.clone()));
        drop(state);
        self.journal.seal();
    }

    /// The journal is full and the store takes nothing.
    fn stuck(&self) -> Error {
        let cause = self.state.lock().error.clone();
        let why = match cause {
            Some(error) => format!("cannot be committed: {error}"),
            None => format!(
                "nothing of it could be committed for {} s: the disk does not answer",
                STANDSTILL.as_secs()
            ),
        };
        Error::new(Status::Full, format!("the journal is full and {why}"))
    }

    /// Something was put on its way to a spool by another transaction than those of the thread.
    pub fn tell_sender(&self) {
        if let Some(sender) = &self.sender {
            sender.ask();
        }
    }

    /// Waits until all that was tracked before is committed, and in a spool on the shared disk.
    pub fn flush(&self) -> Result<()> {
        self.flush_until(None)
    }

    /// As `flush`, until a deadline; `Timeout` if it passes before.
    pub fn flush_until(&self, deadline: Option<Instant>) -> Result<()> {
        self.commit_until(deadline)?;
        match &self.sender {
            Some(sender) => sender.flush(deadline),
            None => Ok(()),
        }
    }

    /// Waits until all that was tracked before can be read here.
    pub fn commit(&self) -> Result<()> {
        self.commit_until(None)
    }

    fn commit_until(&self, deadline: Option<Instant>) -> Result<()> {
        shield::prolong();
        if self.journal.forked() {
            return Err(PushError::Forked.into());
        }
        self.background.drain(deadline)?;
        let target = self.journal.stats().slots_used;
        if self.journal.has_failed() {
            return Err(self.failure());
        }
        let (tries, late) = {
            let mut state = self.state.lock();
            let late = state.late_given;
            if state.committed < target || state.late_committed < late {
                state.asked += 1;
            }
            (state.tries, late)
        };
        loop {
            let seen = self.changed.seen();
            {
                let mut state = self.state.lock();
                if state.committed >= target && state.late_committed >= late {
                    return Ok(());
                }
                if state.finished || state.failed_since(tries) {
                    return Err(uncommitted(&state));
                }
                state.wanted = state.wanted.max(target);
            }
            self.wake();
            self.changed.wait(
                seen,
                left(deadline)?.map_or(PATIENCE, |left| left.min(PATIENCE)),
            );
        }
    }

    /// Waits, after the last run has left, until the thread has ended. Says what kept data from being stored.
    pub fn join_if_ended(&self) -> Result<()> {
        shield::prolong();
        let tries = {
            let mut state = self.state.lock();
            if !state.ended {
                return Ok(());
            }
            state.asked += 1;
            state.tries
        };
        self.background.end();
        self.wake();
        let handle = loop {
            let seen = self.changed.seen();
            {
                let mut state = self.state.lock();
                if state.finished && state.error.is_some() {
                    return Err(uncommitted(&state));
                }
                if state.finished {
                    break state.handle.take();
                }
                if state.failed_since(tries) {
                    // The thread goes on trying; the host need not wait for it.
                    return Err(uncommitted(&state));
                }
            }
            self.changed.wait(seen, PATIENCE);
        };
        match handle {
            Some(handle) if !is_current(handle.thread()) => handle
                .join()
                .map_err(|_| Error::new(Status::Panic, "the commit thread ended with a panic")),
            _ => Ok(()),
        }
    }

    /// The process exits, as `outcome` says.
    pub(super) fn finish_at_exit(&self, outcome: Outcome) {
        let deadline = Instant::now() + EXIT_PATIENCE;
        let _ = self.background.drain(Some(deadline));
        let Some(mut state) = self.state.try_lock_until(deadline) else {
            return;
        };
        let runs: Vec<(RunId, OpenRun)> = state.runs.drain().collect();
        let is_own = self.thread.get().is_some_and(is_current);
        if state.ended || is_own {
            // Closing already, or the commit thread itself is exiting the process.
        } else {
            for (run, mut open) in runs {
                open.leave(outcome, false, now_micros());
                self.close(&mut state, run, open.last_word());
            }
            state.ended = true;
            self.journal.seal();
            self.wake();
        }
        let tries = state.tries;
        state.asked += 1;
        drop(state);
        if is_own {
            return;
        }
        self.wake();
        loop {
            let seen = self.changed.seen();
            let left = deadline.saturating_duration_since(Instant::now());
            match self.state.try_lock_until(deadline) {
                Some(state) if !state.finished && !state.failed_since(tries) => {}
                _ => break,
            }
            if left.is_zero() {
                break;
            }
            self.changed.wait(seen, left);
        }
    }

    pub(super) fn count_set_aside(&self, records: u64) {
        self.set_aside.fetch_add(records, Ordering::Relaxed);
    }

    pub fn stats(&self) -> WriterStats {
        let journal = self.journal.stats();
        WriterStats {
            journal_slots: journal.slots,
            journal_used: journal.slots_occupied,
            records: journal.slots_used,
            commits: self.commits.load(Ordering::Relaxed),
            failures: self.state.lock().failures,
            set_aside: self.set_aside.load(Ordering::Relaxed),
            waits: journal.waits,
            wait_nanos: journal.wait_nanos,
            background: self.background.counts(),
        }
    }
}

/// Why something that was tracked is not committed.
fn uncommitted(state: &State) -> Error {
    let error = state.error.clone();
    error.unwrap_or_else(|| Error::new(Status::Io, "a commit failed"))
}
