//! Whose a lane is (`lane.rs`): who may hand out its slots, and at what price.
//!
//! Most metrics are tracked by one thread, or by one after the other. A lane that is held by a thread is moved on by that
//! thread's plain stores, inside a section that looks who holds it; one that is `SHARED` by everybody's compare-and-swaps.
//!
//! | `holder` | the lane is moved on | what can follow |
//! |---|---|---|
//! | `SHARED` | by a compare-and-swap | once that has lasted as long as the word says, a thread that takes slots gets an empty lane |
//! | a thread | by its plain stores inside a section | another thread that takes slots gets an empty lane; of one with slots it makes it `REVOKED` |
//! | `REVOKED` | not yet: sections are restarted | whoever sees it restarts them and makes it `SHARED` |
//!
//! Restarting sections costs microseconds, so a lane that is empty changes hands without: nobody is on his way to a store
//! that makes it anything but empty. It is empty if no slots are left, or if all were given up. In the latter case its
//! holder may be about to store that one slot less is left, over what the next one has stored there by then; but what is
//! left then was given up too, and the next one takes other slots, at the tail.
//!
//! Who moves a lane by a compare-and-swap has read its word before its holder. Both can have changed by the time he swaps;
//! but it changes hands with an empty word alone, and no word comes again, so then he fails, or puts slots into the empty
//! lane of another, who uses them as his own.

use super::bias;
use super::lane_word::{self, is_empty, position};
use super::ring::Ring;
use super::words::{Lane, Memory, Word};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

/// With the position of the tail from which on the lane may be one thread's again above the tag.
const SHARED: u64 = 0;
/// With a number above the tag that no other revocation has.
const REVOKED: u64 = 4;
const TAG: u64 = 7;
const TAG_BITS: u32 = 3;

pub(super) fn is_shared(holder: u64) -> bool {
    holder & TAG == SHARED
}

impl<M: Memory> Ring<M> {
    /// Makes an empty lane, which was seen with `word` and then with `holder`, this thread's if it may be. False says to look
    /// again.
    pub(super) fn hold(&self, lane: &Lane<M::Word>, word: u64, holder: u64, me: u64) -> bool {
        if holder == me || is_shared(holder) && self.tail().0 < holder >> TAG_BITS {
            return true;
        }
        if holder & TAG == REVOKED {
            self.revoke(lane, holder);
            return false;
        }
        let revoked = revoked();
        if !replace(lane, holder, revoked) {
            return false;
        }
        // Nobody enters a section of the holder before any more. One who is in it has taken slots since.
        match lane.word.load(SeqCst) == word {
            true => replace(lane, revoked, me),
            false => {
                self.share(lane, revoked);
                false
            }
        }
    }

    /// Makes a lane that another thread holds everybody's.
    #[cold]
    #[inline(never)]
    pub(super) fn revoke(&self, lane: &Lane<M::Word>, holder: u64) {
        let revoked = match holder & TAG {
            REVOKED => holder,
            _ => revoked(),
        };
        if holder == revoked || replace(lane, holder, revoked) {
            self.share(lane, revoked);
        }
    }

    fn share(&self, lane: &Lane<M::Word>, revoked: u64) {
        self.memory.restart_sections();
        let until = self.tail().0 + self.memory.patience();
        replace(lane, revoked, SHARED | until << TAG_BITS);
    }

    /// The slot before `next` is the metric's: later ones come behind it, of which `left` are reserved already. What the
    /// lane held before is void, unless another call has taken slots behind these.
    pub fn pass(&self, lane: &Lane<M::Word>, next: u64, size: u64, left: u64) {
        let me = self.memory.this_thread();
        loop {
            let word = lane.word.load(SeqCst);
            if position(word) >= next {
                return;
            }
            M::Word::handshake();
            let holder = lane.holder.load(SeqCst);
            let may_swap = holder == me
                || is_shared(holder)
                || is_empty(word, self.memory.given_up().load(SeqCst));
            if !may_swap {
                self.revoke(lane, holder);
            } else if lane.replace(word, lane_word::new(next, size, left)) {
                return;
            }
        }
    }
}

fn revoked() -> u64 {
    REVOKED | bias::revocation() << TAG_BITS
}

fn replace<W: Word>(lane: &Lane<W>, current: u64, new: u64) -> bool {
    let holder = &lane.holder;
    let replaced = holder
        .compare_exchange(current, new, SeqCst, Relaxed)
        .is_ok();
    W::handshake();
    replaced
}
