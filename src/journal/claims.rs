//! The journals that this process has open.
//!
//! A process loses its record lock on a file as soon as it closes any descriptor of that file. So before a
//! journal is opened its id is claimed here, and whoever finds it claimed keeps away.

use super::JournalId;
use crate::lock::Mutex;
use crate::process::{ForkGuard, PerProcess};

static CLAIMED: PerProcess<Mutex<Vec<JournalId>>> = PerProcess::new();

/// The right to open one journal file; given up when dropped, after the file was closed.
pub(super) struct Claim {
    id: JournalId,
    guard: ForkGuard,
}

impl Claim {
    /// `None`: another part of this process has the journal open.
    pub fn take(id: JournalId) -> Option<Self> {
        let mut claimed = CLAIMED.get().lock();
        if claimed.contains(&id) {
            return None;
        }
        claimed.push(id);
        let guard = ForkGuard::new();
        Some(Self { id, guard })
    }

    /// Keeps the claim for as long as the process lives.
    pub fn keep_forever(self) {
        std::mem::forget(self);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // A forked child starts with no claims: there is nothing to give up.
        if !self.guard.forked() {
            CLAIMED.get().lock().retain(|id| *id != self.id);
        }
    }
}
