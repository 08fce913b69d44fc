//! Jobs of many ranks that have one run, found by an id of their own, and go on from checkpoints.

use crate::common::child::{self, Child};
use crate::common::random;
use crate::{open, repo};
use aim::error::Status;
use aim::query::{self, Options, Select};
use aim::run::{EPOCH_NONE, Mode, Run, RunOptions, RunState, Which, hash_of_id};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

const ID: &str = "slurm-big-4711_3";

fn by_id(id: &str, mode: Mode) -> RunOptions<'_> {
    RunOptions {
        which: Which::Id(id, mode),
        ..RunOptions::default()
    }
}

#[test]
fn a_run_is_found_by_the_id_that_its_creator_chose() {
    let (_directory, repo) = repo();
    let open = |id: &str, mode| Run::open(repo.clone(), &by_id(id, mode));
    let status = |id: &str, mode| open(id, mode).map(|_| ()).unwrap_err().status;
    assert_eq!(status(ID, Mode::Open), Status::NotFound);
    let first = open(ID, Mode::Create).unwrap();
    assert_eq!(status(ID, Mode::Create), Status::Exists);
    first.close().unwrap();
    for mode in [Mode::Open, Mode::OpenOrCreate] {
        let again = open(ID, mode).unwrap();
        assert_eq!(again.hash(), first.hash());
        again.close().unwrap();
    }
    assert_ne!(
        open("another", Mode::OpenOrCreate).unwrap().hash(),
        first.hash()
    );
    let (_, record) = repo.find_run(first.hash()).unwrap();
    assert_eq!(
        (record.run_id.as_deref(), record.hash),
        (Some(ID), hash_of_id(ID))
    );
    for (length, expected) in [
        (1, true),
        (254, true),
        (255, true),
        (256, false),
        (0, false),
    ] {
        let id = "x".repeat(length);
        assert_eq!(
            open(&id, Mode::OpenOrCreate).is_ok(),
            expected,
            "{length} bytes"
        );
    }
}

/// One rank: opens the run at a checkpoint and tracks its metric up to the next one, then closes, or goes on until it is
/// killed.
pub fn rank(args: &[OsString]) {
    let text = |n: usize| args[n].to_str().unwrap();
    let (number, from, to) = (text(1), text(2), text(3));
    let (from, to): (i64, i64) = (from.parse().unwrap(), to.parse().unwrap());
    let options = RunOptions {
        resume_step: Some(from),
        ..by_id(ID, Mode::OpenOrCreate)
    };
    let run = Run::open(open(Path::new(&args[0])), &options).unwrap();
    child::print(run.hash());
    child::wait_for_parent();
    let metric = run.metric(&format!("rank{number}"), None).unwrap();
    for step in from..to {
        metric.track(step as f64, step, EPOCH_NONE).unwrap();
    }
    child::print("tracked");
    child::wait_for_parent();
    if text(4) == "close" {
        run.close().unwrap();
    } else {
        for step in to.. {
            metric.track(-1.0, step, EPOCH_NONE).unwrap();
            std::thread::sleep(Duration::from_micros(100));
        }
    }
}

/// How many ranks a job has: `AIM_TEST_RANKS`, else some.
fn ranks() -> usize {
    let given = std::env::var("AIM_TEST_RANKS").ok();
    given.map_or(8, |ranks| ranks.parse().unwrap())
}

/// All ranks start at once, track beyond the next checkpoint, are killed meanwhile and start again from it; in the end
/// they close.
#[test]
fn ranks_that_are_killed_and_restarted_write_one_run_without_tails() {
    let (directory, repo) = repo();
    let ranks = ranks();
    let rounds = random::rounds(3) as i64;
    let mut hashes = std::collections::BTreeSet::new();
    for round in 0..=rounds {
        let last = round == rounds;
        let (from, to) = (round * 100, round * 100 + 100);
        let ending = if last { "close" } else { "hang" };
        let mut all: Vec<Child> = (0..ranks)
            .map(|rank| {
                let (rank, from, to) = (rank.to_string(), from.to_string(), to.to_string());
                child::start("rank", &[&directory.path(), &rank, &from, &to, &ending])
            })
            .collect();
        hashes.extend(all.iter_mut().map(Child::line));
        all.iter_mut().for_each(|rank| rank.say("track"));
        all.iter_mut()
            .for_each(|rank| assert_eq!(rank.line(), "tracked"));
        all.iter_mut().for_each(|rank| rank.say("go on"));
        match last {
            true => all.into_iter().for_each(|rank| {
                rank.finish();
            }),
            false => all.into_iter().for_each(Child::kill),
        }
    }
    assert_eq!(hashes.len(), 1);
    repo.recover().unwrap();
    let (_, record) = repo.find_run(hashes.first().unwrap()).unwrap();
    assert_eq!(
        (record.state, record.run_id.as_deref()),
        (RunState::Finished, Some(ID))
    );
    let found = query::query(&repo, "", Select::Metrics, Options::default()).unwrap();
    assert_eq!(found.rows().len(), ranks);
    let end = rounds * 100 + 100;
    for i in 0..ranks {
        let columns = found.columns(i).unwrap();
        assert_eq!(columns.steps, (0..end).collect::<Vec<_>>(), "rank {i}");
        assert_eq!(
            columns.values,
            (0..end).map(|s| s as f64).collect::<Vec<_>>()
        );
    }
}

/// What another process tracked before the rewind is dropped, whether or not it was stored by then.
#[test]
fn a_rewind_reaches_what_other_ranks_have_not_stored_yet() {
    let (directory, repo) = repo();
    let run = Run::open(repo.clone(), &by_id(ID, Mode::OpenOrCreate)).unwrap();
    let mut rank = child::start("rank", &[&directory.path(), &"0", &"0", &"190", &"close"]);
    rank.line();
    rank.say("track");
    assert_eq!(rank.line(), "tracked");
    run.rewind(100, &[]).unwrap();
    rank.say("close");
    rank.finish();
    let found = query::query(&repo, "", Select::Metrics, Options::default()).unwrap();
    assert_eq!(
        found.columns(0).unwrap().steps,
        (0..100).collect::<Vec<_>>()
    );
}
