//! How runs end, told from how their programs end.

use crate::common::child;
use crate::{open, repo};
use aim::query::{self, Options, Select};
use aim::repo::{Edit, Property};
use aim::run::{EPOCH_NONE, Outcome, Run, RunState};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Opens a run, tracks, and ends as it is told.
pub fn role(args: &[OsString]) {
    let repo = open(Path::new(&args[0]));
    let run = Run::create(repo, None).unwrap();
    run.track(b"loss", None, 1.0, 0, EPOCH_NONE).unwrap();
    child::print(run.hash());
    child::wait_for_parent();
    let outcome = |state, exit_code, signal| Outcome {
        state,
        exit_code,
        signal,
    };
    let close = |outcome| run.close_as(outcome, None).unwrap();
    // SAFETY: each ends the process, as a host might.
    unsafe {
        match args[1].to_str().unwrap() {
            "return" => {}
            "exit 3" => libc::exit(3),
            "exit 130" => libc::exit(130),
            "exit 256" => libc::exit(256),
            "_exit" => libc::_exit(0),
            "abort" => libc::abort(),
            "close, exit 3" => {
                run.close().unwrap();
                libc::exit(3);
            }
            "failed 7" => close(outcome(RunState::Failed, Some(7), None)),
            "interrupted" => close(outcome(RunState::Interrupted, None, Some(2))),
            "crashed" => close(outcome(RunState::Crashed, None, Some(11))),
            other => panic!("ending {other}"),
        }
        libc::exit(0);
    }
}

#[test]
fn runs_end_as_their_programs_do() {
    use RunState::{Crashed, Failed, Finished, Interrupted};
    let (directory, repo) = repo();
    for (ending, expected) in [
        ("return", (Finished, Some(0), None)),
        ("exit 3", (Failed, Some(3), None)),
        ("exit 130", (Interrupted, Some(130), Some(2))),
        ("exit 256", (Finished, Some(0), None)),
        ("_exit", (Crashed, None, None)),
        ("abort", (Crashed, None, None)),
        ("close, exit 3", (Finished, None, None)),
        ("failed 7", (Failed, Some(7), None)),
        ("interrupted", (Interrupted, None, Some(2))),
        ("crashed", (Crashed, None, Some(11))),
    ] {
        let mut child = child::start("end", &[&directory.path(), &ending]);
        let hash = child.line();
        child.say("end");
        child.wait();
        repo.recover().unwrap();
        let (_, record) = repo.find_run(&hash).unwrap();
        let found = (record.state, record.exit_code, record.signal);
        assert_eq!(found, expected, "{ending}");
        let (state, exit_code, _) = expected;
        let code = exit_code.map_or("None".to_owned(), |code| code.to_string());
        let expression = format!(
            "run.hash == '{hash}' and run.status == '{}' and run.exit_code == {code} and run.failed == {}",
            state.text(),
            if state.is_failure() { "True" } else { "False" },
        );
        let rows = query::query(&repo, &expression, Select::Runs, Options::default()).unwrap();
        assert_eq!(rows.rows().len(), 1, "{expression}");
    }
}

#[test]
fn a_killed_run_ends_when_it_was_last_seen() {
    let (directory, repo) = repo();
    let mut child = child::start("end", &[&directory.path(), &"return"]);
    let hash = child.line();
    child.kill();
    let killed = aim::repo::now_micros();
    std::thread::sleep(Duration::from_millis(300));
    repo.recover().unwrap();
    let (_, record) = repo.find_run(&hash).unwrap();
    let end = record.finalized_at.unwrap();
    assert!(
        (record.created_at..=killed).contains(&end),
        "{end} of {killed}"
    );
}

#[test]
fn opening_editing_and_closing_a_run_leaves_its_end() {
    let (_directory, repo) = repo();
    let run = Run::create(repo.clone(), None).unwrap();
    run.track(b"loss", None, 1.0, 0, EPOCH_NONE).unwrap();
    let failed = Outcome {
        exit_code: Some(4),
        ..Outcome::of(RunState::Failed)
    };
    run.close_as(failed, None).unwrap();
    let end = |hash: &str| {
        let (_, record) = repo.find_run(hash).unwrap();
        (record.state, record.exit_code, record.finalized_at)
    };
    let before = end(run.hash());
    let again = Run::resume(repo.clone(), run.hash(), None).unwrap();
    assert_eq!(end(run.hash()).0, RunState::Running);
    again.set(Property::Name("renamed".into())).unwrap();
    again.set_param("lr", aim_value::Tree::Float(0.1)).unwrap();
    again.close().unwrap();
    assert_eq!(end(run.hash()), before);
    repo.edit_run(run.hash(), &[Edit::Property(Property::AddTag("t".into()))])
        .unwrap();
    assert_eq!(end(run.hash()), before);
    // What is recorded makes it another end.
    let again = Run::resume(repo.clone(), run.hash(), None).unwrap();
    again.track(b"loss", None, 2.0, 1, EPOCH_NONE).unwrap();
    again.close().unwrap();
    let after = end(run.hash());
    assert_eq!((after.0, after.1), (RunState::Finished, None));
    assert!(after.2 > before.2);
}

#[test]
fn the_first_of_several_writers_that_fails_says_how_the_run_ended() {
    let (directory, repo) = repo();
    for (first, second, expected) in [
        (RunState::Finished, "exit 3", RunState::Failed),
        (RunState::Failed, "return", RunState::Failed),
        (RunState::Interrupted, "exit 3", RunState::Interrupted),
        (RunState::Finished, "return", RunState::Finished),
    ] {
        let mut child = child::start("end", &[&directory.path(), &second]);
        let hash = child.line();
        let run = Run::resume(repo.clone(), &hash, None).unwrap();
        run.close_as(Outcome::of(first), None).unwrap();
        child.say("end");
        child.wait();
        let (_, record) = repo.find_run(&hash).unwrap();
        assert_eq!(record.state, expected, "{first:?} and {second}");
    }
}
