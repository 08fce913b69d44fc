//! Lanes: slots that one metric has taken from the tail before it needs them.
//!
//! Where several threads track, each record would cost a locked instruction on the one word that all of them change, and a
//! cache line that travels between the processors: twenty times the call. A metric that comes to the tail where other threads
//! do takes twice as many slots each time, up to [`Memory::longest_lane`], and hands them out from a word of its own. The
//! records of a metric are in the order of its calls, from whatever threads: the slots of a lane that are not void come
//! behind those that the metric had before, and slots that it gets without the lane, at the tail, move it past them.
//!
//! A lane is mostly one thread's (`holder.rs`). That thread takes a slot, writes the record and publishes it in one section,
//! without a locked instruction. Its call costs as much as one that has the tail to itself, and a tenth more with what waking
//! up and the first lanes of a thread cost (`benches/c/threads.c`, 9.2 ns and 10.2 ns on an AMD EPYC); a call that takes its
//! slot from a lane that is shared costs 5 ns more, for its compare-and-swap.
//!
//! The consumer does not wait for slots that a lane still holds: at each round it voids what is reserved and not published
//! (`Ring::void`), and whoever finds his slot void takes another one. That needs sections (`bias.rs`); without them, and
//! while the tail is one thread's alone, there are no lanes.

use super::detour;
use super::holder;
use super::lane_word::{LEFT, TAKEN, has_next, is_empty, position, size};
use super::push_error::PushError;
use super::record::{WORDS, header};
use super::ring::{POSITION, Ring, refusal};
use super::words::{Lane, Memory, Word};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

impl<M: Memory> Ring<M> {
    /// Appends a record of one slot with the words that `record` makes for its position, which is returned.
    #[inline(always)]
    pub fn put(
        &self,
        lane: &Lane<M::Word>,
        record: impl Fn(u64) -> [u64; WORDS],
    ) -> Result<u64, PushError> {
        let me = self.memory.this_thread();
        loop {
            let owner = self.memory.owner().load(Acquire);
            if owner != me {
                match self.put_beside(owner, me, lane, &record) {
                    Some(outcome) => return outcome,
                    None => continue,
                }
            }
            let tail = self.free_tail(1)?;
            if self.memory.put_if_owner(me, tail, &record(tail)) {
                return Ok(tail);
            }
        }
    }

    /// Where the tail is not this thread's alone. `None` says to look again.
    #[inline(always)]
    fn put_beside(
        &self,
        owner: u64,
        me: u64,
        lane: &Lane<M::Word>,
        record: &impl Fn(u64) -> [u64; WORDS],
    ) -> Option<Result<u64, PushError>> {
        let word = lane.word.load(Relaxed);
        if word & LEFT != 0 && lane.holder.load(Relaxed) == me {
            let place = position(word);
            if self
                .memory
                .put_if_holder(me, lane, word, place, &record(place))
            {
                return Some(Ok(place));
            }
        }
        let place = match self.take_place(owner, me, lane)? {
            Ok(place) => place,
            Err(e) => return Some(Err(e)),
        };
        self.memory
            .publish_if_kept(place, &record(place))
            .then_some(Ok(place))
    }

    /// A slot of a lane that is shared, or of the tail.
    #[inline(never)]
    fn take_place(
        &self,
        owner: u64,
        me: u64,
        lane: &Lane<M::Word>,
    ) -> Option<Result<u64, PushError>> {
        let given_up = self.memory.given_up().load(Acquire);
        let word = lane.word.load(SeqCst);
        M::Word::handshake();
        let holder = lane.holder.load(SeqCst);
        let shared = holder::is_shared(holder);
        if has_next(word, given_up) && (shared || holder == me) {
            // Of its own lane the thread takes it in a section.
            let taken = shared && lane.replace(word, word + TAKEN);
            return taken.then_some(Ok(position(word)));
        }
        if !shared && holder != me && !is_empty(word, given_up) {
            self.revoke(lane, holder);
            return None;
        }
        let size = match self.is_shared(owner) {
            true => self.next_size(me, word, given_up),
            false => 0,
        };
        let (size, tail) = match self.free_tail(1 << size) {
            Err(PushError::Full) if size > 0 => (0, self.free_tail(1)),
            tail => (size, tail),
        };
        let tail = match tail {
            Ok(tail) => tail,
            Err(e) => return Some(Err(e)),
        };
        if size > 0 && is_empty(word, given_up) && !self.hold(lane, word, holder, me) {
            return None;
        }
        if !self.swap_tail(owner, me, tail, tail + (1 << size)) {
            self.settle(owner, me);
            return None;
        }
        if self.memory.has_sections() {
            self.pass(lane, tail + 1, size, (1 << size) - 1);
        }
        Some(Ok(tail))
    }

    /// How many slots to take next, as a power of two: more where several threads track.
    fn next_size(&self, me: u64, word: u64, given_up: u64) -> u64 {
        // A round of the consumer begins with nothing.
        let size = match self.memory.is_contended(me) && position(word) > given_up {
            true => size(word) + 1,
            false => 0,
        };
        size.min(u64::from(self.memory.longest_lane().ilog2()))
    }

    /// The tail, if so many slots from it on are free.
    #[inline(always)]
    fn free_tail(&self, count: u64) -> Result<u64, PushError> {
        let tail = self.memory.tail().load(Acquire);
        if tail > POSITION {
            return Err(refusal(tail));
        }
        match self.fits(tail, count) {
            true => Ok(tail),
            false => Err(PushError::Full),
        }
    }

    /// Consumer: nobody publishes any more what is reserved from `position` to `tail`, but for what was announced: it is
    /// passed over. False if there is nothing to pass over. Of a thread that has the tail, only what is void already is
    /// passed over; to what it puts at the tail it is given more time.
    pub fn void(&self, position: u64, tail: u64) -> bool {
        if !self.memory.has_sections() {
            return false;
        }
        let end = match self.is_alone() {
            true => self.memory.given_up().load(SeqCst).min(tail),
            false => {
                self.void_lanes(tail);
                self.share_tail_again();
                tail
            }
        };
        if end <= position {
            return false;
        }
        self.memory.restart_sections();
        if detour::is_used(&self.memory) {
            return false;
        }
        let mut passed = false;
        let mut at = position;
        while at < end {
            let word = self.header_word(at);
            let there = word.load(Acquire);
            if header::belongs_to(there, at) {
                at += header::slots(there).max(1);
                continue;
            }
            word.store(header::new(header::PAD, 1, at), Release);
            passed = true;
            at += 1;
        }
        passed
    }

    /// From now on no call that begins gets a slot below `position`.
    pub(super) fn void_lanes(&self, position: u64) {
        let word = self.memory.given_up();
        let mut now = word.load(SeqCst);
        while now < position {
            match word.compare_exchange(now, position, SeqCst, SeqCst) {
                Ok(_) => break,
                Err(other) => now = other,
            }
        }
        M::Word::handshake();
    }
}
