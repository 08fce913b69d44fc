//! Runs by what people call them, and what one run holds, out of a snapshot.

use super::Snapshot;
use super::columns::Columns;
use super::result::{MetricInfo, RunInfo};
use crate::error::Result;
use crate::store::index::{Field, Indexed, Range};
use crate::store::{LogRecord, Points, RunRecord, Stream};
use aim_value::{Path, Tree};

impl Snapshot<'_> {
    /// Runs whose hash starts with these hexadecimal digits, at most `most`.
    pub fn runs_by_hash(&self, beginning: &str, most: usize) -> Result<Vec<RunInfo>> {
        let range = Range::starts_with(Field::Hash, beginning);
        self.found(&range, most, |r| r.hash_text().starts_with(beginning))
    }

    /// Runs that were given this name, at most `most`.
    pub fn runs_by_name(&self, name: &str, most: usize) -> Result<Vec<RunInfo>> {
        // The index knows long names by their beginning.
        let range = Range::equals(Field::Name, &Indexed::Text(name));
        let has_name = |record: &RunRecord| record.name.as_deref() == Some(name);
        self.found(&range, most, has_name)
    }

    fn found(
        &self,
        range: &Range,
        most: usize,
        wanted: impl Fn(&RunRecord) -> bool,
    ) -> Result<Vec<RunInfo>> {
        let ids = match self.txn.indexed_runs(range, usize::MAX)? {
            Some(ids) => ids,
            None => self.txn.run_ids()?,
        };
        let mut found = Vec::new();
        for id in ids {
            if found.len() == most {
                break;
            }
            if let Some(record) = self.txn.run(id)?.filter(&wanted) {
                let hash = record.hash;
                found.push(RunInfo { id, hash });
            }
        }
        Ok(found)
    }

    /// A param of a run; `None` where the path leads nowhere.
    pub fn param(&self, run: &RunInfo, path: &Path) -> Result<Option<Tree>> {
        self.txn.param(run.id, path)
    }

    /// All points of a metric.
    pub fn points(&self, metric: &MetricInfo) -> Result<Columns> {
        let mut points = Points::default();
        points.reserve(metric.aggregates.count)?;
        self.txn.points(metric.key, &mut points)?;
        Ok(points.into())
    }

    /// Up to `count` records of a run's log, from number `first` on, each with its number.
    pub fn log(
        &self,
        run: &RunInfo,
        stream: Stream,
        first: u64,
        count: u64,
    ) -> Result<Vec<(u64, LogRecord)>> {
        self.txn.log_records(run.id, stream, first, count)
    }

    /// The number of the first record of a run's log that is kept, and the one after the last.
    pub fn log_range(&self, run: &RunInfo, stream: Stream) -> Result<(u64, u64)> {
        self.txn.log_range(run.id, stream)
    }
}
