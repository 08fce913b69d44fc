//! The helper thread that reads the GPUs.

use super::Gpus;
use super::group::Schedule;
use crate::log::{self, Level};
use crate::system::sample::Sample;
use crate::thread;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

/// A call that takes longer is taken for one that hangs.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end of tracking waits for a reading that is under way.
const PATIENCE_AT_END: Duration = Duration::from_secs(1);

type Deliver = dyn Fn(Duration, Sample) + Send + Sync;

/// The sampler's side of the helper thread.
pub struct Worker {
    thread: State,
    deliver: Arc<Deliver>,
    /// Set while a helper that was given up on is still stuck.
    stuck: Arc<AtomicBool>,
    /// Readings asked for and not delivered, by interval.
    pending: Vec<(Duration, Instant)>,
    hangs: bool,
}

enum State {
    NotStarted,
    Running {
        requests: Sender<Duration>,
        /// Closed when the thread is done.
        done: Receiver<()>,
    },
    /// There are no GPUs, or asking them is of no use.
    Ended,
}

impl Worker {
    /// `deliver` gets each reading with the interval it was asked for.
    pub fn new(
        stuck: Arc<AtomicBool>,
        deliver: impl Fn(Duration, Sample) + Send + Sync + 'static,
    ) -> Worker {
        Worker {
            thread: State::NotStarted,
            deliver: Arc::new(deliver),
            stuck,
            pending: Vec::new(),
            hangs: false,
        }
    }

    /// Asks for a reading, unless the last one of this interval is still due.
    pub fn ask(&mut self, interval: Duration) {
        if let State::NotStarted = self.thread {
            self.thread = self.start();
        }
        if self.hangs || self.pending.iter().any(|p| p.0 == interval) {
            return;
        }
        if let State::Running { requests, .. } = &self.thread {
            match requests.send(interval) {
                Ok(()) => self.pending.push((interval, Instant::now())),
                Err(_) => {
                    self.thread = State::Ended;
                    self.pending.clear();
                }
            }
        }
    }

    fn start(&self) -> State {
        if self.stuck.load(Ordering::Acquire) {
            return State::Ended;
        }
        let (requests, asked) = channel();
        let (alive, done) = channel();
        let deliver = Arc::clone(&self.deliver);
        let stuck = Arc::clone(&self.stuck);
        let work = move || {
            let work = std::panic::AssertUnwindSafe(|| serve(&asked, &*deliver));
            if std::panic::catch_unwind(work).is_err() {
                log::emit(Level::Error, || "reading the GPUs panicked".to_owned());
            }
            stuck.store(false, Ordering::Release);
            drop(alive);
        };
        match thread::spawn("aim-gpu", work) {
            Ok(_) => State::Running { requests, done },
            Err(e) => {
                log::emit(Level::Warning, || format!("GPUs are not tracked: {e}"));
                State::Ended
            }
        }
    }

    pub fn delivered(&mut self, interval: Duration) {
        self.pending.retain(|p| p.0 != interval);
        if std::mem::take(&mut self.hangs) {
            log::emit(Level::Info, || "the GPU driver answers again".to_owned());
        }
    }

    /// When to look whether a call hangs.
    pub fn deadline(&self) -> Option<Instant> {
        let oldest = self.pending.iter().map(|p| p.1).min();
        oldest.filter(|_| !self.hangs).map(|at| at + PATIENCE)
    }

    /// Says so, once, if the driver hangs.
    pub fn watch(&mut self) {
        if let State::Running { done, .. } = &self.thread
            && done.try_recv() == Err(TryRecvError::Disconnected)
        {
            self.thread = State::Ended;
            self.pending.clear();
        }
        if self.deadline().is_some_and(|at| at <= Instant::now()) {
            self.hangs = true;
            log::emit(Level::Warning, || {
                let seconds = PATIENCE.as_secs();
                format!(
                    "the GPU driver has not answered for {seconds} s; the GPUs are not tracked until it does"
                )
            });
        }
    }

    /// Ends the thread. One that is stuck in the driver is left behind.
    pub fn finish(self) {
        let State::Running { requests, done } = self.thread else {
            return;
        };
        // Before the thread may end: it takes the mark back as the last thing it does.
        self.stuck.store(true, Ordering::Release);
        drop(requests);
        let patience = match self.hangs {
            true => Duration::ZERO,
            false => PATIENCE_AT_END,
        };
        if done.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected) {
            // It may have ended before it was marked.
            self.stuck.store(false, Ordering::Release);
        } else {
            log::emit(Level::Warning, || {
                "the GPU driver does not answer; the thread that asked it is left behind".to_owned()
            });
        }
    }
}

fn serve(asked: &Receiver<Duration>, deliver: &Deliver) {
    let mut gpus = Gpus::find();
    let mut schedules = HashMap::new();
    while let Ok(interval) = asked.recv() {
        if gpus.is_empty() {
            return;
        }
        let schedule = schedules
            .entry(interval)
            .or_insert_with(|| Schedule::new(interval));
        deliver(interval, gpus.read(schedule));
    }
}
