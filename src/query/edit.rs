//! Editing and deleting the runs that an expression selects.

use super::{Options, Query, Select, query};
use crate::error::Result;
use crate::repo::{Deleted, Edit, RepoRef};
use crate::store::keys::RunId;

/// Changes all runs that the expression selects, alike and in one transaction; returns how many.
pub fn edit(repo: &RepoRef, expression: &str, edits: &[Edit]) -> Result<u64> {
    let found = query(repo, expression, Select::Runs, Options::default())?;
    repo.edit_runs(&ids(&found), edits)
}

/// Deletes all runs that the expression selects, except those that are being written.
pub fn delete(repo: &RepoRef, expression: &str) -> Result<Deleted> {
    let found = query(repo, expression, Select::Runs, Options::default())?;
    repo.delete_runs(&ids(&found))
}

fn ids(query: &Query) -> Vec<RunId> {
    query.rows().iter().map(|row| row.run.id).collect()
}
