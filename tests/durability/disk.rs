//! Disks that are full or cannot be written. Each test has a mount namespace of its own, which takes root.

use crate::common::small_disk::{ballast, mount, small_disk};
use crate::common::{child, load, stored, track};
use aim::error::Status;
use aim::query::{Options, Select, query};
use aim::repo::{Location, Repo, RepoOptions};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::RunState;
use std::ffi::OsString;
use std::path::Path;

const SLOTS: u64 = 4096;

pub fn filling(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "32m");
    let repo = stored::open_with(disk, &stored::hasty(20, SLOTS));
    let run = Run::create(repo.clone(), None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    track::points(&metric, 1000);
    run.flush().unwrap();
    let mut next = 1000;
    for round in 0..3 {
        ballast(&disk.join("ballast"));
        // Until the ring is full everything is accepted, and stays so.
        let before = next;
        let error = loop {
            match metric.track(load::value(0, next), STEP_AUTO, EPOCH_NONE) {
                Ok(()) => next += 1,
                Err(e) => break e,
            }
        };
        assert_eq!(error.status, Status::Full, "{error}");
        assert!(
            next - before >= SLOTS - 1,
            "round {round}: {} accepted",
            next - before
        );
        assert_eq!(run.flush().unwrap_err().status, Status::Full);
        assert_eq!(
            metric.track(0.0, STEP_AUTO, EPOCH_NONE).unwrap_err().status,
            Status::Full
        );
        assert!(repo.writer_stats().unwrap().failures > 0);
        // What is committed can be read, here and in a process that comes now.
        assert!(stored::points(&repo, run.hash(), "loss", "{}").len() >= 1000);
        std::fs::remove_file(disk.join("ballast")).unwrap();
        while run.flush().is_err() {}
        assert_eq!(
            stored::points(&repo, run.hash(), "loss", "{}").len() as u64,
            next
        );
        track_from(&metric, &mut next, 500);
        run.flush().unwrap();
    }
    run.close().unwrap();
    track::check(&repo, run.hash(), "loss", &[next]);
    assert_eq!(stored::state(&repo, run.hash()), RunState::Finished);
}

fn track_from(metric: &aim::run::Metric, next: &mut u64, count: u64) {
    for _ in 0..count {
        metric
            .track(load::value(0, *next), STEP_AUTO, EPOCH_NONE)
            .unwrap();
        *next += 1;
    }
}

#[test]
fn a_full_disk_takes_up_again_when_there_is_space() {
    let directory = tempfile::tempdir().unwrap();
    child::run("filling disk", &[&directory.path()]);
}

pub fn room_again(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "32m");
    // Whoever waits for the interval waits for ever.
    let repo = stored::open_with(disk, &stored::hasty(3_600_000, SLOTS));
    let run = Run::create(repo.clone(), None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), 1000);
    run.flush().unwrap();
    ballast(&disk.join("ballast"));
    track::points(&run.metric("loss", None).unwrap(), 1000);
    for _ in 0..3 {
        assert_eq!(run.flush().unwrap_err().status, Status::Full);
    }
    let ask = || query(&repo, "True", Select::Metrics, Options::default()).unwrap();
    assert!(ask().warning().unwrap().contains("this process tracked"));
    std::fs::remove_file(disk.join("ballast")).unwrap();
    run.flush().unwrap();
    assert_eq!(ask().warning(), None);
    run.close().unwrap();
    track::check(&repo, run.hash(), "loss", &[1000, 1000]);
}

#[test]
fn a_flush_tries_a_commit_that_failed_again_at_once() {
    let directory = tempfile::tempdir().unwrap();
    child::run("room again", &[&directory.path()]);
}

/// A process dies while the disk is full: its points wait in the journal.
pub fn dying(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "32m");
    stored::open(disk);
    let mut dying = child::start("fill and hang", &[&disk]);
    let hash = dying.line();
    ballast(&disk.join("ballast"));
    dying.say("track");
    let accepted: u64 = dying.line().parse().unwrap();
    dying.kill();
    // Readers get along, writers are told, and nobody loses anything.
    let repo = stored::open(disk);
    assert_eq!(repo.recover().unwrap_err().status, Status::Full);
    assert_eq!(stored::state(&repo, &hash), RunState::Crashed);
    track::check(&repo, &hash, "loss", &[10]);
    assert_eq!(
        Run::resume(repo.clone(), &hash, None).err().unwrap().status,
        Status::Full
    );
    assert_eq!(
        Run::create(repo.clone(), None).err().unwrap().status,
        Status::Full
    );
    std::fs::remove_file(disk.join("ballast")).unwrap();
    let run = Run::resume(repo.clone(), &hash, None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), 10);
    run.close().unwrap();
    track::check(&repo, &hash, "loss", &[10, accepted, 10]);
}

pub fn fill_and_hang(args: &[OsString]) {
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(20, SLOTS));
    let run = Run::create(repo, None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    track::points(&metric, 10);
    run.flush().unwrap();
    child::print(run.hash());
    child::wait_for_parent();
    let mut accepted = 0;
    while metric
        .track(load::value(0, accepted), STEP_AUTO, EPOCH_NONE)
        .is_ok()
    {
        accepted += 1;
    }
    child::print(accepted);
    loop {
        std::thread::park();
    }
}

#[test]
fn a_process_that_dies_on_a_full_disk_is_recovered_later() {
    let directory = tempfile::tempdir().unwrap();
    child::run("dying on a full disk", &[&directory.path()]);
}

pub fn read_only(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "32m");
    let finished = track::run(disk, track::NEW, "loss", 1000, "close");
    let mut dying = track::start(disk, track::NEW, "loss", 1000, "hang");
    let crashed = dying.line();
    dying.kill();
    mount(disk, libc::MS_REMOUNT | libc::MS_RDONLY, "");
    let repo = Repo::open(
        Location::find(Some(disk)).unwrap(),
        &RepoOptions::default(),
        false,
    )
    .unwrap();
    track::check(&repo, &finished, "loss", &[1000]);
    assert_eq!(stored::state(&repo, &finished), RunState::Finished);
    assert_eq!(stored::state(&repo, &crashed), RunState::Crashed);
    for refused in [
        Run::create(repo.clone(), None).err(),
        Run::resume(repo.clone(), &crashed, None).err(),
    ] {
        assert_eq!(refused.unwrap().status, Status::ReadOnly);
    }
    drop(repo);
    mount(disk, libc::MS_REMOUNT, "");
    let repo = stored::open(disk);
    track::check(&repo, &crashed, "loss", &[1000]);
}

#[test]
fn a_read_only_disk_is_read_and_recovered_once_it_can_be_written() {
    let directory = tempfile::tempdir().unwrap();
    child::run("read-only disk", &[&directory.path()]);
}
