//! TensorBoard's event files, by whichever writer: TensorFlow 1 and 2, PyTorch, tensorboardX.

mod event;
mod find;
mod follow;
mod media;
mod records;
mod run;
mod tensor;

pub use follow::{Follower, there};

use super::target::{hash, remember, remembered};
use super::{Options, Report, Target};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::progress::Progress;
use crate::text::shown;
use aim::repo::RepoRef;
use event::{Content, Event, Value, What};
use find::Found;
use records::{Next, Records};
use run::Reader;
use std::path::{Path, PathBuf};

pub struct Plan {
    pub paths: Vec<PathBuf>,
    /// Every directory with event files is a run.
    pub flat: bool,
    pub options: Options,
}

pub fn import(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut report = Report::of(&plan.options);
    let mut runs = Vec::new();
    for path in &plan.paths {
        runs.extend(find_runs(path, plan, &mut report)?);
    }
    let repo = plan.options.repository(context)?;
    let bytes = runs.iter().map(|(_, run)| size(run)).sum();
    let mut progress = Progress::new(&context.messages, "importing", "bytes", bytes);
    for (experiment, run) in &runs {
        one(
            repo.as_ref(),
            plan,
            experiment,
            run,
            &mut report,
            &mut progress,
        )
        .doing(|| format!("{} cannot be imported", run.path.display()))?;
    }
    progress.end();
    report.print(context)
}

/// The runs below a path, with the experiment that they are of if nobody says another.
fn find_runs(
    path: &Path,
    plan: &Plan,
    report: &mut Report,
) -> Result<Vec<(String, Found)>, Failure> {
    let mut refused = |path: &Path, e: std::io::Error| {
        report.damage(format!("{} cannot be looked into: {e}", path.display()));
    };
    let found = find::find(path, plan.flat, &mut |files| hold_data(files), &mut refused);
    let found = found
        .map_err(Failure::new)
        .doing(|| format!("{} cannot be read", path.display()))?;
    if found.is_empty() && !plan.options.follow {
        return Err(Failure::new(format_args!(
            "there are no event files below {}",
            path.display()
        ))
        .why("no file there has tfevents in its name")
        .advice("name the log directory, the one that tensorboard --logdir gets"));
    }
    let directory = match path.is_file() {
        true => path.parent().unwrap_or(path),
        false => path,
    };
    let experiment = find::own_name(directory);
    Ok(found
        .into_iter()
        .map(|run| (experiment.clone(), run))
        .collect())
}

/// Whether files hold more than a description of the runs below their directory.
fn hold_data(files: &[PathBuf]) -> bool {
    const LARGE: u64 = 1 << 20;
    const ABOUT_OTHERS: [&[u8]; 2] = [b"hparams", b"custom_scalars"];
    let is_data = |bytes: &[u8]| {
        let Ok(value) = Value::parse(bytes) else {
            return true;
        };
        let plugin = value.plugin.map_or(&b""[..], |plugin| plugin.name);
        !ABOUT_OTHERS.contains(&plugin) && !matches!(value.content, Content::None)
    };
    files.iter().any(|path| {
        let Ok(mut records) = Records::open(path) else {
            return true;
        };
        loop {
            match records.next() {
                Ok(Next::Record(at, _)) if at > LARGE => return true,
                Ok(Next::Record(_, bytes)) => {
                    if let Ok(Event {
                        what: What::Summary(summary),
                        ..
                    }) = Event::parse(bytes)
                        && summary.every(1).any(|v| v.bytes().is_some_and(is_data))
                    {
                        return true;
                    }
                }
                Ok(Next::End | Next::Cut(_)) => return false,
                Ok(Next::Damage(..)) | Err(_) => return true,
            }
        }
    })
}

fn size(run: &Found) -> u64 {
    let files = run.directories.values().flatten();
    files
        .filter_map(|path| path.metadata().ok())
        .map(|m| m.len())
        .sum()
}

fn one(
    repo: Option<&RepoRef>,
    plan: &Plan,
    experiment: &str,
    found: &Found,
    report: &mut Report,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let source = source(found);
    let mut reader = Reader::new(found, experiment, report);
    let hash = hash(&reader.identity);
    if let Some(repo) = repo
        && remembered(repo, &hash)?.as_deref() == Some(&source)
    {
        report.unchanged();
        progress.add(size(found));
        return Ok(());
    }
    let mut target = Target::open(repo, &plan.options, &reader.identity)?;
    target.only_grows(&plan.options);
    reader.read(&mut target, report, progress)?;
    reader.end(target, report)?;
    match repo {
        Some(repo) => remember(repo, &hash, &source),
        None => Ok(()),
    }
}

/// The files of a run with their lengths, as one text: as long as it is the same, there is nothing new.
fn source(found: &Found) -> String {
    let files = found.directories.values().flatten();
    let lines = files.map(|path| {
        let length = path.metadata().map_or(0, |m| m.len());
        let below = path.strip_prefix(&found.path).unwrap_or(path);
        format!("{} {length}\n", shown(&below.to_string_lossy()))
    });
    lines.collect()
}
