//! Model checks of the ring: every interleaving of a few threads, up to a bound on preemptions, under a memory
//! model that lets stores be seen late. Bodies of slots are cells in which the checker reports any unordered
//! access.

use super::bias;
use super::push::PushError;
use super::record::{WORDS, header};
use super::ring::{Memory, Ring, Word};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::sync::{Arc, Mutex, Notify};
use loom::thread;
use std::hash::{DefaultHasher, Hash, Hasher};

impl Word for AtomicU64 {
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }

    fn store(&self, value: u64, order: Ordering) {
        self.store(value, order);
    }

    fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.swap(value, order)
    }

    fn fetch_or(&self, bits: u64, order: Ordering) -> u64 {
        self.fetch_or(bits, order)
    }

    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.compare_exchange(current, new, success, failure)
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
    /// Touched before every other word, so that the checker takes all steps of all threads for dependent and
    /// tries them in every order. Left to itself it looks at the last access to a word alone, and a thread that
    /// reads a word before it changes it hides the readers before.
    turn: AtomicU64,
    head: AtomicU64,
    tail: AtomicU64,
    wake_at: AtomicU64,
    owner: AtomicU64,
    given_up: AtomicU64,
    /// How often sections were restarted; held by the last instruction of each.
    restarts: Option<Mutex<u64>>,
    headers: Vec<AtomicU64>,
    bodies: Vec<UnsafeCell<u64>>,
}

impl Slots {
    fn step(&self) {
        self.turn.fetch_add(1, Ordering::Relaxed);
    }

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
    type Word = AtomicU64;

    fn head(&self) -> &AtomicU64 {
        self.step();
        &self.head
    }

    fn tail(&self) -> &AtomicU64 {
        self.step();
        &self.tail
    }

    fn wake_at(&self) -> &AtomicU64 {
        self.step();
        &self.wake_at
    }

    fn owner(&self) -> &AtomicU64 {
        self.step();
        &self.owner
    }

    fn given_up(&self) -> &AtomicU64 {
        self.step();
        &self.given_up
    }

    fn has_sections(&self) -> bool {
        self.restarts.is_some()
    }

    /// Two places at which the section may be cut: before its last two stores and between them.
    fn put_if_owner(&self, this_thread: u64, position: u64, words: &[u64; WORDS]) -> bool {
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
        let write = || {
            self.write_body(position, words[3]);
            self.store_header(position, words[0]);
        };
        if !self.has_sections() {
            let kept = is_kept();
            if kept {
                write();
            }
            return kept;
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

    fn this_thread(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        thread::current().id().hash(&mut hasher);
        hasher.finish() | bias::THREAD
    }

    fn store_tail_if(&self, this_thread: u64, from: u64, to: u64) -> bool {
        let unmoved = || self.tail().load(Ordering::Relaxed) == from;
        let store = || {
            self.tail().store(to, Ordering::Relaxed);
            true
        };
        self.section(|| self.is_owned_by(this_thread) && unmoved(), store)
    }

    fn swap_tail_if(&self, expected: u64, from: u64, to: u64) -> bool {
        let swap = || {
            let tail = self.tail();
            tail.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed)
                .is_ok()
        };
        self.section(|| self.is_owned_by(expected), swap)
    }

    fn restart_sections(&self) {
        *self.restarts.as_ref().unwrap().lock().unwrap() += 1;
    }

    fn header(&self, slot: u64) -> &AtomicU64 {
        self.step();
        &self.headers[slot as usize]
    }
}

/// A ring with bodies, and the bell that wakes its consumer.
struct Model {
    ring: Ring<Slots>,
    bell: Notify,
}

impl Model {
    /// `slots` slots of which `used` have been used and released, on a system without sections.
    fn new(slots: u64, used: u64) -> Arc<Self> {
        Self::make(slots, used, None)
    }

    fn with_sections(slots: u64, used: u64) -> Arc<Self> {
        Self::make(slots, used, Some(Mutex::new(0)))
    }

    fn make(slots: u64, used: u64, restarts: Option<Mutex<u64>>) -> Arc<Self> {
        let memory = Slots {
            owner: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
            restarts,
            turn: AtomicU64::new(0),
            head: AtomicU64::new(used),
            tail: AtomicU64::new(used),
            wake_at: AtomicU64::new(0),
            headers: (0..slots).map(|_| AtomicU64::new(0)).collect(),
            bodies: (0..slots).map(|_| UnsafeCell::new(0)).collect(),
        };
        Arc::new(Self {
            ring: Ring::new(memory, slots),
            bell: Notify::new(),
        })
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
        let position = self.ring.put(record)?;
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
        while position < tail {
            let Some(head) = self.ring.published(position) else {
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

/// `LOOM_MAX_PREEMPTIONS` overrides the bound.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.check(model);
}

/// Tries to push each value once; returns the accepted ones.
fn producer(
    model: &Arc<Model>,
    values: impl IntoIterator<Item = u64> + Send + 'static,
    push: fn(&Model, u64) -> Result<(), PushError>,
) -> thread::JoinHandle<Vec<u64>> {
    let model = model.clone();
    thread::spawn(move || {
        values
            .into_iter()
            .filter(|value| push(&model, *value).is_ok())
            .collect()
    })
}

/// Drains beside the producers and after them: what was accepted arrives once, in the order of each producer,
/// whose values are within a hundred of its own.
fn drain_beside(model: &Model, producers: Vec<thread::JoinHandle<Vec<u64>>>) {
    let mut values = Vec::new();
    model.drain(&mut values);
    let accepted: Vec<_> = producers.into_iter().map(|p| p.join().unwrap()).collect();
    model.drain_all(&mut values);
    assert_eq!(values.len(), accepted.iter().map(Vec::len).sum::<usize>());
    for own in accepted.iter().filter(|own| !own.is_empty()) {
        let of_producer = |value: &u64| value / 100 == own[0] / 100;
        let arrived: Vec<u64> = values.iter().copied().filter(of_producer).collect();
        assert_eq!(&arrived, own);
    }
}

#[test]
fn each_record_arrives_once_and_in_order_through_a_ring_that_fills_and_wraps() {
    check(2, || {
        let model = Model::new(2, 1);
        let producers = vec![
            producer(&model, 100..102, Model::push),
            producer(&model, 200..202, Model::push),
        ];
        drain_beside(&model, producers);
    });
}

#[test]
fn three_producers_share_the_ring() {
    check(1, || {
        let model = Model::new(2, 1);
        let producers = [100, 200, 300].map(|v| producer(&model, [v], Model::push));
        drain_beside(&model, producers.into());
    });
}

#[test]
fn long_records_do_not_wrap() {
    check(2, || {
        let model = Model::new(4, 3);
        let producers = vec![
            producer(&model, [100], Model::push_long),
            producer(&model, [200], Model::push),
        ];
        drain_beside(&model, producers);
    });
}

#[test]
fn the_inside_of_a_long_record_is_never_read_as_a_record() {
    check(2, || {
        let model = Model::new(4, 0);
        model.push_long(300).unwrap();
        let mut values = Vec::new();
        model.drain(&mut values);
        // The fourth point goes where the inside of the long record was.
        (301..304).for_each(|value| model.push(value).unwrap());
        let last = producer(&model, [304], Model::push);
        model.drain(&mut values);
        last.join().unwrap();
        model.drain(&mut values);
        assert_eq!(values, [300, 301, 302, 303, 304]);
    });
}

#[test]
fn whoever_sees_payload_sees_its_announcement() {
    check(3, || {
        let model = Model::new(4, 0);
        let writer = producer(&model, [100], Model::push_long);
        // As a crash would find the memory: what is there of the record, and then its first word.
        let inside = model.ring.header_word(1).load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        let first = model.ring.header_word(0).load(Ordering::Relaxed);
        assert!(inside == 0 || header::belongs_to(first, 0));
        writer.join().unwrap();
    });
}

/// Drains and sleeps until `count` records have come. A wake-up that is lost leaves this thread asleep, which
/// the checker reports as a deadlock.
fn drain_and_sleep(model: &Model, count: usize) {
    let mut values = Vec::new();
    loop {
        model.drain(&mut values);
        if values.len() == count {
            return;
        }
        if model.ring.memory.has_sections() && model.has_gap() {
            model.ring.give_up(model.ring.head());
            continue;
        }
        if model.ring.arm(model.ring.head()) {
            model.bell.wait();
        } else {
            thread::yield_now();
        }
    }
}

#[test]
fn an_idle_consumer_is_woken_by_either_of_two_producers() {
    check(1, || {
        let model = Model::new(4, 0);
        let producers = [100, 200].map(|v| producer(&model, [v], Model::push));
        drain_and_sleep(&model, 2);
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
    });
}

#[test]
fn an_idle_consumer_is_woken_again_and_again() {
    check(2, || {
        let model = Model::new(4, 0);
        let producer = producer(&model, 100..103, Model::push);
        drain_and_sleep(&model, 3);
        producer.join().unwrap();
    });
}

#[test]
fn a_consumer_that_sleeps_until_half_full_is_woken() {
    check(2, || {
        let model = Model::new(4, 0);
        let producers = [
            producer(&model, 100..102, Model::push),
            producer(&model, [200], Model::push),
        ];
        // Three records go past half of four slots.
        if model.ring.arm(model.ring.head() + 2) {
            model.bell.wait();
        }
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
        let mut values = Vec::new();
        model.drain(&mut values);
        assert_eq!(values.len(), 3);
    });
}

#[test]
fn no_record_slips_in_behind_the_seal() {
    check(3, || {
        let model = Model::new(4, 0);
        let producers = [
            producer(&model, 100..102, Model::push),
            producer(&model, [200], Model::push),
        ];
        model.ring.seal();
        let (tail, sealed) = model.ring.tail();
        assert!(sealed);
        let accepted: usize = producers.into_iter().map(|p| p.join().unwrap().len()).sum();
        assert_eq!(accepted as u64, tail);
        let mut values = Vec::new();
        model.drain(&mut values);
        assert_eq!(values.len(), accepted);
        assert_eq!(model.push(1), Err(PushError::Closed));
    });
}

#[test]
fn the_seal_wakes_a_sleeping_consumer() {
    check(3, || {
        let model = Model::new(2, 0);
        let closer = {
            let model = model.clone();
            thread::spawn(move || {
                if model.ring.seal() {
                    model.bell.notify();
                }
            })
        };
        while !model.ring.tail().1 {
            if model.ring.arm(model.ring.head()) {
                model.bell.wait();
            }
        }
        closer.join().unwrap();
    });
}

/// A ring whose tail is this thread's alone.
fn alone(slots: u64) -> Arc<Model> {
    let model = Model::with_sections(slots, 1);
    model.ring.offer_tail();
    model.push(300).unwrap();
    model.ring.offer_tail();
    model
}

/// Drains after the producers: `count` records are there.
fn expect(model: &Model, producers: Vec<thread::JoinHandle<Vec<u64>>>, count: usize) {
    let accepted: Vec<_> = producers.into_iter().map(|p| p.join().unwrap()).collect();
    let mut values = Vec::new();
    model.drain_all(&mut values);
    assert_eq!(values.len(), count);
    assert!(
        accepted
            .iter()
            .flatten()
            .all(|value| values.contains(value))
    );
}

#[test]
fn a_tail_of_one_producer_is_shared_with_the_next() {
    check(3, || {
        let model = alone(8);
        let producers = vec![producer(&model, 100..102, Model::push)];
        model.push(301).unwrap();
        expect(&model, producers, 4);
    });
}

#[test]
fn two_producers_revoke_a_tail_at_once() {
    check(1, || {
        let model = alone(8);
        let producers = [100, 200].map(|v| producer(&model, [v], Model::push));
        model.push(301).unwrap();
        expect(&model, producers.into(), 4);
    });
}

/// The consumer gives the tail to one while others use it: whoever is in the middle of a compare-and-swap must not succeed
/// beside the plain stores of its owner.
#[test]
fn a_shared_tail_is_given_to_one_under_way() {
    check(3, || {
        let model = Model::with_sections(2, 0);
        let reserve = |_| {
            let model = model.clone();
            thread::spawn(move || model.ring.reserve(1).unwrap())
        };
        let producers = [0, 1].map(reserve);
        for _ in 0..2 {
            thread::yield_now();
            model.ring.offer_tail();
        }
        let mut places = producers.map(|p| p.join().unwrap());
        places.sort_unstable();
        assert_eq!(places, [0, 1]);
    });
}

#[test]
fn a_tail_is_given_again_after_it_was_revoked() {
    check(1, || {
        let model = alone(16);
        let producers = vec![
            producer(&model, 100..103, Model::push),
            producer(&model, 200..202, Model::push_long),
        ];
        (0..3).for_each(|_| model.ring.offer_tail());
        expect(&model, producers, 6);
    });
}

#[test]
fn an_idle_consumer_is_woken_by_the_owner_of_the_tail() {
    check(1, || {
        let model = Model::with_sections(8, 0);
        model.ring.offer_tail();
        let producer = producer(&model, 100..103, Model::push);
        model.ring.offer_tail();
        drain_and_sleep(&model, 3);
        producer.join().unwrap();
    });
}

#[test]
fn an_idle_consumer_is_woken_while_the_tail_changes_hands() {
    check(1, || {
        let model = Model::with_sections(8, 0);
        model.ring.offer_tail();
        let producers = [100, 200].map(|v| producer(&model, [v], Model::push));
        model.ring.offer_tail();
        drain_and_sleep(&model, 2);
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
    });
}

#[test]
fn no_record_of_the_owner_slips_in_behind_the_seal() {
    check(3, || {
        let model = Model::with_sections(8, 0);
        model.ring.offer_tail();
        let producer = producer(&model, 100..102, Model::push);
        model.ring.offer_tail();
        model.ring.seal();
        let (tail, sealed) = model.ring.tail();
        assert!(sealed);
        let accepted = producer.join().unwrap().len();
        assert!(accepted as u64 <= tail);
        let mut values = Vec::new();
        model.drain_all(&mut values);
        assert_eq!(values.len(), accepted);
        model.ring.offer_tail();
        assert_eq!(model.push(1), Err(PushError::Closed));
    });
}

/// A record is given up while its producer, or another one's, is under way: each arrives once, at whatever place.
#[test]
fn who_is_given_up_takes_another_place() {
    check(2, || {
        let model = Model::with_sections(8, 0);
        let producers = [100, 200].map(|v| producer(&model, [v], Model::push));
        let mut values = Vec::new();
        model.drain(&mut values);
        if model.has_gap() {
            model.ring.give_up(model.ring.head());
        }
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
        model.drain_all(&mut values);
        values.sort_unstable();
        assert_eq!(values, [100, 200]);
    });
}

#[test]
fn a_long_record_is_given_up_before_it_is_announced_or_not_at_all() {
    check(2, || {
        let model = Model::with_sections(16, 15);
        let producer = producer(&model, [100], Model::push_long);
        let mut values = Vec::new();
        model.drain(&mut values);
        if model.has_gap() {
            model.ring.give_up(model.ring.head());
        }
        producer.join().unwrap();
        model.drain_all(&mut values);
        assert_eq!(values, [100]);
    });
}

/// A thread that left a push for good, here after it reserved its slot, keeps nobody from using the ring again and again.
#[test]
fn a_slot_whose_producer_is_gone_is_passed_over() {
    check(2, || {
        let model = Model::with_sections(2, 1);
        assert_eq!(model.ring.reserve(1), Ok(1));
        let producer = producer(&model, [100], Model::push);
        let mut values = Vec::new();
        model.drain_all(&mut values);
        producer.join().unwrap();
        model.drain_all(&mut values);
        assert_eq!(values, [100]);
        (101..103).for_each(|value| model.push(value).unwrap());
        model.drain(&mut values);
        assert_eq!(values, [100, 101, 102]);
    });
}
