//! Recovery of a full journal: killed time and again, and timed.

use crate::common::random::{Random, rounds};
use crate::common::{child, hold, load, stored};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::RunState;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

const SERIES: u64 = 16;

/// The points of each series in a journal that is all but full: where a producer is interrupted, its place stays unused.
const fn each(slots: u64) -> u64 {
    slots / SERIES - 1
}

/// Fills a journal of so many slots, but for a few, while nobody can commit.
pub fn fill(args: &[OsString]) {
    let slots: u64 = args[1].to_str().unwrap().parse().unwrap();
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(3_600_000, slots));
    let run = Run::create(repo.clone(), None).unwrap();
    let metrics: Vec<_> = (0..SERIES)
        .map(|series| run.metric(&format!("series {series}"), None).unwrap())
        .collect();
    run.flush().unwrap();
    child::print(run.hash());
    child::wait_for_parent();
    for i in 0..SERIES * each(slots) {
        let value = load::value((i % SERIES) as usize, i / SERIES);
        metrics[(i % SERIES) as usize]
            .track(value, STEP_AUTO, EPOCH_NONE)
            .unwrap();
    }
    child::print("full");
    child::wait_for_parent();
}

/// Leaves a repository with one dead process's journal of so many records; returns the run's hash.
fn abandon(repo: &Path, slots: u64) -> String {
    let mut filling = child::start("fill a journal", &[&repo, &slots.to_string()]);
    let hash = filling.line();
    let stopped = hold::start(repo);
    filling.say("fill");
    assert_eq!(filling.line(), "full");
    filling.kill();
    stopped.kill();
    hash
}

fn check(repo: &Path, hash: &str, slots: u64) {
    let repo = stored::open(repo);
    assert_eq!(stored::state(&repo, hash), RunState::Crashed);
    for series in 0..SERIES {
        let points = stored::points(&repo, hash, &format!("series {series}"), "{}");
        assert_eq!(points.len() as u64, each(slots));
        for (i, value) in points.values.iter().enumerate() {
            let expected = load::value(series as usize, i as u64);
            assert!(value.to_bits() == expected.to_bits() && points.steps[i] == i as i64);
        }
    }
}

pub fn recover(args: &[OsString]) {
    stored::open(Path::new(&args[0]));
}

#[test]
fn recovery_that_is_killed_starts_over() {
    const SLOTS: u64 = 1 << 17;
    let mut random = Random::new("recovery");
    for _ in 0..rounds(1) {
        let directory = tempfile::tempdir().unwrap();
        let repo = directory.path();
        let hash = abandon(repo, SLOTS);
        // Killed later and later, until it gets to its end; twice as many at once, of whom one does the work.
        for attempt in 0..15 {
            let first = child::start("recover", &[&repo]);
            let second = child::start("recover", &[&repo]);
            std::thread::sleep(Duration::from_millis(random.below(1 + attempt * 8)));
            first.kill();
            second.kill();
        }
        check(repo, &hash, SLOTS);
    }
}

/// However short ago this process looked.
#[test]
fn what_a_dead_process_left_is_brought_in_by_every_opening_and_question() {
    let directory = tempfile::tempdir().unwrap();
    let repo = stored::open(directory.path());
    for round in 0..20 {
        repo.recover().unwrap();
        let mut filling = child::start("fill a journal", &[&directory.path(), &"4096"]);
        let hash = filling.line();
        filling.say("fill");
        assert_eq!(filling.line(), "full");
        repo.recover().unwrap();
        filling.kill();
        match round % 2 {
            0 => drop(stored::open(directory.path())),
            _ => {
                let expression = format!("run.hash == '{hash}'");
                let select = aim::query::Select::Runs;
                aim::query::query(&repo, &expression, select, Default::default()).unwrap();
            }
        }
        let points = stored::points(&repo, &hash, "series 0", "{}");
        assert_eq!(points.len() as u64, each(4096), "round {round}");
    }
}

#[test]
fn a_large_journal_is_recovered_whole() {
    // A gigabyte in the long version.
    let slots = (1 << 19) * rounds(1).next_power_of_two().min(32);
    let directory = tempfile::tempdir().unwrap();
    let hash = abandon(directory.path(), slots);
    let began = Instant::now();
    stored::open(directory.path());
    let gigabytes = (slots * 48) as f64 / 1e9;
    println!(
        "recovery: {:.2} s/GB of {gigabytes:.2} GB",
        began.elapsed().as_secs_f64() / gigabytes
    );
    check(directory.path(), &hash, slots);
}

#[test]
fn who_opens_another_repository_does_not_wait_for_a_recovery() {
    const SLOTS: u64 = 4096;
    let (damaged, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut busy = child::start("hold busily", &[&damaged.path()]);
    assert_eq!(busy.line(), "open");
    let hash = abandon(damaged.path(), SLOTS);
    busy.say("begin");
    assert_eq!(busy.line(), "busy");
    let path = damaged.path().to_owned();
    let recovering = std::thread::spawn(move || drop(stored::open(&path)));
    for round in 0..5 {
        let repo = stored::open(&other.path().join(round.to_string()));
        let run = Run::create(repo.clone(), None).unwrap();
        run.track(b"loss", None, 1.0, 0, EPOCH_NONE).unwrap();
        run.close().unwrap();
        assert_eq!(stored::points(&repo, run.hash(), "loss", "{}").len(), 1);
    }
    assert!(!recovering.is_finished());
    busy.say("go on");
    recovering.join().unwrap();
    busy.finish();
    check(damaged.path(), &hash, SLOTS);
}
