//! Queries: AimQL expressions over the runs and metrics of a repository.

#[cfg(feature = "arrow")]
pub mod arrow;
mod candidates;
mod edit;
mod list;
mod lookup;
mod one;
mod plan;
mod progress;
mod reader;
mod result;
mod row;
mod sample;
mod snapshot;
mod table;

pub use crate::store::keys::RunId;
pub use crate::store::{Aggregates, EPOCH_NONE, LogRecord, RunRecord, RunState, Stream};
pub use edit::{delete, edit};
pub use list::{Listed, list};
pub use one::open_run;
pub use result::{Columns, Failures, MetricInfo, Query, QueryRow, RunInfo, record_tree};
pub use sample::Sampling;
pub use snapshot::{RunSummary, Snapshot, read};
pub use table::{flatten, table};

use crate::error::{Error, Result, Status};
use crate::log::{self, Level};
use crate::repo::{Repo, RepoRef};
use crate::store::keys::{SeriesKey, StringId};
use crate::store::{Reading, Runs, SeriesReading, parse_hash, visit_series};
use aimql::{Budget, Limits, MetricRow, Outcome, Program};
use plan::Plan;
use progress::Progress;
use reader::Reader;
use row::{StoredRun, aggregates, name_prefix};
use std::cmp::Ordering;
use std::sync::Arc;

/// What a query selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    Runs,
    Metrics,
}

/// How a query is asked.
#[derive(Default)]
pub struct Options<'o> {
    /// Rows to leave out at the beginning.
    pub offset: usize,
    /// Begins behind this run: with runs older than it.
    pub behind: Option<&'o str>,
    /// Rows to return at most.
    pub limit: Option<usize>,
    /// Told the runs looked at and those to look at in all, now and then; false cancels the query.
    pub progress: Option<&'o mut dyn FnMut(u64, u64) -> bool>,
    /// Evaluates the expression on every run; for comparison.
    pub no_index: bool,
}

/// Asks a repository. Rows come newest run first, then by name, then by context.
pub fn query(
    repo: &RepoRef,
    expression: &str,
    select: Select,
    options: Options<'_>,
) -> Result<Query> {
    let program = compile(expression)?;
    let (repo, warning) = prepare(repo)?;
    let repo = &repo;
    let txn = repo.store.read()?;
    let reader = Reader::new(repo, &txn)?;
    let mut evaluation = Evaluation {
        program: &program,
        budget: Budget::new(Limits::default(), None),
        failures: Failures::default(),
        rows: Vec::new(),
        skip: options.offset,
        most: options.limit.unwrap_or(usize::MAX),
    };
    let mut plan = match options.no_index {
        true => Plan::all(&txn)?,
        false => Plan::new(&txn, &program)?,
    };
    if let Some(hash) = options.behind {
        let id = txn.find_run(&parse_hash(hash)?)?;
        let id = id.ok_or_else(|| repo.no_run(hash))?;
        plan.candidates = plan.candidates.behind(id);
    }
    let mut progress = Progress::new(plan.candidates.count(), options.progress);
    plan.candidates.visit(&txn, |id, record| {
        progress.step()?;
        let outcome = record.and_then(|record| {
            let run = StoredRun {
                reader: &reader,
                id,
                record,
            };
            match select {
                Select::Runs => evaluation.run(&run),
                Select::Metrics => evaluation.metrics(&run, plan.names.as_deref()),
            }
        });
        evaluation.unless_damaged(outcome)?;
        Ok(evaluation.rows.len() < evaluation.most)
    })?;
    let Evaluation { rows, failures, .. } = evaluation;
    Ok(Query::new(repo.clone(), rows, failures, warning))
}

/// How `query` would go about it, in words.
pub fn explain(repo: &RepoRef, expression: &str) -> Result<String> {
    let program = compile(expression)?;
    let (repo, _) = prepare(repo)?;
    let txn = repo.store.read()?;
    Plan::new(&txn, &program)?.explain(&txn)
}

fn compile(expression: &str) -> Result<Program> {
    Program::compile(expression).map_err(|e| Error::new(Status::Syntax, e.to_string()))
}

/// Brings in what this process has tracked and what dead ones left, and gives the repository as it then is. One that takes
/// nothing at present is still read: the warning says what is missing, and why.
fn prepare(repo: &RepoRef) -> Result<(RepoRef, Option<String>)> {
    let repo = Repo::present(repo)?;
    let missing = [
        ("processes that ended", repo.recover()),
        ("this process", repo.flush()),
    ]
    .into_iter()
    .filter_map(|(whose, outcome)| {
        let e = outcome.err()?;
        Some(format!(
            "what {whose} tracked is not all in the answer: {e}"
        ))
    });
    let warning = missing.collect::<Vec<_>>().join("; ");
    if warning.is_empty() {
        return Ok((repo, None));
    }
    log::emit(Level::Warning, || warning.clone());
    Ok((repo, Some(warning)))
}

struct Evaluation<'p> {
    program: &'p Program,
    budget: Budget<'static>,
    failures: Failures,
    rows: Vec<QueryRow>,
    /// Rows that are still to be left out, and how many to return.
    skip: usize,
    most: usize,
}

impl Evaluation<'_> {
    fn selects(&mut self, run: &StoredRun<'_, '_>, metric: Option<&MetricRow<'_>>) -> Result<bool> {
        Ok(match self.program.matches(run, metric, &mut self.budget)? {
            Outcome::Selected => true,
            Outcome::NotSelected => false,
            Outcome::Failed(reason) => {
                self.failures.add(reason);
                false
            }
        })
    }

    fn run(&mut self, run: &StoredRun<'_, '_>) -> Result<()> {
        if self.selects(run, None)? {
            self.add(&Arc::new(info(run)), None);
        }
        Ok(())
    }

    /// Evaluates the run's sequences: all, or those that have one of the names.
    fn metrics(&mut self, run: &StoredRun<'_, '_>, names: Option<&[StringId]>) -> Result<()> {
        let mut found = Vec::new();
        // A cursor of its own: the expression may move the reader's.
        let mut scan = run.reader.txn.series_scan()?;
        let mut visit = |prefix: &[u8]| {
            visit_series(&mut scan, prefix, |key, stored| {
                let metric = stored
                    .map_err(|e| run.reader.txn.located(e, key))
                    .and_then(|stored| self.metric(run, key, stored));
                found.extend(self.unless_damaged(metric)?.flatten());
                Ok(())
            })
        };
        match names {
            Some(names) => {
                names
                    .iter()
                    .try_for_each(|name| visit(&name_prefix(run.id, *name)))?;
            }
            None => visit(&run.id.to_be_bytes())?,
        }
        found.sort_by(|a, b| match a.name.cmp(&b.name) {
            Ordering::Equal => a.context.cmp(&b.context),
            other => other,
        });
        if !found.is_empty() {
            let info = Arc::new(info(run));
            found
                .into_iter()
                .for_each(|metric| self.add(&info, Some(metric)));
        }
        Ok(())
    }

    fn metric(
        &mut self,
        run: &StoredRun<'_, '_>,
        key: SeriesKey,
        stored: Aggregates,
    ) -> Result<Option<MetricInfo>> {
        let name = run.reader.name(key.name)?;
        let context = run.reader.context(key.context)?;
        let row = MetricRow {
            name: &name,
            context: &context.tree,
            aggregates: &aggregates(&stored),
        };
        let selected = self.selects(run, Some(&row))?;
        let json = Arc::clone(&context.json);
        Ok(selected.then_some(MetricInfo {
            key,
            name,
            context: json,
            aggregates: stored,
        }))
    }

    /// A run or sequence that is damaged is a failure, not the end of the query.
    fn unless_damaged<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Err(e) if e.status == Status::Corrupt => {
                self.failures.add(e.to_string());
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }

    fn add(&mut self, run: &Arc<RunInfo>, metric: Option<MetricInfo>) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.rows.len() < self.most {
            self.rows.push(QueryRow {
                run: Arc::clone(run),
                metric,
            });
        }
    }
}

fn info(run: &StoredRun<'_, '_>) -> RunInfo {
    RunInfo {
        id: run.id,
        hash: *run.record.hash(),
    }
}
