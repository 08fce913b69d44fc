//! A run's whole life: how it is opened, what is brought into it, what becomes of it.

mod backfill;
mod edit;

use aim::repo::{Location, Repo, RepoOptions, RepoRef};

fn repo() -> (tempfile::TempDir, RepoRef) {
    let directory = tempfile::tempdir().unwrap();
    let location = Location {
        root: directory.path().to_owned(),
    };
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    (directory, repo)
}
