//! The answer to a query: rows that own what they show. Points and params are read when they are asked for, each from
//! a snapshot of its own, so that a result that is kept pins no pages of the database.

use super::Summary;
use super::columns::Columns;
use super::sample::{Sampling, sample};
use crate::blobs::Shelf;
use crate::error::{Error, Result, Status};
use crate::repo::RepoRef;
use crate::store::keys::{RunId, SeriesKey};
use crate::store::{
    Aggregates, Points, ReadTxn, RunRecord, RunState, Sequence, SequenceKey, hash_text,
};
use aim_value::{Path, Tree};
use std::sync::{Arc, OnceLock};

/// A selected run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInfo {
    pub id: RunId,
    pub hash: [u8; 12],
}

impl RunInfo {
    pub fn hash_text(&self) -> String {
        hash_text(&self.hash)
    }
}

/// A selected metric.
#[derive(Clone, Debug)]
pub struct MetricInfo {
    pub key: SeriesKey,
    pub name: Arc<str>,
    /// Canonical JSON.
    pub context: Arc<str>,
    pub aggregates: Aggregates,
}

/// A selected sequence of objects.
#[derive(Clone, Debug)]
pub struct SequenceInfo {
    pub key: SequenceKey,
    pub name: Arc<str>,
    /// Canonical JSON.
    pub context: Arc<str>,
    pub sequence: Sequence,
}

/// By name, then by context, which are given for each.
pub(super) fn by_name<T>(found: Vec<T>, names: impl Fn(&T) -> (&str, &str)) -> Vec<T> {
    if found.len() < 2 {
        return found;
    }
    let order = order(&found.iter().map(names).collect::<Vec<_>>());
    let mut found: Vec<Option<T>> = found.into_iter().map(Some).collect();
    let ordered = order.into_iter().filter_map(|i| found[i].take());
    ordered.collect()
}

/// Apart, since to sort takes much code, once for each type.
fn order(names: &[(&str, &str)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|i| names[*i]);
    order
}

#[derive(Clone, Debug)]
pub struct QueryRow {
    pub run: Arc<RunInfo>,
    /// Where metrics are selected.
    pub metric: Option<MetricInfo>,
    /// Where objects are selected.
    pub sequence: Option<SequenceInfo>,
}

/// Rows on which the expression failed, or that are damaged; they are not selected.
#[derive(Clone, Debug, Default)]
pub struct Failures {
    pub count: u64,
    /// Why the first one failed.
    pub first: Option<String>,
}

impl Failures {
    pub(super) fn add(&mut self, reason: String) {
        self.count += 1;
        self.first.get_or_insert(reason);
    }
}

/// A query's answer. It may be used from several threads at once.
pub struct Query {
    repo: RepoRef,
    rows: Vec<QueryRow>,
    columns: Vec<OnceLock<Columns>>,
    /// Memory of objects that were let go of, for the next ones.
    shelf: Arc<Shelf>,
    failures: Failures,
    warning: Option<String>,
    looked_at: (u64, u64),
}

/// What a row of an answer takes in memory, its texts for C among it.
pub(super) const ROW_BYTES: usize =
    size_of::<QueryRow>() + size_of::<OnceLock<Columns>>() + size_of::<RunInfo>() + 64;

pub(super) fn needs_more_memory(bound: u64, rows: usize) -> Error {
    Error::new(
        Status::Limit,
        format!(
            "the answer needs more than its bound of {bound} bytes, after {rows} rows; ask for fewer rows or raise the bound"
        ),
    )
}

impl Query {
    pub(super) fn new(repo: RepoRef, rows: Vec<QueryRow>, summary: Summary) -> Query {
        let Summary {
            failures,
            warnings,
            looked_at,
        } = summary;
        let columns = rows.iter().map(|_| OnceLock::new()).collect();
        Query {
            repo,
            rows,
            columns,
            shelf: Arc::default(),
            failures,
            warning: (!warnings.is_empty()).then(|| warnings.join("\n")),
            looked_at,
        }
    }

    pub(super) fn into_parts(self) -> (RepoRef, Vec<QueryRow>, Summary) {
        let summary = Summary {
            failures: self.failures,
            warnings: self.warning.into_iter().collect(),
            looked_at: self.looked_at,
        };
        (self.repo, self.rows, summary)
    }

    pub fn rows(&self) -> &[QueryRow] {
        &self.rows
    }

    pub fn failures(&self) -> &Failures {
        &self.failures
    }

    /// What the answer misses, tracked values that could not be committed, and params that the expression names and no
    /// run has: a line each.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Runs that the expression was evaluated on, and those that there were to look at, without a limit.
    pub fn looked_at(&self) -> (u64, u64) {
        self.looked_at
    }

    pub fn repo(&self) -> &RepoRef {
        &self.repo
    }

    pub(super) fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    pub(super) fn row(&self, i: usize) -> Result<&QueryRow> {
        self.rows.get(i).ok_or_else(|| {
            Error::invalid(format!(
                "row {i} of a query that has {}; they count from 0",
                self.rows.len()
            ))
        })
    }

    /// A snapshot in which the row's run exists; it may have been deleted since the query.
    pub(super) fn still_there(&self, i: usize) -> Result<ReadTxn<'_>> {
        let run = &self.row(i)?.run;
        let txn = self.repo.store.read()?;
        match txn.has_run(run.id)? {
            true => Ok(txn),
            false => Err(deleted(run)),
        }
    }

    /// The metric of a row.
    pub fn metric(&self, i: usize) -> Result<&MetricInfo> {
        let metric = self.row(i)?.metric.as_ref();
        metric.ok_or_else(|| {
            Error::invalid("the query is not one for metrics; ask with AIM_QUERY_METRICS")
        })
    }

    /// The sequence of objects of a row.
    pub fn sequence(&self, i: usize) -> Result<&SequenceInfo> {
        let sequence = self.row(i)?.sequence.as_ref();
        sequence.ok_or_else(|| Error::invalid("the query is not one for objects; ask with AIM_QUERY_IMAGES or another kind of them"))
    }

    /// All points of a metric; decoded once.
    pub fn columns(&self, i: usize) -> Result<&Columns> {
        let metric = self.metric(i)?;
        if let Some(columns) = self.columns[i].get() {
            return Ok(columns);
        }
        let mut points = Points::default();
        let txn = self.still_there(i)?;
        points.reserve(metric.aggregates.count)?;
        txn.points(metric.key, &mut points)?;
        Ok(self.columns[i].get_or_init(|| points.into()))
    }

    /// At most `most` points of a metric, read anew.
    pub fn sample(&self, i: usize, most: usize, how: Sampling) -> Result<Columns> {
        let key = self.metric(i)?.key;
        sample(&self.still_there(i)?, key, most, how)
    }

    /// A param of a row's run, or, at the root path, all of them.
    pub fn param(&self, i: usize, path: &Path) -> Result<Tree> {
        let run = &self.row(i)?.run;
        self.still_there(i)?.param(run.id, path)?.ok_or_else(|| {
            let (hash, path) = (run.hash_text(), path.to_string());
            Error::new(
                Status::NotFound,
                format!("run {hash} has no param {path:?}"),
            )
        })
    }

    /// The record of a row's run, its state as it is now.
    pub fn record(&self, i: usize) -> Result<RunRecord> {
        let run = &self.row(i)?.run;
        let txn = self.repo.store.read()?;
        let mut record = txn.run(run.id)?.ok_or_else(|| deleted(run))?;
        record.state = self.repo.run_state(&record, &txn.live_writers(run.id)?)?;
        Ok(record)
    }
}

pub(super) fn deleted(run: &RunInfo) -> Error {
    let hash = run.hash_text();
    Error::new(Status::NotFound, format!("run {hash} was deleted"))
}

/// A run's properties for people and programs: times in seconds since 1970 (UTC).
pub fn record_tree(record: &RunRecord) -> Vec<(String, Tree)> {
    let text = |s: &str| Tree::Str(s.to_owned());
    let ended = record.state != RunState::Running;
    let number = |n: Option<i32>| {
        let n = n.filter(|_| ended);
        n.map_or(Tree::Null, |n| Tree::Int(i64::from(n)))
    };
    let time = |micros: i64| Tree::Float(micros as f64 / 1e6);
    let entries = [
        ("hash", text(&record.hash_text())),
        ("name", Tree::Str(record.display_name())),
        ("description", text(&record.description)),
        ("experiment", text(&record.experiment)),
        (
            "tags",
            Tree::List(record.tags.iter().map(|t| text(t)).collect()),
        ),
        ("archived", Tree::Bool(record.archived)),
        ("status", text(record.state.text())),
        ("created_at", time(record.created_at)),
        ("finalized_at", record.finalized_at.map_or(Tree::Null, time)),
        ("exit_code", number(record.exit_code)),
        ("signal", number(record.signal)),
        ("run_id", record.run_id.as_deref().map_or(Tree::Null, text)),
    ];
    entries.map(|(k, v)| (k.to_owned(), v)).into()
}
