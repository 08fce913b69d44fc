//! One run, without an expression.

use super::{Query, QueryRow, Select, Summary, read};
use crate::error::{Error, Result, Status};
use crate::repo::RepoRef;
use std::sync::Arc;

/// The run with this hash as an answer of one row, or its metrics as one of a row each, by name, then by context.
pub fn open_run(repo: &RepoRef, hash: &str, select: Select) -> Result<Query> {
    let rows = read(repo, |snapshot| {
        let run = snapshot.find(hash)?.ok_or_else(|| {
            let root = repo.root().display();
            Error::new(
                Status::NotFound,
                format!("there is no run {hash} in {root}"),
            )
        })?;
        let metrics = match select {
            Select::Runs => vec![None],
            Select::Metrics => snapshot.metrics(&run)?.into_iter().map(Some).collect(),
        };
        let run = Arc::new(run);
        let row = |metric| QueryRow {
            run: Arc::clone(&run),
            metric,
        };
        Ok(metrics.into_iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Query::new(repo.clone(), rows, Summary::default()))
}
