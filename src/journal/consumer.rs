//! The reading side within the owner process: takes records out in order and gives their slots back.

use super::Journal;
use super::clock::{Anchor, Calibration};
use super::detour;
use super::layout::ANCHOR_COUNT;
use super::live::{FIRST_ANCHORS, Ready, write_anchor, write_heartbeat};
use super::mapping::View;
use super::push_error::PushError;
use super::record::{self, PAYLOAD_OFFSET, Record, WORDS, header};
use super::ring::Ring;
use super::rseq;
use super::words::Memory;
use crate::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, SeqCst};
use std::sync::atomic::fence;
use std::time::{Duration, Instant};

/// A round that releases so many slots is worth the few microseconds that offering the tail costs.
const BUSY: u64 = 1024;
/// 64 KiB.
const LEAST_AHEAD: u64 = 1365;
/// After this time, and so many drains that met it, a place that was reserved and not published is given up
/// (`ring.rs`). The longer one where the thread, if it goes on after all, would not find out.
const PATIENCE: (Duration, u32) = (Duration::from_millis(10), 2);
const PATIENCE_WITHOUT_SECTIONS: (Duration, u32) = (Duration::from_secs(2), 100);

/// The one reader of a [`Journal`].
///
/// Round by round: [`drain`](Self::drain), commit to the store, [`release`](Self::release). Then sleep: after an
/// empty round, if [`arm_idle`](Self::arm_idle) says so, until the waker is called; otherwise, if
/// [`arm_timed`](Self::arm_timed) says so, until the waker is called or the flush interval is over. Calls of the
/// waker that nobody asked for may happen. When a drain gets nothing and yet there is a
/// [`backlog`](Self::backlog), a producer is in the middle of a record: pause briefly and drain again.
pub struct Consumer {
    journal: Arc<Journal>,
    clock: Option<PairedClock>,
    /// Position and slots of the drained records that take more than one slot.
    long: Vec<(u64, u64)>,
    /// How many slots are brought in for writing ahead of the producers; none where nothing is tracked.
    ahead: u64,
    gap: Option<Gap>,
    given_up: GivenUp,
}

/// How many records were given up, since whoever tracks them was interrupted for good or for long.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct GivenUp {
    /// If he goes on he takes another place, as threads do that a busy machine preempts.
    pub finding_out: u64,
    /// If he goes on his record is lost.
    pub for_good: u64,
}

/// A place that keeps the records behind it from being drained, since its producer has not published it.
struct Gap {
    position: u64,
    since: Instant,
    drains: u32,
}

/// The calibration, and where in the header its two anchors are stored. A new anchor goes to the third place, so
/// that two whole ones are there at any instant.
struct PairedClock {
    calibration: Calibration,
    older: usize,
    newer: usize,
}

impl PairedClock {
    fn new(anchors: (Anchor, Anchor)) -> Self {
        let (older, newer) = FIRST_ANCHORS;
        Self {
            calibration: Calibration::new(anchors.0, anchors.1),
            older,
            newer,
        }
    }

    fn advance(&mut self, now: Anchor, mapping: &View) {
        let place = (0..ANCHOR_COUNT)
            .find(|n| *n != self.older && *n != self.newer)
            .unwrap_or(0);
        write_anchor(mapping, place, now);
        if self.calibration.advance(now) {
            self.older = self.newer;
        }
        self.newer = place;
    }
}

impl Consumer {
    /// `waker` is called by producers, on whatever thread they run. It must not block, and a call made while
    /// the consumer is awake must keep it from falling asleep, as [`std::thread::Thread::unpark`] does.
    /// `None` if the journal has had its consumer.
    pub fn new(journal: Arc<Journal>, waker: impl Fn() + Send + Sync + 'static) -> Option<Self> {
        if journal.consumer_taken.swap(true, AcqRel) {
            return None;
        }
        let _ = journal.waker.set(Box::new(waker));
        fence(SeqCst);
        Some(Self {
            journal,
            clock: None,
            long: Vec::new(),
            ahead: 0,
            gap: None,
            given_up: GivenUp::default(),
        })
    }

    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Pairs the clocks now, as every [`drain`](Self::drain) that finds something does. Worth doing on waking
    /// from idleness too.
    pub fn anchor(&mut self) {
        let Self { journal, clock, .. } = self;
        if let Some(ready) = journal.usable() {
            pair_clocks(clock, journal, ready);
        }
    }

    /// Presents every record from the first unreleased one up to the first that is not complete yet, and
    /// returns the position after the last one. Nothing is given back: after an error of `each`, or of the
    /// commit, the next drain presents the same records again.
    pub fn drain<E>(
        &mut self,
        mut each: impl FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let Self {
            journal,
            clock,
            long,
            given_up,
            ..
        } = self;
        long.clear();
        let Some(ready) = journal.usable() else {
            return Ok(0);
        };
        let ring = &ready.ring;
        let (tail, _) = ring.tail();
        let mut position = ring.head();
        if position == tail {
            return Ok(position);
        }
        // After the tail was read: all records up to there took their time before this anchor.
        let calibration = pair_clocks(clock, journal, ready);
        let mut may_void = true;
        while position < tail {
            let Some(head) = ring.published(position) else {
                // Once a round: what is left then was announced, and comes soon.
                if std::mem::take(&mut may_void) && ring.void(position, tail) {
                    continue;
                }
                break;
            };
            if header::form(head) == header::POINT {
                let words = point_words(ring, position, head);
                if *given_up != GivenUp::default() && !record::point_is_whole(&words, position) {
                    // Whoever was given up went on after all, on a system where he cannot find out.
                    position += 1;
                    continue;
                }
                let (series, point, ticks) = record::decode_point(&words);
                each(Record::Point {
                    series,
                    point,
                    time: calibration.unix_micros(ticks),
                })?;
                position += 1;
                continue;
            }
            let slots = header::slots(head).max(1);
            if slots > 1 {
                long.push((position, slots));
            }
            if header::form(head) == header::PAYLOAD {
                let (kind, payload) = payload(ring, position);
                each(Record::Payload { kind, payload })?;
            }
            position += slots;
        }
        self.mind_gap(position, tail);
        Ok(position)
    }

    /// After a drain as far as `position` of `tail`.
    fn mind_gap(&mut self, position: u64, tail: u64) {
        let Some(Ready { ring, .. }) = self.journal.usable() else {
            return;
        };
        let gap = match self.gap.take() {
            Some(gap) if gap.position == position => Gap {
                drains: gap.drains + 1,
                ..gap
            },
            _ => Gap {
                position,
                since: Instant::now(),
                drains: 1,
            },
        };
        if position == tail {
            return;
        }
        let finds_out = ring.memory.has_sections() && !detour::is_used(&ring.memory);
        let (time, drains) = match finds_out {
            true => PATIENCE,
            false => PATIENCE_WITHOUT_SECTIONS,
        };
        if gap.since.elapsed() < time || gap.drains < drains {
            self.gap = Some(gap);
        } else if ring.give_up(position) {
            match finds_out {
                true => self.given_up.finding_out += 1,
                false => self.given_up.for_good += 1,
            }
        }
    }

    /// Whether the last drain stopped before a record that is not published. If that stays so, draining again and again
    /// gives it up.
    pub fn has_gap(&self) -> bool {
        self.gap.is_some()
    }

    pub fn given_up(&self) -> GivenUp {
        self.given_up
    }

    /// Gives back the slots before `position`, which [`drain`](Self::drain) returned, once the store has
    /// committed their records.
    pub fn release(&mut self, position: u64) {
        let Some(Ready { ring, .. }) = self.journal.usable() else {
            return;
        };
        for (start, slots) in self.long.drain(..) {
            ring.clear_inside(start, slots);
        }
        let released = position - ring.head();
        ring.release(position);
        // Twice what the last round brought.
        self.ahead = match released {
            0 => 0,
            _ => (2 * released).max(LEAST_AHEAD).min(ring.slots() / 2),
        };
        if released >= BUSY && rseq::prepare_to_restart() {
            ring.offer_tail();
        }
    }

    /// Brings in for writing what producers and this consumer will write to next: a store then neither waits for the
    /// filesystem nor, if that has failed, ends the process. For the start of a round, and before sleeping.
    ///
    /// # Errors
    /// `Io` from when the filesystem refuses: nothing can be pushed or drained any more. What was pushed before is in the
    /// file as far as the filesystem keeps it.
    pub fn secure(&mut self) -> Result<(), Error> {
        if self.journal.has_failed() {
            return Err(PushError::Failed.into());
        }
        match self.journal.usable() {
            Some(Ready { ring, mapping, .. })
                if !mapping.takes_header()
                    || !mapping.takes_slots(ring.slot(ring.tail().0), self.ahead) =>
            {
                self.fail()
            }
            _ => Ok(()),
        }
    }

    /// As [`secure`](Self::secure), after a commit that the disk refused: finds out whether the filesystem still writes
    /// the journal's pages back.
    pub fn try_disk(&mut self) -> Result<(), Error> {
        match self.journal.usable() {
            Some(Ready { mapping, .. })
                if !self.journal.has_failed() && !mapping.is_written_back() =>
            {
                self.fail()
            }
            _ => self.secure(),
        }
    }

    /// Ends the journal for good, with what is in it: from now on every push fails, and nothing is drained.
    pub fn abandon(&mut self) {
        let _ = self.fail();
    }

    fn fail(&mut self) -> Result<(), Error> {
        let at = |e: Error| e.context(self.journal.path().display());
        if let Some(Ready { ring, mapping, .. }) = self.journal.usable() {
            self.journal.failed.store(true, SeqCst);
            // First of all: from now on no store can meet the filesystem.
            mapping
                .leave_file()
                .map_err(|e| at(Error::io("leaving a failed filesystem", &e)))?;
            ring.fail();
        }
        Err(at(PushError::Failed.into()))
    }

    /// Asks to be woken by the next record. False if one is there already, or the journal is sealed.
    pub fn arm_idle(&self) -> bool {
        match self.journal.usable() {
            Some(Ready { ring, .. }) => ring.arm(ring.head()),
            // `ensure_ready` and `seal` call the waker themselves.
            None => self.may_get_ready(),
        }
    }

    /// Asks to be woken when the ring is half full. False if it is, or the journal is sealed.
    pub fn arm_timed(&self) -> bool {
        match self.journal.usable() {
            Some(Ready { ring, .. }) => ring.arm(ring.head() + ring.slots() / 2),
            None => self.may_get_ready(),
        }
    }

    fn may_get_ready(&self) -> bool {
        !self.journal.forked() && !self.journal.is_sealed()
    }

    /// Producers do not call the waker until the next arming.
    pub fn disarm(&self) {
        if let Some(Ready { ring, .. }) = self.journal.usable() {
            ring.disarm();
        }
    }

    /// Whether everything that was ever pushed has been released and nothing can follow.
    pub fn is_finished(&self) -> bool {
        match self.journal.usable() {
            Some(Ready { ring, .. }) => {
                let (tail, sealed) = ring.tail();
                sealed && tail == ring.head()
            }
            None => self.journal.is_sealed(),
        }
    }

    /// Slots that hold records or are being written.
    pub fn backlog(&self) -> u64 {
        self.journal.usable().map_or(0, |Ready { ring, .. }| {
            ring.tail().0.saturating_sub(ring.head())
        })
    }
}

fn pair_clocks(clock: &mut Option<PairedClock>, journal: &Journal, ready: &Ready) -> Calibration {
    let clock = clock.get_or_insert_with(|| PairedClock::new(ready.anchors));
    let now = Anchor::now(journal.source());
    clock.advance(now, &ready.ring.memory);
    write_heartbeat(&ready.ring.memory, now.unix_nanos);
    clock.calibration
}

#[inline(always)]
fn point_words(ring: &Ring<View>, position: u64, head: u64) -> [u64; WORDS] {
    let slot = ring.memory.slot(ring.slot(position));
    let mut words = [head; WORDS];
    for n in 1..WORDS {
        words[n] = slot[n].load(Relaxed);
    }
    words
}

/// Kind and payload of a published record.
fn payload(ring: &Ring<View>, position: u64) -> (u8, &[u8]) {
    let slot = ring.slot(position);
    let (length, kind) = record::decode_about(ring.memory.slot(slot)[1].load(Relaxed));
    let length = length.min(record::max_payload(ring.slots()));
    // SAFETY: `push_payload` wrote this many bytes into slots of the mapping before it published the record;
    // they do not change until the record is released.
    (kind, unsafe {
        std::slice::from_raw_parts(ring.memory.address(slot).add(PAYLOAD_OFFSET), length)
    })
}
