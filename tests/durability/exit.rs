//! Programs that end without closing their runs.

use crate::common::{child, stored, track};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::RunState;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Four threads track while the main thread exits. What was accepted before is counted.
pub fn role(args: &[OsString]) {
    static ACCEPTED: AtomicU64 = AtomicU64::new(0);
    extern "C" fn report() {
        child::print(ACCEPTED.load(Ordering::SeqCst));
    }
    // SAFETY: a plain function. Registered before the library's handler, so it is called after that.
    unsafe { libc::atexit(report) };
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(3_600_000, 1 << 16));
    let run = Box::leak(Box::new(Run::create(repo, None).unwrap()));
    child::print(run.hash());
    for thread in 0..4 {
        let metric = run
            .metric("loss", Some(&format!("{{\"thread\":{thread}}}")))
            .unwrap();
        std::thread::spawn(move || {
            while metric.track(1.0, STEP_AUTO, EPOCH_NONE).is_ok() {
                ACCEPTED.fetch_add(1, Ordering::SeqCst);
            }
            loop {
                std::thread::park();
            }
        });
    }
    while ACCEPTED.load(Ordering::SeqCst) < 200_000 {
        std::thread::yield_now();
    }
}

#[test]
fn exit_in_the_middle_of_tracking_stores_what_was_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = child::start("exit", &[&directory.path()]);
    let hash = child.line();
    let accepted: u64 = child.finish().trim().parse().unwrap();
    let repo = stored::open(directory.path());
    let stored: usize = (0..4)
        .map(|thread| {
            stored::points(&repo, &hash, "loss", &format!("{{\"thread\":{thread}}}")).len()
        })
        .sum();
    // Each thread may have been between a call and its count.
    assert!(
        (accepted..=accepted + 4).contains(&(stored as u64)),
        "{stored} of {accepted}"
    );
    assert_eq!(stored::state(&repo, &hash), RunState::Finished);
    assert_eq!(
        std::fs::read_dir(directory.path().join(".aim/journal"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn several_open_runs_are_finished_at_exit() {
    let directory = tempfile::tempdir().unwrap();
    let hashes = child::run("exit with runs", &[&directory.path()]);
    let repo = stored::open(directory.path());
    assert_eq!(hashes.lines().count(), 20);
    for hash in hashes.lines() {
        track::check(&repo, hash, "loss", &[100]);
        assert_eq!(stored::state(&repo, hash), RunState::Finished);
    }
}

/// Opens runs, tracks and exits with all of them open, in a repository beside another one.
pub fn many_runs(args: &[OsString]) {
    let repo = stored::open(Path::new(&args[0]));
    let other = stored::open(&Path::new(&args[0]).join("other"));
    let run = Run::create(other, None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), 100);
    for _ in 0..20 {
        let run = Box::leak(Box::new(Run::create(repo.clone(), None).unwrap()));
        track::points(&run.metric("loss", None).unwrap(), 100);
        child::print(run.hash());
    }
    std::mem::forget(run);
}
