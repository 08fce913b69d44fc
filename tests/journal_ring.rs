//! Appending and draining through the public surface.

mod journal_support;

use aim::error::Status;
use aim::journal::{Consumer, EPOCH_NONE, Journal, Point, Producer, PushError, STANDSTILL};
use aim::process::Gate;
use journal_support::{Owned, drain, point, push, ready_journal};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn numbered(n: i64) -> Owned {
    point(
        n as u32,
        Some(n),
        n as f64 / 3.0,
        (n % 2 == 0).then_some(-n),
    )
}

#[test]
fn a_drain_repeats_until_the_release() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 64);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let records = [
        numbered(1),
        Owned::Payload {
            kind: 7,
            payload: vec![5; 200],
        },
        numbered(2),
    ];
    for record in &records {
        push(&journal, record).unwrap();
    }
    assert_eq!(drain(&mut consumer).0, records);
    let failed = consumer.drain(|_| Err("the store is full"));
    assert_eq!(failed, Err("the store is full"));
    let (again, end) = drain(&mut consumer);
    assert_eq!(again, records);
    consumer.release(end);
    assert_eq!(drain(&mut consumer).0, []);
    assert_eq!(consumer.backlog(), 0);
}

#[test]
fn a_full_ring_takes_nothing_until_slots_are_released() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 8);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    for n in 0..8 {
        push(&journal, &numbered(n)).unwrap();
    }
    assert_eq!(push(&journal, &numbered(8)), Err(PushError::Full));
    assert_eq!(journal.push_payload(1, b"x"), Err(PushError::Full));
    let (records, end) = drain(&mut consumer);
    assert_eq!((records.len(), end), (8, 8));
    assert_eq!(push(&journal, &numbered(8)), Err(PushError::Full));
    let soon = Instant::now() + Duration::from_millis(2);
    let in_a_moment = || Instant::now() >= soon;
    assert_eq!(journal.wait_for_space(0, in_a_moment), Err(PushError::Full));
    assert_eq!(journal.wait_for_space(0, || true), Err(PushError::Full));
    consumer.release(end);
    assert_eq!(journal.wait_for_space(0, || false), Ok(()));
    push(&journal, &numbered(8)).unwrap();
    assert_eq!(drain(&mut consumer).0, [numbered(8)]);
    let stats = journal.stats();
    assert_eq!(
        (stats.waits, stats.slots_used, stats.slots_occupied),
        (3, 9, 1)
    );
    assert!(stats.wait_nanos > 0);
}

#[test]
fn a_wait_for_space_ends_where_none_is_given_back() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 8);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let fill = || while push(&journal, &numbered(0)).is_ok() {};
    fill();
    let (_, end) = drain(&mut consumer);
    let waited = |outcome| {
        let begun = Instant::now();
        assert_eq!(journal.wait_for_space(0, || false), outcome);
        begun.elapsed()
    };
    assert!(waited(Err(PushError::Full)) >= STANDSTILL);
    // Once is enough: nobody else waits for what does not come.
    let before = journal.stats().wait_nanos;
    assert!((0..1000).all(|_| waited(Err(PushError::Full)) < STANDSTILL));
    assert!(journal.stats().wait_nanos - before < STANDSTILL.as_nanos() as u64);
    consumer.release(end);
    assert_eq!(journal.wait_for_space(0, || false), Ok(()));
    // And whoever comes after waits again.
    fill();
    let (_, end) = drain(&mut consumer);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| journal.wait_for_space(0, || false));
        std::thread::sleep(Duration::from_millis(20));
        consumer.release(end);
        assert_eq!(waiting.join().unwrap(), Ok(()));
    });
}

#[test]
fn nothing_follows_the_seal() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 8);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    push(&journal, &numbered(1)).unwrap();
    journal.seal();
    assert!(journal.is_sealed());
    assert_eq!(push(&journal, &numbered(2)), Err(PushError::Closed));
    assert_eq!(journal.push_payload(1, b"x"), Err(PushError::Closed));
    assert_eq!(journal.wait_for_space(0, || false), Err(PushError::Closed));
    assert!(!consumer.is_finished() && !consumer.arm_idle() && !consumer.arm_timed());
    let (records, end) = drain(&mut consumer);
    assert_eq!(records, [numbered(1)]);
    consumer.release(end);
    assert!(consumer.is_finished());
}

#[test]
fn a_journal_that_was_sealed_before_its_first_record_takes_none() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Arc::new(Journal::create(directory.path(), 1 << 20).unwrap());
    let consumer = Consumer::new(journal.clone(), || {}).unwrap();
    assert_eq!(push(&journal, &numbered(1)), Err(PushError::NotReady));
    journal.seal();
    assert_eq!(push(&journal, &numbered(1)), Err(PushError::Closed));
    assert_eq!(journal.ensure_ready().unwrap_err().status, Status::Closed);
    assert!(consumer.is_finished());
}

#[test]
fn an_oversized_payload_is_refused_and_the_largest_always_fits_an_empty_ring() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 64);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let largest = Owned::Payload {
        kind: 1,
        payload: vec![7; journal.max_payload()],
    };
    let larger = vec![7; journal.max_payload() + 1];
    assert_eq!(journal.push_payload(1, &larger), Err(PushError::TooLarge));
    assert_eq!(
        journal.wait_for_space(larger.len(), || false),
        Err(PushError::TooLarge)
    );
    for n in 0..64 {
        push(&journal, &largest).unwrap();
        push(&journal, &numbered(n)).unwrap();
        let (records, end) = drain(&mut consumer);
        assert_eq!(records, [largest.clone(), numbered(n)]);
        consumer.release(end);
    }
}

#[test]
fn a_batch_of_points_takes_what_room_there_is() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 64);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let points: Vec<Point> = (0..200)
        .map(|n| Point {
            step: n,
            value: n as f64,
            epoch: if n % 3 == 0 { n } else { EPOCH_NONE },
        })
        .collect();
    let mut sent = 0;
    let mut received = Vec::new();
    while sent < points.len() {
        match journal.push_points(4, &points[sent..]) {
            Ok(count) => sent += count,
            Err(e) => {
                assert_eq!(e, PushError::Full);
                let (records, end) = drain(&mut consumer);
                received.extend(records);
                consumer.release(end);
            }
        }
    }
    received.extend(drain(&mut consumer).0);
    let expected: Vec<Owned> = points
        .iter()
        .map(|p| Owned::Point {
            series: 4,
            point: *p,
            time: 0,
        })
        .collect();
    assert_eq!(received, expected);
    assert_eq!(journal.push_points(4, &[]), Ok(0));
}

#[test]
fn a_capacity_out_of_range_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for capacity in [0, 383, u64::MAX] {
        let error = Journal::create(directory.path(), capacity).err().unwrap();
        assert_eq!(error.status, Status::InvalidArgument);
    }
}

#[test]
fn a_journal_has_one_consumer() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 8);
    assert!(Consumer::new(journal.clone(), || {}).is_some());
    assert!(Consumer::new(journal, || {}).is_none());
}

#[test]
fn the_waker_is_called_once_per_arming_and_only_past_the_mark() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 16);
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let mut consumer = Consumer::new(journal.clone(), move || {
        counter.fetch_add(1, Ordering::Relaxed);
    })
    .unwrap();
    let called = || calls.load(Ordering::Relaxed);
    let push = |count: i64| (0..count).for_each(|n| push(&journal, &numbered(n)).unwrap());

    push(1);
    assert_eq!(called(), 0, "an awake consumer is not woken");
    assert!(!consumer.arm_idle(), "there is a record");
    let (_, end) = drain(&mut consumer);
    consumer.release(end);
    assert!(consumer.arm_idle());
    push(3);
    assert_eq!(called(), 1);
    assert!(consumer.arm_timed());
    push(5);
    assert_eq!(called(), 1, "eight of sixteen slots");
    push(3);
    assert_eq!(called(), 2);
    assert!(!consumer.arm_timed(), "more than half full");
    let (_, end) = drain(&mut consumer);
    consumer.release(end);
    assert!(consumer.arm_idle());
    consumer.disarm();
    push(1);
    assert_eq!((called(), journal.stats().wakes), (2, 2));
}

#[test]
fn a_sleeping_consumer_receives_everything_from_several_threads() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Arc::new(Journal::create(directory.path(), 256 * 48).unwrap());
    let this = std::thread::current();
    let mut consumer = Consumer::new(journal.clone(), move || this.unpark()).unwrap();
    let producers: Vec<_> = (0..4_u32)
        .map(|series| {
            let journal = journal.clone();
            std::thread::spawn(move || {
                journal.ensure_ready().unwrap();
                let gate = Gate::open();
                let producer = Producer::new(journal.clone(), &gate, series).unwrap();
                for n in 0..20_000 {
                    let point = Point {
                        step: n,
                        value: n as f64,
                        epoch: EPOCH_NONE,
                    };
                    while !producer.push(point) {
                        journal.wait_for_space(0, || false).unwrap();
                    }
                }
            })
        })
        .collect();
    let closer = {
        let journal = journal.clone();
        std::thread::spawn(move || {
            producers
                .into_iter()
                .for_each(|producer| producer.join().unwrap());
            journal.seal();
        })
    };
    let mut next = [0_i64; 4];
    while !consumer.is_finished() {
        let (records, end) = drain(&mut consumer);
        consumer.release(end);
        for record in &records {
            let Owned::Point { series, point, .. } = record else {
                panic!("{record:?}")
            };
            assert_eq!(point.step, next[*series as usize]);
            next[*series as usize] += 1;
        }
        // Without a time-out: a lost wake-up would hang the test.
        if records.is_empty() && consumer.arm_idle() {
            std::thread::park();
        }
    }
    closer.join().unwrap();
    assert_eq!(next, [20_000; 4]);
}

#[test]
fn a_record_carries_the_time_of_its_call() {
    let micros = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_micros() as i64
    };
    // Anchors are pairs of readings of two clocks, one of which the system may be slewing.
    const TOLERANCE: i64 = 1000;
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 1024);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    for _ in 0..20 {
        let mut brackets = Vec::new();
        for n in 0..50 {
            let before = micros();
            push(&journal, &numbered(n)).unwrap();
            brackets.push((before, micros()));
        }
        std::thread::sleep(Duration::from_millis(2));
        let (records, end) = drain(&mut consumer);
        consumer.release(end);
        for (record, (before, after)) in records.iter().zip(brackets) {
            let Owned::Point { time, .. } = record else {
                panic!("{record:?}")
            };
            assert!(
                (before - TOLERANCE..=after + TOLERANCE).contains(time),
                "{before} {time}"
            );
        }
        let times: Vec<i64> = records
            .iter()
            .map(|record| match record {
                Owned::Point { time, .. } => *time,
                Owned::Payload { .. } => 0,
            })
            .collect();
        assert!(times.is_sorted());
    }
}

fn any_record() -> impl Strategy<Value = Owned> {
    let any_point = (
        any::<u32>(),
        any::<Option<i64>>(),
        any::<u64>(),
        any::<Option<i64>>(),
    );
    prop_oneof![
        3 => any_point.prop_map(|(s, step, bits, epoch)| point(s, step, f64::from_bits(bits), epoch)),
        1 => (any::<u8>(), vec(any::<u8>(), 0..400))
            .prop_map(|(kind, payload)| Owned::Payload { kind, payload }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// A ring of 64 slots, pushes with releases in between, against a queue.
    #[test]
    fn any_records_come_out_as_they_went_in(
        records in vec((any_record(), 0..4_u8), 1..300),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let journal = ready_journal(directory.path(), 64);
        let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
        let mut queue = VecDeque::new();
        for (record, then) in records {
            if then == 0 || push(&journal, &record).is_err() {
                let (drained, end) = drain(&mut consumer);
                prop_assert_eq!(drained, queue.drain(..).collect::<Vec<_>>());
                consumer.release(end);
                prop_assert_eq!(push(&journal, &record), Ok(()));
            }
            queue.push_back(record);
        }
        prop_assert_eq!(drain(&mut consumer).0, queue.drain(..).collect::<Vec<_>>());
    }
}
