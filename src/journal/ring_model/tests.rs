//! What must hold in every interleaving.

use super::Model;
use crate::journal::push_error::PushError;
use crate::journal::record::header;
use crate::journal::words::{Memory, Word};
use crate::lock::Mutex;
use loom::sync::Arc;
use loom::sync::atomic::{Ordering, fence};
use loom::thread;

/// One model at a time: each schedule maps stacks for its threads and unmaps them, which interrupts every processor that
/// the process runs on.
static PROCESS: Mutex<()> = Mutex::new(());

/// In every schedule with so many preemptions, or fewer: as many as seconds are enough for. `AIM_TEST_PREEMPTIONS`, which
/// `make stress` sets, allows more than the test does, `LOOM_MAX_PREEMPTIONS` so many.
pub(super) fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let more = std::env::var("AIM_TEST_PREEMPTIONS").map_or(0, |more| more.parse().unwrap());
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions + more));
    let _one = PROCESS.lock();
    builder.check(model);
}

/// Tries to push each value once; returns the accepted ones.
pub(super) fn producer(
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
pub(super) fn drain_beside(model: &Model, producers: Vec<thread::JoinHandle<Vec<u64>>>) {
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
pub(super) fn drain_and_sleep(model: &Model, count: usize) {
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
pub(super) fn alone(slots: u64) -> Arc<Model> {
    let model = Model::with_sections(slots, 1);
    model.ring.offer_tail();
    model.push(300).unwrap();
    model.ring.offer_tail();
    model
}

/// Drains after the producers: `count` records are there.
pub(super) fn expect(model: &Model, producers: Vec<thread::JoinHandle<Vec<u64>>>, count: usize) {
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

/// The consumer gives the tail to one while another uses it: whoever is in the middle of a compare-and-swap must not succeed
/// beside the plain stores of its owner.
#[test]
fn a_shared_tail_is_given_to_one_under_way() {
    check(3, || {
        let model = Model::with_sections(2, 0);
        let other = {
            let model = model.clone();
            thread::spawn(move || model.ring.reserve(1).unwrap())
        };
        let ring = &model.ring;
        ring.offer_tail();
        // One that has just claimed it, as far as that goes.
        let owner = ring.memory.owner().load(Ordering::Relaxed);
        ring.settle(owner, ring.memory.this_thread());
        ring.offer_tail();
        let mut places = [ring.reserve(1).unwrap(), other.join().unwrap()];
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
