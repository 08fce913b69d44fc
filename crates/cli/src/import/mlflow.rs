//! MLflow's file store: a directory for each experiment, in it one for each run, with a file for each param, tag and
//! metric.

use super::lines::Lines;
use super::target::{Exact, Id, hash, remember, remembered};
use super::{Identity, Options, Report, Target, Time, yaml};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::progress::Progress;
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Outcome, RunState};
use aim_value::Tree;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub struct Plan {
    pub paths: Vec<PathBuf>,
    /// Params that look like numbers become numbers.
    pub typed: bool,
    pub options: Options,
}

const META: &str = "meta.yaml";
/// Longest line of a metric, and longest param, tag or description of a run.
const LINE: u64 = 1 << 16;
const TEXT: u64 = 1 << 24;
/// Levels of directories that names with slashes make.
const DEPTH: usize = 32;

/// A run's directory, with the name of its experiment.
struct Found {
    directory: PathBuf,
    experiment: Option<String>,
    meta: BTreeMap<String, String>,
}

pub fn import(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut runs = Vec::new();
    for path in &plan.paths {
        let before = runs.len();
        std::fs::read_dir(path)
            .map_err(Failure::new)
            .doing(|| format!("{} cannot be read", path.display()))?;
        find(path, None, 4, &mut runs);
        if runs.len() == before && !plan.options.follow {
            return Err(Failure::new(format_args!(
                "there are no runs of MLflow in {}",
                path.display()
            ))
            .why("no directory in it holds the meta.yaml of a run")
            .advice("name the directory mlruns; stores in a database are not read"));
        }
    }
    let repo = plan.options.repository(context)?;
    let mut report = Report::of(&plan.options);
    let mut progress = Progress::new(context, "importing", "runs", runs.len() as u64);
    for found in &runs {
        run(repo.as_ref(), plan, found, &mut report)
            .doing(|| format!("{} cannot be imported", found.directory.display()))?;
        progress.add(1);
    }
    progress.end();
    report.print(context)
}

fn text(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(TEXT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok()).map(|e| e.path()).collect();
    paths.sort();
    paths
}

/// The runs in a directory, which is a store, an experiment or a run, and so many levels below it.
fn find(directory: &Path, experiment: Option<&str>, depth: usize, runs: &mut Vec<Found>) {
    let meta = text(&directory.join(META)).map(|text| yaml::scalars(&text));
    let mut experiment = experiment.map(str::to_owned);
    if let Ok(mut meta) = meta {
        // The run of an experiment's directory has its id, as the experiment itself has.
        if meta.contains_key("run_id") || meta.contains_key("run_uuid") {
            let above = || {
                let above = text(&directory.parent()?.join(META)).ok()?;
                yaml::scalars(&above).remove("name")
            };
            runs.push(Found {
                directory: directory.to_owned(),
                experiment: experiment.or_else(above),
                meta,
            });
            return;
        }
        experiment = meta.remove("name").or(experiment);
    }
    if depth > 0 {
        for below in entries(directory) {
            // Links are not followed: a store has none.
            if below.is_dir() && !below.is_symlink() {
                find(&below, experiment.as_deref(), depth - 1, runs);
            }
        }
    }
}

/// Gives every file below a directory with its path as MLflow's name of it. No link is followed: a store has none, and
/// what it points to is none of the run's.
fn files(directory: &Path, above: &str, depth: usize, see: &mut dyn FnMut(&str, &Path)) {
    if directory.is_symlink() {
        return;
    }
    for path in entries(directory) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = match above {
            "" => name.into_owned(),
            above => format!("{above}/{name}"),
        };
        if path.is_symlink() {
            continue;
        }
        if path.is_file() {
            see(&name, &path);
        } else if depth > 0 {
            files(&path, &name, depth - 1, see);
        }
    }
}

fn millis(text: Option<&String>) -> Option<Time> {
    let millis: f64 = text?.parse().ok()?;
    Time::new(millis / 1e3)
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
    found: &Found,
    report: &mut Report,
) -> Result<(), Failure> {
    let Found {
        directory,
        experiment,
        meta,
    } = found;
    let get = |key: &str| meta.get(key).filter(|text| !text.is_empty());
    let Some(run_id) = get("run_id").or(get("run_uuid")) else {
        report.damage(format!(
            "{}: the run has no id",
            directory.join(META).display()
        ));
        return Ok(());
    };
    let mut source = String::new();
    let mut tags: Vec<(String, String)> = Vec::new();
    let mut params: Vec<(String, String)> = Vec::new();
    let mut metrics: Vec<(String, PathBuf)> = Vec::new();
    for (kind, into) in [("params", &mut params), ("tags", &mut tags)] {
        files(
            &directory.join(kind),
            "",
            DEPTH,
            &mut |name, path| match text(path) {
                Ok(text) => {
                    source.push_str(&format!("{name}={text}\n"));
                    into.push((name.to_owned(), text));
                }
                Err(e) => report.damage(format!("{} cannot be read: {e}", path.display())),
            },
        );
    }
    files(&directory.join("metrics"), "", DEPTH, &mut |name, path| {
        let length = path.metadata().map_or(0, |m| m.len());
        source.push_str(&format!("{name} {length}\n"));
        metrics.push((name.to_owned(), path.to_owned()));
    });
    source.push_str(&format!("{meta:?}"));
    // As short as a document must be, and other than that of any other state.
    let source = aim::run::hash_of_id(&source)
        .map(|byte| format!("{byte:02x}"))
        .concat();
    let tag = |key: &str| {
        tags.iter()
            .find(|(k, _)| k == key)
            .map(|(_, text)| text.clone())
    };
    let name = get("run_name").cloned().or_else(|| tag("mlflow.runName"));
    let begun = millis(get("start_time"));
    let identity = Identity {
        id: Id::Source(format!("mlflow:{run_id}")),
        name: name.unwrap_or_default(),
        experiment: experiment.clone(),
        created_at: begun.map(Time::micros),
    };
    if let Some(repo) = repo
        && remembered(repo, &hash(&identity))?.as_deref() == Some(&source)
    {
        report.unchanged();
        return Ok(());
    }
    let mut target = Target::open(repo, &plan.options, &identity)?;
    target.describe(&Exact {
        description: tag("mlflow.note.content").unwrap_or_default(),
        archived: get("lifecycle_stage").is_some_and(|stage| stage == "deleted"),
        ..Exact::default()
    })?;
    for (key, value) in params {
        let value = if plan.typed {
            typed(value)
        } else {
            Tree::Str(value)
        };
        target.param(report, &[&key], value);
    }
    target.param(report, &["mlflow", "run_id"], Tree::Str(run_id.clone()));
    for (key, value) in tags {
        if !matches!(key.as_str(), "mlflow.runName" | "mlflow.note.content") {
            target.param(report, &["mlflow", "tags", &key], Tree::Str(value));
        }
    }
    let mut last = begun;
    for (name, path) in &metrics {
        metric(&mut target, name, path, &mut last, report)?;
    }
    let count = |name: &str| {
        let mut count = 0;
        files(&directory.join(name), "", DEPTH, &mut |_, _| count += 1);
        count
    };
    report.lost("artifacts", count("artifacts"));
    report.lost("inputs of datasets", count("inputs"));
    let state = match get("status").map(String::as_str) {
        Some("3" | "FINISHED") => RunState::Finished,
        Some("4" | "FAILED") => RunState::Failed,
        Some("5" | "KILLED") => RunState::Interrupted,
        // Of one that runs nobody knows whether it does.
        _ => RunState::Crashed,
    };
    let ended = millis(get("end_time")).or(last).map(Time::micros);
    target.close(report, Outcome::of(state), ended)?;
    match repo {
        Some(repo) => remember(repo, &hash(&identity), &source),
        None => Ok(()),
    }
}

/// A metric's file: a line `time value step` for each point, times in milliseconds.
fn metric(
    target: &mut Target,
    name: &str,
    path: &Path,
    last: &mut Option<Time>,
    report: &mut Report,
) -> Result<(), Failure> {
    let shown = path.display();
    let mut points: Vec<(i64, f64, Time)> = Vec::new();
    let mut lines = match Lines::open(path, LINE) {
        Ok(lines) => lines,
        Err(e) => {
            report.damage(format!("{shown} cannot be read: {e}"));
            return Ok(());
        }
    };
    while let Some(line) = lines.next().map_err(Failure::new)? {
        let number = line.number;
        let Some(bytes) = line.bytes else {
            report.damage(format!("{shown}, line {number}: it is longer than 64 KiB"));
            continue;
        };
        let text = String::from_utf8_lossy(bytes);
        let mut words = text.split_ascii_whitespace();
        let mut word = || words.next();
        let (time, value, step) = (word(), word(), word());
        let time = time
            .and_then(|t| t.parse::<f64>().ok())
            .and_then(|t| Time::new(t / 1e3));
        let value = value.and_then(|v| v.parse::<f64>().ok());
        // Old versions knew no steps.
        let step = step.map_or(Some(0), |s| s.parse::<i64>().ok());
        match (time, value, step) {
            (Some(time), Some(value), Some(step)) => points.push((step, value, time)),
            _ if text.trim().is_empty() => {}
            _ => report.damage(format!(
                "{shown}, line {number}: it is not a time, a value and a step"
            )),
        }
    }
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
