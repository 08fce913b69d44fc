//! Reading back what a repository holds.

use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use aim::store::keys::SeriesKey;
use aim::store::{Kind, Points, RunState};
use aim_value::{Path as ParamPath, Tree};
use std::path::Path;
use std::time::Duration;

/// Opens a repository, made if it is missing.
pub fn open(path: &Path) -> RepoRef {
    open_with(path, &RepoOptions::default())
}

pub fn open_with(path: &Path, options: &RepoOptions) -> RepoRef {
    Repo::open(Location::find(Some(path)).unwrap(), options, true).unwrap()
}

/// Options with a short flush interval and a small ring: many commits, laps and waits.
pub fn hasty(flush_millis: u64, slots: u64) -> RepoOptions {
    RepoOptions {
        flush_interval: Some(Duration::from_millis(flush_millis)),
        journal_size: Some(slots * 48),
        ..RepoOptions::default()
    }
}

/// The points of a sequence, whose blocks and aggregates must agree; empty if there is no such sequence.
pub fn points(repo: &RepoRef, hash: &str, name: &str, context: &str) -> Points {
    let (run, _) = repo.find_run(hash).unwrap();
    let txn = repo.store.read().unwrap();
    let mut points = Points::default();
    let name = txn.find_string(Kind::Name, name).unwrap();
    let context = txn.find_string(Kind::Context, context).unwrap();
    if let (Some(name), Some(context)) = (name, context) {
        let key = SeriesKey { run, name, context };
        txn.points(key, &mut points).unwrap();
        let aggregates = txn.aggregates(key).unwrap();
        assert_eq!(aggregates.map_or(0, |a| a.count), points.len() as u64);
        assert_eq!(
            aggregates.map(|a| a.last_step),
            points.steps.last().copied()
        );
    }
    points
}

/// A param of a run by its JSON Pointer.
pub fn param(repo: &RepoRef, hash: &str, pointer: &str) -> Option<Tree> {
    let (run, _) = repo.find_run(hash).unwrap();
    let path = ParamPath::parse(pointer).unwrap();
    repo.store.read().unwrap().param(run, &path).unwrap()
}

pub fn state(repo: &RepoRef, hash: &str) -> RunState {
    let (run, record) = repo.find_run(hash).unwrap();
    let writers = repo.store.read().unwrap().writers(run).unwrap();
    repo.run_state(&record, &writers).unwrap()
}

/// The hashes of all runs; run numbers count from zero.
pub fn runs(repo: &RepoRef) -> Vec<String> {
    let txn = repo.store.read().unwrap();
    (0..txn.run_count().unwrap())
        .filter_map(|id| txn.run(id).unwrap())
        .map(|record| record.hash_text())
        .collect()
}
