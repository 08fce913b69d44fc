//! Segments of several files: where one ends and the next begins, and what may happen there.

use crate::common::child::{self, Child};
use crate::common::crowd::Crowd;
use crate::common::random::Random;
use crate::common::small_disk::{ballast, small_disk};
use crate::common::stored;
use crate::story::local;
use aim::error::Status;
use aim::repo::{
    Location, Repo, RepoOptions, RepoRef, Standing, check_segments, collect_segments,
    list_segments, merge_spool, now_micros,
};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::spool::{self, FILE_BYTES, FRAME_BYTES};
use aim_value::Tree;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;

fn location(spool: &Path) -> Location {
    Location::find(Some(spool)).unwrap()
}

/// The files of the spool's only segment, by their numbers, with their sizes.
fn files(spool: &Path) -> Vec<(PathBuf, u64)> {
    let folder = spool.join(".aim/spool");
    let all = spool::scan(&folder).unwrap();
    assert_eq!(all.len(), 1);
    let (id, files) = all.first_key_value().unwrap();
    files
        .iter()
        .map(|(number, size)| (spool::path(&folder, *id, number), size))
        .collect()
}

/// Sets a param to so many bytes.
fn put(run: &Run, name: &str, bytes: u64) {
    run.set_param(name, Tree::Str("x".repeat(bytes as usize)))
        .unwrap();
}

/// Fills the first file up to so many bytes, all but the frame that is the last, or beyond.
fn fill(run: &Run, spool: &Path, end: u64) {
    put(run, "fill", 32 * MIB);
    run.flush().unwrap();
    let before = files(spool)[0].1;
    put(run, "fill", 4 * MIB);
    run.flush().unwrap();
    let (_, now) = files(spool)[0];
    // Of a frame with 4 MiB all but those, whatever the length says.
    let around = now - before - 4 * MIB;
    let mut left = end - now;
    while left > 12 * MIB {
        put(run, "fill", 4 * MIB);
        left -= 4 * MIB + around;
    }
    run.flush().unwrap();
    let (_, now) = files(spool)[0];
    assert_eq!(now, end - left);
    put(run, "fill", left - around);
    run.flush().unwrap();
}

fn steps(repo: &RepoRef, hash: &str) -> Vec<i64> {
    stored::points(repo, hash, "loss", "{}").steps
}

fn param(repo: &RepoRef, hash: &str, name: &str) -> usize {
    match stored::param(repo, hash, &format!("/{name}")) {
        Some(Tree::Str(text)) => text.len(),
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn a_file_ends_at_64_mib_and_the_next_goes_on() {
    let last = FRAME_BYTES as u64;
    for (more, fits) in [(-8, true), (0, true), (8, false)] {
        let directory = tempfile::tempdir().unwrap();
        let spool = directory.path().join("spool");
        let run = Run::create(stored::open(&spool), None).unwrap();
        let loss = run.metric("loss", None).unwrap();
        loss.track(0.5, 0, EPOCH_NONE).unwrap();
        run.flush().unwrap();
        fill(&run, &spool, (FILE_BYTES - last).strict_add_signed(more));
        let found = files(&spool);
        assert_eq!(found.len(), if fits { 1 } else { 2 }, "{more}: {found:?}");
        for step in 1..4 {
            loss.track(0.5, step, EPOCH_NONE).unwrap();
            run.flush().unwrap();
        }
        let found = files(&spool);
        assert_eq!(found.len(), 2, "{more}: {found:?}");
        assert!(found[0].1 <= FILE_BYTES, "{more}: {found:?}");
        if fits {
            assert_eq!(found[0].1, FILE_BYTES.strict_add_signed(more), "{found:?}");
        }
        let merged = local(&directory.path().join("merged"));
        assert_eq!(
            merge_spool(&location(&spool), &merged).unwrap().problems,
            [""; 0]
        );
        assert_eq!(steps(&merged, run.hash()), [0, 1, 2, 3]);
        run.close().unwrap();
    }
}

/// The role: how a host sees a spool's run that has no copy of it, or the same one as before.
pub fn look(args: &[OsString]) {
    let spool = Path::new(&args[0]);
    let hash = args[1].to_str().unwrap();
    let repo = Repo::open(location(spool), &RepoOptions::default(), false).unwrap();
    repo.recover().unwrap();
    child::print(format!("{:?}", steps(&repo, hash)));
}

fn seen(spool: &Path, hash: &str, cache: &Path) -> String {
    let mut command = child::command("look", &[&spool, &hash]);
    command.env("XDG_CACHE_HOME", cache);
    Child::new(command).finish().trim_end().to_owned()
}

#[test]
fn full_files_are_collected_while_their_program_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let cache = |host: &str| directory.path().join(host);
    let merged = local(&directory.path().join("merged"));
    let run = Run::create(stored::open(&spool), None).unwrap();
    let loss = run.metric("loss", None).unwrap();
    loss.track(0.5, 0, EPOCH_NONE).unwrap();
    put(&run, "large", 33 * MIB);
    run.flush().unwrap();
    assert_eq!(seen(&spool, run.hash(), &cache("old")), "[0]");
    put(&run, "large", 34 * MIB);
    loss.track(0.5, 1, EPOCH_NONE).unwrap();
    run.flush().unwrap();
    let before = files(&spool);
    assert_eq!(before.len(), 2);

    let from = location(&spool);
    let collect = |remove| collect_segments(&from, &merged, now_micros(), remove).unwrap();
    assert_eq!(collect(true), (0, 0), "nothing is merged");
    merge_spool(&from, &merged).unwrap();
    assert_eq!(collect_segments(&from, &merged, 0, true).unwrap(), (0, 0));
    assert_eq!(collect(false), (1, before[0].1));
    assert_eq!(collect(true), (1, before[0].1));
    assert_eq!(files(&spool), before[1..]);

    // The program, the copy that had seen what went, one that is new, and another repository.
    loss.track(0.5, 2, EPOCH_NONE).unwrap();
    run.flush().unwrap();
    let status = list_segments(&from).unwrap().remove(0).1.unwrap();
    assert_eq!((status.files, status.standing), (1, Standing::Written));
    check_segments(&from, |_, checked| {
        let checked = checked.unwrap();
        assert_eq!(
            (checked.damaged, checked.gone, checked.unfinished),
            (0, 0, 0)
        );
    })
    .unwrap();
    assert_eq!(seen(&spool, run.hash(), &cache("old")), "[0, 1, 2]");
    assert_eq!(seen(&spool, run.hash(), &cache("new")), "[1, 2]");
    let other = local(&directory.path().join("other"));
    let told = merge_spool(&from, &other).unwrap().problems;
    assert!(
        told.len() == 1 && told[0].contains("was removed from the spool"),
        "{told:?}"
    );
    assert_eq!(steps(&other, run.hash()), [1, 2]);
    loss.track(0.5, 3, EPOCH_NONE).unwrap();
    run.close().unwrap();
    for (repo, expected) in [(&merged, vec![0, 1, 2, 3]), (&other, vec![1, 2, 3])] {
        assert_eq!(merge_spool(&from, repo).unwrap().problems, [""; 0]);
        assert_eq!(steps(repo, run.hash()), expected);
        assert_eq!(param(repo, run.hash(), "large") as u64, 34 * MIB);
    }
    assert_eq!(collect(true).0, 1);
    assert_eq!(fs::read_dir(spool.join(".aim/spool")).unwrap().count(), 0);
}

/// The role: fills a file, then tells of each step that is safe.
pub fn fill_and_go_on(args: &[OsString]) {
    let spool = Path::new(&args[0]);
    let run = Run::create(stored::open(spool), None).unwrap();
    let loss = run.metric("loss", None).unwrap();
    child::print(run.hash());
    put(&run, "fill", 60 * MIB);
    run.flush().unwrap();
    for step in 0.. {
        put(&run, "large", 300_000);
        loss.track(0.5, STEP_AUTO, EPOCH_NONE).unwrap();
        child::print(step);
    }
}

#[test]
fn programs_killed_where_a_file_ends_lose_nothing() {
    let mut random = Random::new("ends of files");
    let mut beyond = 0;
    for round in 0..6 {
        let directory = tempfile::tempdir().unwrap();
        let spool = directory.path().join("spool");
        let mut program = child::start("fill and go on", &[&spool]);
        let hash = program.line();
        // The first file has room for about thirteen.
        let mut told = 0;
        for _ in 0..8 + random.below(14) {
            told = program.line().parse().unwrap();
        }
        program.kill();
        let copy = Repo::open(location(&spool), &RepoOptions::default(), false).unwrap();
        copy.recover().unwrap();
        let merged = local(&directory.path().join("merged"));
        assert_eq!(
            merge_spool(&location(&spool), &merged).unwrap().problems,
            [""; 0]
        );
        let arrived = steps(&merged, &hash);
        assert_eq!(arrived, steps(&copy, &hash), "round {round}");
        assert_eq!(arrived, (0..arrived.len() as i64).collect::<Vec<_>>());
        assert!(arrived.len() > told, "round {round}: {arrived:?}");
        assert_eq!(param(&merged, &hash, "large"), 300_000);
        beyond += usize::from(files(&spool).len() > 1);
    }
    println!("{beyond} of 6 were in their second file");
}

/// The role: the spool's disk, and where to merge it to.
pub fn full_at_the_end(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "70m");
    let run = Run::create(stored::open(disk), None).unwrap();
    let loss = run.metric("loss", None).unwrap();
    loss.track(0.5, 0, EPOCH_NONE).unwrap();
    run.flush().unwrap();
    fill(&run, disk, FILE_BYTES - FRAME_BYTES as u64);
    ballast(&disk.join("ballast"));
    loss.track(0.5, 1, EPOCH_NONE).unwrap();
    for _ in 0..2 {
        assert_eq!(run.flush().unwrap_err().status, Status::Full);
    }
    let merged = local(Path::new(&args[1]));
    assert_eq!(
        merge_spool(&location(disk), &merged).unwrap().problems,
        [""; 0]
    );
    assert_eq!(steps(&merged, run.hash()), [0]);
    fs::remove_file(disk.join("ballast")).unwrap();
    run.flush().unwrap();
    run.close().unwrap();
    assert_eq!(
        merge_spool(&location(disk), &merged).unwrap().problems,
        [""; 0]
    );
    assert_eq!(steps(&merged, run.hash()), [0, 1]);
    assert_eq!(files(disk).len(), 2);
}

#[test]
fn no_room_for_the_next_file_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (disk, merged) = (
        directory.path().join("disk"),
        directory.path().join("merged"),
    );
    fs::create_dir(&disk).unwrap();
    child::run("full at the end", &[&disk, &merged]);
}

const FILES: u32 = 4;
const POINTS: i64 = 10;

/// What is seen of a segment of four small files, each with points of its own, when something happened to them: which of them
/// arrived, and what was told.
fn after(what: impl FnOnce(&dyn Fn(u32) -> PathBuf)) -> (Vec<i64>, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("spool");
    let mut crowd = Crowd::begin(&root, 1);
    for number in 0..FILES {
        if number > 0 {
            crowd.next_file(0);
        }
        crowd.track(0, POINTS);
    }
    crowd.end();
    what(&|number| crowd.path(0, number));
    let merged = local(&directory.path().join("merged"));
    let brought = merge_spool(&location(&root), &merged).unwrap();
    let arrived = match stored::runs(&merged).first() {
        Some(hash) => stored::points(&merged, hash, "metric 0", "{}").steps,
        None => Vec::new(),
    };
    let files: Vec<i64> = arrived
        .chunks(POINTS as usize)
        .map(|c| c[0] / POINTS)
        .collect();
    assert_eq!(arrived.len(), files.len() * POINTS as usize);
    (files, brought.problems)
}

#[test]
fn files_that_are_damaged_missing_or_foreign_cost_what_they_held() {
    let none: &[&str] = &[];
    let expect = |(files, told): (Vec<i64>, Vec<String>), wanted: &[i64], said: &[&str]| {
        assert_eq!(files, wanted, "{told:?}");
        assert_eq!(told.len(), said.len(), "{told:?}");
        for (told, said) in told.iter().zip(said) {
            assert!(told.contains(said), "{told}");
        }
    };
    expect(after(|_| {}), &[0, 1, 2, 3], none);
    let removed = "was removed from the spool";
    let remove = |path: PathBuf| fs::remove_file(path).unwrap();
    expect(after(|at| remove(at(0))), &[1, 2, 3], &[removed]);
    expect(after(|at| remove(at(2))), &[0, 1, 3], &[removed]);
    expect(
        after(|at| [at(1), at(2)].into_iter().for_each(remove)),
        &[0, 3],
        &[removed],
    );
    // What has not come yet.
    expect(
        after(|at| [at(2), at(3)].into_iter().for_each(remove)),
        &[0, 1],
        none,
    );
    let cut = |path: PathBuf, by: usize| {
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - by]).unwrap();
    };
    expect(
        after(|at| cut(at(1), 8)),
        &[0, 1, 2, 3],
        &["are damaged: what they held is lost"],
    );
    expect(after(|at| cut(at(3), 8)), &[0, 1, 2, 3], none);
    let flip = |path: PathBuf, place: usize| {
        let mut bytes = fs::read(&path).unwrap();
        bytes[place] ^= 1;
        fs::write(&path, bytes).unwrap();
    };

    expect(
        after(|at| flip(at(2), 50)),
        &[0, 1],
        &["the header of the segment is damaged"],
    );
    expect(
        after(|at| flip(at(2), 128 + 40)),
        &[0, 1, 2, 3],
        &["are damaged: what they held is lost"],
    );
    let points = |path: &PathBuf| fs::metadata(path).unwrap().len() as usize - 100;
    expect(
        after(|at| flip(at(2), points(&at(2)))),
        &[0, 1, 3],
        &["are damaged: what they held is lost"],
    );
    let copy = |from: PathBuf, to: PathBuf| assert!(fs::copy(from, to).unwrap() > 0);
    expect(after(|at| copy(at(1), at(2))), &[0, 1], &["is a copy of "]);
    expect(
        after(|at| fs::write(at(12), "").unwrap()),
        &[0, 1, 2, 3],
        none,
    );
}

#[test]
fn names_of_other_forms_are_no_files_of_segments() {
    let directory = tempfile::tempdir().unwrap();
    let id = "ab".repeat(16);
    for name in ["-0", "-01", "-+1", "- 1", "-1-2", "-", "-4294967296", ".1"] {
        fs::write(directory.path().join(format!("{id}{name}.aimseg")), "").unwrap();
    }
    assert!(spool::scan(directory.path()).unwrap().is_empty());
    for name in ["", "-1", "-4294967295"] {
        fs::write(directory.path().join(format!("{id}{name}.aimseg")), "").unwrap();
    }
    let all = spool::scan(directory.path()).unwrap();
    let numbers: Vec<u32> = all[&id.parse().unwrap()].iter().map(|(n, _)| n).collect();
    assert_eq!(numbers, [0, 1, u32::MAX]);
}
