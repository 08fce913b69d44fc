//! Threads of the library. They take no signals, which are the host's, compute in the default floating-point environment,
//! and where processors are short they wait for the host's threads: waking one does not interrupt whoever wakes it.

use crate::error::{Error, Result};
use crate::shield;
use std::mem::MaybeUninit;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle, Thread};
use std::time::Duration;

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

/// Whether this is that thread of the library. A thread of the host is not asked who it is: Rust would remember it in a
/// way that leak checkers doubt.
pub fn is_current(thread: &Thread) -> bool {
    shield::is_own() && thread.id() == std::thread::current().id()
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
    shield::become_own();
    // SAFETY: `sched_param` is a plain C struct for which zero is valid; 0 stands for the calling thread.
    unsafe {
        let priority: libc::sched_param = std::mem::zeroed();
        libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const priority);
    }
}

/// Lets every other thread of the machine go first, nearly: this one has much to do that is not urgent.
pub fn give_way() {
    const NICE: libc::c_int = 10;
    // SAFETY: a call without pointers; on Linux 0 stands for the calling thread alone.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
}

/// Counts changes that threads wait for, in a way that a waiting thread may be taken out of by a signal handler which
/// does not return: nobody has it in a queue.
#[derive(Default)]
pub struct Changes(AtomicU32);

impl Changes {
    /// To be asked before looking at what may have changed.
    pub fn seen(&self) -> u32 {
        self.0.load(SeqCst)
    }

    /// Waits until there is a change since `seen`, a signal arrives or the time is over.
    pub fn wait(&self, seen: u32, most: Duration) {
        shield::waiting(|| sleep_while(&self.0, seen, most));
    }

    pub fn tell(&self) {
        self.0.fetch_add(1, SeqCst);
        // SAFETY: the call takes the address of a live word and no other pointer.
        unsafe {
            libc::syscall(
                libc::SYS_futex,
                self.0.as_ptr(),
                libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
                libc::c_int::MAX,
            )
        };
    }
}

/// Sleeps for a time, or until a signal arrives.
pub fn pause(time: Duration) {
    let never = Changes::default();
    never.wait(0, time);
}

/// Sleeps for a time, in a call that holds something: as it is, without taking signals.
pub fn nap(time: Duration) {
    sleep_while(&AtomicU32::new(0), 0, time);
}

fn sleep_while(word: &AtomicU32, value: u32, most: Duration) {
    let most = libc::timespec {
        tv_sec: most.as_secs().min(1 << 30) as libc::time_t,
        tv_nsec: most.subsec_nanos() as libc::c_long,
    };
    // SAFETY: the call reads the word and the time, which outlive it. By its number: the C library's functions that
    // sleep are cancellation points.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            value,
            &raw const most,
        )
    };
}
