//! The process's table of open repositories. LMDB allows an environment to be opened once in a process, so all handles of
//! one repository share it.

use super::Repo;
use crate::error::{Error, Result, Status};
use crate::lock::Mutex;
use crate::process::{ForkGuard, PerProcess, SetUp};
use crate::store::{Outcome, RunState};
use crate::{log, panics, shield};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Device and inode of the store's directory.
type Key = (u64, u64);

/// One repository: how it is open, if it is. Locked while it is opened or closed, so that it is never open twice, not
/// even for a moment; other repositories do not wait for that.
type Slot = Mutex<Weak<Repo>>;

#[derive(Default)]
struct Registry {
    slots: Mutex<BTreeMap<Key, Arc<Slot>>>,
}

static REGISTRY: PerProcess<Registry> = PerProcess::new();

impl Registry {
    /// The slot of a repository. Slots that nobody uses go meanwhile.
    fn slot(&self, key: Key) -> Arc<Slot> {
        let mut slots = self.slots.lock();
        slots.retain(|known, slot| *known == key || Arc::strong_count(slot) > 1);
        Arc::clone(slots.entry(key).or_default())
    }
}

/// A reference to an open repository; the last one to go closes the environment.
pub struct RepoRef {
    repo: Option<Arc<Repo>>,
    slot: Arc<Slot>,
    guard: ForkGuard,
}

impl RepoRef {
    /// The open repository with this key, unless it is `stale`, or the one that `open` makes.
    pub fn get(
        key: Key,
        stale: impl FnOnce(&Repo) -> bool,
        open: impl FnOnce() -> Result<Repo>,
    ) -> Result<RepoRef> {
        let slot = REGISTRY.get().slot(key);
        let mut present = slot.lock();
        let repo = match present.upgrade().filter(|repo| !stale(repo)) {
            Some(repo) => repo,
            None => {
                let repo = Arc::new(open()?);
                *present = Arc::downgrade(&repo);
                repo
            }
        };
        drop(present);
        register_exit_handler();
        Ok(RepoRef {
            repo: Some(repo),
            slot,
            guard: ForkGuard::new(),
        })
    }

    /// Runs `f` while this process does not have the repository open.
    ///
    /// # Errors
    /// `Busy` if it does.
    pub fn without<T>(key: Key, f: impl FnOnce() -> Result<T>) -> Result<T> {
        let slot = REGISTRY.get().slot(key);
        let present = slot.lock();
        match present.upgrade() {
            None => f(),
            Some(repo) => Err(Error::new(
                Status::Busy,
                format!(
                    "{}: this process has the repository open: close its runs and free its handles first",
                    repo.root().display()
                ),
            )),
        }
    }

    /// Whether this is the child of the process that opened the repository.
    pub fn forked(&self) -> bool {
        self.guard.forked()
    }
}

impl Clone for RepoRef {
    fn clone(&self) -> Self {
        RepoRef {
            repo: self.repo.clone(),
            slot: Arc::clone(&self.slot),
            guard: self.guard,
        }
    }
}

impl std::ops::Deref for RepoRef {
    type Target = Arc<Repo>;

    fn deref(&self) -> &Arc<Repo> {
        match &self.repo {
            Some(repo) => repo,
            None => unreachable!("the repository is taken out on drop only"),
        }
    }
}

impl Drop for RepoRef {
    fn drop(&mut self) {
        if self.forked() {
            // The environment belongs to the parent.
            std::mem::forget(self.repo.take());
            return;
        }
        // Under the lock: whoever opens the repository next waits until it is closed.
        let _slot = self.slot.lock();
        self.repo = None;
    }
}

/// Ends the runs that are open when the process exits: their data is stored, and the exit code says whether they failed.
fn register_exit_handler() {
    type OnExit = unsafe extern "C" fn(
        extern "C" fn(libc::c_int, *mut libc::c_void),
        *mut libc::c_void,
    ) -> libc::c_int;
    static REGISTERED: SetUp = SetUp::new();
    REGISTERED.ensure(|| {
        // SAFETY: the name is NUL-terminated.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"on_exit".as_ptr()) };
        if found.is_null() {
            // A C library that tells handlers no exit code.
            // SAFETY: the handler is a plain function of this library, which is never unloaded (-z nodelete).
            unsafe { libc::atexit(at_exit) };
        } else {
            // SAFETY: glibc's on_exit has this type, and the handler is as above.
            unsafe {
                std::mem::transmute::<*mut libc::c_void, OnExit>(found)(
                    on_exit,
                    std::ptr::null_mut(),
                )
            };
        }
    });
}

extern "C" fn at_exit() {
    finish(Outcome::FINISHED);
}

extern "C" fn on_exit(status: libc::c_int, _: *mut libc::c_void) {
    // What the parent is told of the number; 128 and more say that a signal was answered, by the custom of shells.
    let code = status & 0xff;
    let signal = Some(code - 128).filter(|s| [libc::SIGINT, libc::SIGTERM].contains(s));
    let state = match (code, signal) {
        (0, _) => RunState::Finished,
        (_, Some(_)) => RunState::Interrupted,
        (_, None) => RunState::Failed,
    };
    finish(Outcome {
        state,
        exit_code: Some(code),
        signal,
    });
}

fn finish(outcome: Outcome) {
    /// A thread that holds the table for longer than this at exit is not coming back.
    const PATIENCE: Duration = Duration::from_secs(5);
    let finish = || {
        let Some(registry) = REGISTRY.present() else {
            return;
        };
        let Some(slots) = registry.slots.try_lock_for(PATIENCE) else {
            return;
        };
        let all: Vec<Arc<Slot>> = slots.values().map(Arc::clone).collect();
        drop(slots);
        for slot in all {
            // Not by way of a `RepoRef`: a repository that is just being opened has no runs.
            let repo = slot.try_lock_for(PATIENCE).and_then(|slot| slot.upgrade());
            if let Some(repo) = repo {
                repo.finish_at_exit(outcome);
                let _closed_under_it = slot.try_lock_for(PATIENCE);
                drop(repo);
            }
        }
    };
    shield::inside(|| {
        shield::prolong();
        // A panic must not cross into the C library.
        let _ = panics::contain(finish);
        log::end();
    });
}
