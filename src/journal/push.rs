//! Appending records: the calls that trainers wait for.

use super::Journal;
use super::clock::{self, Source};
use super::mapping::View;
use super::push_error::PushError;
use super::record::{self, header};
use super::ring::Ring;
use super::words::Lane;
use crate::error::Result;
use crate::point::Point;
use crate::process::{Gate, Pass};
use crate::thread;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// How long a call waits for space in a full journal where none is given back.
pub const STANDSTILL: Duration = Duration::from_secs(10);

/// Appends points of one series. All that a call needs to know lies on one cache line, and what it asks for on two
/// more: a call among others finds little of them in the nearest cache. Where threads share the journal's tail, on a third
/// one: the lane, which copies of a producer have in common.
#[repr(align(64))]
#[derive(Clone)]
pub struct Producer {
    pass: Pass,
    ring: Ring<View>,
    source: Source,
    series: u32,
    beside: Arc<Beside>,
}

/// What is not needed by each call.
struct Beside {
    lane: Lane<AtomicU64>,
    /// Keeps the ring's memory.
    journal: Arc<Journal>,
}

const _: () = assert!(size_of::<Producer>() == 64);

impl Producer {
    /// For a series of a journal that is ready, as long as `gate` is open.
    pub fn new(journal: Arc<Journal>, gate: &Gate, series: u32) -> Result<Producer> {
        let ring = *journal.ring()?;
        Ok(Producer {
            pass: gate.pass(),
            ring,
            source: journal.source(),
            series,
            beside: Arc::new(Beside {
                lane: Lane::new(AtomicU64::new(0), AtomicU64::new(0)),
                journal,
            }),
        })
    }

    /// Appends a point, stamped with the present time. No system call, lock or allocation, except that one call per
    /// flush interval or half ring wakes the consumer. False if the gate is shut or there is no room.
    #[inline(always)]
    pub fn push(&self, point: Point) -> bool {
        if !self.pass.is_open() {
            return false;
        }
        let ticks = clock::ticks(self.source);
        let record = |position| record::encode_point(position, self.series, point, ticks);
        let Ok(position) = self.ring.put(&self.beside.lane, record) else {
            return false;
        };
        if self.ring.must_wake(position + 1) {
            self.beside.journal.wake();
        }
        true
    }

    /// As [`Journal::push_points`].
    pub fn push_points(&self, points: &[Point]) -> std::result::Result<usize, PushError> {
        let Beside { lane, journal } = &*self.beside;
        let (first, count) = journal.push_many(self.series, points)?;
        self.ring.pass(lane, first + count as u64, 0, 0);
        Ok(count)
    }

    /// Something of the series was appended otherwise: points that follow come behind all that is there.
    pub fn pass_all(&self) {
        self.ring.pass(&self.beside.lane, self.ring.tail().0, 0, 0);
    }
}

impl Journal {
    /// Appends points of one series with one time, adjacent and in order; returns how many there was room for,
    /// at least one.
    pub fn push_points(
        &self,
        series: u32,
        points: &[Point],
    ) -> std::result::Result<usize, PushError> {
        self.push_many(series, points).map(|(_, count)| count)
    }

    /// As `push_points`, with the position of the first.
    fn push_many(
        &self,
        series: u32,
        points: &[Point],
    ) -> std::result::Result<(u64, usize), PushError> {
        let ring = self.ring()?;
        let ticks = clock::ticks(self.source());
        let most = (ring.slots() / 4).min(header::MAX_SLOTS);
        let mut count = (points.len() as u64).min(most);
        let first = loop {
            match ring.reserve(count) {
                Ok(first) if ring.announce(first, count) => break first,
                Ok(_) => {}
                Err(PushError::Full) if count > 1 => count /= 2,
                Err(e) => return Err(e),
            }
        };
        // The first one last: until then the announcement stands for all.
        for (n, point) in points[..count as usize].iter().enumerate().rev() {
            write_point(ring, first + n as u64, series, *point, ticks);
        }
        if ring.must_wake(first + count) {
            self.wake();
        }
        Ok((first, count as usize))
    }

    /// Appends a record with a payload of at most [`max_payload`](Self::max_payload) bytes. `kind` is the
    /// caller's.
    pub fn push_payload(&self, kind: u8, payload: &[u8]) -> std::result::Result<(), PushError> {
        let ring = self.ring()?;
        if payload.len() > record::max_payload(ring.slots()) {
            return Err(PushError::TooLarge);
        }
        let place = loop {
            let place = ring.reserve_contiguous(record::payload_slots(payload.len()))?;
            if ring.pad(&place) && ring.announce(place.position, place.slots) {
                break place;
            }
        };
        let words = record::encode_payload(place.position, kind, payload);
        let slot = ring.memory.slot(ring.slot(place.position));
        slot[1].store(words[1], Relaxed);
        slot[2].store(words[2], Relaxed);
        // SAFETY: the reservation gives this thread adjacent slots of the mapping that hold the payload
        // (`payload_slots`); nobody reads them before they are published.
        unsafe {
            let target = ring
                .memory
                .address(ring.slot(place.position))
                .add(record::PAYLOAD_OFFSET);
            target.copy_from_nonoverlapping(payload.as_ptr(), payload.len());
        }
        ring.publish(&slot[0], words[0]);
        if ring.must_wake(place.position + place.slots) {
            self.wake();
        }
        Ok(())
    }

    /// Largest payload in bytes that [`push_payload`](Self::push_payload) takes: a quarter of the ring. The
    /// ring may turn out smaller than asked for when it is made ready.
    pub fn max_payload(&self) -> usize {
        record::max_payload(
            self.usable()
                .map_or(self.fixed.slots, |ready| ready.ring.slots()),
        )
    }

    /// After [`PushError::Full`]: waits until a payload of `payload_bytes` (0 for a point) has a chance to fit. `Full`
    /// again if `cancelled` said so, which is asked at least once a millisecond, or if no space was given back for
    /// [`STANDSTILL`]; from then on at once, until some is. Nothing is allocated or locked.
    pub fn wait_for_space(
        &self,
        payload_bytes: usize,
        cancelled: impl Fn() -> bool,
    ) -> std::result::Result<(), PushError> {
        let ring = self.ring()?;
        // A record of several slots may need nearly as many again before it, so as not to wrap.
        let needed = match payload_bytes {
            0 => 1,
            bytes if bytes > record::max_payload(ring.slots()) => return Err(PushError::TooLarge),
            bytes => 2 * record::payload_slots(bytes) - 1,
        };
        let started = Instant::now();
        let mut pause = Duration::from_micros(50);
        let mut seen = ring.head();
        let mut still = Duration::ZERO;
        let outcome = loop {
            let (tail, sealed) = ring.tail();
            if sealed {
                break Err(PushError::Closed);
            }
            let head = ring.head();
            if ring.slots().saturating_sub(tail.saturating_sub(head)) >= needed {
                break Ok(());
            }
            if head != seen {
                (seen, still) = (head, Duration::ZERO);
            }
            if still >= STANDSTILL {
                self.stands_still_at.store(head, Relaxed);
            }
            if cancelled() || self.stands_still_at.load(Relaxed) == head {
                break Err(PushError::Full);
            }
            let asleep = Instant::now();
            thread::pause(pause);
            // A signal ends a pause early, and a process that is stopped is not one that waits.
            still += asleep.elapsed().min(pause);
            pause = (pause * 2).min(Duration::from_millis(1));
        };
        self.waits.fetch_add(1, Relaxed);
        self.wait_nanos
            .fetch_add(started.elapsed().as_nanos() as u64, Relaxed);
        outcome
    }

    #[cold]
    #[inline(never)]
    fn wake(&self) {
        self.wakes.fetch_add(1, Relaxed);
        self.call_waker();
    }
}

#[inline(always)]
fn write_point(ring: &Ring<View>, position: u64, series: u32, point: Point, ticks: u64) {
    let words = record::encode_point(position, series, point, ticks);
    let slot = ring.memory.slot(ring.slot(position));
    for n in 1..record::WORDS {
        slot[n].store(words[n], Relaxed);
    }
    ring.publish(&slot[0], words[0]);
}
