//! What is one per process: the table of open repositories. LMDB allows an environment to be opened once in a
//! process, so all handles of one repository share it; and nothing of it may be used after a fork, so a child starts
//! with a table of its own.

use super::Repo;
use crate::error::Result;
use crate::journal::ForkGuard;
use crate::store::{Outcome, RunState};
use crate::{log, panics, shield};
use once_cell::sync::OnceCell;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

/// Device and inode of the store's directory.
type Key = (u64, u64);

struct Process {
    guard: ForkGuard,
    repos: Mutex<HashMap<Key, (Arc<Repo>, usize)>>,
}

static CURRENT: AtomicPtr<Process> = AtomicPtr::new(std::ptr::null_mut());

/// This process's table, if it has one; a table inherited through a fork is none.
fn present() -> Option<&'static Process> {
    // SAFETY: the pointer is null or comes from `Box::leak` and is never freed.
    unsafe { CURRENT.load(Ordering::Acquire).as_ref() }.filter(|p| !p.guard.forked())
}

fn current() -> &'static Process {
    loop {
        if let Some(process) = present() {
            return process;
        }
        let before = CURRENT.load(Ordering::Acquire);
        // SAFETY: as in `present`.
        if unsafe { before.as_ref() }.is_some_and(|p| !p.guard.forked()) {
            continue;
        }
        let new = Box::new(Process {
            guard: ForkGuard::new(),
            repos: Mutex::default(),
        });
        // The loser of a race leaks its empty table once; the parent's table stays as it is, unused.
        let new = Box::into_raw(new);
        let _ = CURRENT.compare_exchange(before, new, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// A counted reference to an open repository; the last one to go closes the environment.
pub struct RepoRef {
    repo: Option<Arc<Repo>>,
    key: Key,
    process: &'static Process,
}

impl RepoRef {
    /// The open repository with this key, or the one that `open` makes.
    pub fn get(key: Key, open: impl FnOnce() -> Result<Repo>) -> Result<RepoRef> {
        let process = current();
        // Held while a repository is opened or closed: never is one open twice, not even for a moment.
        let mut repos = process.repos.lock();
        let repo = match repos.get_mut(&key) {
            Some((repo, count)) => {
                *count += 1;
                Arc::clone(repo)
            }
            None => {
                let repo = Arc::new(open()?);
                repos.insert(key, (Arc::clone(&repo), 1));
                repo
            }
        };
        register_exit_handler();
        Ok(RepoRef {
            repo: Some(repo),
            key,
            process,
        })
    }

    /// Whether this is the child of the process that opened the repository.
    pub fn forked(&self) -> bool {
        self.process.guard.forked()
    }
}

impl Clone for RepoRef {
    fn clone(&self) -> Self {
        if let Some((_, count)) = self.process.repos.lock().get_mut(&self.key) {
            *count += 1;
        }
        RepoRef {
            repo: self.repo.clone(),
            key: self.key,
            process: self.process,
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
        let mut repos = self.process.repos.lock();
        let last = match repos.get_mut(&self.key) {
            Some((_, count)) => {
                *count -= 1;
                *count == 0
            }
            None => false,
        };
        if last {
            repos.remove(&self.key);
        }
        // Under the lock: whoever opens the repository next waits until it is closed.
        self.repo = None;
    }
}

/// Ends the runs that are open when the process exits: their data is stored, and the exit code says whether they failed.
fn register_exit_handler() {
    type OnExit = unsafe extern "C" fn(
        extern "C" fn(libc::c_int, *mut libc::c_void),
        *mut libc::c_void,
    ) -> libc::c_int;
    static REGISTERED: OnceCell<()> = OnceCell::new();
    REGISTERED.get_or_init(|| {
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
    // What the parent is told of the number.
    finish(match status & 0xff {
        0 => Outcome {
            exit_code: Some(0),
            ..Outcome::FINISHED
        },
        code => Outcome {
            exit_code: Some(code),
            ..Outcome::of(RunState::Failed)
        },
    });
}

fn finish(outcome: Outcome) {
    /// A thread that holds the table for longer than this at exit is not coming back.
    const PATIENCE: Duration = Duration::from_secs(5);
    let finish = || {
        let Some(process) = present() else { return };
        let Some(repos) = process.repos.try_lock_for(PATIENCE) else {
            return;
        };
        let open: Vec<Arc<Repo>> = repos.values().map(|(repo, _)| Arc::clone(repo)).collect();
        drop(repos);
        open.iter().for_each(|repo| repo.finish_at_exit(outcome));
    };
    shield::inside(|| {
        shield::prolong();
        // A panic must not cross into the C library.
        let _ = panics::contain(finish);
        log::end();
    });
}
