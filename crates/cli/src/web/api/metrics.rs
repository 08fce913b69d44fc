//! Points of metrics: of those that a query selects, aligned by another metric, and of one run.

use super::search::{Search, Told, params};
use crate::web::answer::json;
use crate::web::entities::Known;
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Body, Path, Query, TimeZone};
use crate::web::local_time::in_utc;
use crate::web::pieces::{Pieces, pieces};
use crate::web::props::{Contexts, props};
use crate::web::rows::Rows;
use crate::web::stream::column;
use crate::web::tree::{dict, text};
use crate::web::{App, Whole};
use aim::query::{Columns, MetricInfo, QueryRow, RunInfo, Sampling, Select, Snapshot, read};
use aim::run::EPOCH_NONE;
use aim_stream::{Encoder, Piece};
use aim_value::Tree;
use axum::extract::State;
use serde::Deserialize;
use std::sync::atomic::AtomicBool;

/// Runs, and points, of one piece of an answer, about.
const RUNS: usize = 32;
/// Points of a metric at most.
const MOST_POINTS: u64 = 100_000;
/// Points of a metric on a run's own page.
const RUN_PAGE_POINTS: usize = 200;
/// The library's samples have at least so many points.
const LEAST_SAMPLE: usize = 4;

pub async fn search(State(app): State<App>, query: Query, zone: TimeZone) -> Answer {
    let points = query.number("p", 50, 1..=MOST_POINTS)? as usize;
    let x_axis = query.get("x_axis").filter(|name| !name.is_empty());
    let x_axis = x_axis.map(str::to_owned);
    let system = !query.flag("skip_system", true)?;
    let told = Told::new(query.flag("report_progress", true)?);
    let expression = in_utc(query.text("q"), &zone);
    app.whole(Whole::Selected(expression.clone(), usize::MAX))
        .await?;
    let known = app.work(Known::load).await?;
    let repo = app.repo().clone();
    let mut selected = Metrics {
        known,
        points,
        x_axis,
        system,
        contexts: Contexts::default(),
    };
    let search = Search {
        rows: Rows::new(repo, expression, Select::Metrics, None, None),
        told,
        at_once: RUNS,
        tree: move |snapshot: &Snapshot<'_>, rows: &[QueryRow]| selected.tree(snapshot, rows),
    };
    pieces(app, search).await
}

struct Metrics {
    known: Known,
    points: usize,
    x_axis: Option<String>,
    system: bool,
    contexts: Contexts,
}

impl Metrics {
    /// A run with those of its metrics that are selected; `None` where it was deleted meanwhile, or is damaged.
    fn tree(&mut self, snapshot: &Snapshot<'_>, rows: &[QueryRow]) -> Option<Tree> {
        let run = &rows[0].run;
        let record = snapshot.record(run).ok()??;
        let axes = match &self.x_axis {
            Some(name) => axes(snapshot, run, name),
            None => Vec::new(),
        };
        let selected = rows.iter().filter_map(|row| row.metric.as_ref());
        let traces = selected.filter_map(|metric| self.trace(snapshot, metric, &axes));
        let traces: Vec<Tree> = traces.collect();
        Some(dict([
            ("params", params(snapshot, run, self.system)),
            ("traces", Tree::List(traces)),
            ("props", props(&record, &self.known)),
        ]))
    }

    fn trace(
        &mut self,
        snapshot: &Snapshot<'_>,
        metric: &MetricInfo,
        axes: &[MetricInfo],
    ) -> Option<Tree> {
        let points = sampled(snapshot, metric, self.points).ok()?;
        let (x_values, x_steps) = along(snapshot, metric, axes, &points);
        let epoch = |epoch: &i64| match *epoch {
            EPOCH_NONE => f64::NAN,
            epoch => epoch as f64,
        };
        let slice = [0, 0, self.points as i64].map(Tree::Int);
        Some(dict([
            ("name", text(&*metric.name)),
            ("context", self.contexts.tree(&metric.context)),
            ("slice", Tree::List(slice.into())),
            ("values", column(points.values.iter().copied())),
            (
                "iters",
                column(points.steps.iter().map(|step| *step as f64)),
            ),
            ("epochs", column(points.epochs.iter().map(epoch))),
            ("timestamps", column(points.times.iter().copied())),
            ("x_axis_values", x_values),
            ("x_axis_iters", x_steps),
        ]))
    }
}

/// At most `most` points of a metric; of fewer than a sample can have, the last.
fn sampled(
    snapshot: &Snapshot<'_>,
    metric: &MetricInfo,
    most: usize,
) -> aim::error::Result<Columns> {
    let mut points = snapshot.sample(metric, most.max(LEAST_SAMPLE), Sampling::MinMax)?;
    let surplus = points.steps.len().saturating_sub(most);
    points.steps.drain(..surplus);
    points.values.drain(..surplus);
    points.epochs.drain(..surplus);
    points.times.drain(..surplus);
    Ok(points)
}

/// The metrics of a run that have this name, in all contexts.
fn axes(snapshot: &Snapshot<'_>, run: &RunInfo, name: &str) -> Vec<MetricInfo> {
    let mut metrics = snapshot.metrics(run).unwrap_or_default();
    metrics.retain(|metric| &*metric.name == name);
    metrics
}

/// The values of that one of `axes` that has the metric's context, at the steps of its points, with the steps that have
/// one; null where there is none.
fn along(
    snapshot: &Snapshot<'_>,
    metric: &MetricInfo,
    axes: &[MetricInfo],
    points: &Columns,
) -> (Tree, Tree) {
    let axis = axes.iter().find(|axis| axis.context == metric.context);
    let values = axis.and_then(|axis| snapshot.values_at(axis, &points.steps).ok());
    let found: Vec<(i64, f64)> = values
        .unwrap_or_default()
        .into_iter()
        .zip(&points.steps)
        .filter_map(|(value, step)| Some((*step, value?)))
        .collect();
    if found.is_empty() {
        return (Tree::Null, Tree::Null);
    }
    (
        column(found.iter().map(|(_, value)| *value)),
        column(found.iter().map(|(step, _)| *step as f64)),
    )
}

/// A metric as the UI names it. Other keys that it sends back are of no use.
#[derive(Deserialize)]
pub struct Asked {
    name: String,
    #[serde(default)]
    context: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    slice: Option<Vec<u64>>,
}

impl Asked {
    /// Whether this is its name.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name
    }

    /// Canonical JSON, as metrics have it.
    pub fn context(&self) -> Answer<String> {
        let json = serde_json::to_string(&self.context).unwrap_or_default();
        let mut tree = Tree::from_json(&json).map_err(|e| Refusal::bad(e.to_string()))?;
        tree.sort_keys();
        Ok(tree.to_json())
    }

    fn find<'m>(&self, metrics: &'m [MetricInfo]) -> Answer<Option<&'m MetricInfo>> {
        let context = self.context()?;
        let name = stored_name(&self.name);
        let mut named = metrics.iter().filter(|metric| *metric.name == *name);
        Ok(named.find(|metric| *metric.context == *context))
    }
}

#[derive(Deserialize)]
pub struct Alignment {
    align_by: String,
    runs: Vec<AlignedRun>,
}

#[derive(Deserialize)]
struct AlignedRun {
    run_id: String,
    traces: Vec<Asked>,
}

pub async fn align(State(app): State<App>, Body(asked): Body<Alignment>) -> Answer {
    let runs = asked.runs.iter().map(|run| run.run_id.clone()).collect();
    app.whole(Whole::Runs(runs)).await?;
    let search = AlignedSearch {
        repo: app.repo().clone(),
        align_by: asked.align_by,
        runs: asked.runs.into_iter(),
    };
    pieces(app, search).await
}

struct AlignedSearch {
    repo: aim::repo::RepoRef,
    align_by: String,
    runs: std::vec::IntoIter<AlignedRun>,
}

impl Pieces for AlignedSearch {
    fn next(&mut self, _: &AtomicBool) -> Answer<Option<Encoder>> {
        let runs: Vec<AlignedRun> = self.runs.by_ref().take(RUNS).collect();
        if runs.is_empty() {
            return Ok(None);
        }
        let mut out = Encoder::default();
        read(&self.repo, |snapshot| {
            for run in &runs {
                // What is gone, or not a run, is left out.
                let Some(info) = snapshot.find(&run.run_id).ok().flatten() else {
                    continue;
                };
                let metrics = snapshot.metrics(&info)?;
                let axes = axes(snapshot, &info, &self.align_by);
                let traces = run.traces.iter();
                let aligned = traces.filter_map(|asked| aligned(snapshot, asked, &metrics, &axes));
                let aligned = Tree::List(aligned.collect());
                out.record(Piece::Text(&info.hash_text()), &aligned);
            }
            Ok(())
        })?;
        Ok(Some(out))
    }
}

fn aligned(
    snapshot: &Snapshot<'_>,
    asked: &Asked,
    metrics: &[MetricInfo],
    axes: &[MetricInfo],
) -> Option<Tree> {
    let metric = asked.find(metrics).ok()??;
    let wanted = asked.slice.as_ref().and_then(|slice| slice.get(2));
    let most = wanted.map_or(50, |most| *most).clamp(1, MOST_POINTS) as usize;
    // The same sample as the search sent.
    let points = sampled(snapshot, metric, most).ok()?;
    let (values, steps) = along(snapshot, metric, axes, &points);
    if values == Tree::Null {
        return None;
    }
    Some(dict([
        ("name", text(&*asked.name)),
        ("context", Tree::from_json(&metric.context).ok()?),
        ("x_axis_values", values),
        ("x_axis_iters", steps),
    ]))
}

/// Names of system metrics that the UI knows, behind their prefix. On a run's page it asks for any other one without end.
const KNOWN_SYSTEM: [&str; 8] = [
    "cpu",
    "p_memory_percent",
    "memory_percent",
    "disk_percent",
    "gpu",
    "gpu_memory_percent",
    "gpu_power_watts",
    "gpu_temp",
];
const SYSTEM: &str = "__system__";
const SHOWN_SYSTEM: &str = "system/";

/// What a metric is called on a run's page.
pub fn shown_name(name: &str) -> String {
    match name.strip_prefix(SYSTEM) {
        Some(rest) if !KNOWN_SYSTEM.contains(&rest) => format!("{SHOWN_SYSTEM}{rest}"),
        _ => name.to_owned(),
    }
}

fn stored_name(shown: &str) -> String {
    match shown.strip_prefix(SHOWN_SYSTEM) {
        Some(rest) if !KNOWN_SYSTEM.contains(&rest) => format!("{SYSTEM}{rest}"),
        _ => shown.to_owned(),
    }
}

/// Every metric that was asked for comes back under its name: one that does not is asked for again without end.
pub async fn of_run(
    State(app): State<App>,
    Path(hash): Path<String>,
    Body(asked): Body<Vec<Asked>>,
) -> Answer {
    app.whole(Whole::Runs(vec![hash.clone()])).await?;
    let found = app
        .work(move |repo| {
            let run = read(repo, |snapshot| snapshot.find(&hash))?.ok_or_else(Refusal::no_run)?;
            let mut batch = Vec::new();
            read(repo, |snapshot| {
                let metrics = snapshot.metrics(&run)?;
                for asked in &asked {
                    let metric = asked.find(&metrics).ok().flatten();
                    // A user's metric may be called as a system metric is shown.
                    let metric = metric.or_else(|| {
                        let context = asked.context().ok()?;
                        let mut named = metrics.iter().filter(|m| *m.name == *asked.name);
                        named.find(|m| *m.context == *context)
                    });
                    let points = match metric {
                        Some(metric) => sampled(snapshot, metric, RUN_PAGE_POINTS)?,
                        None => Columns::default(),
                    };
                    let context = serde_json::Value::Object(asked.context.clone());
                    batch.push((asked.name.clone(), context, points));
                }
                Ok(())
            })?;
            Ok(batch)
        })
        .await?;
    let batch: Vec<serde_json::Value> = found
        .into_iter()
        .map(|(name, context, points)| {
            serde_json::json!({
                "name": name,
                "context": context,
                "values": points.values,
                "iters": points.steps,
            })
        })
        .collect();
    Ok(json(&batch))
}

/// The metrics of a run as its page lists them.
pub fn listed(metrics: &[MetricInfo], contexts: &mut Contexts) -> Tree {
    let listed = metrics.iter().map(|metric| {
        dict([
            ("context", contexts.tree(&metric.context)),
            ("name", text(shown_name(&metric.name))),
        ])
    });
    Tree::List(listed.collect())
}
