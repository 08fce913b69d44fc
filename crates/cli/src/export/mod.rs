//! Runs as files for other programs: `libaim export`.

pub mod directory;
pub mod exact;
mod kept;
pub mod lines;
mod names;
pub mod objects;
pub mod parquet;
pub mod points;
pub mod tensorboard;

use crate::context::{Context, look_at};
use crate::expression::{select, speaks_of_metrics, warn};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{format, records};
use aim::query::{
    LogRecord, MetricInfo, Options, RunInfo, RunRecord, Sampling, Select, Stream, query,
};
use aim::repo::{Note, RepoRef};
use aim_value::Tree;
use std::time::Instant;

/// Records of a log that are read at once.
const PIECE: u64 = 10_000;

/// A run to be written out.
pub struct Exported<'r> {
    repo: &'r RepoRef,
    run: RunInfo,
    pub record: RunRecord,
    pub params: Tree,
    pub notes: Vec<Note>,
    pub metrics: Vec<MetricInfo>,
    /// Not some metrics of it alone.
    whole: bool,
}

/// A point: step, value, epoch, time.
pub type Point = (i64, f64, Option<i64>, f64);

impl Exported<'_> {
    pub fn hash(&self) -> String {
        self.run.hash_text()
    }

    /// The points of a metric, all from one moment.
    pub fn points(&self, metric: &MetricInfo) -> Result<impl Iterator<Item = Point>, Failure> {
        let all = look_at(self.repo, |snapshot| {
            Ok(snapshot.sample(metric, usize::MAX, Sampling::Stride)?)
        })?;
        let epoch = |epoch| (epoch != aim::run::EPOCH_NONE).then_some(epoch);
        let rest = all.epochs.into_iter().zip(all.times);
        let points = all.steps.into_iter().zip(all.values).zip(rest);
        Ok(points.map(move |((step, value), (e, time))| (step, value, epoch(e), time)))
    }

    /// Gives all records of a log to `write`.
    pub fn log(
        &self,
        stream: Stream,
        mut write: impl FnMut(&LogRecord) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut next = 0;
        loop {
            let records = look_at(self.repo, |snapshot| {
                Ok(records::from(snapshot, &self.run, stream, next, PIECE)?)
            })?;
            let Some((last, _)) = records.last() else {
                break;
            };
            next = last + 1;
            for (_, record) in &records {
                write(record)?;
            }
        }
        Ok(())
    }
}

/// What becomes of the objects of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Objects {
    Written,
    /// The format has no place for them, which is said.
    Left,
}

/// Gives the runs that an expression selects, archived ones too, to `write`, oldest first, and says what was done. Of an
/// expression that speaks of metrics, only those that it selects are exported.
pub fn each(
    context: &Context,
    asked: Option<&str>,
    handled: Objects,
    mut write: impl FnMut(&Exported<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let begun = Instant::now();
    let repo = context.repo()?;
    let selected = selected(context, &repo, asked)?;
    let mut progress = Progress::new(
        &context.messages,
        "exporting",
        "runs",
        selected.len() as u64,
    );
    let (mut runs, mut points, mut objects) = (0, 0, 0);
    for (run, only) in selected.into_iter().rev() {
        let found = look_at(&repo, |snapshot| {
            let Some(record) = snapshot.record(&run)? else {
                return Ok(None);
            };
            if only.is_none() && handled == Objects::Left {
                objects += snapshot.object_points(&run)?;
            }
            Ok(Some(Exported {
                repo: &repo,
                whole: only.is_none(),
                params: snapshot.params(&run)?,
                notes: snapshot.notes(&run)?,
                metrics: match only {
                    Some(only) => only,
                    None => snapshot.metrics(&run)?,
                },
                run: run.clone(),
                record,
            }))
        })?;
        // One that was deleted meanwhile is none any more.
        if let Some(run) = found {
            write(&run)?;
            runs += 1;
            points += run.metrics.iter().map(|m| m.aggregates.count).sum::<u64>();
        }
        progress.add(1);
    }
    progress.end();
    if objects > 0 {
        say!(
            "not exported: {} of images, texts and other objects",
            format::counted(objects, "point")
        );
    }
    say!(
        "exported {} with {} in {}",
        format::counted(runs, "run"),
        format::counted(points, "point"),
        format::duration(begun.elapsed().as_secs_f64())
    );
    Ok(())
}

/// An error of writing; that nobody reads the output any more is none.
pub fn written(e: std::io::Error) -> Failure {
    match e.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::silent(0),
        _ => Failure::new("the output cannot be written").why(e),
    }
}

/// Runs, newest first, with the metrics that are meant where not all are.
type Selected = Vec<(RunInfo, Option<Vec<MetricInfo>>)>;

fn selected(context: &Context, repo: &RepoRef, asked: Option<&str>) -> Result<Selected, Failure> {
    let Some(asked) = asked.filter(|asked| speaks_of_metrics(asked)) else {
        let answer = select(repo, asked, true, None)?;
        warn(&context.messages, &answer, "run");
        let rows = answer.rows().iter();
        return Ok(rows.map(|row| ((*row.run).clone(), None)).collect());
    };
    let answer = query(repo, asked, Select::Metrics, Options::default())?;
    warn(&context.messages, &answer, "metric");
    let mut found: Selected = Vec::new();
    for row in answer.rows() {
        let metric = row.metric.iter().cloned();
        match found.last_mut() {
            Some((run, Some(metrics))) if *run == *row.run => metrics.extend(metric),
            _ => found.push(((*row.run).clone(), Some(metric.collect()))),
        }
    }
    Ok(found)
}
