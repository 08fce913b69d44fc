//! Processes that write a run in turns, each with a segment of its own that it may have begun long before its turn.

use crate::common::{child, stored};
use crate::story::local;
use aim::repo::{Location, RepoRef, merge_spool};
use aim::run::{EPOCH_NONE, Mode, Run, RunOptions, RunState, STEP_AUTO, Which};
use aim_value::Tree;
use std::path::Path;

const CONTEXT: &str = r#"{"subset":"train"}"#;

/// This process goes on with the run of another.
fn take_turn(repo: &RepoRef, value: f64) {
    let options = RunOptions {
        which: Which::Id("job 1", Mode::Open),
        ..RunOptions::default()
    };
    let run = Run::open(repo.clone(), &options).unwrap();
    run.set_param("/hparams/lr", Tree::Float(value)).unwrap();
    let loss = run.metric("loss", Some(CONTEXT)).unwrap();
    for _ in 0..10 {
        loss.track(value, STEP_AUTO, EPOCH_NONE).unwrap();
    }
    run.close().unwrap();
}

/// The last words are of this process: steps go on where those of the others ended.
fn expect(repo: &RepoRef, hash: &str, value: f64, turns: &[(i64, f64)]) {
    assert_eq!(stored::state(repo, hash), RunState::Finished);
    let param = stored::param(repo, hash, "/hparams/lr");
    assert_eq!(param, Some(Tree::Float(value)));
    let points = stored::points(repo, hash, "loss", CONTEXT);
    let last: Vec<(i64, f64)> = points.steps.into_iter().zip(points.values).collect();
    let expected: Vec<(i64, f64)> = turns
        .iter()
        .flat_map(|(first, value)| (*first..first + 10).map(|step| (step, *value)))
        .collect();
    assert_eq!(last[last.len() - expected.len()..], expected);
}

fn merge(spool: &Path, into: &RepoRef, segments: u64) {
    let brought = merge_spool(&Location::find(Some(spool)).unwrap(), into).unwrap();
    assert_eq!((brought.segments, brought.problems.len()), (segments, 0));
}

#[test]
fn what_was_written_last_is_last_in_whatever_segment_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let repo = stored::open(&spool);
    // The segment of this process is older than those of the processes which it has write before it.
    let own = Run::create(repo.clone(), None).unwrap();
    own.set_param("what", Tree::Str("starts others".to_owned()))
        .unwrap();
    own.flush().unwrap();
    let hash = child::run("story", &[&spool]).trim().to_owned();
    take_turn(&repo, 0.5);
    let step_by_step = local(&directory.path().join("step by step"));
    merge(&spool, &step_by_step, 2);
    expect(&step_by_step, &hash, 0.5, &[(901, 0.5)]);

    // It rewinds to step 500, and tracks ten values of 2.
    child::run("go on", &[&spool]);
    take_turn(&repo, 0.25);
    own.close().unwrap();
    let at_once = local(&directory.path().join("at once"));
    for repo in [&step_by_step, &at_once] {
        merge(&spool, repo, 3);
        expect(repo, &hash, 0.25, &[(500, 2.0), (510, 0.25)]);
    }
}
