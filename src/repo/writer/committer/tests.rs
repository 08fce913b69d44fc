//! A bug in the commit thread, and a slow one, made on purpose.

use crate::error::Status;
use crate::journal::Record;
use crate::repo::{Location, Repo, RepoOptions, RepoRef};
use crate::run::{EPOCH_NONE, Metric, Run};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A point with this value is a bug while `BROKEN`.
const BUG: f64 = -7.25e77;
static BROKEN: AtomicBool = AtomicBool::new(true);
/// A commit with a point of this value takes long.
const SLOW: f64 = -7.5e77;
/// The first commit with a point of this value clears `FAILING` and fails a while later.
const FAILS_LATE: f64 = -7.75e77;
static FAILING: AtomicBool = AtomicBool::new(false);

pub fn on_record(record: &Record<'_>) {
    if let Record::Point { point, .. } = record
        && point.value == BUG
        && BROKEN.load(Ordering::SeqCst)
    {
        panic!("of a point");
    }
    if let Record::Point { point, .. } = record
        && point.value == SLOW
    {
        std::thread::sleep(Duration::from_secs(3));
    }
    if let Record::Point { point, .. } = record
        && point.value == FAILS_LATE
        && FAILING.swap(false, Ordering::SeqCst)
    {
        std::thread::sleep(Duration::from_secs(1));
        panic!("of a point");
    }
}

fn open(root: &Path) -> RepoRef {
    let options = RepoOptions {
        flush_interval: Some(Duration::from_millis(100)),
        ..RepoOptions::default()
    };
    let root = root.to_owned();
    Repo::open(Location { root }, &options, true).unwrap()
}

/// A run of which one point is stored.
fn tracking(root: &Path) -> (RepoRef, Run, Metric) {
    let repo = open(root);
    let run = Run::create(repo.clone(), None).unwrap();
    let loss = run.metric("loss", None).unwrap();
    loss.track(1.0, 0, EPOCH_NONE).unwrap();
    run.flush().unwrap();
    (repo, run, loss)
}

fn count(repo: &RepoRef, hash: &str) -> u64 {
    let txn = repo.store.read().unwrap();
    let run = txn
        .find_run(&crate::store::parse_hash(hash).unwrap())
        .unwrap()
        .unwrap();
    txn.run_series(run)
        .unwrap()
        .iter()
        .map(|(_, a)| a.count)
        .sum()
}

#[test]
fn after_a_panic_flush_and_close_do_not_say_that_all_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let (repo, run, loss) = tracking(directory.path());
    loss.track(BUG, 1, EPOCH_NONE).unwrap();
    for _ in 0..3 {
        let e = run.flush().unwrap_err();
        assert_eq!(e.status, Status::Panic);
        assert!(e.message.contains("of a point"), "{e}");
    }
    loss.track(2.0, 2, EPOCH_NONE).unwrap();
    assert_eq!(count(&repo, run.hash()), 1);
    let other = Run::create(repo.clone(), None).unwrap();
    other.track(b"loss", None, 1.0, 0, EPOCH_NONE).unwrap();
    for run in [&run, &other] {
        assert_eq!(run.close().unwrap_err().status, Status::Panic);
    }
    // What was tracked waits in the journal, and nothing of it is lost.
    BROKEN.store(false, Ordering::SeqCst);
    let hash = run.hash().to_owned();
    drop((loss, run, other, repo));
    let repo = open(directory.path());
    while count(&repo, &hash) < 3 {
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_lies_behind_a_gap_is_stored_though_the_journal_was_removed_and_the_disk_is_slow() {
    let directory = tempfile::tempdir().unwrap();
    let (repo, run, loss) = tracking(directory.path());
    // The next commit begins after an interval, finds the journal removed, and takes long.
    loss.track(SLOW, 1, EPOCH_NONE).unwrap();
    Repo::writer(&repo).unwrap().journal().leave_gap();
    for step in 2..100 {
        loss.track(1.0, step, EPOCH_NONE).unwrap();
    }
    std::fs::remove_dir_all(directory.path().join(".aim/journal")).unwrap();
    while run.flush().is_ok() {}
    let e = run.close().unwrap_err();
    assert_eq!(e.status, Status::NotFound, "{e}");
    let begun = Instant::now();
    while count(&repo, run.hash()) < 100 && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(count(&repo, run.hash()), 100);
}

#[test]
fn a_flush_is_not_told_of_a_commit_that_began_before_it() {
    let directory = tempfile::tempdir().unwrap();
    let (repo, run, loss) = tracking(directory.path());
    FAILING.store(true, Ordering::SeqCst);
    loss.track(FAILS_LATE, 1, EPOCH_NONE).unwrap();
    while FAILING.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
    }
    run.flush().unwrap();
    assert_eq!(count(&repo, run.hash()), 2);
    run.close().unwrap();
}
