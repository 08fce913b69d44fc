//! A database that was removed, or in whose place an older copy was put, does not know the journal of a process that died
//! since. The journal is set aside, and what it holds is brought in when somebody asks for it.

use crate::common::{child, stored};
use aim::query::RunState;
use aim::repo::{BroughtBack, Property, RepoRef, bring_back, unknown_journals};
use aim::run::{EPOCH_NONE, Run, RunOptions, STEP_AUTO, Which};
use aim_value::Tree;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

const HASH: &str = "00112233445566778899aabb";
const STORED: i64 = 100;
const ALL: i64 = 150;

/// Tracks, of which a part is stored and the rest in the journal alone.
pub fn role(args: &[OsString]) {
    let slots = args[1].to_str().unwrap().parse().unwrap();
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(3_600_000, slots));
    let options = RunOptions {
        which: Which::NewHash(HASH),
        experiment: Some("restored"),
        ..RunOptions::default()
    };
    let run = Run::open(repo, &options).unwrap();
    run.set(Property::AddTag("kept".into())).unwrap();
    let loss = run.metric("loss", Some(r#"{"subset": "val"}"#)).unwrap();
    let auto = run.metric("auto", None).unwrap();
    for step in 0..ALL {
        if step == STORED {
            run.flush().unwrap();
            run.set_param("lr", Tree::Float(0.5)).unwrap();
        }
        loss.track(step as f64, step, EPOCH_NONE).unwrap();
        auto.track(-1.0, STEP_AUTO, EPOCH_NONE).unwrap();
    }
    child::print("tracked");
    child::wait_for_parent();
}

/// A repository with one run, beside whose database a process died that it does not know, and that journal.
fn restored(root: &Path, slots: u64) -> (RepoRef, PathBuf) {
    let data = root.join(".aim/lmdb/data.mdb");
    Run::create(stored::open(root), None)
        .unwrap()
        .close()
        .unwrap();
    let backup = fs::read(&data).unwrap();
    let mut other = child::start("unknown", &[&root, &slots.to_string()]);
    assert_eq!(other.line(), "tracked");
    other.kill();
    fs::remove_file(&data).unwrap();
    fs::write(&data, backup).unwrap();
    let repo = stored::open(root);
    assert_eq!(stored::runs(&repo).len(), 1);
    let journals = unknown_journals(&repo).unwrap();
    assert_eq!(journals.len(), 1);
    (repo, journals[0].clone())
}

fn steps(repo: &RepoRef, hash: &str, name: &str, context: &str) -> Vec<(i64, f64)> {
    let points = stored::points(repo, hash, name, context);
    points.steps.into_iter().zip(points.values).collect()
}

#[test]
fn what_the_database_does_not_know_is_brought_in() {
    let directory = tempfile::tempdir().unwrap();
    let (repo, journal) = restored(directory.path(), 4096);
    let brought = bring_back(&repo, &journal).unwrap();
    let expected = BroughtBack {
        runs: 1,
        new_runs: 1,
        points: 2 * ALL as u64,
        ..BroughtBack::default()
    };
    assert_eq!(brought, expected);
    let (_, record) = repo.find_run(HASH).unwrap();
    assert_eq!(stored::state(&repo, HASH), RunState::Crashed);
    assert_eq!(
        (record.experiment.as_str(), &record.tags[..]),
        ("restored", &["kept".to_owned()][..])
    );
    assert_eq!(stored::param(&repo, HASH, "/lr"), Some(Tree::Float(0.5)));
    let all: Vec<(i64, f64)> = (0..ALL).map(|step| (step, step as f64)).collect();
    assert_eq!(steps(&repo, HASH, "loss", r#"{"subset":"val"}"#), all);
    assert_eq!(
        stored::points(&repo, HASH, "auto", "{}").len(),
        ALL as usize
    );
    assert!(!journal.exists() && unknown_journals(&repo).unwrap().is_empty());
}

#[test]
fn what_is_there_already_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let (repo, journal) = restored(directory.path(), 4096);
    let options = RunOptions {
        which: Which::NewHash(HASH),
        ..RunOptions::default()
    };
    let run = Run::open(repo.clone(), &options).unwrap();
    run.set_param("lr", Tree::Float(0.25)).unwrap();
    for step in 0..10 {
        run.track(
            b"loss",
            Some(br#"{"subset": "val"}"#),
            -7.0,
            step,
            EPOCH_NONE,
        )
        .unwrap();
    }
    run.close().unwrap();
    let copy = fs::read(&journal).unwrap();
    let brought = bring_back(&repo, &journal).unwrap();
    assert_eq!(
        (brought.runs, brought.new_runs, brought.present),
        (1, 0, 10)
    );
    assert_eq!(brought.points, 2 * ALL as u64 - 10);
    assert_eq!(stored::param(&repo, HASH, "/lr"), Some(Tree::Float(0.25)));
    assert_eq!(stored::state(&repo, HASH), RunState::Finished);
    let value = |step| if step < 10 { -7.0 } else { step as f64 };
    let all: Vec<(i64, f64)> = (0..ALL).map(|step| (step, value(step))).collect();
    assert_eq!(steps(&repo, HASH, "loss", r#"{"subset":"val"}"#), all);
    // Killed before the journal was removed, say: all of it is there.
    fs::write(&journal, copy).unwrap();
    let again = bring_back(&repo, &journal).unwrap();
    assert_eq!((again.points, again.present), (0, 2 * ALL as u64));
    assert_eq!(steps(&repo, HASH, "loss", r#"{"subset":"val"}"#), all);
}

#[test]
fn of_a_ring_that_went_round_the_newest_points_are_there() {
    const SLOTS: u64 = 128;
    let directory = tempfile::tempdir().unwrap();
    let (repo, journal) = restored(directory.path(), SLOTS);
    let brought = bring_back(&repo, &journal).unwrap();
    let newest = 2 * (ALL - STORED) as u64;
    assert!((newest..=SLOTS).contains(&brought.points), "{brought:?}");
    assert_eq!((brought.nameless, brought.new_runs), (0, 1));
    let all = steps(&repo, HASH, "loss", r#"{"subset":"val"}"#);
    assert!(all.len() >= (ALL - STORED) as usize);
    let first = ALL - all.len() as i64;
    assert!((first..ALL).map(|step| (step, step as f64)).eq(all));
}

#[test]
fn what_a_journal_does_not_name_comes_into_a_run_that_says_so() {
    const SLOTS: u64 = 1024;
    let directory = tempfile::tempdir().unwrap();
    let (repo, journal) = restored(directory.path(), SLOTS);
    // What is kept behind the ring is gone, as after a power loss.
    let whole = fs::read(&journal).unwrap();
    let ring = (4096 + SLOTS as usize * 48).next_multiple_of(4096) + 4096;
    assert!(whole.len() > ring);
    fs::write(&journal, &whole[..ring]).unwrap();
    let brought = bring_back(&repo, &journal).unwrap();
    assert_eq!((brought.nameless, brought.points), (300, 300));
    let all = stored::runs(&repo);
    let hash = all.last().unwrap();
    let (_, record) = repo.find_run(hash).unwrap();
    let id = journal.file_stem().unwrap().to_str().unwrap();
    assert!(record.description.contains(id), "{}", record.description);
    let all: Vec<(i64, f64)> = (0..ALL).map(|step| (step, step as f64)).collect();
    assert_eq!(steps(&repo, hash, "lost name 0", "{}"), all);
}

#[test]
fn a_file_that_is_no_such_journal_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let repo = stored::open(directory.path());
    let none = directory.path().join("none");
    let missing = none.with_file_name("00000000000000000000000000000001.unknown");
    for (path, text) in [(&none, "is not a journal"), (&missing, "there is no ")] {
        let e = bring_back(&repo, path).unwrap_err();
        assert!(
            e.message.contains(text) && e.message.contains(path.to_str().unwrap()),
            "{e}"
        );
    }
    fs::write(&missing, "nonsense").unwrap();
    let e = bring_back(&repo, &missing).unwrap_err();
    assert_eq!(e.status, aim::error::Status::Corrupt);
    assert!(missing.exists());
}
