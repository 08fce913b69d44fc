//! `libaim cp`, `mv`, `merge`: runs from one repository into another, exactly as they are.

use crate::commands::spool::Spools;
use crate::context::{Context, place};
use crate::expression::{select, warn};
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::progress::Progress;
use crate::selection::{Selected, Selection, Yes, confirm};
use crate::text::shown;
use aim::query::RunId;
use aim::repo::{Copied, Fate, Repo, RepoOptions, RepoRef, copy_runs};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Copy runs into another repository
///
/// Hash, times, status, notes and logs stay as they are. A run that is there already is left alone, so a copy that was
/// interrupted goes on where it was.
#[derive(clap::Args)]
pub struct Cp {
    #[command(flatten)]
    selection: Selection,

    /// The other repository; one that is new is made
    #[arg(short = 't', long, value_name = "DIR")]
    to: PathBuf,
}

impl Cp {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let from = context.repo()?;
        let selected = self.selection.find(context, &from)?;
        let into = open_or_create(&self.to)?;
        transfer(context, &from, &into, &selected.ids())?.report()
    }
}

/// Move runs into another repository: copy them, then delete them here
#[derive(clap::Args)]
pub struct Mv {
    #[command(flatten)]
    selection: Selection,

    /// The other repository; one that is new is made
    #[arg(short = 't', long, value_name = "DIR")]
    to: PathBuf,

    #[command(flatten)]
    yes: Yes,
}

impl Mv {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let from = context.repo()?;
        let selected: Selected = self.selection.find(context, &from)?;
        let what = format!("move {} to {}", selected.words(), self.to.display());
        if !confirm(context, &selected, &what, self.yes.yes)? {
            return Ok(());
        }
        let into = open_or_create(&self.to)?;
        let outcome = transfer(context, &from, &into, &selected.ids())?;
        let deleted = from.delete_runs(&outcome.safe)?;
        say!("deleted {} here", format::counted(deleted.runs, "run"));
        outcome.report()
    }
}

/// Bring the runs of other repositories into this one
///
/// Hash, times, status, notes and logs stay as they are. Runs that are here already are left alone, so a merge that was
/// interrupted goes on where it was. Of a spool, which programs on a cluster write, all comes that is new, also of runs that
/// are being written.
#[derive(clap::Args)]
pub struct Merge {
    /// The other repositories, or spools: the directories that hold `.aim`
    #[arg(required = true, value_name = "FROM")]
    from: Vec<PathBuf>,

    /// Only the runs that an expression selects
    #[arg(short, long, value_name = "QUERY")]
    query: Option<String>,

    /// Go on with what spools get, until interrupted
    #[arg(short, long)]
    follow: bool,
}

impl Merge {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let into = context.repo_or_new()?;
        let spools = Spools::among(&self.from)?;
        let others: Vec<&PathBuf> = self.from.iter().filter(|p| !spools.has(p)).collect();
        if let (Some(spool), Some(_)) = (spools.first(), &self.query) {
            return Err(Failure::new(format_args!(
                "{} is a spool, which is merged as a whole",
                spool.display()
            ))
            .advice("leave --query out, or copy what it selects: libaim cp -q"));
        }
        if let (Some(other), true) = (others.first(), self.follow) {
            return Err(
                Failure::new(format_args!("{} is no spool", other.display()))
                    .advice("only spools are followed: leave --follow out"),
            );
        }
        let mut whole = Outcome::default();
        for path in others {
            let from = open(path)?;
            let answer = select(&from, self.query.as_deref(), true, None)?;
            warn(&context.messages, &answer, "run");
            // Oldest first: the order in which they began stays.
            let runs: Vec<RunId> = answer.rows().iter().rev().map(|row| row.run.id).collect();
            let outcome = transfer(context, &from, &into, &runs)
                .doing(|| format!("{} cannot be merged", path.display()))?;
            whole.wrong.extend(outcome.wrong);
        }
        spools.merge(&into, self.follow)?;
        whole.report()
    }
}

fn open(path: &Path) -> Result<RepoRef, Failure> {
    let location = place(Some(path))?;
    Repo::open(location, &RepoOptions::default(), false)
        .doing(|| format!("the repository {} cannot be opened", path.display()))
}

fn open_or_create(path: &Path) -> Result<RepoRef, Failure> {
    let location = place(Some(path))?;
    Repo::open(location, &RepoOptions::default(), true)
        .doing(|| format!("the repository {} cannot be opened", path.display()))
}

#[derive(Default)]
struct Outcome {
    /// Runs that are in the other repository as they are here.
    safe: Vec<RunId>,
    /// What kept others from getting there.
    wrong: Vec<String>,
}

impl Outcome {
    fn report(self) -> Result<(), Failure> {
        Failure::left_out(self.wrong)
    }
}

fn transfer(
    context: &Context,
    from: &RepoRef,
    into: &RepoRef,
    runs: &[RunId],
) -> Result<Outcome, Failure> {
    let begun = Instant::now();
    let mut progress = Progress::new(&context.messages, "copying", "runs", runs.len() as u64);
    let mut outcome = Outcome::default();
    let (mut copied, mut present, mut points, mut bytes) = (0, 0, 0, 0);
    copy_runs(from, into, runs, |one: &Copied| {
        progress.add(1);
        let hash: String = one.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        match &one.fate {
            Fate::Copied {
                points: p,
                bytes: b,
            } => {
                copied += 1;
                points += p;
                bytes += b;
                outcome.safe.push(one.run);
            }
            Fate::Present => {
                present += 1;
                outcome.safe.push(one.run);
            }
            Fate::Gone => {}
            Fate::Differs(what) => outcome.wrong.push(format!(
                "{hash} is there already, but differs in its {what}; delete one of them first"
            )),
            Fate::Busy => outcome.wrong.push(format!(
                "{hash} is being written; copy it when it has ended"
            )),
            Fate::Damaged(what) => outcome
                .wrong
                .push(format!("{hash} is damaged: {}", shown(what))),
        }
        true
    })?;
    progress.end();
    let seconds = begun.elapsed().as_secs_f64();
    let mut text = format!(
        "copied {} with {}, {} in {}",
        format::counted(copied, "run"),
        format::counted(points, "point"),
        format::bytes(bytes),
        format::duration(seconds)
    );
    if present > 0 {
        text.push_str(&format!("; {} were there already", format::count(present)));
    }
    say!("{text}");
    Ok(outcome)
}
