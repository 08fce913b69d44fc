//! The synchronisation core: who may write which slot, which slots are readable, who wakes whom.
//!
//! It knows neither files nor record contents. It is generic over [`Memory`], so that the same code runs on a
//! mapped file and under the model checker (see `ring_model`).
//!
//! Positions are absolute slot numbers that only grow; the physical slot is `position & mask`. Four words
//! govern the ring, and every slot has a header word:
//! - `tail`: next position to hand out, moved by producers as `bias.rs` says, never further than is free; its top
//!   two bits end that: the ring is sealed, or its memory is gone.
//! - `head`: first position that is not free yet, moved by the consumer alone.
//! - `wake_at`: the consumer sleeps until a reservation goes past this position.
//! - `given_up`: what is reserved below it and not written yet, nobody writes any more.
//!
//! Where several threads track, a metric takes slots before it needs them: `lane.rs`.
//!
//! A thread may be interrupted between reserving a slot and publishing it, by a signal handler that waits for the ring
//! or never returns. The consumer gives such a slot up. Where there are sections (`bias.rs`), the thread finds out,
//! however late it goes on, and takes another slot. Without them it has the time of [`Consumer`]'s patience.
//!
//! [`Consumer`]: super::Consumer
//!
//! A slot is readable when its header word carries the low 32 bits of its own position and is not marked
//! reserved; what an earlier lap left behind carries other bits.

use super::detour;
use super::push_error::PushError;
use super::record::header;
use super::words::{Memory, Word};
use std::ops::Range;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Set in `tail` once nothing may be added any more.
const SEALED: u64 = 1 << 63;
/// Set in `tail` once nothing can be added any more.
const FAILED: u64 = 1 << 62;
/// The position in `tail`.
pub(super) const POSITION: u64 = FAILED - 1;
/// Value of `wake_at` while the consumer is awake.
const AWAKE: u64 = u64::MAX;

/// Slots handed to one producer: `pad` slots up to the physical end of the ring, then the record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reservation {
    pub pad_at: u64,
    pub pad: u64,
    pub position: u64,
    pub slots: u64,
}

#[derive(Clone, Copy)]
pub(super) struct Ring<M> {
    pub memory: M,
    slots: u64,
}

impl<M: Memory> Ring<M> {
    /// `slots` is a power of two.
    pub fn new(memory: M, slots: u64) -> Self {
        debug_assert!(slots.is_power_of_two());
        memory.wake_at().store(AWAKE, Relaxed);
        let ring = Self { memory, slots };
        ring.share_tail();
        ring
    }

    #[inline(always)]
    pub fn slot(&self, position: u64) -> u64 {
        position & (self.slots - 1)
    }

    #[inline(always)]
    pub fn header_word(&self, position: u64) -> &M::Word {
        self.memory.header(self.slot(position))
    }

    /// Takes `count` slots, each to be published as a record of its own; returns the first position.
    #[inline(always)]
    pub fn reserve(&self, count: u64) -> Result<u64, PushError> {
        loop {
            let tail = self.memory.tail().load(Relaxed);
            if tail > POSITION {
                return Err(refusal(tail));
            }
            if !self.fits(tail, count) {
                return Err(PushError::Full);
            }
            if self.advance(tail, tail + count) {
                return Ok(tail);
            }
        }
    }

    /// Takes `count` physically adjacent slots for one record.
    pub fn reserve_contiguous(&self, count: u64) -> Result<Reservation, PushError> {
        loop {
            let tail = self.memory.tail().load(Relaxed);
            if tail > POSITION {
                return Err(refusal(tail));
            }
            let left = self.slots - self.slot(tail);
            let pad = if count > left { left } else { 0 };
            if !self.fits(tail, pad + count) {
                return Err(PushError::Full);
            }
            if self.advance(tail, tail + pad + count) {
                let position = tail + pad;
                return Ok(Reservation {
                    pad_at: tail,
                    pad,
                    position,
                    slots: count,
                });
            }
        }
    }

    /// Whether `count` slots from `tail` are free. The acquire pairs with `release`: what the consumer read
    /// from these slots was read before they are written again. A stale `tail` may lie below `head`; moving it on
    /// then fails.
    #[inline(always)]
    pub(super) fn fits(&self, tail: u64, count: u64) -> bool {
        let head = self.memory.head().load(Acquire);
        (tail + count).wrapping_sub(head) as i64 <= self.slots as i64
    }

    /// Passes over the slots before a record that does not wrap. False if the first of them was given up: then the others
    /// are passed over one by one, the record's too.
    pub fn pad(&self, place: &Reservation) -> bool {
        if place.pad == 0 {
            return true;
        }
        let pad = header::new(header::PAD, place.pad, place.pad_at);
        if self
            .memory
            .publish_if_kept(place.pad_at, &[pad, 0, 0, 0, 0, 0])
        {
            return true;
        }
        self.pass_over(place.pad_at + 1..place.position + place.slots);
        false
    }

    fn pass_over(&self, positions: Range<u64>) {
        for position in positions {
            let pad = header::new(header::PAD, 1, position);
            self.memory.publish_if_kept(position, &[pad, 0, 0, 0, 0, 0]);
        }
    }

    /// Announces what will be written to several slots that were reserved: whoever finds the announcement after a crash
    /// skips all of it, and the consumer waits for it. False if the first slot was given up before: then the others are
    /// passed over too, and the record needs other ones.
    pub fn announce(&self, position: u64, slots: u64) -> bool {
        let announced = header::new(header::RESERVED, slots, position);
        if self
            .memory
            .publish_if_kept(position, &[announced, 0, 0, 0, 0, 0])
        {
            M::Word::fence(Release);
            return true;
        }
        self.pass_over(position + 1..position + slots);
        false
    }

    /// Consumer: the slot at `position` is reserved and was not published for long. If its producer has not begun
    /// what takes long, nobody will publish it any more, and it is passed over; true if that is so.
    pub fn give_up(&self, position: u64) -> bool {
        self.void_lanes(position + 1);
        if self.memory.has_sections() {
            self.share_tail_again();
            self.memory.restart_sections();
        }
        detour::give_up(&self.memory);
        let word = self.header_word(position);
        if header::belongs_to(word.load(Acquire), position) {
            return false;
        }
        word.store(header::new(header::PAD, 1, position), Release);
        true
    }

    /// Makes a record readable by writing its first word; everything written to it before becomes visible with
    /// it.
    #[inline(always)]
    pub fn publish(&self, word: &M::Word, header: u64) {
        word.store(header, Release);
    }

    /// Whether the producer whose reservation ended at `end` has to wake the consumer. Called after
    /// publishing. The reservation's write of `tail` precedes this read of `wake_at`, and the consumer's write of
    /// `wake_at` precedes its read of `tail`: one of the two sees the other.
    #[inline(always)]
    pub fn must_wake(&self, end: u64) -> bool {
        end > self.memory.wake_at().load(SeqCst) && self.claim_wake(end)
    }

    #[cold]
    fn claim_wake(&self, end: u64) -> bool {
        loop {
            let at = self.memory.wake_at().load(SeqCst);
            if end <= at {
                return false;
            }
            if self
                .memory
                .wake_at()
                .compare_exchange(at, AWAKE, SeqCst, Relaxed)
                .is_ok()
            {
                return true;
            }
        }
    }

    /// Ends the life of the ring: every reservation that did not succeed before fails. True if a sleeping
    /// consumer has to be woken.
    pub fn seal(&self) -> bool {
        self.give_tail_to_anybody();
        let tail = self.memory.tail().fetch_or(SEALED, SeqCst);
        if self.memory.has_sections() {
            self.void_lanes(tail & POSITION);
        }
        M::Word::handshake();
        self.disarm()
    }

    /// Every reservation that did not succeed before fails.
    pub fn fail(&self) {
        self.give_tail_to_anybody();
        self.memory.tail().fetch_or(FAILED, SeqCst);
        self.void_lanes(u64::MAX);
    }

    /// Consumer: asks to be woken once a reservation goes past `position`. False if that has happened already
    /// or the ring is sealed; then nobody will wake the consumer and it must not sleep.
    pub fn arm(&self, position: u64) -> bool {
        self.memory.wake_at().store(position, SeqCst);
        M::Word::handshake();
        self.await_plain_stores();
        // Both conditions in one comparison: the seal is above the position.
        if self.memory.tail().load(SeqCst) > position {
            self.disarm();
            return false;
        }
        true
    }

    /// Nobody wakes the consumer any more. True if it was armed.
    pub fn disarm(&self) -> bool {
        self.memory.wake_at().swap(AWAKE, AcqRel) != AWAKE
    }

    /// Consumer: header of the record at `position`, once that is readable.
    #[inline(always)]
    pub fn published(&self, position: u64) -> Option<u64> {
        let word = self.header_word(position).load(Acquire);
        header::is_published(word, position).then_some(word)
    }

    /// Consumer: clears the header words inside a record of several slots before the slots are given back.
    /// They hold payload, which must not be taken for a header when the ring comes round again.
    pub fn clear_inside(&self, position: u64, slots: u64) {
        for inside in 1..slots {
            self.header_word(position + inside).store(0, Relaxed);
        }
    }

    /// Consumer: gives all slots before `position` back to the producers.
    pub fn release(&self, position: u64) {
        self.memory.head().store(position, Release);
    }

    pub fn head(&self) -> u64 {
        self.memory.head().load(Acquire)
    }

    /// Next position and whether the ring is sealed.
    pub fn tail(&self) -> (u64, bool) {
        let tail = self.memory.tail().load(Acquire);
        (tail & POSITION, tail & SEALED != 0)
    }

    pub fn slots(&self) -> u64 {
        self.slots
    }
}

#[cold]
pub(super) fn refusal(tail: u64) -> PushError {
    match tail & SEALED {
        0 => PushError::Failed,
        _ => PushError::Closed,
    }
}

impl Word for std::sync::atomic::AtomicU64 {
    #[inline(always)]
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }

    #[inline(always)]
    fn store(&self, value: u64, order: Ordering) {
        self.store(value, order);
    }

    #[inline(always)]
    fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.swap(value, order)
    }

    #[inline(always)]
    fn fetch_or(&self, bits: u64, order: Ordering) -> u64 {
        self.fetch_or(bits, order)
    }

    #[inline(always)]
    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.compare_exchange(current, new, success, failure)
    }

    #[inline(always)]
    fn fence(order: Ordering) {
        std::sync::atomic::fence(order);
    }

    #[inline(always)]
    fn handshake() {}
}
