//! MLflow's file store: a directory for each experiment, in it one for each run, with a file for each param, tag and
//! metric.

use super::{Found, Point, Store, moment};
use crate::failure::{Doing as _, Failure};
use crate::import::lines::Lines;
use crate::import::{Report, yaml};
use aim_value::Tree;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

const META: &str = "meta.yaml";
/// Longest line of a metric, and longest param, tag or description of a run.
const LINE: u64 = 1 << 16;
const TEXT: u64 = 1 << 24;
/// Levels of directories that names with slashes make.
const DEPTH: usize = 32;

/// A run's directory, with the name of its experiment.
struct Place {
    directory: PathBuf,
    experiment: Option<String>,
    meta: BTreeMap<String, String>,
}

pub struct Files {
    places: Vec<Place>,
    /// By the run's id.
    directories: HashMap<String, PathBuf>,
}

impl Files {
    pub fn open(path: &Path, follow: bool) -> Result<Files, Failure> {
        std::fs::read_dir(path).map_err(Failure::new)?;
        let mut places = Vec::new();
        find(path, None, 4, &mut places);
        if places.is_empty() && !follow {
            return Err(Failure::new(format_args!(
                "there are no runs of MLflow in {}",
                path.display()
            ))
            .why("no directory in it holds the meta.yaml of a run")
            .advice("name the directory mlruns, the file mlflow.db, or the URL of a server"));
        }
        Ok(Files {
            places,
            directories: HashMap::new(),
        })
    }
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
fn find(directory: &Path, experiment: Option<&str>, depth: usize, runs: &mut Vec<Place>) {
    let meta = text(&directory.join(META)).map(|text| yaml::scalars(&text));
    let mut experiment = experiment.map(str::to_owned);
    if let Ok(mut meta) = meta {
        // The run of an experiment's directory has its id, as the experiment itself has.
        if meta.contains_key("run_id") || meta.contains_key("run_uuid") {
            let above = || {
                let above = text(&directory.parent()?.join(META)).ok()?;
                yaml::scalars(&above).remove("name")
            };
            runs.push(Place {
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
pub fn each(directory: &Path, above: &str, depth: usize, see: &mut dyn FnMut(&str, &Path)) {
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
            each(&path, &name, depth - 1, see);
        }
    }
}

/// The data sets that a run read. What is known of them lies beside the runs of the experiment.
fn datasets(directory: &Path) -> Vec<Tree> {
    let mut found = Vec::new();
    for input in entries(&directory.join("inputs")) {
        let Ok(input) = text(&input.join(META)).map(|text| yaml::scalars(&text)) else {
            continue;
        };
        let id = input.get("source_id").filter(|id| !id.contains('/'));
        let beside = directory.parent().map(|above| above.join("datasets"));
        let about = beside
            .zip(id)
            .map(|(beside, id)| beside.join(id).join(META));
        let about = about.and_then(|path| text(&path).ok());
        let Some(about) = about.map(|text| yaml::scalars(&text)) else {
            continue;
        };
        let kept = ["name", "digest", "source_type", "source"].into_iter();
        let kept = kept.filter_map(|key| {
            let value = about.get(key)?.clone();
            Some((key.to_owned(), Tree::Str(value)))
        });
        found.push(Tree::Dict(kept.collect()));
    }
    found
}

fn run(place: &Place, report: &mut Report) -> Option<Found> {
    let Place {
        directory,
        experiment,
        meta,
    } = place;
    let get = |key: &str| meta.get(key).filter(|text| !text.is_empty()).cloned();
    let millis = |key: &str| moment(get(key)?.parse().ok()?);
    let Some(run_id) = get("run_id").or(get("run_uuid")) else {
        report.damage(format!(
            "{}: the run has no id",
            directory.join(META).display()
        ));
        return None;
    };
    let mut found = Found {
        run_id,
        experiment: experiment.clone(),
        name: get("run_name"),
        status: get("status"),
        begun: millis("start_time"),
        ended: millis("end_time"),
        deleted: get("lifecycle_stage").is_some_and(|stage| stage == "deleted"),
        datasets: datasets(directory),
        ..Found::default()
    };
    for (kind, into) in [("params", &mut found.params), ("tags", &mut found.tags)] {
        each(
            &directory.join(kind),
            "",
            DEPTH,
            &mut |name, path| match text(path) {
                Ok(text) => {
                    found.state.push_str(&format!("{name}={text}\n"));
                    into.push((name.to_owned(), text));
                }
                Err(e) => report.damage(format!("{} cannot be read: {e}", path.display())),
            },
        );
    }
    for kind in ["metrics", "artifacts"] {
        each(&directory.join(kind), "", DEPTH, &mut |name, path| {
            let length = path.metadata().map_or(0, |m| m.len());
            found.state.push_str(&format!("{name} {length}\n"));
            if kind == "metrics" {
                found.metrics.push(name.to_owned());
            }
        });
    }
    found.state.push_str(&format!("{meta:?}"));
    Some(found)
}

impl Store for Files {
    fn runs(&mut self, report: &mut Report) -> Result<Vec<Found>, Failure> {
        let mut runs = Vec::new();
        for place in &self.places {
            if let Some(found) = run(place, report) {
                let directory = place.directory.clone();
                self.directories.insert(found.run_id.clone(), directory);
                runs.push(found);
            }
        }
        Ok(runs)
    }

    /// A metric's file: a line `time value step` for each point, times in milliseconds.
    fn points(
        &mut self,
        run: &Found,
        metric: &str,
        report: &mut Report,
    ) -> Result<Vec<Point>, Failure> {
        let mut points = Vec::new();
        let Some(directory) = self.directories.get(&run.run_id) else {
            return Ok(points);
        };
        let path = directory.join("metrics").join(metric);
        let shown = path.display();
        let mut lines = match Lines::open(&path, LINE) {
            Ok(lines) => lines,
            Err(e) => {
                report.damage(format!("{shown} cannot be read: {e}"));
                return Ok(points);
            }
        };
        let failed = || format!("{shown} cannot be read");
        while let Some(line) = lines.next().map_err(Failure::new).doing(failed)? {
            let number = line.number;
            let Some(bytes) = line.bytes else {
                report.damage(format!("{shown}, line {number}: it is longer than 64 KiB"));
                continue;
            };
            let text = String::from_utf8_lossy(bytes);
            let mut words = text.split_ascii_whitespace();
            let mut word = || words.next();
            let (time, value, step) = (word(), word(), word());
            let time = time.and_then(|t| moment(t.parse().ok()?));
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
        Ok(points)
    }

    fn artifacts(&self, run: &Found) -> Option<PathBuf> {
        let directory = self.directories.get(&run.run_id)?.join("artifacts");
        directory.is_dir().then_some(directory)
    }
}
