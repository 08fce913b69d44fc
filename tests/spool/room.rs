//! How much of a disk the copies of spools may have.

use crate::common::child::{self, Child};
use crate::common::stored;
use aim::repo::{Location, Repo, RepoOptions};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The role: makes a run in each spool, by this host's copy.
pub fn write(args: &[OsString]) {
    for spool in args {
        let run = Run::create(stored::open(Path::new(spool)), None).unwrap();
        run.track(b"loss", None, 1.0, STEP_AUTO, EPOCH_NONE)
            .unwrap();
        run.close().unwrap();
    }
}

/// The role: reads each spool, and says where its copy is.
pub fn read(args: &[OsString]) {
    for spool in args {
        let location = Location::find(Some(Path::new(spool))).unwrap();
        let repo = Repo::open(location, &RepoOptions::default(), false).unwrap();
        assert_eq!(stored::runs(&repo).len(), 1);
        child::print(repo.location.root.display());
    }
}

/// The role: keeps a spool open until it is told to end.
pub fn hold(args: &[OsString]) {
    let location = Location::find(Some(Path::new(&args[0]))).unwrap();
    let _repo = Repo::open(location, &RepoOptions::default(), false).unwrap();
    child::print("open");
    child::wait_for_parent();
}

/// The role: is killed while what it tracked is in this host's copy alone.
pub fn die(args: &[OsString]) {
    let run = Run::create(stored::open(Path::new(&args[0])), None).unwrap();
    run.track(b"loss", None, 1.0, STEP_AUTO, EPOCH_NONE)
        .unwrap();
    // SAFETY: a call without pointers.
    unsafe { libc::raise(libc::SIGKILL) };
}

fn size(directory: &Path) -> u64 {
    let sizes = fs::read_dir(directory).unwrap().map(|entry| {
        let entry = entry.unwrap();
        match entry.metadata().unwrap() {
            about if about.is_dir() => size(&entry.path()),
            about => about.blocks() * 512,
        }
    });
    sizes.sum()
}

struct Host {
    directory: tempfile::TempDir,
    spools: Vec<PathBuf>,
}

impl Host {
    /// With so many spools and a copy of each, of which the last was used last.
    fn new(spools: usize) -> Host {
        let directory = tempfile::tempdir().unwrap();
        let path = |n| directory.path().join(format!("spool {n}"));
        let spools: Vec<PathBuf> = (0..spools).map(path).collect();
        let host = Host { directory, spools };
        host.run("write to each", 0..host.spools.len(), "1G");
        // As they are after one look.
        host.run("read each", 0..host.spools.len(), "1G");
        host
    }

    fn command(&self, role: &str, which: std::ops::Range<usize>, most: &str) -> Child {
        let spools: Vec<&dyn AsRef<std::ffi::OsStr>> =
            self.spools[which].iter().map(|s| s as _).collect();
        let mut command = child::command(role, &spools);
        command.env("XDG_CACHE_HOME", self.directory.path().join("cache"));
        command.env("AIM_CACHE_SIZE", most);
        Child::new(command)
    }

    fn run(&self, role: &str, which: std::ops::Range<usize>, most: &str) -> Vec<PathBuf> {
        let said = self.command(role, which, most).finish();
        said.lines().map(PathBuf::from).collect()
    }

    fn taken(&self) -> u64 {
        size(&self.directory.path().join("cache"))
    }
}

#[test]
fn copies_that_were_used_longest_ago_make_room() {
    const SPOOLS: usize = 4;
    let host = Host::new(SPOOLS);
    let copies = host.run("read each", 0..SPOOLS, "1G");
    let there = || -> Vec<bool> { copies.iter().map(|copy| copy.exists()).collect() };
    let last = SPOOLS - 1..SPOOLS;
    let taken = host.taken();
    for most in [taken + 1, taken] {
        host.run("read each", last.clone(), &most.to_string());
        assert_eq!(there(), [true; SPOOLS], "{taken} bytes, {most} may be");
    }
    host.run("read each", last.clone(), &(taken - 1).to_string());
    assert_eq!(there(), [false, true, true, true]);
    // The one that is asked for stays, however large, and those that went are made anew.
    host.run("read each", 2..3, "0");
    assert_eq!(there(), [false, false, true, false]);
    host.run("read each", 0..SPOOLS, "1G");
    assert_eq!(there(), [true; SPOOLS]);
}

#[test]
fn copies_that_are_open_or_hold_what_is_nowhere_else_stay() {
    let host = Host::new(4);
    let copies = host.run("read each", 0..4, "1G");
    host.command("die at once", 1..2, "1G").wait_for_kill();
    let mut holder = host.command("hold a spool", 0..1, "1G");
    assert_eq!(holder.line(), "open");
    host.run("read each", 3..4, "1");
    let there: Vec<bool> = copies.iter().map(|copy| copy.exists()).collect();
    assert_eq!(there, [true, true, false, true]);
    holder.finish();
}

#[test]
fn a_size_that_is_none_is_refused() {
    let host = Host::new(1);
    for wrong in ["much", "-1", "1.5G", "99999999999999999999", "G"] {
        let mut child = host.command("read each", 0..1, wrong);
        assert!(!child.wait().success());
        let report = child.report();
        assert!(report.contains("AIM_CACHE_SIZE"), "{report}");
    }
}
