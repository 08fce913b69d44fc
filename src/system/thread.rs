//! Threads of the library: they take no signals, which are the host's.

use crate::error::{Error, Result};
use std::mem::MaybeUninit;
use std::thread::{Builder, JoinHandle};

/// Starts a thread that no signal is delivered to.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: both sets are initialised by the calls that write them before they are read.
    unsafe {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
    }
    // The new thread inherits the mask.
    let started = Builder::new().name(name.to_owned()).spawn(work);
    // SAFETY: `before` was written above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    started.map_err(|e| Error::io(format_args!("starting the thread {name}"), &e))
}
