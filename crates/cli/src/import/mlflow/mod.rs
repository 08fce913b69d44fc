//! MLflow's runs, by whichever way it keeps them: files, a database of SQLite, a server.

mod artifacts;
mod files;
mod server;
mod sqlite;

use super::rewrite::Rewrites;
use super::target::{Exact, Id, hash, remember, remembered};
use super::{Identity, Options, Report, Target, Time};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::progress::Progress;
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Outcome, RunState};
use aim_value::Tree;
use std::path::{Path, PathBuf};

pub struct Plan {
    /// Directories, files of SQLite, and URLs.
    pub stores: Vec<String>,
    /// Params that look like numbers become numbers.
    pub typed: bool,
    pub rewrites: Rewrites,
    pub options: Options,
}

/// Step, value, time.
type Point = (i64, f64, Time);

/// What is known of a run but its points.
#[derive(Default)]
struct Found {
    run_id: String,
    experiment: Option<String>,
    name: Option<String>,
    status: Option<String>,
    begun: Option<Time>,
    ended: Option<Time>,
    deleted: bool,
    params: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    datasets: Vec<Tree>,
    /// Where its artifacts are, on the machine that wrote them.
    artifacts: Option<String>,
    metrics: Vec<String>,
    /// Whatever tells that something of it is new.
    state: String,
}

/// A store that is open.
trait Store {
    fn runs(&mut self, report: &mut Report) -> Result<Vec<Found>, Failure>;

    /// The points of a metric, in any order.
    fn points(
        &mut self,
        run: &Found,
        metric: &str,
        report: &mut Report,
    ) -> Result<Vec<Point>, Failure>;

    /// Where the artifacts of a run are on this machine, if that is known without a rule.
    fn artifacts(&self, _: &Found) -> Option<PathBuf> {
        None
    }
}

fn open(store: &str, follow: bool) -> Result<Box<dyn Store>, Failure> {
    if store.starts_with("http://") || store.starts_with("https://") {
        return Ok(Box::new(server::Server::new(store)?));
    }
    let path = PathBuf::from(store.strip_prefix("sqlite:///").unwrap_or(store));
    if path.is_file() {
        return Ok(Box::new(sqlite::Database::open(&path)?));
    }
    Ok(Box::new(files::Files::open(&path, follow)?))
}

pub fn import(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut report = Report::of(&plan.options);
    let mut stores = Vec::new();
    for name in &plan.stores {
        let store = open(name, plan.options.follow);
        let mut store = store.doing(|| format!("{name} cannot be read"))?;
        let runs = store.runs(&mut report);
        let runs = runs.doing(|| format!("{name} cannot be read"))?;
        stores.push((store, runs));
    }
    let repo = plan.options.repository(context)?;
    let count = stores.iter().map(|(_, runs)| runs.len() as u64).sum();
    let mut progress = Progress::new(&context.messages, "importing", "runs", count);
    for (store, runs) in &mut stores {
        for found in runs {
            run(repo.as_ref(), plan, store.as_mut(), found, &mut report)
                .doing(|| format!("the run {} cannot be imported", found.run_id))?;
            progress.add(1);
        }
    }
    progress.end();
    report.print(context)
}

/// A moment in milliseconds since 1970.
fn moment(millis: f64) -> Option<Time> {
    Time::new(millis / 1e3)
}

/// Whether a directory that a store names is one that MLflow made for the artifacts of a run: it has the run's id in its path, 32
/// hexadecimal digits. Any other would be read because somebody wrote it into a store.
fn is_of_run(directory: &Path, run_id: &str) -> bool {
    let is_id = run_id.len() == 32 && run_id.bytes().all(|b| b.is_ascii_hexdigit());
    is_id && directory.iter().any(|part| part == run_id)
}

/// A text as what Python printed there.
fn typed(text: String) -> Tree {
    match text.as_str() {
        "True" => Tree::Bool(true),
        "False" => Tree::Bool(false),
        "None" => Tree::Null,
        number => match (number.parse(), number.parse()) {
            (Ok(whole), _) => Tree::Int(whole),
            (_, Ok(float)) => Tree::Float(float),
            _ => Tree::Str(text),
        },
    }
}

fn run(
    repo: Option<&RepoRef>,
    plan: &Plan,
    store: &mut dyn Store,
    found: &Found,
    report: &mut Report,
) -> Result<(), Failure> {
    let tag = |key: &str| {
        let found = found.tags.iter().find(|(k, _)| k == key);
        found.map(|(_, text)| text.clone())
    };
    let name = found.name.clone().filter(|name| !name.is_empty());
    let identity = Identity {
        id: Id::Source(format!("mlflow:{}", found.run_id)),
        name: name.or_else(|| tag("mlflow.runName")).unwrap_or_default(),
        experiment: found.experiment.clone(),
        created_at: found.begun.map(Time::micros),
    };
    // As short as a document must be, and other than that of any other state.
    let state = aim::run::hash_of_id(&found.state)
        .map(|byte| format!("{byte:02x}"))
        .concat();
    if let Some(repo) = repo
        && remembered(repo, &hash(&identity))?.as_deref() == Some(&state)
    {
        report.unchanged();
        return Ok(());
    }
    let mut target = Target::open(repo, &plan.options, &identity)?;
    target.describe(&Exact {
        description: tag("mlflow.note.content").unwrap_or_default(),
        archived: found.deleted,
        ..Exact::default()
    })?;
    for (key, value) in &found.params {
        let value = match plan.typed {
            true => typed(value.clone()),
            false => Tree::Str(value.clone()),
        };
        target.param(report, &[key], value);
    }
    let text = |text: &str| Tree::Str(text.to_owned());
    target.param(report, &["mlflow", "run_id"], text(&found.run_id));
    for (key, value) in &found.tags {
        if !matches!(key.as_str(), "mlflow.runName" | "mlflow.note.content") {
            target.param(report, &["mlflow", "tags", key], text(value));
        }
    }
    if !found.datasets.is_empty() {
        let datasets = Tree::List(found.datasets.clone());
        target.param(report, &["mlflow", "datasets"], datasets);
    }
    let mut last = found.begun;
    for name in &found.metrics {
        let points = store.points(found, name, report)?;
        metric(&mut target, name, points, &mut last, report)?;
    }
    let named = found
        .artifacts
        .as_deref()
        .map(|uri| plan.rewrites.apply(uri));
    if let Some(named) = &named {
        target.param(report, &["mlflow", "artifacts"], text(named));
    }
    let named = named.map(PathBuf::from);
    let named = named.filter(|path| is_of_run(path, &found.run_id));
    let directory = store.artifacts(found).or(named);
    if let Some(directory) = directory.filter(|directory| directory.is_dir()) {
        artifacts::bring(&directory, &mut target, report)?;
    }
    let state_of_run = match found.status.as_deref() {
        Some("3" | "FINISHED") => RunState::Finished,
        Some("4" | "FAILED") => RunState::Failed,
        Some("5" | "KILLED") => RunState::Interrupted,
        // Of one that runs nobody knows whether it does.
        _ => RunState::Crashed,
    };
    let ended = found.ended.or(last).map(Time::micros);
    target.close(report, Outcome::of(state_of_run), ended)?;
    match repo {
        Some(repo) => remember(repo, &hash(&identity), &state),
        None => Ok(()),
    }
}

fn metric(
    target: &mut Target,
    name: &str,
    mut points: Vec<Point>,
    last: &mut Option<Time>,
    report: &mut Report,
) -> Result<(), Failure> {
    let first = points.first().map(|point| point.0);
    let one_step = points.len() > 1 && points.iter().all(|point| Some(point.0) == first);
    points.sort_by_key(|point| point.2.micros());
    if one_step {
        // Nobody gave steps: the points are counted.
        for (i, point) in points.iter_mut().enumerate() {
            point.0 = i as i64;
        }
    }
    let name = match name.strip_prefix("system/") {
        Some(figure) => format!("__system__{figure}"),
        None => name.to_owned(),
    };
    let Some(series) = target.series(&name, "{}")? else {
        report.lost(
            "points of metrics that libaim does not take",
            points.len() as u64,
        );
        return Ok(());
    };
    for (step, value, time) in points {
        if last.is_none_or(|last| time.micros() > last.micros()) {
            *last = Some(time);
        }
        target.point(report, series, step, value, EPOCH_NONE, time)?;
    }
    Ok(())
}
