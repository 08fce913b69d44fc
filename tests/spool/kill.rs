//! Trainers and mergers killed at any instant.

use crate::common::child::{self, Child};
use crate::common::ledger::Ledger;
use crate::common::load;
use crate::common::random::{Random, rounds};
use crate::common::stored;
use crate::story::local;
use aim::repo::{Location, Repo, RepoOptions, merge_spool};
use aim::store::RunState;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

const TRAINERS: usize = 3;
const MERGERS: usize = 2;
/// A run is continued so often before the next one starts.
const LIVES: u64 = 6;

/// The role: merges a spool into a repository for ever.
pub fn merge(args: &[OsString]) {
    let merged = local(Path::new(&args[1]));
    let from = Location::find(Some(Path::new(&args[0]))).unwrap();
    loop {
        merge_spool(&from, &merged).unwrap();
    }
}

#[test]
fn kills_of_trainers_and_of_mergers_lose_and_double_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (spool, into) = (
        directory.path().join("spool"),
        directory.path().join("merged"),
    );
    std::fs::create_dir_all(spool.join(".aim/spool")).unwrap();
    drop(local(&into));
    let mut random = Random::new("spool kills");
    let ledger_path = |n: usize| directory.path().join(format!("ledger {n}"));
    let mut ledgers: Vec<PathBuf> = Vec::new();
    let start_merger = || child::start("merge", &[&spool, &into]);

    let mut trainers: Vec<(Child, usize, u64)> = Vec::new();
    for n in 0..TRAINERS {
        ledgers.push(ledger_path(n));
        trainers.push((load::start(&spool, &ledgers[n], &mut random), n, 0));
    }
    let mut mergers: Vec<Child> = (0..MERGERS).map(|_| start_merger()).collect();
    let (mut trainer_kills, mut merger_kills) = (0, 0);
    for _ in 0..rounds(100) {
        std::thread::sleep(Duration::from_micros(random.below(80_000)));
        if random.below(2) == 0 {
            mergers.remove(random.below(MERGERS as u64) as usize).kill();
            mergers.push(start_merger());
            merger_kills += 1;
            continue;
        }
        let (child, mut ledger, mut lives) =
            trainers.remove(random.below(TRAINERS as u64) as usize);
        child.kill();
        trainer_kills += 1;
        lives += 1;
        if lives == LIVES {
            ledgers.push(ledger_path(ledgers.len()));
            (ledger, lives) = (ledgers.len() - 1, 0);
        }
        let started = load::start(&spool, &ledgers[ledger], &mut random);
        trainers.push((started, ledger, lives));
    }
    trainers.into_iter().for_each(|(child, ..)| child.kill());
    mergers.into_iter().for_each(Child::kill);

    // What the last ones left on this host.
    let location = Location::find(Some(&spool)).unwrap();
    let copy = Repo::open(location.clone(), &RepoOptions::default(), false).unwrap();
    copy.recover().unwrap();
    let merged = local(&into);
    let brought = merge_spool(&location, &merged).unwrap();
    assert_eq!(brought.problems, [""; 0]);
    let mut points = 0;
    for ledger in &ledgers {
        let book = Ledger::open(ledger);
        if load::hash(&book).is_some() {
            let here = load::check(&copy, &book);
            assert_eq!(load::check(&merged, &book), here);
            points += here.iter().sum::<u64>();
        }
    }
    for run in stored::runs(&merged) {
        assert_eq!(stored::state(&merged, &run), RunState::Crashed, "run {run}");
    }
    assert!(points > 0);
    println!(
        "{trainer_kills} kills of trainers, {merger_kills} of mergers, {} segments, {points} points",
        brought.segments
    );
}
