//! Lanes: slots that one metric has taken from the tail before it needs them.
//!
//! Where several threads track, each record would cost a locked instruction on the one word that all of them change, and a
//! cache line that travels between the processors: twenty times the call. A metric that comes to the tail after another
//! thread takes twice as many slots each time, up to [`Memory::longest_lane`], and hands them out from a word of its own. The
//! records of a metric are in the order of its calls, from whatever threads: a lane's position never goes back, and slots
//! that the metric gets without it, at the tail, move it past them.
//!
//! A call that takes its slot from a lane costs 5.8 ns more than one that has the tail to itself (`benches/c/threads.c`, 15.4 and
//! 9.6 ns on an AMD EPYC), of which 4.9 ns are the lane's compare-and-swap: it is there as any thread may use the metric.
//!
//! The consumer does not wait for slots that a lane still holds: at each round it voids what is reserved and not published
//! (`Ring::void`), and whoever finds his slot void takes another one. That needs sections (`bias.rs`); without them, and
//! while the tail is one thread's alone, there are no lanes.

use super::detour;
use super::push_error::PushError;
use super::record::{WORDS, header};
use super::ring::{POSITION, Ring, refusal};
use super::words::{Memory, Word};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release, SeqCst};

/// In one word: the position of the next slot; above seven bits that say how many slots are left, and three that say how
/// many there were: two to that power.
#[repr(align(64))]
pub(super) struct Lane<W>(W);

const POSITION_SHIFT: u32 = 10;
const SIZE_SHIFT: u32 = 7;
const LEFT: u64 = (1 << SIZE_SHIFT) - 1;

fn position(word: u64) -> u64 {
    word >> POSITION_SHIFT
}

impl<W: Word> Lane<W> {
    pub fn new(zero: W) -> Self {
        Self(zero)
    }

    /// One of the slots that are left, if they are not void.
    #[inline(always)]
    fn take(&self, given_up: u64) -> Option<u64> {
        let mut word = self.0.load(Acquire);
        loop {
            if word & LEFT == 0 || position(word) < given_up {
                return None;
            }
            let next = word + (1 << POSITION_SHIFT) - 1;
            match self.0.compare_exchange(word, next, AcqRel, Acquire) {
                Ok(_) => return Some(position(word)),
                Err(now) => word = now,
            }
        }
    }

    /// How many slots to take next, as a power of two: more where another thread was at the tail since.
    fn next_size(&self, given_up: u64, longest: u64, contended: bool) -> u64 {
        let word = self.0.load(Acquire);
        // A round of the consumer begins with nothing.
        let size = match position(word) > given_up {
            true => (word >> SIZE_SHIFT & 7) + u64::from(contended),
            false => 0,
        };
        size.min(u64::from(longest.ilog2()))
    }

    /// The metric has the slot before `next`: later ones come behind it, of which `left` are reserved already. What the lane
    /// held before is void, unless another call has taken slots behind these.
    pub fn move_to(&self, next: u64, size: u64, left: u64) {
        let mut word = self.0.load(Acquire);
        while position(word) < next {
            let new = next << POSITION_SHIFT | size << SIZE_SHIFT | left;
            match self.0.compare_exchange(word, new, AcqRel, Acquire) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }
}

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
        let place = match lane.take(self.memory.given_up().load(Acquire)) {
            Some(place) => place,
            None => match self.take_places(owner, me, lane)? {
                Ok(place) => place,
                Err(e) => return Some(Err(e)),
            },
        };
        self.memory
            .publish_if_kept(place, &record(place))
            .then_some(Ok(place))
    }

    /// Takes slots from the tail: one for now, the others for the lane.
    #[inline(never)]
    fn take_places(
        &self,
        owner: u64,
        me: u64,
        lane: &Lane<M::Word>,
    ) -> Option<Result<u64, PushError>> {
        let size = match self.is_shared(owner) {
            true => lane.next_size(
                self.memory.given_up().load(Acquire),
                self.memory.longest_lane(),
                self.memory.comes_after_another(me),
            ),
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
        if !self.swap_tail(owner, me, tail, tail + (1 << size)) {
            self.settle(owner, me);
            return None;
        }
        if self.memory.has_sections() {
            lane.move_to(tail + 1, size, (1 << size) - 1);
        }
        Some(Ok(tail))
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
