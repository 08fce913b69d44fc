//! Who may move the tail of a ring, and at what price.
//!
//! Producers share the tail with a compare-and-swap, whose locked instruction is a quarter of what `aim_metric_track` costs and
//! a sixth of what `aim_run_track` does (`benches/c/track.c` on an AMD EPYC, where `GLIBC_TUNABLES=glibc.pthread.rseq=0` takes
//! sections away: 11.8 and 9.1 ns, 20.0 and 17.4 ns), and 8 threads on two processors pay five times the price. Most
//! programs track from one thread; that thread gets the tail to itself and moves it with a plain store. The idea is that of
//! biased locks; that nobody ever waits for anybody comes from restartable sections (`rseq.rs`): a thread looks at the word
//! `owner` and moves the tail in one section, so whoever has changed `owner` and then restarted all sections knows that
//! nobody moves the tail by what `owner` was before.
//!
//! | `owner` | the tail is moved | what can follow |
//! |---|---|---|
//! | `ANYBODY` | by a compare-and-swap | nothing |
//! | `SHARED` | by a compare-and-swap inside a section | the consumer, after a busy round, makes it `OFFERED` |
//! | `OFFERED` | not yet | the first producer that comes makes it `CLAIMED` |
//! | `CLAIMED` by a thread | by its compare-and-swaps inside a section | the consumer, after a busy round, restarts sections and makes it the thread's; another producer makes it `SHARED` |
//! | a thread | by its plain stores inside a section | another producer makes it `REVOKED` |
//! | `REVOKED` | not yet: sections of the thread are restarted | whoever sees it restarts them and makes it `SHARED` |
//!
//! A call whose sections are interrupted time after time does without them: `detour.rs`.
//!
//! A thread that has the tail writes a record of one slot and publishes it in the section in which it moves the tail: a
//! signal handler finds it done or not begun, but for the one instruction between the last two stores. Where the tail is
//! shared, publishing is a section of its own, which looks whether the slot was given up meanwhile (`ring.rs`).
//!
//! Sealing the ring, and a system without sections, make it `ANYBODY` from any of them.

use super::detour;
use super::ring::Ring;
use super::words::{Memory, Word};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

const ANYBODY: u64 = 0;
const SHARED: u64 = 1;
const OFFERED: u64 = 2;
/// With a number above the tag that no other revocation has: one must not finish another, whose thread's sections it
/// did not restart.
const REVOKED: u64 = 4;
/// These two with something above the tag that tells the thread.
const CLAIMED: u64 = 5;
pub(super) const THREAD: u64 = 7;
const TAG: u64 = 7;

static REVOCATIONS: AtomicU64 = AtomicU64::new(0);

impl<M: Memory> Ring<M> {
    /// Before the first record.
    pub(super) fn share_tail(&self) {
        let first = match self.memory.has_sections() {
            true => SHARED,
            false => ANYBODY,
        };
        self.memory.owner().store(first, Relaxed);
    }

    /// Moves the tail on, if it is at `from`. False says to look again: the tail or its owner has changed.
    #[inline(always)]
    pub(super) fn advance(&self, from: u64, to: u64) -> bool {
        let me = self.memory.this_thread();
        let owner = self.memory.owner().load(Relaxed);
        if owner == me {
            if self.memory.store_tail_if(me, from, to) {
                return true;
            }
        } else if self.swap_tail(owner, me, from, to) {
            return true;
        }
        self.settle(owner, me);
        false
    }

    /// Moves a tail on that is not this thread's alone.
    #[inline(always)]
    pub(super) fn swap_tail(&self, owner: u64, me: u64, from: u64, to: u64) -> bool {
        let swapped = if owner == ANYBODY {
            let tail = self.memory.tail();
            tail.compare_exchange(from, to, SeqCst, Relaxed).is_ok()
        } else if owner == SHARED || owner == claimed(me) {
            self.memory.swap_tail_if(owner, from, to)
        } else {
            false
        };
        if swapped {
            M::Word::handshake();
        }
        swapped
    }

    /// Makes the next try of this thread one that can succeed.
    #[cold]
    #[inline(never)]
    pub(super) fn settle(&self, owner: u64, me: u64) {
        match owner & TAG {
            _ if owner == me || owner == claimed(me) => {}
            OFFERED => self.replace_owner(owner, claimed(me)),
            CLAIMED => self.replace_owner(owner, SHARED),
            THREAD | REVOKED => self.revoke_tail(SHARED),
            _ => {}
        }
    }

    /// Takes the tail from whoever has it to himself; afterwards it is `to`, or `ANYBODY` already.
    fn revoke_tail(&self, to: u64) {
        loop {
            let owner = self.memory.owner().load(SeqCst);
            let next = match owner & TAG {
                ANYBODY => return,
                SHARED if to == SHARED => return,
                THREAD => REVOKED | revocation() << 3,
                REVOKED => {
                    self.memory.restart_sections();
                    to
                }
                _ => to,
            };
            self.replace_owner(owner, next);
        }
    }

    /// Takes the tail from whoever has it to himself.
    pub(super) fn share_tail_again(&self) {
        self.revoke_tail(SHARED);
    }

    /// Whether metrics may take slots before they need them.
    #[inline(always)]
    pub(super) fn is_shared(&self, owner: u64) -> bool {
        owner == SHARED
    }

    /// Whether one thread moves the tail by plain stores.
    pub(super) fn is_alone(&self) -> bool {
        matches!(self.memory.owner().load(SeqCst) & TAG, THREAD | REVOKED)
    }

    /// For good: the tail may be changed in other ways than by moving it on.
    pub(super) fn give_tail_to_anybody(&self) {
        self.revoke_tail(ANYBODY);
    }

    /// Consumer: one step on the way of the tail to a producer that is alone.
    pub fn offer_tail(&self) {
        let owner = self.memory.owner().load(SeqCst);
        match owner & TAG {
            SHARED => self.replace_owner(owner, OFFERED),
            CLAIMED => {
                // Nobody is on his way any more to a compare-and-swap that a plain store could undo.
                self.memory.restart_sections();
                // A metric's lane ends before what its owner puts at the tail.
                self.void_lanes(self.tail().0);
                if !detour::is_used(&self.memory) {
                    self.replace_owner(owner, owner | THREAD);
                }
            }
            _ => {}
        }
    }

    /// Makes what producers stored to the tail visible here, and what this thread stored before visible to them; where
    /// the tail is shared, their compare-and-swap does.
    pub(super) fn await_plain_stores(&self) {
        if self.is_alone() {
            self.memory.restart_sections();
        }
    }

    fn replace_owner(&self, current: u64, new: u64) {
        // Whoever comes too late looks again.
        let _ = self
            .memory
            .owner()
            .compare_exchange(current, new, SeqCst, Relaxed);
        M::Word::handshake();
    }
}

/// A number that no other revocation has.
pub(super) fn revocation() -> u64 {
    REVOCATIONS.fetch_add(1, Relaxed)
}

#[inline(always)]
fn claimed(thread: u64) -> u64 {
    thread & !TAG | CLAIMED
}
