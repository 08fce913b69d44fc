//! What is the host's in its threads, and how a call of the library keeps it apart from its own work.
//!
//! | the host's | inside a call |
//! |---|---|
//! | floating-point environment (`float.rs`) | the default one |
//! | signals (`signals.rs`) | wait until the call returns, waits or calls back; while it may take long, those without a handler act at once |
//! | cancellation (`pthread_cancel`) | waits until the call has returned |
//! | messages | are delivered by a thread of their own (`crate::log`) |
//!
//! So no handler runs while a call holds a lock or has changed something by half, whatever it calls, exits or jumps to.
//! Tracking a value, which happens without this, leaves nothing half done either: see `journal/bias.rs`.
//!
//! A thread of the library is inside for as long as it lives.

mod float;
mod signals;

use std::cell::Cell;
use std::ptr;

/// What the thread had when it came in.
struct Host {
    float: float::Environment,
    mask: signals::sigset_t,
    cancellation: libc::c_int,
    /// Whether signals without a handler act.
    long: Cell<bool>,
    /// Locks that the call holds while it waits.
    held: Cell<u32>,
}

thread_local! {
    /// What the host had, while this thread is inside.
    static HOST: Cell<*const Host> = const { Cell::new(ptr::null()) };
    /// Whether it is a thread of the library.
    static OWN: Cell<bool> = const { Cell::new(false) };
}

const DISABLED: libc::c_int = 1;

unsafe extern "C" {
    fn pthread_setcancelstate(state: libc::c_int, before: *mut libc::c_int) -> libc::c_int;
}

fn set_cancellation(state: libc::c_int) -> libc::c_int {
    let mut before = 0;
    // SAFETY: the call writes one int through the pointer. No thread acts on a request to end here: only at a
    // cancellation point, unless the host asked for it at any instruction, where no library may be called.
    unsafe { pthread_setcancelstate(state, &raw mut before) };
    before
}

/// Makes this thread one of the library, which takes no signals (`crate::thread`).
pub fn become_own() {
    OWN.set(true);
    float::use_default();
}

/// Whether it is a thread of the library.
pub fn is_own() -> bool {
    OWN.get()
}

/// Whether this thread runs code of the library.
pub fn is_inside() -> bool {
    OWN.get() || !HOST.get().is_null()
}

/// Runs the work of a call.
pub fn inside<T>(work: impl FnOnce() -> T) -> T {
    if OWN.get() {
        return work();
    }
    let mask = signals::block();
    let host = Host {
        float: float::use_default(),
        mask,
        cancellation: set_cancellation(DISABLED),
        long: Cell::new(false),
        held: Cell::new(0),
    };
    let _back = Back {
        host: &host,
        outer: HOST.replace(&raw const host),
    };
    work()
}

/// Gives the host its own back, when dropped.
struct Back<'h> {
    host: &'h Host,
    outer: *const Host,
}

impl Drop for Back<'_> {
    fn drop(&mut self) {
        HOST.set(self.outer);
        if self.host.long.get() {
            signals::discard_size_limit(&self.host.mask);
        }
        float::restore(&self.host.float);
        set_cancellation(self.host.cancellation);
        // At last: a handler finds nothing of ours.
        signals::replace(&self.host.mask);
    }
}

/// The call may take long or write to files from here on.
pub fn prolong() {
    // SAFETY: set by `inside` of this thread, which has not returned.
    if let Some(host) = unsafe { HOST.get().as_ref() }
        && !host.long.replace(true)
    {
        signals::let_defaults_through(&host.mask);
    }
}

/// Runs a callback of the host within a call, with what is the host's, though it cannot be cancelled there.
pub fn outside<T>(callback: impl FnOnce() -> T) -> T {
    leave(DISABLED, callback)
}

/// Waits within a call: signals arrive, and their handlers may leave the call for good; where the call holds something
/// ([`hold`]), only those without a handler do. `wait` makes no call at which a thread can be cancelled.
pub fn waiting(wait: impl FnOnce()) {
    // SAFETY: as in `prolong`.
    match unsafe { HOST.get().as_ref() } {
        Some(host) if host.held.get() == 0 => leave(host.cancellation, wait),
        _ => {
            prolong();
            wait();
        }
    }
}

/// Says, until it is dropped, that the call holds a lock while it waits.
pub fn hold() -> Held {
    let host = HOST.get();
    // SAFETY: as in `prolong`.
    if let Some(host) = unsafe { host.as_ref() } {
        host.held.set(host.held.get() + 1);
    }
    Held(host)
}

pub struct Held(*const Host);

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the call that it was made in has not returned.
        if let Some(host) = unsafe { self.0.as_ref() } {
            host.held.set(host.held.get() - 1);
        }
    }
}

fn leave<T>(cancellation: libc::c_int, work: impl FnOnce() -> T) -> T {
    let host = HOST.get();
    // SAFETY: as in `prolong`.
    let Some(before) = (unsafe { host.as_ref() }) else {
        return work();
    };
    struct Again(*const Host);
    impl Drop for Again {
        fn drop(&mut self) {
            signals::block();
            set_cancellation(DISABLED);
            float::use_default();
            HOST.set(self.0);
            // SAFETY: as in `prolong`.
            if let Some(host) = unsafe { self.0.as_ref() }
                && host.long.get()
            {
                signals::let_defaults_through(&host.mask);
            }
        }
    }
    if before.long.get() {
        signals::discard_size_limit(&before.mask);
    }
    HOST.set(ptr::null());
    float::restore(&before.float);
    set_cancellation(cancellation);
    let again = Again(host);
    signals::replace(&before.mask);
    let result = work();
    drop(again);
    result
}
