//! Appending, draining and recovering through the public surface.

use aim::error::Status;
use aim::journal::{Consumer, Journal, JournalId, Point, PushError, Record, Recovery, scan};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
enum Owned {
    Point(u32, Point),
    Payload(u8, Vec<u8>),
}

fn owned(record: Record<'_>) -> Owned {
    match record {
        Record::Point { series, point, .. } => Owned::Point(series, point),
        Record::Payload { kind, payload } => Owned::Payload(kind, payload.to_vec()),
    }
}

fn journal(directory: &Path, slots: u64) -> Arc<Journal> {
    let journal = Journal::create(directory, slots * 48).unwrap();
    journal.ensure_ready().unwrap();
    Arc::new(journal)
}

fn drain(consumer: &mut Consumer) -> (Vec<Owned>, u64) {
    let mut records = Vec::new();
    let end = consumer
        .drain(|record| {
            records.push(owned(record));
            Ok::<_, Infallible>(())
        })
        .unwrap();
    (records, end)
}

fn recover(directory: &Path, id: JournalId, cursor: u64) -> Vec<Owned> {
    let recovery = Recovery::open(directory, id).unwrap().unwrap();
    let mut records = Vec::new();
    recovery
        .replay(cursor, |record| {
            records.push(owned(record));
            Ok(())
        })
        .unwrap();
    records
}

fn point(n: i64) -> Point {
    Point {
        step: Some(n),
        value: n as f64 / 3.0,
        epoch: (n % 2 == 0).then_some(-n),
    }
}

fn push(journal: &Journal, n: i64) -> Result<(), PushError> {
    let point = point(n);
    journal.push_point(n as u32, point.step, point.value, point.epoch)
}

#[test]
fn records_come_out_as_they_went_in() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path(), 64);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let mut expected = Vec::new();
    for lap in 0..20 {
        for n in 0..7 {
            let n = lap * 7 + n;
            push(&journal, n).unwrap();
            expected.push(Owned::Point(n as u32, point(n)));
        }
        journal
            .push_point(9, None, f64::NEG_INFINITY, None)
            .unwrap();
        let unnumbered = Point {
            step: None,
            value: f64::NEG_INFINITY,
            epoch: None,
        };
        expected.push(Owned::Point(9, unnumbered));
        let payload: Vec<u8> = (0..lap as usize * 37).map(|b| b as u8).collect();
        journal.push_payload(lap as u8, &payload).unwrap();
        expected.push(Owned::Payload(lap as u8, payload));
        let (records, end) = drain(&mut consumer);
        assert_eq!(records, expected);
        assert_eq!(
            drain(&mut consumer).0,
            expected,
            "a second drain before the release"
        );
        consumer.release(end);
        expected.clear();
    }
}

#[test]
fn a_full_ring_takes_nothing_until_slots_are_released() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path(), 8);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    for n in 0..8 {
        push(&journal, n).unwrap();
    }
    assert_eq!(push(&journal, 8), Err(PushError::Full));
    assert_eq!(journal.push_payload(1, b"x"), Err(PushError::Full));
    let (records, end) = drain(&mut consumer);
    assert_eq!((records.len(), end), (8, 8));
    assert_eq!(push(&journal, 8), Err(PushError::Full));
    consumer.release(end);
    push(&journal, 8).unwrap();
    assert_eq!(drain(&mut consumer).0, [Owned::Point(8, point(8))]);
}

#[test]
fn nothing_follows_the_seal() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path(), 8);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    push(&journal, 1).unwrap();
    journal.seal();
    assert_eq!(push(&journal, 2), Err(PushError::Closed));
    assert_eq!(journal.push_payload(1, b"x"), Err(PushError::Closed));
    assert!(!consumer.is_finished() && !consumer.arm_idle() && !consumer.arm_timed());
    let (records, end) = drain(&mut consumer);
    assert_eq!(records, [Owned::Point(1, point(1))]);
    consumer.release(end);
    assert!(consumer.is_finished());
}

#[test]
fn an_oversized_payload_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path(), 64);
    let most = journal.max_payload();
    journal.push_payload(1, &vec![7; most]).unwrap();
    assert_eq!(
        journal.push_payload(1, &vec![7; most + 1]),
        Err(PushError::TooLarge)
    );
}

#[test]
fn an_abandoned_journal_is_recovered_from_the_cursor_on() {
    let directory = tempfile::tempdir().unwrap();
    let journal = journal(directory.path(), 32);
    let id = journal.id();
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    for n in 0..20 {
        push(&journal, n).unwrap();
    }
    let (_, cursor) = drain(&mut consumer);
    consumer.release(cursor);
    journal.push_payload(5, &[1; 100]).unwrap();
    for n in 20..40 {
        push(&journal, n).unwrap();
    }
    assert!(
        Recovery::open(directory.path(), id).unwrap().is_none(),
        "its owner lives"
    );
    drop((consumer, journal));
    assert_eq!(scan(directory.path()).unwrap(), [id]);
    let mut expected = vec![Owned::Payload(5, vec![1; 100])];
    expected.extend((20..40).map(|n| Owned::Point(n as u32, point(n))));
    assert_eq!(recover(directory.path(), id, cursor), expected);
    assert_eq!(
        recover(directory.path(), id, cursor),
        expected,
        "recovery changes nothing"
    );
    let recovery = Recovery::open(directory.path(), id).unwrap().unwrap();
    recovery.remove().unwrap();
    assert_eq!(scan(directory.path()).unwrap(), []);
}

#[test]
fn a_capacity_out_of_range_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for capacity in [0, 383, u64::MAX] {
        let error = Journal::create(directory.path(), capacity).err().unwrap();
        assert_eq!(error.status, Status::InvalidArgument);
    }
}
