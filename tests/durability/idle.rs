//! What the library costs while nothing is tracked: threads, wake-ups, disk.

use crate::common::{child, stored};
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The tasks of this process by name.
fn threads() -> Vec<(String, PathBuf)> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let named = |task: PathBuf| Some((std::fs::read_to_string(task.join("comm")).ok()?, task));
    tasks
        .filter_map(|task| named(task.unwrap().path()))
        .collect()
}

fn commit_thread() -> Option<PathBuf> {
    let found = threads()
        .into_iter()
        .find(|(name, _)| name.trim() == "aim-commit");
    found.map(|(_, task)| task)
}

/// How often the thread went to sleep by itself.
fn sleeps(task: &Path) -> u64 {
    let status = std::fs::read_to_string(task.join("status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.unwrap().trim().parse().unwrap()
}

fn journal_bytes(repo: &RepoRef) -> Vec<u64> {
    let journals = std::fs::read_dir(repo.root().join(".aim/journal")).unwrap();
    journals
        .map(|journal| journal.unwrap().metadata().unwrap().len())
        .collect()
}

pub fn threads_role(args: &[OsString]) {
    let repo = stored::open(Path::new(&args[0]));
    assert_eq!(threads().len(), 1, "a repository needs no thread");
    let first = Run::create(repo.clone(), None).unwrap();
    let second = Run::create(repo.clone(), None).unwrap();
    assert_eq!(threads().len(), 2, "all runs share one thread");
    // One ring, made behind the call that opens the first run, serves both.
    while journal_bytes(&repo) == [4096] {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(journal_bytes(&repo).len(), 1);
    first.close().unwrap();
    assert_eq!(threads().len(), 2);
    second.close().unwrap();
    assert!(journal_bytes(&repo).is_empty());
    // The kernel lists a thread for a moment after it was joined.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while threads().len() > 1 && std::time::Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert_eq!(threads().len(), 1, "no thread outlives the last close");
    // Freed without a close: it ends in the background.
    let third = Run::create(repo.clone(), None).unwrap();
    third
        .track(b"loss", None, 1.0, STEP_AUTO, EPOCH_NONE)
        .unwrap();
    drop(third);
    while commit_thread().is_some() || !journal_bytes(&repo).is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn threads_exist_while_runs_are_open() {
    let directory = tempfile::tempdir().unwrap();
    child::run("threads", &[&directory.path()]);
}

/// Counts how often the commit thread wakes up, idle from the start and after some work.
pub fn wakes_role(args: &[OsString]) {
    const INTERVAL: Duration = Duration::from_millis(100);
    /// How often an idle writer says that it lives.
    const HEARTBEAT: u64 = 15;
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(100, 4096));
    let run = Run::create(repo.clone(), None).unwrap();
    // It gives itself its name.
    let thread = loop {
        if let Some(thread) = commit_thread() {
            break thread;
        }
    };
    let observe = |most: u64, what: &str| {
        let (from, before) = (Instant::now(), sleeps(&thread));
        std::thread::sleep(INTERVAL * 15);
        let (woken, time) = (sleeps(&thread) - before, from.elapsed());
        assert!(
            woken <= most + time.as_secs() / HEARTBEAT,
            "{what}: woken {woken} times in {time:?}"
        );
    };
    observe(2, "nothing tracked");
    run.track(b"loss", None, 1.0, STEP_AUTO, EPOCH_NONE)
        .unwrap();
    run.flush().unwrap();
    // It falls asleep after the commit, then its heartbeat may come.
    observe(3, "nothing tracked any more");
    // A trainer that tracks all the time wakes it once an interval, however much it tracks: no commit beyond that.
    let (from, before) = (Instant::now(), repo.writer_stats().unwrap().commits);
    while from.elapsed() < INTERVAL * 10 {
        run.track(b"loss", None, 1.0, STEP_AUTO, EPOCH_NONE)
            .unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    let commits = repo.writer_stats().unwrap().commits - before;
    assert!(
        commits as u128 <= from.elapsed().as_millis() / 100 + 1,
        "{commits} commits"
    );
    run.close().unwrap();
}

#[test]
fn the_commit_thread_sleeps_while_nothing_is_tracked() {
    let directory = tempfile::tempdir().unwrap();
    child::run("wakes", &[&directory.path()]);
}
