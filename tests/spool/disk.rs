//! A shared disk that is full.

use crate::common::small_disk::{ballast, small_disk};
use crate::common::{child, load, stored, track};
use crate::story::local;
use aim::error::Status;
use aim::repo::{Location, merge_spool};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// More than the journal holds.
const POINTS: u64 = 300_000;

/// The role: the spool's disk, and where to merge it to.
pub fn full(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "16m");
    let repo = stored::open(disk);
    let run = Run::create(repo, None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    track::points(&metric, 1000);
    run.flush().unwrap();
    ballast(&disk.join("ballast"));
    // Nothing of it is kept waiting by the disk: it goes to this host's copy.
    for i in 1000..POINTS {
        let value = load::value(0, i);
        metric.track(value, STEP_AUTO, EPOCH_NONE).unwrap();
    }
    for _ in 0..2 {
        let refused = run.flush().unwrap_err();
        assert_eq!(refused.status, Status::Full, "{refused}");
    }
    let location = Location::find(Some(disk)).unwrap();
    let merged = local(Path::new(&args[1]));
    assert_eq!(merge_spool(&location, &merged).unwrap().problems, [""; 0]);
    fs::remove_file(disk.join("ballast")).unwrap();
    run.flush().unwrap();
    run.close().unwrap();
    assert_eq!(merge_spool(&location, &merged).unwrap().problems, [""; 0]);
    track::check(&merged, run.hash(), "loss", &[POINTS]);
}

#[test]
fn a_full_disk_loses_nothing_and_keeps_nobody_waiting() {
    let directory = tempfile::tempdir().unwrap();
    let (disk, merged) = (
        directory.path().join("disk"),
        directory.path().join("merged"),
    );
    fs::create_dir(&disk).unwrap();
    child::run("full spool", &[&disk, &merged]);
}
