//! Runs as tables in Parquet, for DuckDB, Spark, Trino, Hive: a directory for each table, in it one for each month in which runs
//! began, in it files that hold many runs. Exported again, only files with runs that are new, changed or gone are written anew;
//! small ones go together.
//!
//! | file | what |
//! |---|---|
//! | `manifest` | which runs are in which files, in what state |
//! | `plan` | which files stay, and which runs come together into new ones |
//! | `tables`, `write` | rows of the four tables, and files of them |

mod manifest;
mod month;
mod plan;
mod tables;
mod write;

use crate::context::Context;
use crate::export::written;
use crate::expression::{select, speaks_of_metrics, warn};
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::progress::Progress;
use aim::error::Status;
use aim::query::{RunId, RunState};
use aim::repo::RepoRef;
use aim::repo::exchange::{Moment, moment};
use manifest::Manifest;
use plan::{Plan, Wanted};
use std::fs;
use std::path::Path;
use std::time::Instant;
use write::{Published, write};

pub fn export(context: &Context, asked: Option<&str>, to: &Path) -> Result<(), Failure> {
    let begun = Instant::now();
    if asked.is_some_and(speaks_of_metrics) {
        return Err(Failure::usage("an export to Parquet takes whole runs")
            .why("the expression selects metrics")
            .advice("select runs, as in: run.experiment == 'digits'"));
    }
    let repo = context.repo()?;
    let mut manifest = Manifest::open(to)?;
    let (wanted, mut wrong) = wanted(context, &repo, asked)?;
    let there = wanted.len() as u64;
    let plan = Plan::of(&manifest, &wanted);
    let changed = plan.changed();
    let mut progress = Progress::new(&context.messages, "exporting", "runs", plan.runs());
    let mut published = Published::new(to);
    let (mut points, mut objects) = (0, 0);
    for group in &plan.groups {
        let present = moment(&repo)?;
        let done = write(&present, to, group, &mut published, |more| {
            progress.add(more)
        })?;
        (points, objects) = (points + done.points, objects + done.objects);
        wrong.extend(done.wrong);
        manifest.groups.push(done.group);
    }
    progress.end();
    published.publish()?;
    manifest.drop(&plan.dropped);
    published.clear(&manifest.groups)?;
    manifest.save()?;
    if objects > 0 {
        say!(
            "not exported: {} of images, texts and other objects",
            format::counted(objects, "point")
        );
    }
    let mut text = format!(
        "exported {} with {} in {}",
        format::counted(plan.runs(), "run"),
        format::counted(points, "point"),
        format::duration(begun.elapsed().as_secs_f64())
    );
    let (kept, moved) = (there - plan.runs(), plan.runs() - changed);
    if kept + moved > 0 {
        text.push_str(&format!(
            "; {} were there already",
            format::count(kept + moved)
        ));
    }
    if moved > 0 {
        text.push_str(&format!(
            ", {} of them written anew beside others",
            format::count(moved)
        ));
    }
    say!("{text}");
    Failure::left_out(wrong)
}

/// The runs that are to be there, oldest first, and those that cannot be.
fn wanted(
    context: &Context,
    repo: &RepoRef,
    asked: Option<&str>,
) -> Result<(Vec<Wanted>, Vec<String>), Failure> {
    let selected = select(repo, asked, true, None)?;
    warn(&context.messages, &selected, "run");
    let present = moment(repo)?;
    let (mut wanted, mut wrong) = (Vec::new(), Vec::new());
    for row in selected.rows() {
        match state(&present, row.run.id) {
            Ok(found) => wanted.extend(found),
            Err(e) if e.status == Status::Corrupt => {
                wrong.push(format!("{} is damaged: {e}", row.run.hash_text()));
            }
            Err(e) => return Err(e.into()),
        }
    }
    wanted.sort_by_key(|run| (run.created_at, run.hash));
    Ok((wanted, wrong))
}

fn state(present: &Moment<'_>, run: RunId) -> aim::error::Result<Option<Wanted>> {
    Ok(present.outline(run)?.map(|outline| Wanted {
        run,
        hash: outline.record.hash,
        sum: outline.sum,
        created_at: outline.record.created_at,
        points: outline.series.iter().map(|s| s.aggregates.count).sum(),
        open: outline.record.state == RunState::Running,
    }))
}

/// Makes a directory and those above it.
fn make(directory: &Path) -> Result<(), Failure> {
    fs::create_dir_all(directory)
        .map_err(written)
        .doing(|| format!("{} cannot be made", directory.display()))
}
