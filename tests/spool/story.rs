//! The life of a run on a spool, and what of it arrives.

use crate::common::child;
use crate::common::stored;
use aim::repo::{Location, Property, Repo, RepoOptions, RepoRef, merge_spool};
use aim::run::logs::read_logs;
use aim::run::{EPOCH_NONE, Mode, Outcome, Run, RunOptions, RunState, STEP_AUTO, Which};
use aim::store::{Stream, digest};
use aim_value::Tree;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A repository on a local disk, although the environment asks for spools.
pub fn local(path: &Path) -> RepoRef {
    fs::create_dir_all(path.join(".aim/lmdb")).unwrap();
    let repo = stored::open(path);
    assert!(repo.spool().is_none());
    repo
}

fn location(path: &Path) -> Location {
    Location::find(Some(path)).unwrap()
}

fn segments(spool: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(spool.join(".aim/spool")).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// What one program does, up to the outcome.
fn write(run: &Run) {
    run.set(Property::Name("first".to_owned())).unwrap();
    run.set(Property::AddTag("on a cluster".to_owned()))
        .unwrap();
    let params = Tree::from_json(r#"{"lr": 0.1, "layers": [1, 2, {"deep": null}]}"#).unwrap();
    run.set_param("hparams", params).unwrap();
    run.set_param("/hparams/lr", Tree::Float(0.01)).unwrap();
    let loss = run.metric("loss", Some(r#"{"subset":"train"}"#)).unwrap();
    for step in 0..1000 {
        loss.track(1.0 / (step + 1) as f64, step, step / 100)
            .unwrap();
    }
    let noise = run.metric("noise", None).unwrap();
    let values: Vec<f64> = (0..300_000).map(|i| f64::from(i).sin()).collect();
    noise.track_many(&values, None, None).unwrap();
    let times = [1.5, 2.5, 3.5];
    let past = run.metric("past", None).unwrap();
    past.track_many_at(&times, Some(&[3, 1, 2]), None, Some(&times))
        .unwrap();
    run.log_at(None, 20, "half way", None).unwrap();
    run.add_line_at(None, 1, "epoch 1").unwrap();
    assert!(run.rewind(900, &["loss"]).unwrap() > 0);
    loss.track(7.0, 900, EPOCH_NONE).unwrap();
    // Larger than what the journal holds.
    run.set_param("large", Tree::Str("x".repeat(4 << 20)))
        .unwrap();
}

/// The role: writes a run and fails.
pub fn role(args: &[OsString]) {
    let repo = stored::open(Path::new(&args[0]));
    let which = Which::Id("job 1", Mode::Create);
    let options = RunOptions {
        which,
        experiment: Some("digits"),
        ..RunOptions::default()
    };
    let run = Run::open(repo, &options).unwrap();
    write(&run);
    run.flush().unwrap();
    assert_eq!(run.param(Some("/hparams/lr")).unwrap(), Tree::Float(0.01));
    child::print(run.hash());
    let failed = Outcome {
        exit_code: Some(3),
        ..Outcome::of(RunState::Failed)
    };
    run.close_as(failed, None).unwrap();
}

/// The role: goes on with the run by its id, as a job that was queued again.
pub fn go_on(args: &[OsString]) {
    let repo = stored::open(Path::new(&args[0]));
    let which = Which::Id("job 1", Mode::Open);
    let options = RunOptions {
        which,
        resume_step: Some(500),
        ..RunOptions::default()
    };
    let run = Run::open(repo, &options).unwrap();
    let loss = run.metric("loss", Some(r#"{"subset":"train"}"#)).unwrap();
    for _ in 0..10 {
        loss.track(2.0, STEP_AUTO, EPOCH_NONE).unwrap();
    }
    run.set(Property::RemoveTag("on a cluster".to_owned()))
        .unwrap();
    run.start_closing(None, None).unwrap();
    // Also once its thread has ended.
    for _ in 0..3 {
        run.wait(Duration::from_secs(60)).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Each run of one is in the other, as it is there.
fn assert_same(one: &RepoRef, other: &RepoRef) {
    let hashes = stored::runs(one);
    assert!(!hashes.is_empty());
    assert_eq!(hashes.len(), stored::runs(other).len());
    for hash in hashes {
        let about = |repo: &RepoRef| {
            let (id, mut record) = repo.find_run(&hash).unwrap();
            record.state = stored::state(repo, &hash);
            digest(&repo.store.read().unwrap(), id, record).unwrap()
        };
        assert_eq!(about(one).difference(&about(other)), None, "run {hash}");
    }
}

#[test]
fn all_that_is_written_arrives_and_again_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (spool, merged) = (
        directory.path().join("spool"),
        directory.path().join("merged"),
    );
    let hash = child::run("story", &[&spool]).trim().to_owned();
    assert!(!spool.join(".aim/lmdb").exists());
    let merged = local(&merged);
    let brought = merge_spool(&location(&spool), &merged).unwrap();
    assert_eq!((brought.segments, brought.problems.len()), (1, 0));
    assert!(brought.points > 300_000);

    let points = stored::points(&merged, &hash, "loss", r#"{"subset":"train"}"#);
    assert_eq!((points.len(), points.values[900]), (901, 7.0));
    assert_eq!(stored::points(&merged, &hash, "noise", "{}").len(), 300_000);
    let past = stored::points(&merged, &hash, "past", "{}");
    assert_eq!(past.steps, [1, 2, 3]);
    assert_eq!(past.times, [2_500_000, 3_500_000, 1_500_000]);
    let large = stored::param(&merged, &hash, "/large").unwrap();
    assert_eq!(large, Tree::Str("x".repeat(4 << 20)));
    let (id, record) = merged.find_run(&hash).unwrap();
    assert_eq!(record.state, RunState::Failed);
    assert_eq!(
        (record.exit_code, record.run_id.as_deref()),
        (Some(3), Some("job 1"))
    );
    assert_eq!(
        (record.display_name(), record.experiment.as_str()),
        ("first".to_owned(), "digits")
    );
    assert_eq!(record.tags, ["on a cluster"]);
    assert!(merged.store.read().unwrap().writers(id).unwrap().is_empty());
    let records = read_logs(&merged, &hash, Stream::Records, 0, 9).unwrap();
    assert_eq!((records.len(), records[0].1.text.as_str()), (1, "half way"));
    let lines = read_logs(&merged, &hash, Stream::Terminal, 0, 9).unwrap();
    assert_eq!((lines.len(), lines[0].1.text.as_str()), (1, "epoch 1"));

    // This host's copy, and what was merged.
    assert_same(&stored::open(&spool), &merged);
    let again = merge_spool(&location(&spool), &merged).unwrap();
    assert_eq!((again.news, again.points), (0, 0));

    child::run("go on", &[&spool]);
    assert_eq!(merge_spool(&location(&spool), &merged).unwrap().news, 1);
    assert_same(&stored::open(&spool), &merged);
    let points = stored::points(&merged, &hash, "loss", r#"{"subset":"train"}"#);
    assert_eq!((points.len(), points.values[509]), (510, 2.0));
    assert_eq!(stored::state(&merged, &hash), RunState::Finished);

    // A copy that is thrown away, and one of another host.
    let copy = stored::open(&spool).location.root.clone();
    fs::remove_dir_all(copy).unwrap();
    assert_same(
        &Repo::open(location(&spool), &RepoOptions::default(), false).unwrap(),
        &merged,
    );
    assert_eq!(segments(&spool).len(), 2);
}

/// A program of many that begin at once.
pub fn begin(args: &[OsString]) {
    let run = Run::create(stored::open(Path::new(&args[0])), None).unwrap();
    run.track(b"loss", None, 1.0, STEP_AUTO, EPOCH_NONE)
        .unwrap();
    run.close().unwrap();
}

#[test]
fn programs_that_begin_at_once_on_a_host_without_a_copy_have_a_run_each() {
    const ROUNDS: u64 = 10;
    const PROGRAMS: usize = 12;
    let directory = tempfile::tempdir().unwrap();
    for round in 0..ROUNDS {
        let spool = directory.path().join(format!("spool {round}"));
        fs::create_dir_all(spool.join(".aim/spool")).unwrap();
        let programs: Vec<_> = (0..PROGRAMS)
            .map(|_| child::start("begin", &[&spool]))
            .collect();
        programs.into_iter().for_each(|program| {
            program.finish();
        });
        assert_eq!(stored::runs(&stored::open(&spool)).len(), PROGRAMS);
    }
}
