//! W&B's runs as they lie on the disk: the `.wandb` file of a run folder, offline or synced.

mod about;
mod artifacts;
mod fill;
mod media;
mod message;
mod records;

use super::protobuf::Message;
use super::target::{Exact, Id, hash, remember, remembered};
use super::{Identity, Options, Report, Rewrites, Target, Time};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::progress::Progress;
use about::About;
use aim::repo::RepoRef;
use fill::Filler;
use message::{ARTIFACT, HISTORY, OUTPUT, STATS, record};
use records::{Next, Records};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub struct Plan {
    pub paths: Vec<PathBuf>,
    pub rewrites: Rewrites,
    pub options: Options,
}

pub fn import(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &plan.paths {
        let before = files.len();
        find(path, 3, &mut files).doing(|| format!("{} cannot be read", path.display()))?;
        if files.len() == before && !plan.options.follow {
            return Err(Failure::new(format_args!(
                "there are no runs of W&B in {}",
                path.display()
            ))
            .why("no file in it ends in .wandb")
            .advice("name the directory wandb, a run folder in it, or the .wandb file"));
        }
    }
    let repo = plan.options.repository(context)?;
    let mut report = Report::of(&plan.options);
    let length = |path: &PathBuf| path.metadata().map_or(0, |m| m.len());
    let bytes = files.iter().map(length).sum();
    let mut progress = Progress::new(&context.messages, "importing", "bytes", bytes);
    for path in &files {
        file(repo.as_ref(), plan, path, &mut report)
            .doing(|| format!("{} cannot be imported", path.display()))?;
        progress.add(length(path));
    }
    progress.end();
    report.print(context)
}

/// The files of runs in a directory and so many levels below it. `latest-run` is a link to one that is there.
fn find(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(Failure::new)?;
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let below = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_file() && below.extension().is_some_and(|e| e == "wandb") {
            files.push(below);
        } else if kind.is_dir() && depth > 0 {
            find(&below, depth - 1, files)?;
        }
    }
    Ok(())
}

fn file(
    repo: Option<&RepoRef>,
    plan: &Plan,
    path: &Path,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut about = About::default();
    each(path, &mut Report::new(true), |kind, message, _| {
        about.see(kind, message);
        Ok(())
    })?;
    if about.id.is_empty() {
        report.damage(format!(
            "{}: no record says which run it is",
            path.display()
        ));
        return Ok(());
    }
    let identity = Identity {
        id: Id::Source(format!(
            "wandb:{}/{}/{}",
            about.entity, about.project, about.id
        )),
        name: match about.name.is_empty() {
            true => about.id.clone(),
            false => about.name.clone(),
        },
        experiment: (!about.project.is_empty()).then(|| about.project.clone()),
        created_at: about.begun.map(Time::micros),
    };
    let source = path.metadata().map_or(0, |m| m.len()).to_string();
    if let Some(repo) = repo
        && remembered(repo, &hash(&identity))?.as_deref() == Some(&source)
    {
        report.unchanged();
        return Ok(());
    }
    let mut target = Target::open(repo, &plan.options, &identity)?;
    target.only_grows(&plan.options);
    target.describe(&Exact {
        description: std::mem::take(&mut about.notes),
        tags: std::mem::take(&mut about.tags),
        ..Exact::default()
    })?;
    about.params(&mut target, report);
    let mut filler = Filler {
        files: path.with_file_name("files"),
        about: &about,
        target: &mut target,
        stats: HashMap::new(),
        lines: [String::new(), String::new()],
    };
    each(path, report, |kind, message, report| match kind {
        HISTORY => filler.history(message, report),
        STATS => filler.stats(message, report),
        OUTPUT => filler.output(message, report),
        ARTIFACT => artifacts::bring(message, &plan.rewrites, filler.target, report),
        _ => Ok(()),
    })?;
    // Of one that still runs the last line is not printed yet.
    if about.exit_code.is_some() || !plan.options.follow {
        filler.last_lines(report)?;
    }
    target.close(report, about.outcome(), about.last.map(Time::micros))?;
    match repo {
        Some(repo) => remember(repo, &hash(&identity), &source),
        None => Ok(()),
    }
}

/// Gives all records of a file to `see`.
fn each(
    path: &Path,
    report: &mut Report,
    mut see: impl FnMut(u32, Message<'_>, &mut Report) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let shown = path.display();
    let mut records = Records::open(path).map_err(Failure::new)?;
    loop {
        match records.next() {
            Ok(Next::Record(at, bytes)) => match record(bytes) {
                Ok(Some((kind, message))) => see(kind, message, report)?,
                Ok(None) => {}
                Err(rule) => report.damage(format!("{shown} at byte {at}: {rule}")),
            },
            Ok(Next::Damage(at, rule)) => {
                report.damage(format!("{shown} at byte {at}: {rule}"));
            }
            Ok(Next::Cut(at)) => {
                report.note(format!(
                    "{shown} ends within a record at byte {at}, as when its writer is killed"
                ));
                return Ok(());
            }
            Ok(Next::End) => return Ok(()),
            Err(e) => {
                report.damage(format!("{shown} at byte {}: {e}", records.offset()));
                return Ok(());
            }
        }
    }
}
