//! Bringing frames to the segments that they belong to. Written is what a transaction put on its way, at the place that
//! it says; the rows go once the bytes are on the shared disk for good.

use super::Spool;
use super::packs::Mirror;
use super::target::{MOST, Target};
use crate::blobs::Packs;
use crate::error::{Error, Result, Status};
use crate::journal::JournalId;
use crate::lock::Mutex;
use crate::log::{self, Level};
use crate::panics;
use crate::repo::deadline::left;
use crate::repo::{Repo, RepoRef};
use crate::shield;
use crate::spool;
use crate::thread::Changes;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// After a failure, or at the latest if nothing was told.
const PATIENCE: Duration = Duration::from_secs(1);
/// While there is nothing to do.
const LONG: Duration = Duration::from_secs(3600);

/// The file of a segment that is written.
struct Files<'s> {
    spool: &'s Spool,
    id: JournalId,
    current: Option<(u32, Target)>,
    /// What is written next.
    bytes: Vec<u8>,
}

impl<'s> Files<'s> {
    fn new(spool: &'s Spool, id: JournalId) -> Files<'s> {
        Files {
            spool,
            id,
            current: None,
            bytes: Vec::new(),
        }
    }

    fn path(&self, number: u32) -> PathBuf {
        spool::path(&self.spool.folder, self.id, number)
    }

    fn write(&mut self, offset: u64) -> Result<()> {
        let number = spool::number(offset);
        let mut target = match self.current.take() {
            Some((of, target)) if of == number => target,
            _ => Target::new(self.path(number)),
        };
        let written = target.write(&self.bytes, spool::place(offset));
        self.current = Some((number, target));
        match written {
            // It was all there before the next one was begun, and was collected since.
            Err(e) if e.status == Status::NotFound && self.path(number + 1).exists() => Ok(()),
            written => written,
        }
    }
}

/// Writes all that is on its way to a segment from a place on, each time after the packs that it may refer to; returns
/// where that ends.
fn send(
    repo: &Repo,
    files: &mut Files<'_>,
    mut from: u64,
    mut packs: impl FnMut() -> Result<()>,
) -> Result<u64> {
    loop {
        let places = [from, spool::behind(from)];
        let (id, bytes) = (files.id.0, &mut files.bytes);
        let begin = repo.store.read()?.outgoing(&id, &places, MOST, bytes)?;
        if bytes.is_empty() {
            return Ok(from);
        }
        packs()?;
        files.write(begin)?;
        from = begin + files.bytes.len() as u64;
        // Only what was larger than is usual is not kept for the next ones.
        files.bytes.shrink_to(2 * MOST);
    }
}

/// Writes what dead processes of this host left on its way.
pub fn send_left(repo: &Repo, spool: &Spool) -> Result<()> {
    let left = repo.store.read()?.outgoing_segments()?;
    let mut outcome = Ok(());
    for (id, from) in left {
        if repo.is_alive(&id)? {
            continue;
        }
        let journal = JournalId(id);
        let sent = send_all(repo, spool, journal, from);
        if let Err(e) = sent {
            let e = e.context(format!(
                "bringing what a process left to the spool {}",
                spool.root.display()
            ));
            log::emit(Level::Warning, || e.to_string());
            outcome = outcome.and(Err(e));
        }
    }
    outcome
}

/// What a dead process left on its way.
fn send_all(repo: &Repo, spool: &Spool, id: JournalId, from: u64) -> Result<()> {
    let mut mirror = Mirror::new(repo, spool, id);
    let mut files = Files::new(spool, id);
    let to = send(repo, &mut files, from, || mirror.send_left())?;
    repo.store.write(|txn| txn.remove_outgoing(&id.0, to))?;
    match repo.store.read()?.segment(&id.0)? {
        Some(segment) if segment.ended && segment.offset == to => repo.clear_packs(&id.0),
        _ => Ok(()),
    }
}

#[derive(Default)]
struct State {
    /// Counts those who want all that was committed before to be sent, and for how many of them it is.
    asked: u64,
    answered: u64,
    failures: u64,
    error: Option<Error>,
    stopped: bool,
    ended: bool,
}

/// The thread that brings one process's frames to its segment: the one that empties the journal does not wait for a file
/// server.
pub struct Sender {
    state: Mutex<State>,
    changed: Changes,
    /// What lies before this place of the segment is there for good.
    sent: AtomicU64,
    handle: Mutex<Option<JoinHandle<()>>>,
}

impl Sender {
    /// `None` where the repository is no copy of a spool.
    pub fn start(repo: &RepoRef, id: JournalId, packs: Arc<Packs>) -> Result<Option<Arc<Sender>>> {
        let Some(spool) = repo.spool.clone() else {
            return Ok(None);
        };
        let sender = Arc::new(Sender {
            state: Mutex::default(),
            changed: Changes::default(),
            sent: AtomicU64::new(0),
            handle: Mutex::new(None),
        });
        let (own, repo) = (Arc::clone(&sender), repo.clone());
        let handle = crate::thread::spawn("aim-spool", move || {
            let mut files = Files::new(&spool, id);
            let mut mirror = Mirror::new(&repo, &spool, id);
            while let Some(asked) = own.next() {
                let outcome = panics::contain(|| {
                    let from = own.sent.load(Ordering::Relaxed);
                    send(&repo, &mut files, from, || mirror.send(&packs))
                });
                let outcome = outcome.unwrap_or_else(|panic| {
                    Err(Error::new(
                        Status::Panic,
                        format!("sending ended with a panic: {panic}"),
                    ))
                });
                own.done(asked, outcome);
            }
        })?;
        *sender.handle.lock() = Some(handle);
        Ok(Some(sender))
    }

    /// Waits for work; how many ask for it. `None` at the end.
    fn next(&self) -> Option<u64> {
        let begun = Instant::now();
        loop {
            let seen = self.changed.seen();
            let most = {
                let mut state = self.state.lock();
                let is_new = state.asked != state.answered;
                let may_try = state.error.is_none() || state.stopped || begun.elapsed() >= PATIENCE;
                if is_new && may_try {
                    return Some(state.asked);
                }
                if state.stopped {
                    state.ended = true;
                    self.changed.tell();
                    return None;
                }
                if is_new { PATIENCE } else { LONG }
            };
            self.changed.wait(seen, most);
        }
    }

    fn done(&self, asked: u64, outcome: Result<u64>) {
        let mut state = self.state.lock();
        match outcome {
            Ok(sent) => {
                self.sent.store(sent, Ordering::Relaxed);
                (state.answered, state.error) = (asked, None);
            }
            Err(e) => {
                if state.error.is_none() {
                    log::emit(Level::Error, || {
                        format!(
                            "the spool takes nothing, what was tracked waits in this host's copy: {e}"
                        )
                    });
                }
                state.failures += 1;
                state.error = Some(e);
                if state.stopped {
                    // Whoever opens the copy next sends the rest.
                    state.answered = state.asked;
                }
            }
        }
        drop(state);
        self.changed.tell();
    }

    /// What was committed so far is to be sent.
    pub fn ask(&self) {
        self.state.lock().asked += 1;
        self.changed.tell();
    }

    /// Waits until all that was committed before is on the shared disk, or until a try to bring it there failed.
    pub fn flush(&self, deadline: Option<Instant>) -> Result<()> {
        shield::prolong();
        let (asked, failures) = {
            let mut state = self.state.lock();
            state.asked += 1;
            (state.asked, state.failures)
        };
        self.changed.tell();
        loop {
            let seen = self.changed.seen();
            {
                let state = self.state.lock();
                if let Some(e) = state.error.as_ref().filter(|_| state.failures > failures) {
                    return Err(e.clone());
                }
                if state.answered >= asked {
                    return Ok(());
                }
                // All was sent before, or what kept it from that is known.
                if state.ended {
                    return state.error.clone().map_or(Ok(()), Err);
                }
            }
            let left = left(deadline)?;
            self.changed
                .wait(seen, left.map_or(PATIENCE, |left| left.min(PATIENCE)));
        }
    }

    /// What lies before this place of the segment is there for good.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Ends the thread, after a last try to send what is left.
    pub fn stop(&self) {
        self.state.lock().stopped = true;
        self.changed.tell();
        if let Some(handle) = self.handle.lock().take() {
            let _ = handle.join();
        }
    }
}
