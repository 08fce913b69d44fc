//! The thread's side of a writer: drains the journal and commits, batch by batch.

mod lending;
mod removed;
#[cfg(test)]
mod tests;

use super::Writer;
use crate::error::{Error, Result, Status};
use crate::journal::{Consumer, GivenUp};
use crate::log::{self, Level};
use crate::panics;
use crate::repo::RepoRef;
use crate::repo::batch::{Batch, SeriesMap};
use crate::repo::now_micros;
use crate::repo::spool::Bodies;
use lending::Lending;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// How often an idle writer tells observers on other hosts that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The thread's side of a writer.
pub(super) struct Committer {
    writer: Arc<Writer>,
    repo: RepoRef,
    interval: Duration,
    series: SeriesMap,
    batch: Batch,
    given_up: GivenUp,
    lending: Lending,
}

impl Committer {
    pub(super) fn new(writer: Arc<Writer>, repo: RepoRef, interval: Duration) -> Self {
        Self {
            writer,
            repo,
            interval,
            series: SeriesMap::default(),
            batch: Batch::default(),
            given_up: GivenUp::default(),
            lending: Lending::default(),
        }
    }

    pub(super) fn run(mut self) {
        let thread = thread::current();
        let journal = Arc::clone(&self.writer.journal);
        let Some(mut consumer) = Consumer::new(journal, move || thread.unpark()) else {
            return;
        };
        // Beside the transaction with which the run opens, which waits for it then (`run/open.rs`).
        let _ = panics::contain(|| self.writer.journal.ensure_ready());
        loop {
            let asked = self.begin_try();
            let Err(panic) = panics::contain(|| self.work(&mut consumer)) else {
                break;
            };
            // One commit that failed: what it was about stays in the journal. To tell that may be what panics.
            let why = format!("a commit ended with a panic: {panic}");
            let _ = panics::contain(|| self.failed(Error::new(Status::Panic, why)));
            self.wait_to_retry(asked);
        }
        // The thread's reference may be the repository's last: it is closed before anybody is told.
        let Committer {
            writer,
            repo,
            lending,
            ..
        } = self;
        drop(lending);
        if let Some(sender) = &writer.sender {
            sender.stop();
        }
        drop(consumer);
        drop(repo);
        let mut state = writer.state.lock();
        state.finished = true;
        writer.changed.tell();
    }

    fn work(&mut self, consumer: &mut Consumer) {
        loop {
            self.sleep(consumer);
            let asked = self.begin_try();
            let outcome = self
                .commit(consumer)
                .and_then(|()| match self.is_done(consumer) {
                    true => self.retire().map(|()| true),
                    false => Ok(false),
                });
            match outcome {
                Ok(true) => return,
                Ok(false) => {
                    self.lend_if_asked();
                    self.yield_to_producers(consumer);
                }
                Err(e) => {
                    let disk = matches!(e.status, Status::Io | Status::ReadOnly);
                    if disk && consumer.try_disk().is_err() {
                        self.repo.store.give_up(&e);
                    }
                    self.failed(e);
                    self.wait_to_retry(asked);
                }
            }
        }
    }

    /// A record's producer was interrupted while writing it: gives it the time to finish, if records behind it are waited
    /// for or the ring is filling up.
    fn yield_to_producers(&mut self, consumer: &Consumer) {
        self.tell_given_up(consumer.given_up());
        let state = self.writer.state.lock();
        let waiting = state.wanted > state.committed || state.ended || consumer.has_gap();
        drop(state);
        if waiting && consumer.backlog() > 0 {
            thread::park_timeout(Duration::from_millis(1));
        }
    }

    fn tell_given_up(&mut self, now: GivenUp) {
        let before = std::mem::replace(&mut self.given_up, now);
        if now.finding_out > before.finding_out {
            let so_far = now.finding_out;
            log::emit(Level::Debug, || {
                format!(
                    "a tracking call was interrupted for long, and takes another place in the journal if it goes on, the {so_far}. so far"
                )
            });
        }
        if now.for_good > before.for_good {
            let so_far = now.for_good;
            log::emit(Level::Warning, || {
                format!(
                    "a tracking call was interrupted and is not waited for any longer; what it tracks is lost if it goes on, the {so_far}. so far"
                )
            });
        }
    }

    /// Sleeps until there is a reason to commit.
    fn sleep(&self, consumer: &mut Consumer) {
        let mut deadline = None;
        loop {
            if consumer.secure().is_err() {
                return;
            }
            {
                let state = self.writer.state.lock();
                if state.wanted > state.committed || !state.late.is_empty() || state.ended {
                    return;
                }
            }
            match deadline {
                None if consumer.backlog() > 0 => deadline = Some(Instant::now() + self.interval),
                None => {
                    if consumer.arm_idle() {
                        thread::park_timeout(HEARTBEAT);
                        if consumer.secure().is_ok() {
                            self.heartbeat();
                        }
                    }
                }
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() || !consumer.arm_timed() {
                        return;
                    }
                    thread::park_timeout(left);
                }
            }
        }
    }

    fn heartbeat(&self) {
        if let Err(e) = self.writer.journal.heartbeat() {
            log::emit(Level::Warning, || format!("heartbeat: {e}"));
        }
        match self.repo.beat(&self.writer.journal.id().0) {
            Ok(true) => self.writer.tell_sender(),
            Ok(false) => {}
            Err(e) => log::emit(Level::Warning, || format!("heartbeat: {e}")),
        }
    }

    /// Drains the journal and commits one batch with the cursor behind it.
    fn commit(&mut self, consumer: &mut Consumer) -> Result<()> {
        self.repo.store.check_given_up()?;
        self.check_there(consumer)?;
        self.commit_batch(consumer)
    }

    fn commit_batch(&mut self, consumer: &mut Consumer) -> Result<()> {
        consumer.secure()?;
        self.writer.journal.check_file()?;
        self.batch.clear();
        let batch = &mut self.batch;
        let late = self.writer.state.lock().late.clone();
        let Ok(position) = consumer.drain(|record| {
            #[cfg(test)]
            tests::on_record(&record);
            batch.add(record);
            Ok::<(), std::convert::Infallible>(())
        });
        late.iter().for_each(|op| batch.push(op.clone()));
        self.heartbeat();
        if !self.batch.is_empty() {
            let id = self.writer.journal.id().0;
            // What the batch refers to, before it.
            self.writer.packs.sync()?;
            let (batch, series) = (&self.batch, &self.series);
            let applied = self.repo.store.write(|txn| {
                txn.set_journal_cursor(&id, position)?;
                let applied = batch.apply(txn, &id, series)?;
                self.repo.emit(txn, &id, &|bodies| bodies.batch(batch))?;
                if let Some(sender) = &self.writer.sender {
                    txn.remove_outgoing(&id, sender.sent())?;
                }
                Ok(applied)
            })?;
            self.writer.tell_sender();
            self.series.extend(applied.series);
            self.writer.count_set_aside(applied.set_aside);
            self.writer.commits.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(e) = self.writer.journal.keep(self.batch.names()) {
            log::emit(Level::Warning, || {
                format!("what the runs of a journal are called is in the database alone: {e}")
            });
        }
        consumer.release(position);
        let mut state = self.writer.state.lock();
        state.committed = position;
        state.late.drain(..late.len());
        state.late_committed += late.len() as u64;
        self.writer.set_error(&mut state, None);
        self.writer.changed.tell();
        Ok(())
    }

    /// How often it was asked for by now.
    fn begin_try(&self) -> u64 {
        let mut state = self.writer.state.lock();
        state.tries += 1;
        state.asked
    }

    fn failed(&self, error: Error) {
        let mut state = self.writer.state.lock();
        let first = state.error.is_none();
        let message = format!("a commit failed, tracked values wait in the journal: {error}");
        state.failures += 1;
        state.failed = state.tries;
        self.writer.set_error(&mut state, Some(error));
        self.writer.changed.tell();
        drop(state);
        if first {
            log::emit(Level::Error, || message);
        }
    }

    /// Waits for the next try: an interval, or until somebody asks who had not when the one that failed began.
    fn wait_to_retry(&self, asked: u64) {
        let until = Instant::now() + self.interval;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            if self.writer.state.lock().asked != asked {
                return;
            }
            thread::park_timeout(left);
        }
    }

    fn is_done(&self, consumer: &Consumer) -> bool {
        consumer.is_finished() && self.writer.state.lock().late.is_empty()
    }

    /// Everything is stored and nothing can follow: the journal goes.
    fn retire(&self) -> Result<()> {
        let journal = &self.writer.journal;
        let id = journal.id().0;
        self.repo.store.write(|txn| {
            self.repo
                .emit(txn, &id, &|bodies: &mut Bodies<'_>| bodies.end())?;
            txn.retire_journal(&id, now_micros())
        })?;
        if let Some(sender) = &self.writer.sender {
            sender.flush(None)?;
            self.repo
                .store
                .write(|txn| txn.remove_outgoing(&id, sender.sent()))?;
            self.repo.clear_packs(&id)?;
        }
        journal.remove()
    }
}
