//! Lanes: of one thread, of several at once, from thread to thread.

use super::Model;
use super::tests::{check, drain_and_sleep, drain_beside, producer};
use crate::journal::push_error::PushError;
use crate::journal::record::header;
use crate::journal::words::Memory;
use loom::thread;

/// Those of `values` that one thread tracked, which have ten to themselves.
pub(super) fn of_thread(values: &[u64], first: u64) -> Vec<u64> {
    let own = |value: &&u64| **value / 10 == first / 10;
    values.iter().filter(own).copied().collect()
}

/// The third record of each metric finds its slot in the lane, unless the consumer has voided it.
#[test]
fn two_metrics_have_lanes_of_their_own() {
    check(1, || {
        let model = Model::with_lanes(16, 2);
        let producers = vec![
            producer(&model, 100..103, Model::push),
            producer(&model, 200..203, Model::push),
        ];
        drain_beside(&model, producers);
    });
}

#[test]
fn a_lane_that_two_threads_use_keeps_the_order_of_each() {
    check(1, || {
        let model = Model::with_lanes(16, 4);
        (130..132).for_each(|value| model.push(value).unwrap());
        let producers = [100, 110].map(|first| producer(&model, first..first + 2, Model::push));
        let mut values = Vec::new();
        model.drain(&mut values);
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
        model.drain_all(&mut values);
        assert_eq!(values.len(), 6);
        for first in [100, 110, 130] {
            assert_eq!(of_thread(&values, first), [first, first + 1]);
        }
    });
}

/// The second thread begins once the first is done: its records come behind, whatever slots the lane still held.
#[test]
fn a_metric_that_goes_from_thread_to_thread_keeps_its_order() {
    check(1, || {
        let model = Model::with_lanes(16, 4);
        let other = producer(&model, [200], Model::push);
        let first = producer(&model, 100..103, Model::push);
        let mut values = Vec::new();
        model.drain(&mut values);
        first.join().unwrap();
        (103..106).for_each(|value| model.push(value).unwrap());
        other.join().unwrap();
        model.drain_all(&mut values);
        assert_eq!(of_thread(&values, 100), [100, 101, 102, 103, 104, 105]);
        assert_eq!(values.len(), 7);
    });
}

/// A metric with slots left in its lane goes on at the tail, once its thread has that to itself, and in a lane again.
#[test]
fn a_lane_ends_where_the_tail_becomes_one_threads() {
    check(1, || {
        let model = Model::with_lanes(32, 4);
        (100..103).for_each(|value| model.push(value).unwrap());
        model.ring.offer_tail();
        model.push(103).unwrap();
        let other = producer(&model, [200], Model::push);
        model.ring.offer_tail();
        (104..107).for_each(|value| model.push(value).unwrap());
        let mut values = Vec::new();
        model.drain(&mut values);
        other.join().unwrap();
        model.push(107).unwrap();
        model.drain_all(&mut values);
        assert_eq!(of_thread(&values, 100), (100..108).collect::<Vec<_>>());
        assert_eq!(values.len(), 9);
    });
}

#[test]
fn what_was_taken_otherwise_moves_the_lane_past_it() {
    check(2, || {
        let model = Model::with_lanes(16, 4);
        (100..103).for_each(|value| model.push(value).unwrap());
        let other = producer(&model, [110], Model::push);
        let place = model.ring.reserve(1).unwrap();
        model.ring.pass(&model.lanes[1], place + 1, 0, 0);
        let record = [header::new(header::POINT, 1, place), 0, 0, 103, 0, 0];
        assert!(model.ring.memory.publish_if_kept(place, &record));
        model.push(104).unwrap();
        other.join().unwrap();
        let mut values = Vec::new();
        model.drain_all(&mut values);
        assert_eq!(of_thread(&values, 100), [100, 101, 102, 103, 104]);
        assert_eq!(values.len(), 6);
    });
}

#[test]
fn no_record_of_a_lane_slips_in_behind_the_seal() {
    check(2, || {
        let model = Model::with_lanes(16, 4);
        (100..103).for_each(|value| model.push(value).unwrap());
        let producer = producer(&model, 103..105, Model::push);
        model.ring.seal();
        let mut values = Vec::new();
        model.drain_all(&mut values);
        assert_eq!(model.push(109), Err(PushError::Closed));
        let accepted = producer.join().unwrap();
        assert_eq!(values[3..], accepted);
    });
}

/// What a lane still holds when the consumer falls asleep is void: whoever goes on wakes it.
#[test]
fn an_idle_consumer_is_woken_by_a_metric_with_a_lane() {
    check(2, || {
        let model = Model::with_lanes(32, 4);
        let producer = producer(&model, 100..103, Model::push);
        drain_and_sleep(&model, 3);
        producer.join().unwrap();
    });
}

/// A lane that is one thread's goes to another one: with slots left in it or, once these are void, without.
#[test]
fn a_lane_changes_hands_while_its_thread_is_under_way() {
    check(1, || {
        let model = Model::with_lanes(32, 4);
        let first = producer(&model, 100..104, Model::push);
        let mut values = Vec::new();
        model.drain(&mut values);
        (110..113).for_each(|value| model.push(value).unwrap());
        first.join().unwrap();
        model.drain_all(&mut values);
        assert_eq!(of_thread(&values, 100), [100, 101, 102, 103]);
        assert_eq!(of_thread(&values, 110), [110, 111, 112]);
        assert_eq!(values.len(), 7);
    });
}

/// Two threads want the same empty lane, and a third may be giving it back.
#[test]
fn two_threads_want_one_lane() {
    check(1, || {
        let model = Model::with_lanes(32, 4);
        (120..123).for_each(|value| model.push(value).unwrap());
        let producers = [100, 110].map(|v| producer(&model, v..v + 3, Model::push));
        let mut values = Vec::new();
        model.drain(&mut values);
        model.push(123).unwrap();
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
        model.drain_all(&mut values);
        for first in [100, 110] {
            assert_eq!(of_thread(&values, first), [first, first + 1, first + 2]);
        }
        assert_eq!(of_thread(&values, 120), [120, 121, 122, 123]);
        assert_eq!(values.len(), 10);
    });
}

/// A lane that this thread holds, with three slots left behind the records 100 to 103; the next one is at 5.
fn held() -> loom::sync::Arc<Model> {
    let model = Model::with_lanes(32, 4);
    (100..104).for_each(|value| model.push(value).unwrap());
    model
}

/// What two threads tracked as the same metric, beside each other: 104 and 105, 110 and 111.
fn expect_both(model: &Model) {
    let mut values = Vec::new();
    model.drain_all(&mut values);
    assert_eq!(of_thread(&values, 100), [100, 101, 102, 103, 104, 105]);
    assert_eq!(of_thread(&values, 110), [110, 111]);
    assert_eq!(values.len(), 8);
}

/// Records that a call takes from the tail move a lane past them while its thread is about to take a slot from it.
#[test]
fn what_another_thread_takes_otherwise_moves_the_lane_past_it() {
    check(2, || {
        let model = held();
        let other = {
            let model = model.clone();
            thread::spawn(move || {
                let place = model.ring.reserve(1).unwrap();
                let record = [header::new(header::POINT, 1, place), 0, 0, 110, 0, 0];
                assert!(model.ring.memory.publish_if_kept(place, &record));
                model.ring.pass(&model.lanes[1], place + 1, 0, 0);
                model.push(111).unwrap();
            })
        };
        (104..106).for_each(|value| model.push(value).unwrap());
        other.join().unwrap();
        expect_both(&model);
    });
}

/// Of a lane a slot is given up, but not all, and its thread may be about to take it still.
#[test]
fn a_lane_with_slots_is_not_empty_though_its_next_one_was_given_up() {
    check(2, || {
        let model = held();
        let other = {
            let model = model.clone();
            thread::spawn(move || {
                // As a consumer that gives up the fifth slot has begun to.
                model.ring.void_lanes(6);
                (110..112).for_each(|value| model.push(value).unwrap());
            })
        };
        (104..106).for_each(|value| model.push(value).unwrap());
        other.join().unwrap();
        expect_both(&model);
    });
}

/// The last slot is taken from a lane when another thread comes for it.
#[test]
fn an_empty_lane_changes_hands_at_once() {
    check(2, || {
        let model = held();
        (104..106).for_each(|value| model.push(value).unwrap());
        let other = producer(&model, 110..112, Model::push);
        model.push(106).unwrap();
        other.join().unwrap();
        let mut values = Vec::new();
        model.drain_all(&mut values);
        assert_eq!(of_thread(&values, 100), (100..107).collect::<Vec<_>>());
        assert_eq!(of_thread(&values, 110), [110, 111]);
        assert_eq!(values.len(), 9);
    });
}
