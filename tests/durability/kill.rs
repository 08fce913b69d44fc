//! SIGKILL at any instant, under load, time and again: in tracking, committing, opening and recovering.

use crate::common::ledger::Ledger;
use crate::common::load::{self, CHECKED};
use crate::common::random::{Random, rounds};
use crate::common::stored;
use aim::store::RunState;
use std::path::PathBuf;
use std::time::Duration;

/// Programs that run at once.
const PROGRAMS: usize = 4;
/// A run is continued so often before the next one starts.
const LIVES: u64 = 8;

#[test]
fn kills_under_load_lose_and_double_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let repo = directory.path().join("repo");
    let mut random = Random::new("kills");
    let ledger_path = |n: usize| directory.path().join(format!("ledger {n}"));
    let mut ledgers: Vec<PathBuf> = Vec::new();
    let mut kills_that_met_work = 0;
    let mut checked = 0;

    let mut running = Vec::new();
    for _ in 0..PROGRAMS {
        ledgers.push(ledger_path(ledgers.len()));
        let ledger = ledgers.len() - 1;
        running.push((load::start(&repo, &ledgers[ledger], &mut random), ledger, 0));
    }
    for _ in 0..rounds(150) {
        std::thread::sleep(Duration::from_micros(random.below(60_000)));
        let (child, mut ledger, mut lives) =
            running.remove(random.below(running.len() as u64) as usize);
        child.kill();
        let book = Ledger::open(&ledgers[ledger]);
        kills_that_met_work += u64::from(load::hash(&book).is_some());
        checked += book.get(CHECKED);
        book.set(CHECKED, 0);
        lives += 1;
        if lives == LIVES {
            ledgers.push(ledger_path(ledgers.len()));
            (ledger, lives) = (ledgers.len() - 1, 0);
        }
        running.push((
            load::start(&repo, &ledgers[ledger], &mut random),
            ledger,
            lives,
        ));
    }
    running.into_iter().for_each(|(child, ..)| child.kill());

    let repo = stored::open(&repo);
    for ledger in &ledgers {
        let book = Ledger::open(ledger);
        if load::hash(&book).is_some() {
            checked += load::check(&repo, &book).iter().sum::<u64>();
        }
    }
    for run in stored::runs(&repo) {
        assert_eq!(stored::state(&repo, &run), RunState::Crashed, "run {run}");
    }
    assert!(kills_that_met_work > 0 && checked > 0);
    println!("{kills_that_met_work} kills, {checked} points read back");
}
