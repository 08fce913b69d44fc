//! Threads of the library. They take no signals, which are the host's, and where processors are short they wait for the
//! host's threads: waking one does not interrupt whoever wakes it.

use crate::error::{Error, Result};
use std::mem::MaybeUninit;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

/// Starts a thread of the library.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    start(name, |builder| {
        builder.spawn(move || {
            step_back();
            work();
        })
    })
}

/// Starts one that ends within a scope.
pub fn spawn_scoped<'s, T: Send + 's>(
    scope: &'s Scope<'s, '_>,
    name: &str,
    work: impl FnOnce() -> T + Send + 's,
) -> Result<ScopedJoinHandle<'s, T>> {
    start(name, |builder| {
        builder.spawn_scoped(scope, move || {
            step_back();
            work()
        })
    })
}

/// The new thread inherits the mask of signals.
fn start<H>(name: &str, spawn: impl FnOnce(Builder) -> std::io::Result<H>) -> Result<H> {
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: both sets are initialised by the calls that write them before they are read.
    unsafe {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
    }
    let started = spawn(Builder::new().name(name.to_owned()));
    // SAFETY: `before` was written above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    started.map_err(|e| Error::io(format_args!("starting the thread {name}"), &e))
}

/// Gives this thread Linux's scheduling policy for work that nobody waits for. A host that runs at a real-time priority
/// does not get threads of ours that do, either.
fn step_back() {
    // SAFETY: `sched_param` is a plain C struct for which zero is valid; 0 stands for the calling thread.
    unsafe {
        let priority: libc::sched_param = std::mem::zeroed();
        libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const priority);
    }
}
