//! A process that is stopped, or dies, in the middle of a commit.

use crate::common::{child, hold, stored, track};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::RunState;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

const SLOTS: u64 = 4096;

/// Tracks as much as the journal takes, says how much, then one point more, which waits. A call that is interrupted may
/// leave its place in the journal unused.
pub fn role(args: &[OsString]) {
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(10, SLOTS));
    let run = Run::create(repo.clone(), None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    run.flush().unwrap();
    child::print("ready");
    child::wait_for_parent();
    let mut points = 0;
    while repo.writer_stats().unwrap().journal_used < SLOTS {
        track::points(&metric, 1);
        points += 1;
    }
    let stats = repo.writer_stats().unwrap();
    assert_eq!((stats.waits, stats.wait_nanos), (0, 0));
    assert_eq!((stats.journal_used, stats.journal_slots), (SLOTS, SLOTS));
    assert!(points > SLOTS - 100, "{points}");
    child::print(run.hash());
    child::print(points);
    metric.track(0.5, STEP_AUTO, EPOCH_NONE).unwrap();
    let stats = repo.writer_stats().unwrap();
    assert!(stats.waits == 1 && stats.wait_nanos > 0, "{stats:?}");
    run.close().unwrap();
}

/// The run of one whose journal is full, and how many points it tracked.
fn said_full(child: &mut child::Child) -> (String, u64) {
    (child.line(), child.line().parse().unwrap())
}

#[test]
fn others_track_until_their_rings_are_full_and_then_wait() {
    let directory = tempfile::tempdir().unwrap();
    let mut others: Vec<_> = (0..3)
        .map(|_| child::start("fill", &[&directory.path()]))
        .collect();
    for other in &mut others {
        assert_eq!(other.line(), "ready");
    }
    let stopped = hold::start(directory.path());
    others.iter_mut().for_each(|other| other.say("go"));
    let full: Vec<(String, u64)> = others.iter_mut().map(said_full).collect();
    // Reading goes on, in processes that have the repository open and in new ones.
    let repo = stored::open(directory.path());
    for (hash, _) in &full {
        assert_eq!(stored::state(&repo, hash), RunState::Running);
    }
    stopped.signal(libc::SIGCONT);
    stopped.finish();
    for (other, (hash, tracked)) in others.into_iter().zip(&full) {
        other.finish();
        let points = stored::points(&repo, hash, "loss", "{}");
        assert_eq!(points.len() as u64, tracked + 1);
        assert_eq!(points.values.last(), Some(&0.5));
        assert_eq!(stored::state(&repo, hash), RunState::Finished);
    }
}

#[test]
fn a_writer_killed_in_a_commit_leaves_no_lock() {
    let directory = tempfile::tempdir().unwrap();
    let mut other = child::start("fill", &[&directory.path()]);
    other.line();
    for _ in 0..5 {
        let stopped = hold::start(directory.path());
        std::thread::sleep(Duration::from_millis(5));
        stopped.kill();
    }
    let stopped = hold::start(directory.path());
    other.say("go");
    let (hash, tracked) = said_full(&mut other);
    stopped.kill();
    other.finish();
    let repo = stored::open(directory.path());
    assert_eq!(
        stored::points(&repo, &hash, "loss", "{}").len() as u64,
        tracked + 1
    );
}
