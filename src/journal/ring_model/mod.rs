//! Model checks of the ring: every interleaving of a few threads, up to a bound on preemptions, under a memory
//! model that lets stores be seen late. Bodies of slots are cells in which the checker reports any unordered
//! access.

mod detours;
mod lanes;
mod tests;

use super::bias;
use super::detour;
use super::lane_word::TAKEN;
use super::push_error::PushError;
use super::record::{WORDS, header};
use super::ring::Ring;
use super::words::{Lane, Memory, Word};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::sync::{Arc, Mutex, Notify};
use loom::thread;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A word of the ring or of a lane. Each access touches `turn` before, so that the checker takes all steps of all threads for
/// dependent and tries them in every order. Left to itself it looks at the last access to a word alone, and a thread that
/// reads a word before it changes it hides the readers before.
struct Turned {
    word: AtomicU64,
    turn: std::sync::Arc<AtomicU64>,
}

impl Turned {
    fn new(turn: &std::sync::Arc<AtomicU64>, value: u64) -> Self {
        Self {
            word: AtomicU64::new(value),
            turn: turn.clone(),
        }
    }

    fn in_turn(&self) -> &AtomicU64 {
        self.turn.fetch_add(1, Ordering::Relaxed);
        &self.word
    }
}

impl Word for Turned {
    fn load(&self, order: Ordering) -> u64 {
        self.in_turn().load(order)
    }

    fn store(&self, value: u64, order: Ordering) {
        self.in_turn().store(value, order);
    }

    fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.in_turn().swap(value, order)
    }

    fn fetch_or(&self, bits: u64, order: Ordering) -> u64 {
        self.in_turn().fetch_or(bits, order)
    }

    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.in_turn()
            .compare_exchange(current, new, success, failure)
    }

    fn fence(order: Ordering) {
        fence(order);
    }

    /// The model treats sequentially consistent accesses as acquire and release.
    fn handshake() {
        fence(Ordering::SeqCst);
    }
}

struct Slots {
    head: Turned,
    tail: Turned,
    wake_at: Turned,
    owner: Turned,
    given_up: Turned,
    detours: Turned,
    /// Threads whose sections are interrupted time after time.
    interrupted: std::sync::Mutex<Vec<u64>>,
    longest_lane: u64,
    /// How often sections were restarted; held by the last instruction of each.
    restarts: Option<Mutex<u64>>,
    headers: Vec<Turned>,
    bodies: Vec<UnsafeCell<u64>>,
}

impl Slots {
    /// Checks and then, unless sections were restarted in between, does what the section ends with. One that was
    /// restarted gives up here, and its thread begins anew.
    fn section(&self, check: impl FnOnce() -> bool, commit: impl FnOnce() -> bool) -> bool {
        let restarts = self.restarts.as_ref().unwrap();
        let begun = *restarts.lock().unwrap();
        let passed = check();
        let restarts = restarts.lock().unwrap();
        passed && *restarts == begun && commit()
    }

    /// One more stretch of a section that began at so many restarts.
    fn goes_on(&self, begun: u64, stretch: impl FnOnce()) -> bool {
        let restarts = self.restarts.as_ref().unwrap().lock().unwrap();
        if *restarts == begun {
            stretch();
        }
        *restarts == begun
    }

    fn is_interrupted(&self) -> bool {
        let interrupted = self.interrupted.lock().unwrap();
        interrupted.contains(&self.this_thread())
    }

    fn begin(&self) -> u64 {
        *self.restarts.as_ref().unwrap().lock().unwrap()
    }

    fn write_body(&self, position: u64, value: u64) {
        let body = &self.bodies[position as usize % self.bodies.len()];
        // SAFETY: the checker verifies that nobody else accesses the cell.
        body.with_mut(|body| unsafe { *body = value });
    }

    fn store_header(&self, position: u64, word: u64) {
        let slot = position % self.headers.len() as u64;
        self.header(slot).store(word, Ordering::Release);
    }

    fn is_owned_by(&self, expected: u64) -> bool {
        self.owner().load(Ordering::Relaxed) == expected
    }
}

impl Memory for Slots {
    type Word = Turned;

    fn head(&self) -> &Turned {
        &self.head
    }

    fn tail(&self) -> &Turned {
        &self.tail
    }

    fn wake_at(&self) -> &Turned {
        &self.wake_at
    }

    fn owner(&self) -> &Turned {
        &self.owner
    }

    fn given_up(&self) -> &Turned {
        &self.given_up
    }

    fn detours(&self) -> &Turned {
        &self.detours
    }

    fn has_sections(&self) -> bool {
        self.restarts.is_some()
    }

    /// Two places at which the section may be cut: before its last two stores and between them.
    fn put_if_owner(&self, this_thread: u64, position: u64, words: &[u64; WORDS]) -> bool {
        if self.is_interrupted() {
            return detour::put(self, this_thread, position, words);
        }
        let begun = self.begin();
        let write = || {
            self.write_body(position, words[3]);
            self.tail().store(position + 1, Ordering::Release);
        };
        self.is_owned_by(this_thread)
            && self.tail().load(Ordering::Relaxed) == position
            && self.goes_on(begun, write)
            && self.goes_on(begun, || self.store_header(position, words[0]))
    }

    fn publish_if_kept(&self, position: u64, words: &[u64; WORDS]) -> bool {
        let is_kept = || self.given_up().load(Ordering::SeqCst) <= position;
        let write = || self.write(position, words);
        if !self.has_sections() {
            let kept = is_kept();
            if kept {
                write();
            }
            return kept;
        }
        if self.is_interrupted() {
            return detour::publish(self, position, words);
        }
        loop {
            let begun = self.begin();
            if !is_kept() {
                return false;
            }
            if self.goes_on(begun, write) {
                return true;
            }
        }
    }

    fn write(&self, position: u64, words: &[u64; WORDS]) {
        self.write_body(position, words[3]);
        self.store_header(position, words[0]);
    }

    fn this_thread(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        thread::current().id().hash(&mut hasher);
        hasher.finish() | bias::THREAD
    }

    fn store_tail_if(&self, this_thread: u64, from: u64, to: u64) -> bool {
        if self.is_interrupted() {
            return detour::move_tail(self, this_thread, from, to);
        }
        let unmoved = || self.tail().load(Ordering::Relaxed) == from;
        let store = || {
            self.tail().store(to, Ordering::Relaxed);
            true
        };
        self.section(|| self.is_owned_by(this_thread) && unmoved(), store)
    }

    fn swap_tail_if(&self, expected: u64, from: u64, to: u64) -> bool {
        if self.is_interrupted() {
            return detour::move_tail(self, expected, from, to);
        }
        let swap = || {
            let tail = self.tail();
            tail.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed)
                .is_ok()
        };
        self.section(|| self.is_owned_by(expected), swap)
    }

    fn longest_lane(&self) -> u64 {
        self.longest_lane
    }

    /// So that lanes grow with every record.
    fn is_contended(&self, _: u64) -> bool {
        true
    }

    fn patience(&self) -> u64 {
        0
    }

    /// Cut where `put_if_owner` may be. This processor reads the words in their order.
    fn put_if_holder(
        &self,
        this_thread: u64,
        lane: &Lane<Turned>,
        word: u64,
        position: u64,
        words: &[u64; WORDS],
    ) -> bool {
        if self.is_interrupted() {
            return detour::put_in_lane(self, this_thread, lane, word, position, words);
        }
        let begun = self.begin();
        Turned::handshake();
        let write = || {
            self.write_body(position, words[3]);
            lane.word.store(word + TAKEN, Ordering::Release);
        };
        lane.holder.load(Ordering::Relaxed) == this_thread
            && lane.word.load(Ordering::Relaxed) == word
            && self.given_up().load(Ordering::SeqCst) <= position
            && self.goes_on(begun, write)
            && self.goes_on(begun, || self.store_header(position, words[0]))
    }

    fn restart_sections(&self) {
        *self.restarts.as_ref().unwrap().lock().unwrap() += 1;
    }

    fn header(&self, slot: u64) -> &Turned {
        &self.headers[slot as usize]
    }
}

/// A ring with bodies, and the bell that wakes its consumer.
struct Model {
    ring: Ring<Slots>,
    lanes: [Lane<Turned>; 3],
    bell: Notify,
}

impl Model {
    /// `slots` slots of which `used` have been used and released, on a system without sections.
    fn new(slots: u64, used: u64) -> Arc<Self> {
        Self::make(slots, used, None, 1)
    }

    fn with_sections(slots: u64, used: u64) -> Arc<Self> {
        Self::make(slots, used, Some(Mutex::new(0)), 1)
    }

    /// With lanes of up to so many slots.
    fn with_lanes(slots: u64, longest: u64) -> Arc<Self> {
        Self::make(slots, 1, Some(Mutex::new(0)), longest)
    }

    fn make(slots: u64, used: u64, restarts: Option<Mutex<u64>>, longest_lane: u64) -> Arc<Self> {
        let turn = std::sync::Arc::new(AtomicU64::new(0));
        let word = |value| Turned::new(&turn, value);
        let memory = Slots {
            owner: word(0),
            given_up: word(0),
            detours: word(0),
            interrupted: std::sync::Mutex::default(),
            longest_lane,
            restarts,
            head: word(used),
            tail: word(used),
            wake_at: word(0),
            headers: (0..slots).map(|_| word(0)).collect(),
            bodies: (0..slots).map(|_| UnsafeCell::new(0)).collect(),
        };
        Arc::new(Self {
            ring: Ring::new(memory, slots),
            lanes: std::array::from_fn(|_| Lane::new(word(0), word(0))),
            bell: Notify::new(),
        })
    }

    /// From now on this thread finishes no section.
    fn interrupt(&self) {
        let memory = &self.ring.memory;
        memory
            .interrupted
            .lock()
            .unwrap()
            .push(memory.this_thread());
    }

    fn write_body(&self, position: u64, value: u64) {
        self.ring.memory.write_body(position, value);
    }

    fn read_body(&self, position: u64) -> u64 {
        let body = &self.ring.memory.bodies[self.ring.slot(position) as usize];
        // SAFETY: the checker verifies that nobody writes the cell.
        body.with(|body| unsafe { *body })
    }

    fn push(&self, value: u64) -> Result<(), PushError> {
        let record = |position| {
            let head = header::new(header::POINT, 1, position);
            [head, 0, 0, value, 0, 0]
        };
        let lane = &self.lanes[value as usize / 100 % self.lanes.len()];
        let position = self.ring.put(lane, record)?;
        self.ring_bell(position + 1);
        Ok(())
    }

    /// A record of two slots. The second one's header word gets payload that looks just like the header of the
    /// point which will be there one lap later.
    fn push_long(&self, value: u64) -> Result<(), PushError> {
        let place = loop {
            let place = self.ring.reserve_contiguous(2)?;
            assert_eq!(
                self.ring.slot(place.position) + 1,
                self.ring.slot(place.position + 1)
            );
            if self.ring.pad(&place) && self.ring.announce(place.position, place.slots) {
                break place;
            }
        };
        self.write_body(place.position, value);
        self.write_body(place.position + 1, value);
        let inside = place.position + 1;
        let misleading = header::new(header::POINT, 1, inside + self.ring.slots());
        self.ring
            .header_word(inside)
            .store(misleading, Ordering::Relaxed);
        let word = self.ring.header_word(place.position);
        self.ring
            .publish(word, header::new(header::PAYLOAD, 2, place.position));
        self.ring_bell(place.position + place.slots);
        Ok(())
    }

    fn ring_bell(&self, end: u64) {
        if self.ring.must_wake(end) {
            self.bell.notify();
        }
    }

    /// Takes out and releases what is readable.
    fn drain(&self, values: &mut Vec<u64>) {
        let (tail, _) = self.ring.tail();
        let mut position = self.ring.head();
        let mut long = Vec::new();
        let mut may_void = self.ring.memory.longest_lane > 1;
        while position < tail {
            let Some(head) = self.ring.published(position) else {
                if std::mem::take(&mut may_void) && self.ring.void(position, tail) {
                    continue;
                }
                break;
            };
            let slots = header::slots(head);
            if header::form(head) != header::PAD {
                values.push(self.read_body(position));
            }
            if slots > 1 {
                long.push((position, slots));
            }
            position += slots;
        }
        for (start, slots) in long {
            self.ring.clear_inside(start, slots);
        }
        self.ring.release(position);
    }

    /// Whether a record is reserved and not published.
    fn has_gap(&self) -> bool {
        self.ring.head() < self.ring.tail().0
    }

    /// Gives up what keeps records from being drained, and drains them.
    fn drain_all(&self, values: &mut Vec<u64>) {
        self.drain(values);
        while self.has_gap() {
            self.ring.give_up(self.ring.head());
            self.drain(values);
        }
    }
}
