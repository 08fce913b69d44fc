//! Pages that are lent to who may only read and copies the database (`store::lend`): by a thread of its own, which is there
//! while somebody asks for it.

use super::Committer;
use crate::log::{self, Level};
use crate::repo::RepoRef;
use crate::thread;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// One thread at a time, and after it as long a rest.
#[derive(Default)]
pub(super) struct Lending {
    thread: Option<JoinHandle<()>>,
    begun: Option<Instant>,
    rest_until: Option<Instant>,
    end: Arc<AtomicBool>,
}

impl Lending {
    fn is_due(&mut self) -> bool {
        let now = Instant::now();
        if self
            .thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
        {
            return false;
        }
        if self.thread.take().is_some() {
            let lasted = self.begun.map_or(Duration::ZERO, |begun| now - begun);
            self.rest_until = now.checked_add(lasted);
        }
        self.rest_until.is_none_or(|until| now >= until)
    }

    fn begin(&mut self, repo: RepoRef) {
        let end = Arc::clone(&self.end);
        self.begun = Some(Instant::now());
        let lend = move || {
            if let Err(e) = repo.store.lend(|| end.load(Ordering::Relaxed)) {
                log::emit(Level::Debug, || format!("pages cannot be lent: {e}"));
            }
        };
        self.thread = thread::spawn("aim-lend", lend).ok();
    }
}

impl Drop for Lending {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Committer {
    /// After a commit.
    pub(super) fn lend_if_asked(&mut self) {
        if self.repo.store.is_lease_wanted() && self.lending.is_due() {
            self.lending.begin(self.repo.clone());
        }
    }
}
