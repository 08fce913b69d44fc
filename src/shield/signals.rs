//! Which signals reach a thread that is inside the library.

use std::mem::MaybeUninit;
use std::ptr;

pub use libc::sigset_t;

/// Faults come from the instruction that runs. A host may have a handler for them (a crash reporter, a runtime's guard
/// pages), and blocking them would end the process without it.
const FAULTS: [libc::c_int; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGABRT,
];

/// Blocks all signals in this thread but faults; returns what was blocked before.
pub fn block() -> sigset_t {
    replace(&all_but_faults())
}

/// Makes `mask` the signals that this thread blocks; returns those before.
pub fn replace(mask: &sigset_t) -> sigset_t {
    let mut before = MaybeUninit::<sigset_t>::uninit();
    // SAFETY: both sets are valid; the call writes the second one.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, before.as_mut_ptr());
        before.assume_init()
    }
}

/// Lets those signals through that run no code of the host: a call that takes long can be ended from the terminal.
/// `host` is what the host blocks.
pub fn let_defaults_through(host: &sigset_t) {
    let mut mask = all_but_faults();
    for signal in 1..=libc::SIGRTMAX() {
        if signal != libc::SIGXFSZ && !is_caught(signal) && !contains(host, signal) {
            // SAFETY: the set is valid.
            unsafe { libc::sigdelset(&raw mut mask, signal) };
        }
    }
    replace(&mask);
}

/// Takes back the signal that a write beyond the limit on file sizes (`ulimit -f`) sent to this thread, which was told
/// so by an error. It must be blocked here; `host` is what the host blocks.
pub fn discard_size_limit(host: &sigset_t) {
    if contains(host, libc::SIGXFSZ) {
        return;
    }
    let now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the set is initialised before it is read, and nothing is written through the null pointer.
    unsafe {
        let mut set = MaybeUninit::<sigset_t>::uninit();
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGXFSZ);
        libc::sigtimedwait(set.as_ptr(), ptr::null_mut(), &raw const now);
    }
}

fn all_but_faults() -> sigset_t {
    let mut set = MaybeUninit::<sigset_t>::uninit();
    // SAFETY: the first call initialises the set.
    unsafe {
        libc::sigfillset(set.as_mut_ptr());
        for fault in FAULTS {
            libc::sigdelset(set.as_mut_ptr(), fault);
        }
        set.assume_init()
    }
}

fn is_caught(signal: libc::c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the call writes the action, for which zero is valid; it asks only.
    let action = unsafe {
        libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    !matches!(action.sa_sigaction, libc::SIG_DFL | libc::SIG_IGN)
}

fn contains(set: &sigset_t, signal: libc::c_int) -> bool {
    // SAFETY: the set is valid.
    unsafe { libc::sigismember(set, signal) == 1 }
}
