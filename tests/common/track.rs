//! A program that tracks a given number of points and then ends in a given way.

use super::child::{self, Child};
use super::{load, stored};
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use std::ffi::OsString;
use std::path::Path;

pub const NEW: &str = "new";

/// Starts it. It prints the run's hash once its points are tracked, waits for a line and then ends: `close`, `exit`,
/// `_exit`, `abort`, or `hang` until it is killed.
pub fn start(repo: &Path, hash: &str, name: &str, points: u64, ending: &str) -> Child {
    child::start(
        "track",
        &[&repo, &hash, &name, &points.to_string(), &ending],
    )
}

/// Lets it end and returns the run's hash.
pub fn run(repo: &Path, hash: &str, name: &str, points: u64, ending: &str) -> String {
    let mut child = start(repo, hash, name, points, ending);
    let hash = child.line();
    child.say("end");
    let status = child.wait();
    assert!(status.success() || ending == "abort", "{ending}: {status}");
    hash
}

pub fn role(args: &[OsString]) {
    let text = |n: usize| args[n].to_str().unwrap();
    let repo = stored::open(Path::new(&args[0]));
    let run = match text(1) {
        NEW => Run::create(repo, None).unwrap(),
        hash => Run::resume(repo, hash, None).unwrap(),
    };
    points(
        &run.metric(text(2), None).unwrap(),
        text(3).parse().unwrap(),
    );
    child::print(run.hash());
    child::wait_for_parent();
    match text(4) {
        "close" => run.close().unwrap(),
        // SAFETY: each ends the process, as a host might.
        "exit" => unsafe { libc::exit(0) },
        // SAFETY: as above.
        "_exit" => unsafe { libc::_exit(0) },
        // SAFETY: as above.
        "abort" => unsafe { libc::abort() },
        "hang" => loop {
            std::thread::park();
        },
        other => panic!("ending {other}"),
    }
}

/// Tracks points 0 to `count`.
pub fn points(metric: &Metric, count: u64) {
    for i in 0..count {
        metric
            .track(load::value(0, i), STEP_AUTO, EPOCH_NONE)
            .unwrap();
    }
}

/// The sequence holds exactly what so many calls of `points` tracked one after the other.
pub fn check(repo: &RepoRef, hash: &str, name: &str, counts: &[u64]) {
    let stored = stored::points(repo, hash, name, "{}");
    let expected = counts
        .iter()
        .flat_map(|count| (0..*count).map(|i| load::value(0, i).to_bits()));
    let expected: Vec<u64> = expected.collect();
    let steps: Vec<i64> = (0..expected.len() as i64).collect();
    let values: Vec<u64> = stored.values.iter().map(|value| value.to_bits()).collect();
    assert_eq!(
        values.len(),
        expected.len(),
        "points of {name} in run {hash}"
    );
    assert!(
        values == expected && stored.steps == steps,
        "{name} in run {hash} differs"
    );
}
