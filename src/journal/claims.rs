//! The journals that this process has open.
//!
//! A process loses its record lock on a file as soon as it closes any descriptor of that file. So before a
//! journal is opened its id is claimed here, and whoever finds it claimed keeps away.

use super::JournalId;
use std::cell::UnsafeCell;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// The right to open one journal file; given up when dropped, after the file was closed.
pub(super) struct Claim {
    id: JournalId,
    process: u32,
}

impl Claim {
    /// `None`: another part of this process has the journal open.
    pub fn take(id: JournalId) -> Option<Self> {
        let process = std::process::id();
        with_ids(process, |ids| {
            if ids.contains(&id) {
                return None;
            }
            ids.push(id);
            Some(Self { id, process })
        })
    }

    /// Keeps the claim for as long as the process lives.
    pub fn keep_forever(self) {
        std::mem::forget(self);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let process = std::process::id();
        // A forked child starts with no claims: there is nothing to give up.
        if self.process == process {
            with_ids(process, |ids| ids.retain(|id| *id != self.id));
        }
    }
}

/// A lock that survives fork: it holds the id of the process that took it, and a child that finds its parent's
/// id takes it over.
struct Claims {
    locked_by: AtomicU32,
    /// The ids, and the process they belong to.
    ids: UnsafeCell<(u32, Vec<JournalId>)>,
}

// SAFETY: `ids` is only touched between taking `locked_by` and giving it back.
unsafe impl Sync for Claims {}

static CLAIMS: Claims = Claims {
    locked_by: AtomicU32::new(0),
    ids: UnsafeCell::new((0, Vec::new())),
};

fn with_ids<R>(process: u32, work: impl FnOnce(&mut Vec<JournalId>) -> R) -> R {
    loop {
        let holder = CLAIMS.locked_by.load(Relaxed);
        let free = holder != process;
        if free
            && CLAIMS
                .locked_by
                .compare_exchange(holder, process, Acquire, Relaxed)
                .is_ok()
        {
            break;
        }
        std::thread::yield_now();
    }
    // SAFETY: the lock is held, so this is the only reference.
    let state = unsafe { &mut *CLAIMS.ids.get() };
    if state.0 != process {
        // Inherited from the parent, perhaps in the middle of a change: left alone, not even freed.
        // SAFETY: the place is valid for writes; the value overwritten is deliberately not dropped.
        unsafe { std::ptr::write(state, (process, Vec::new())) };
    }
    let result = work(&mut state.1);
    CLAIMS.locked_by.store(0, Release);
    result
}
