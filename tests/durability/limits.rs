//! Hosts with tight limits on address space and open files.

use crate::common::{child, stored, track};
use aim::error::Status;
use aim::repo::RepoOptions;
use aim::run::{EPOCH_NONE, Run};
use aim::store::{OpenOptions, RunState};
use std::ffi::OsString;
use std::path::Path;

fn limit(resource: libc::__rlimit_resource_t, value: u64) {
    let limit = libc::rlimit {
        rlim_cur: value,
        rlim_max: value,
    };
    // SAFETY: the structure outlives the call.
    assert_eq!(unsafe { libc::setrlimit(resource, &raw const limit) }, 0);
}

/// Kibibytes of address space in use.
fn address_space() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmSize:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn small_map() -> RepoOptions {
    RepoOptions {
        store: OpenOptions {
            map_size: Some(1),
            ..OpenOptions::default()
        },
        ..RepoOptions::default()
    }
}

/// Points that take up a good 16 bytes each in the database.
fn fill(run: &Run, name: &str, count: i64) -> aim::error::Result<()> {
    let metric = run.metric(name, None)?;
    for i in 0..count {
        metric.track(
            crate::common::load::value(1, i as u64),
            i * 7919 % (1 << 40),
            i,
        )?;
        if i % 50_000 == 0 {
            run.flush()?;
        }
    }
    run.flush()
}

pub fn four_gigabytes(args: &[OsString]) {
    limit(libc::RLIMIT_AS, 4 << 30);
    let repo = stored::open(Path::new(&args[0]));
    let run = Run::create(repo, None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), 200_000);
    // The library leaves most of it to the host.
    let host = vec![1_u8; 2 << 30];
    run.close().unwrap();
    assert_eq!(host[host.len() / 2], 1);
    child::print(run.hash());
}

#[test]
fn four_gigabytes_of_address_space_are_enough() {
    let directory = tempfile::tempdir().unwrap();
    let hash = child::run("4 GB", &[&directory.path()]);
    track::check(
        &stored::open(directory.path()),
        hash.trim(),
        "loss",
        &[200_000],
    );
}

/// Lets the database outgrow its map and then the address space.
pub fn growing(args: &[OsString]) {
    let repo = stored::open_with(Path::new(&args[0]), &small_map());
    let run = Run::create(repo.clone(), None).unwrap();
    fill(&run, "first", 10).unwrap();
    limit(libc::RLIMIT_AS, address_space() * 1024 + (80 << 20));
    let error = (0..400).find_map(|n| fill(&run, &format!("series {n}"), 100_000).err());
    assert_eq!(error.unwrap().status, Status::Full);
    // Nothing is broken: the process reads and its neighbours in memory are whole.
    assert_eq!(stored::points(&repo, run.hash(), "first", "{}").len(), 10);
    child::print(run.hash());
    // SAFETY: ends the process without the library's exit handler, which would wait for room.
    unsafe { libc::_exit(0) };
}

#[test]
fn a_database_that_outgrows_the_address_space_is_an_error_and_recovered() {
    let directory = tempfile::tempdir().unwrap();
    let hash = child::run("growing", &[&directory.path()]);
    let repo = stored::open(directory.path());
    assert_eq!(stored::state(&repo, hash.trim()), RunState::Crashed);
    assert_eq!(
        stored::points(&repo, hash.trim(), "series 0", "{}").len(),
        100_000
    );
}

/// Has the database open with a small map while another process makes it large.
pub fn outgrown(args: &[OsString]) {
    let repo = stored::open_with(Path::new(&args[0]), &small_map());
    let run = Run::create(repo.clone(), None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), 10);
    run.flush().unwrap();
    if args[1] == "limited" {
        limit(libc::RLIMIT_AS, address_space() * 1024 + (8 << 20));
    }
    child::print(run.hash());
    child::wait_for_parent();
    let read = repo.store.read().map(|_| ());
    if args[1] == "limited" {
        assert_eq!(read.unwrap_err().status, Status::Full);
        // SAFETY: as in `growing`.
        unsafe { libc::_exit(0) };
    }
    read.unwrap();
    track::points(&run.metric("loss", None).unwrap(), 10);
    run.close().unwrap();
}

#[test]
fn a_database_that_others_made_larger_is_mapped_anew() {
    for limited in ["free", "limited"] {
        let directory = tempfile::tempdir().unwrap();
        let mut child = child::start("outgrown", &[&directory.path(), &limited]);
        let hash = child.line();
        let repo = stored::open(directory.path());
        let run = Run::create(repo.clone(), None).unwrap();
        for n in 0..30 {
            fill(&run, &format!("series {n}"), 100_000).unwrap();
        }
        run.close().unwrap();
        assert!(repo.store.file_usage().unwrap().1 > 24 << 20);
        child.say("go");
        child.finish();
        repo.recover().unwrap();
        let counts: &[u64] = if limited == "free" { &[10, 10] } else { &[10] };
        track::check(&repo, &hash, "loss", counts);
    }
}

/// A thousand runs one after the other, then as many as there are at once.
pub fn few_files(args: &[OsString]) {
    limit(libc::RLIMIT_NOFILE, 64);
    let repo = stored::open(Path::new(&args[0]));
    for n in 0..1000 {
        let run = Run::create(repo.clone(), None).unwrap();
        run.track(b"loss", None, f64::from(n), 0, EPOCH_NONE)
            .unwrap();
        run.close().unwrap();
    }
    let open: Vec<Run> = (0..100)
        .map(|_| Run::create(repo.clone(), None).unwrap())
        .collect();
    for run in &open {
        run.track(b"loss", None, 0.5, 0, EPOCH_NONE).unwrap();
    }
    open.iter().for_each(|run| run.close().unwrap());
}

#[test]
fn sixty_four_files_are_enough_for_a_thousand_runs() {
    let directory = tempfile::tempdir_in("/dev/shm").unwrap();
    child::run("few files", &[&directory.path()]);
    let repo = stored::open(directory.path());
    let runs = stored::runs(&repo);
    assert_eq!(runs.len(), 1100);
    for (n, hash) in runs.iter().enumerate() {
        let expected = if n < 1000 { n as f64 } else { 0.5 };
        assert_eq!(stored::points(&repo, hash, "loss", "{}").values, [expected]);
        assert_eq!(stored::state(&repo, hash), RunState::Finished);
    }
}

/// No descriptor is left for the repository.
pub fn no_files(args: &[OsString]) {
    let path = Path::new(&args[0]);
    stored::open(path);
    let mut taken = Vec::new();
    limit(libc::RLIMIT_NOFILE, 32);
    while let Ok(file) = std::fs::File::open("/dev/null") {
        taken.push(file);
    }
    let location = aim::repo::Location::find(Some(path)).unwrap();
    for free in 0..12 {
        let opened = aim::repo::Repo::open(location.clone(), &RepoOptions::default(), true)
            .and_then(|repo| Run::create(repo, None))
            .and_then(|run| run.close());
        if let Err(e) = &opened {
            assert!(
                e.message.contains("Too many open files"),
                "{free} files: {e}"
            );
        }
        child::print(opened.is_ok());
        taken.pop();
    }
}

#[test]
fn without_files_there_is_an_error_and_with_files_again_none() {
    let directory = tempfile::tempdir().unwrap();
    let printed = child::run("no files", &[&directory.path()]);
    assert!(
        printed.starts_with("false\n") && printed.ends_with("true\n"),
        "{printed}"
    );
}
