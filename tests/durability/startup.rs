//! Many processes start at once on a repository that does not exist.

use crate::common::child::{self, Child};
use crate::common::ledger::Ledger;
use crate::common::random::{Random, rounds};
use crate::common::{stored, track};
use aim::journal::DEFAULT_CAPACITY_BYTES;
use aim::run::Run;
use aim::store::RunState;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

const PROCESSES: usize = 64;
const POINTS: u64 = 200;
/// Words of the ledger: how many stand ready, and whether they may go.
const READY: usize = 0;
const GO: usize = 1;

/// Waits for the others, then makes a run, tracks and closes.
pub fn role(args: &[OsString]) {
    let ledger = Ledger::open(Path::new(&args[1]));
    ledger.add(READY, 1);
    while ledger.get(GO) == 0 {
        std::thread::sleep(Duration::from_micros(200));
    }
    let run = Run::create(stored::open(Path::new(&args[0])), None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), POINTS);
    run.close().unwrap();
    child::print(run.hash());
}

fn race(repo: &Path, ledger: &Path) -> Vec<Child> {
    let children = (0..PROCESSES)
        .map(|_| child::start("startup", &[&repo, &ledger]))
        .collect();
    let ledger = Ledger::open(ledger);
    while ledger.get(READY) < PROCESSES as u64 {
        std::thread::sleep(Duration::from_millis(1));
    }
    ledger.set(GO, 1);
    children
}

fn check(repo: &Path, hashes: &[String]) {
    let repo = stored::open(repo);
    for hash in hashes {
        track::check(&repo, hash, "loss", &[POINTS]);
        assert_eq!(stored::state(&repo, hash), RunState::Finished);
    }
}

#[test]
fn sixty_four_processes_make_one_repository() {
    let directory = tempfile::tempdir().unwrap();
    let repo = directory.path().join("new/repo");
    let children = race(&repo, &directory.path().join("ledger"));
    let hashes: Vec<String> = children
        .into_iter()
        .map(|child| child.finish().trim().to_owned())
        .collect();
    check(&repo, &hashes);
    assert_eq!(stored::runs(&stored::open(&repo)).len(), PROCESSES);
}

#[test]
fn killed_founders_harm_nobody() {
    let mut random = Random::new("founders");
    for _ in 0..rounds(3) {
        let directory = tempfile::tempdir().unwrap();
        let repo = directory.path().join("repo");
        let mut children = race(&repo, &directory.path().join("ledger"));
        for _ in 0..PROCESSES / 2 {
            let one = random.below(children.len() as u64) as usize;
            children.swap_remove(one).kill();
            std::thread::sleep(Duration::from_micros(random.below(500)));
        }
        let hashes: Vec<String> = children
            .into_iter()
            .map(|child| child.finish().trim().to_owned())
            .collect();
        check(&repo, &hashes);
        let repo = stored::open(&repo);
        for hash in stored::runs(&repo) {
            assert_ne!(stored::state(&repo, &hash), RunState::Running);
        }
    }
}

#[test]
fn the_first_value_finds_its_place_made() {
    for _ in 0..50 {
        let directory = tempfile::tempdir().unwrap();
        let run = Run::create(stored::open(directory.path()), None).unwrap();
        let mut journals = std::fs::read_dir(directory.path().join(".aim/journal")).unwrap();
        let journal = journals.next().unwrap().unwrap();
        assert!(journal.metadata().unwrap().len() > DEFAULT_CAPACITY_BYTES);
        run.close().unwrap();
    }
}
