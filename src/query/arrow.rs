//! Answers as Arrow record batches, for the C Data Interface: one row per point, or one row per run. Batches are made as
//! they are read, so that a stream may hold more than memory does.

mod points;
mod runs;

use super::{Cursor, Options, Select, Told};
use crate::error::{Error, Result};
use crate::repo::RepoRef;
use aimql::nearest;
use arrow_array::RecordBatchReader;
use arrow_array::TimestampMicrosecondArray;
use arrow_schema::{ArrowError, DataType, TimeUnit};

/// Asks a repository and gives the answer as a stream of batches. For metrics a row is a point; for runs a row is a run
/// with its flattened params. `offset`, `limit` and `order` of the options are about metrics and runs. With `columns` only
/// these are in it, in their order.
pub fn stream(
    repo: &RepoRef,
    expression: &str,
    select: Select,
    mut options: Options<'_>,
    columns: Option<&[&str]>,
    told: Option<Told>,
) -> Result<Box<dyn RecordBatchReader + Send>> {
    if matches!(select, Select::Objects(_)) {
        return Err(Error::invalid(
            "objects are no columns: ask for them by aim_repo_query and aim_query_objects",
        ));
    }
    let mut cursor = Cursor::new(repo, expression, select, &options).telling(told);
    let progress = options.progress.take();
    Ok(match select {
        Select::Metrics => {
            let first = match progress {
                Some(progress) => cursor.next(Some(progress))?,
                None => cursor.next(None)?,
            };
            Box::new(points::PointBatches::new(cursor, first, columns)?)
        }
        Select::Runs | Select::Objects(_) => {
            Box::new(runs::RunBatches::new(repo, cursor, progress, columns)?)
        }
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

fn no_column(name: &str, known: &[&str], more: &str) -> Error {
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => String::new(),
    };
    Error::invalid(format!(
        "there is no column {name:?}; there are {}{more}{hint}",
        known.join(", ")
    ))
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
