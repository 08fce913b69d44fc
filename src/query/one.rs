//! One run, without an expression.

use super::{Query, QueryRow, Select, Summary, read};
use crate::error::{Error, Result, Status};
use crate::repo::RepoRef;
use std::sync::Arc;

/// The run with this hash as an answer of one row, or its metrics or
/// sequences of objects as one of a row each, by name, then by context.
pub fn open_run(repo: &RepoRef, hash: &str, select: Select) -> Result<Query> {
    let rows = read(repo, |snapshot| {
        let run = snapshot.find(hash)?.ok_or_else(|| {
            let root = repo.root().display();
            Error::new(
                Status::NotFound,
                format!("there is no run {hash} in {root}"),
            )
        })?;
        let of = Arc::new(run.clone());
        let row = |metric, sequence| QueryRow {
            run: Arc::clone(&of),
            metric,
            sequence,
        };
        Ok(match select {
            Select::Runs => vec![row(None, None)],
            Select::Metrics => {
                let metrics = snapshot.metrics(&run)?.into_iter();
                metrics.map(|metric| row(Some(metric), None)).collect()
            }
            Select::Objects(kind) => {
                let sequences = snapshot.sequences(&run, kind)?.into_iter();
                sequences.map(|found| row(None, Some(found))).collect()
            }
        })
    })?;
    Ok(Query::new(repo.clone(), rows, Summary::default()))
}
