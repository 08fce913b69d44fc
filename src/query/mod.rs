//! Queries: AimQL expressions over the runs and metrics of a repository.

#[cfg(feature = "arrow")]
pub mod arrow;
mod bounds;
mod candidates;
mod columns;
mod cursor;
mod edit;
mod evaluation;
mod health;
mod interruption;
mod list;
mod lookup;
mod objects;
mod one;
mod order;
mod plan;
mod progress;
mod reader;
mod result;
mod row;
mod sample;
mod snapshot;
mod table;
mod warnings;

pub use crate::objects::ObjectKind;
pub use crate::store::keys::RunId;
pub use crate::store::{Aggregates, EPOCH_NONE, LogRecord, RunBytes, RunRecord, RunState, Stream};
pub use bounds::Bounds;
pub use columns::Columns;
pub use cursor::{Cursor, Told};
pub use edit::{delete, edit};
pub use health::{Damage, Health, file_usage};
pub use list::{Listed, list};
pub use objects::{ObjectRange, ObjectRow, ObjectRows};
pub use one::open_run;
pub use order::OrderBy;
pub use progress::Tell;
pub use result::{Failures, MetricInfo, Query, QueryRow, RunInfo, SequenceInfo, record_tree};
pub use sample::Sampling;
pub use snapshot::{RunSummary, Snapshot, read};
pub use table::{flatten, table};

pub use aimql::{Bound, Condition, SyntaxError, Target, Test};

use crate::error::{Error, Result, Status};
use crate::log::{self, Level};
use crate::repo::{Repo, RepoRef};
use aimql::{Budget, Program, Subject};
use evaluation::Evaluation;
use order::Order;
use plan::Plan;
use progress::Progress;
use reader::Reader;
use result::{ROW_BYTES, needs_more_memory};
use row::StoredRun;

/// What a query selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    Runs,
    Metrics,
    /// Sequences of objects.
    Objects(ObjectKind),
}

impl Select {
    fn subject(self) -> Subject {
        match self {
            Select::Runs | Select::Metrics => Subject::Metric,
            Select::Objects(kind) => Subject::Objects(kind.plural()),
        }
    }
}

/// How a query is asked.
#[derive(Default)]
pub struct Options<'o> {
    /// Rows to leave out at the beginning.
    pub offset: usize,
    /// Begins behind this run: with runs older than it.
    pub behind: Option<RunId>,
    /// Rows to return at most.
    pub limit: Option<usize>,
    /// None: newest run first, then by name, then by context.
    pub order: Option<OrderBy<'o>>,
    /// Told the runs looked at and those to look at in all, every few milliseconds, also while a row is evaluated;
    /// false cancels the query.
    pub progress: Option<&'o mut Tell<'o>>,
    /// Evaluates the expression on every run; for comparison.
    pub no_index: bool,
    pub bounds: Bounds,
}

/// What is to be said of an answer beside its rows.
#[derive(Debug, Default)]
pub struct Summary {
    pub failures: Failures,
    /// What the answer misses, and what in the expression may be a mistake.
    pub warnings: Vec<String>,
    /// Runs that the expression was evaluated on, and those that there were to look at, without a limit.
    pub looked_at: (u64, u64),
}

/// Asks a repository. Rows come newest run first, then by name, then by context, if no other order is asked for.
pub fn query(
    repo: &RepoRef,
    expression: &str,
    select: Select,
    options: Options<'_>,
) -> Result<Query> {
    let most = options.bounds.memory;
    let mut rows = Vec::new();
    let mut take = |row| {
        rows.push(row);
        let bytes = (rows.len() * ROW_BYTES) as u64;
        match bytes <= most {
            true => Ok(true),
            false => Err(needs_more_memory(most, rows.len())),
        }
    };
    let (repo, summary) = on_a_deep_stack(|| walk(repo, expression, select, options, &mut take))?;
    Ok(Query::new(repo, rows, summary))
}

/// The same row by row, until `take` says false: what is not kept takes no memory. A query that takes longer than a
/// second reads its later runs as they are then.
pub fn visit(
    repo: &RepoRef,
    expression: &str,
    select: Select,
    options: Options<'_>,
    mut take: impl FnMut(QueryRow) -> Result<bool>,
) -> Result<Summary> {
    let walked = on_a_deep_stack(|| walk(repo, expression, select, options, &mut take));
    walked.map(|(_, summary)| summary)
}

/// Runs `f` where the deepest expression can be parsed and evaluated: on this thread's stack, or, where less than
/// `DEEP` of that is left, on one that is taken for the time being.
fn on_a_deep_stack<T>(f: impl FnOnce() -> T) -> T {
    /// Measured: 192 KiB, by the deepest expressions of each shape.
    const DEEP: usize = 320 * 1024;
    const TAKEN: usize = 1024 * 1024;
    stacker::maybe_grow(DEEP, TAKEN, f)
}

/// The repository, as it is after others have been taken in, and what is to be said of the answer.
fn walk(
    repo: &RepoRef,
    expression: &str,
    select: Select,
    options: Options<'_>,
    take: &mut dyn FnMut(QueryRow) -> Result<bool>,
) -> Result<(RepoRef, Summary)> {
    let program = compile(expression, select)?;
    let bounds = options.bounds;
    let order = options.order;
    let order = order.map(|by| Order::new(by, select.subject(), &bounds));
    let order = order.transpose()?;
    let (repo, warning) = prepare(repo)?;
    let mut warnings: Vec<String> = warning.into_iter().collect();
    let mut txn = repo.store.read()?;
    for program in [Some(&program), order.as_ref().map(Order::program)] {
        for line in program.map_or(Ok(Vec::new()), |p| warnings::unknown_params(&txn, p))? {
            if !warnings.contains(&line) {
                warnings.push(line);
            }
        }
    }
    let mut plan = match options.no_index {
        true => Plan::all(&txn)?,
        false => Plan::new(&txn, &program, select)?,
    };
    if let Some(run) = options.behind {
        plan.candidates = plan.candidates.behind(run);
    }
    let progress = Progress::new(plan.candidates.count(), bounds.time, options.progress);
    let budget = Budget::new(bounds.limits(), Some(&progress));
    let mut evaluation = Evaluation::new(&program, order, budget, &bounds, take);
    evaluation.skip(options.offset, options.limit);
    loop {
        let reader = Reader::new(&repo, &txn)?;
        let names = plan.names(&txn)?;
        let mut last = None;
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
                    Select::Metrics => evaluation.metrics(&run, names.as_deref()),
                    Select::Objects(kind) => evaluation.objects(&run, kind, names.as_deref()),
                }
            });
            evaluation.unless_damaged(outcome)?;
            last = progress.snapshot_is_old().then_some(id);
            Ok(evaluation.wants_more() && last.is_none())
        })?;
        drop(reader);
        match last {
            Some(id) if evaluation.wants_more() => plan.candidates = plan.candidates.behind(id),
            _ => break,
        }
        drop(txn);
        txn = repo.store.read()?;
    }
    let (failures, warning) = evaluation.finish()?;
    warnings.extend(warning);
    drop(txn);
    let summary = Summary {
        failures,
        warnings,
        looked_at: progress.counts(),
    };
    Ok((repo, summary))
}

/// Whether an expression is one of the language, and if not, where and why.
pub fn check(expression: &str) -> std::result::Result<(), SyntaxError> {
    on_a_deep_stack(|| Program::compile(expression).map(|_| ()))
}

/// What holds on every run that an expression selects, and where it selects metrics, on every run that has one: for those
/// who keep runs elsewhere and look up there which ones to ask about.
pub fn conditions(expression: &str) -> Result<Condition> {
    on_a_deep_stack(|| Ok(compile(expression, Select::Metrics)?.conditions()))
}

/// How `query` would go about it, in words.
pub fn explain(repo: &RepoRef, expression: &str) -> Result<String> {
    on_a_deep_stack(|| {
        let program = compile(expression, Select::Metrics)?;
        let (repo, _) = prepare(repo)?;
        let txn = repo.store.read()?;
        Plan::new(&txn, &program, Select::Metrics)?.explain(&txn)
    })
}

fn compile(expression: &str, select: Select) -> Result<Program> {
    let error = |e: &dyn std::fmt::Display| Error::new(Status::Syntax, e.to_string());
    let program = Program::compile_for(expression, select.subject()).map_err(|e| error(&e))?;
    match program.unknown_attribute() {
        Some(unknown) => Err(error(unknown)),
        None => Ok(program),
    }
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
