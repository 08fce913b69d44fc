//! A forked child and its parent's journal.

mod journal_support;

use aim::error::Status;
use aim::journal::{Consumer, Journal, PushError, is_alive, scan};
use journal_support::{drain, in_fork, point, push, ready_journal, recover};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_child_is_refused_and_leaves_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 64);
    let id = journal.id();
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let first = point(1, Some(1), 1.0, None);
    push(&journal, &first).unwrap();
    assert!(!journal.forked());
    let mut in_child = Some((journal, consumer));
    assert!(in_fork(|| {
        let (journal, mut consumer) = in_child.take().unwrap();
        assert!(journal.forked());
        assert_eq!(push(&journal, &first), Err(PushError::Forked));
        assert_eq!(journal.push_payload(1, b"x"), Err(PushError::Forked));
        assert_eq!(journal.push_points(1, &[]), Err(PushError::Forked));
        assert_eq!(journal.wait_for_space(0, || false), Err(PushError::Forked));
        assert_eq!(journal.ensure_ready().unwrap_err().status, Status::Forked);
        assert_eq!(journal.heartbeat().unwrap_err().status, Status::Forked);
        assert_eq!(journal.remove().unwrap_err().status, Status::Forked);
        journal.seal();
        assert_eq!(drain(&mut consumer).0, []);
        consumer.release(1);
        consumer.anchor();
        assert!(!consumer.arm_idle() && !consumer.arm_timed());
        assert_eq!(journal.stats().slots_occupied, 0);
        drop((consumer, journal));
        // The parent still holds the lock.
        is_alive(directory.path(), id).unwrap() && scan(directory.path()).unwrap() == [id]
    }));
    let (journal, mut taken) = in_child.take().unwrap();
    consumer = {
        push(&journal, &first).unwrap();
        assert_eq!(drain(&mut taken).0, [first.clone(), first.clone()]);
        taken
    };
    // Another child looks from outside: its sibling's exit has not unlocked the journal.
    assert!(in_fork(|| is_alive(directory.path(), id).unwrap()));
    drop((consumer, journal));
    assert_eq!(recover(directory.path(), id, 0), [first.clone(), first]);
}

#[test]
fn a_child_uses_journals_of_its_own_and_so_does_its_child() {
    let directory = tempfile::tempdir().unwrap();
    let parents = ready_journal(directory.path(), 64);
    let record = point(2, None, 2.0, Some(3));
    let uses_its_own = || {
        let journal = ready_journal(directory.path(), 64);
        let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
        push(&journal, &record).unwrap();
        let worked = drain(&mut consumer).0 == [record.clone()];
        journal.remove().unwrap();
        (worked, journal)
    };
    assert!(in_fork(|| {
        let (worked, own) = uses_its_own();
        let grandchild =
            in_fork(|| own.forked() && parents.forked() && uses_its_own().0 && parents.forked());
        worked && grandchild && !own.forked() && parents.forked()
    }));
    assert!(!parents.forked());
    push(&parents, &record).unwrap();
    assert_eq!(scan(directory.path()).unwrap(), [parents.id()]);
}

#[test]
fn a_child_recovers_what_it_finds_dead() {
    let directory = tempfile::tempdir().unwrap();
    let record = point(2, None, 2.0, Some(3));
    let dead = ready_journal(directory.path(), 64);
    push(&dead, &record).unwrap();
    let id = dead.id();
    drop(dead);
    assert!(in_fork(
        || recover(directory.path(), id, 0) == [record.clone()]
    ));
}

#[test]
fn a_fork_amid_pushes_disturbs_neither_side() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Arc::new(Journal::create(directory.path(), 8192 * 48).unwrap());
    journal.ensure_ready().unwrap();
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let producer = {
        let journal = journal.clone();
        std::thread::spawn(move || {
            for n in 0..200_000 {
                while push(&journal, &point(1, Some(n), 0.0, None)).is_err() {
                    journal.wait_for_space(0, || false).unwrap();
                }
            }
            journal.seal();
        })
    };
    let mut received = 0;
    let mut forks = 0;
    while !consumer.is_finished() {
        if forks < 20 {
            forks += 1;
            assert!(in_fork(
                || push(&journal, &point(1, None, 0.0, None)) == Err(PushError::Forked)
            ));
        }
        let (records, end) = drain(&mut consumer);
        for record in records {
            assert_eq!(record, point(1, Some(received), 0.0, None));
            received += 1;
        }
        consumer.release(end);
    }
    producer.join().unwrap();
    assert_eq!(received, 200_000);
}

/// The descriptor of a file, by its entry in `/proc`.
fn descriptor_of(file: &Path) -> PathBuf {
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let mut paths = open.map(|entry| entry.path());
    paths.find(|path| is_for(path, file)).unwrap()
}

fn is_for(descriptor: &Path, file: &Path) -> bool {
    std::fs::read_link(descriptor).is_ok_and(|found| found == file)
}

#[test]
fn a_fork_amid_the_opening_of_a_file_that_was_closed_keeps_no_child_waiting() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().canonicalize().unwrap();
    // What a host does that closes all descriptors that it does not know.
    let close_and_use = |journal: &Journal, descriptor: &mut PathBuf| {
        if !is_for(descriptor, journal.path()) {
            *descriptor = descriptor_of(journal.path());
        }
        let number = descriptor.file_name().unwrap().to_str().unwrap();
        // SAFETY: a descriptor of the journal, which expects that.
        unsafe { libc::close(number.parse().unwrap()) };
        journal.heartbeat().unwrap();
    };
    let parents = Journal::create(&directory, 64 * 48).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let mut descriptor = PathBuf::new();
            while !done.load(Ordering::Relaxed) {
                close_and_use(&parents, &mut descriptor);
            }
        });
        let all_end = (0..100).all(|_| {
            in_fork(|| {
                // SAFETY: the call only sets a timer, which ends a child that waits.
                unsafe { libc::alarm(60) };
                let own = Journal::create(&directory, 64 * 48).unwrap();
                close_and_use(&own, &mut PathBuf::new());
                true
            })
        });
        done.store(true, Ordering::Relaxed);
        assert!(all_end);
    });
}
