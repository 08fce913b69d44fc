//! A run's whole life: how it is opened, what is brought into it, what becomes of it.

#[path = "../common/mod.rs"]
mod common;

mod backfill;
mod edit;
mod job;
mod outcome;
mod rewind;

use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use common::child::{self, Role};
use std::path::Path;

const ROLES: &[(&str, Role)] = &[
    ("end", outcome::role),
    ("rank", job::rank),
    ("delete", edit::deleter),
];

/// Runs before the test harness.
#[used]
#[unsafe(link_section = ".init_array")]
static ENTER: extern "C" fn() = enter;

extern "C" fn enter() {
    child::enter(ROLES);
}

fn repo() -> (tempfile::TempDir, RepoRef) {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    (directory, repo)
}

fn open(path: &Path) -> RepoRef {
    let location = Location {
        root: path.to_owned(),
    };
    Repo::open(location, &RepoOptions::default(), true).unwrap()
}
