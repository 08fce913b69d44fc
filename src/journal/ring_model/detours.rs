//! Calls whose sections are interrupted time after time, beside others and beside the consumer.

use super::Model;
use super::lanes::of_thread;
use super::tests::{alone, check, expect, producer};
use crate::journal::words::{Memory, Word};
use loom::sync::atomic::Ordering::SeqCst;
use loom::thread;

fn push_around(model: &Model, value: u64) -> Result<(), super::PushError> {
    model.interrupt();
    model.push(value)
}

fn push_long_around(model: &Model, value: u64) -> Result<(), super::PushError> {
    model.interrupt();
    model.push_long(value)
}

#[test]
fn whoever_has_the_tail_alone_goes_on_around_its_sections() {
    check(2, || {
        let model = alone(8);
        let producers = vec![producer(&model, 100..102, Model::push)];
        model.interrupt();
        model.push(301).unwrap();
        expect(&model, producers, 4);
    });
}

#[test]
fn a_tail_of_one_producer_is_shared_with_one_that_goes_around_sections() {
    check(2, || {
        let model = alone(8);
        let producers = vec![producer(&model, 100..102, push_around)];
        model.push(301).unwrap();
        expect(&model, producers, 4);
    });
}

/// Whoever is on the way to a compare-and-swap outside of a section would succeed beside the plain stores of an owner.
#[test]
fn a_tail_is_given_to_nobody_while_another_goes_around_sections() {
    check(2, || {
        let model = Model::with_sections(2, 0);
        let other = {
            let model = model.clone();
            thread::spawn(move || {
                model.interrupt();
                model.ring.reserve(1).unwrap()
            })
        };
        let memory = &model.ring.memory;
        model.ring.offer_tail();
        // Claims it, and leaves it where it is.
        model
            .ring
            .settle(memory.owner().load(SeqCst), memory.this_thread());
        model.ring.offer_tail();
        let mut places = [model.ring.reserve(1).unwrap(), other.join().unwrap()];
        places.sort_unstable();
        assert_eq!(places, [0, 1]);
    });
}

/// What the consumer finds reserved it voids, unless one writes to it who would not find out.
#[test]
fn a_slot_is_void_only_if_nobody_goes_around_sections_to_it() {
    check(1, || {
        let model = Model::with_lanes(16, 4);
        let producers = [
            producer(&model, 100..102, push_around),
            producer(&model, [200], Model::push),
        ];
        let mut values = Vec::new();
        model.drain(&mut values);
        model.drain(&mut values);
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
        model.drain_all(&mut values);
        assert_eq!(of_thread(&values, 100), [100, 101]);
        assert_eq!(of_thread(&values, 200), [200]);
    });
}

#[test]
fn a_long_record_is_written_around_sections() {
    check(2, || {
        let model = Model::with_lanes(16, 2);
        let producers = [
            producer(&model, [100], push_long_around),
            producer(&model, [200], Model::push),
        ];
        let mut values = Vec::new();
        model.drain(&mut values);
        producers.into_iter().for_each(|p| drop(p.join().unwrap()));
        model.drain_all(&mut values);
        values.sort_unstable();
        assert_eq!(values, [100, 200]);
    });
}

/// A call that never comes back is waited for no longer once its slot is given up.
#[test]
fn what_is_given_up_keeps_the_tail_from_nobody() {
    check(1, || {
        let model = Model::with_sections(8, 0);
        let detours = &model.ring.memory.detours;
        detours.store(1, SeqCst);
        assert_eq!(model.ring.reserve(1), Ok(0));
        let mut values = Vec::new();
        model.drain_all(&mut values);
        model.ring.offer_tail();
        model.push(100).unwrap();
        model.ring.offer_tail();
        assert!(model.ring.is_alone());
        model.push(101).unwrap();
        model.drain_all(&mut values);
        assert_eq!(values, [100, 101]);
    });
}

/// A thread goes around the sections of its lane while another one takes that from it.
#[test]
fn a_lane_changes_hands_around_sections() {
    check(1, || {
        let model = Model::with_lanes(32, 4);
        let first = producer(&model, 100..103, push_around);
        let mut values = Vec::new();
        model.drain(&mut values);
        (110..113).for_each(|value| model.push(value).unwrap());
        first.join().unwrap();
        model.drain_all(&mut values);
        assert_eq!(of_thread(&values, 100), [100, 101, 102]);
        assert_eq!(of_thread(&values, 110), [110, 111, 112]);
        assert_eq!(values.len(), 6);
    });
}
