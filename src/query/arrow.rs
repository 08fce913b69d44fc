//! Answers as Arrow record batches, for the C Data Interface: one row per point, or one row per run.

mod points;
mod runs;

use super::{Options, Select, query};
use crate::error::{Error, Result};
use crate::repo::RepoRef;
use arrow_array::RecordBatchReader;
use arrow_array::TimestampMicrosecondArray;
use arrow_schema::{ArrowError, DataType, TimeUnit};

/// Asks a repository and gives the answer as a stream of batches. For metrics a row is a point, and batches are read
/// one after the other; for runs a row is a run with its flattened params.
pub fn stream(
    repo: &RepoRef,
    expression: &str,
    select: Select,
) -> Result<Box<dyn RecordBatchReader + Send>> {
    if matches!(select, Select::Objects(_)) {
        return Err(Error::invalid(
            "objects are no columns: ask for them by aim_repo_query and aim_query_objects",
        ));
    }
    let answer = query(repo, expression, select, Options::default())?;
    Ok(match select {
        Select::Metrics => Box::new(points::PointBatches::new(answer)),
        Select::Runs | Select::Objects(_) => Box::new(runs::RunBatches::new(&answer)?),
    })
}

impl From<Error> for ArrowError {
    fn from(e: Error) -> ArrowError {
        ArrowError::ExternalError(Box::new(e))
    }
}

fn failed(e: &ArrowError) -> Error {
    Error::new(
        crate::error::Status::Limit,
        format!("cannot build an Arrow batch: {e}"),
    )
}

/// Microseconds since 1970, UTC.
fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn times(values: impl Iterator<Item = Option<i64>>) -> TimestampMicrosecondArray {
    values
        .collect::<TimestampMicrosecondArray>()
        .with_timezone("UTC")
}
