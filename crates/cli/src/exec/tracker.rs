//! The process that has the run: writes down what its relay passes on, and the machine's use.

use super::channel::{Fate, Relayed};
use super::metrics::{Lines, Pattern};
use super::prometheus::{self, Asked};
use super::readers::Readers;
use super::relay::INTERRUPTS;
use super::{otlp, tensorboard};
use crate::child::{Signals, word};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::table::{DIM, styled};
use aim::query::RunState;
use aim::repo::{Property, Repo, RepoOptions, RepoRef};
use aim::run::{Mode, Outcome, Run, RunOptions, Which};
use aim::system::{Attachment, Options, TerminalLog};
use aim_value::Tree;
use std::ffi::OsString;
use std::os::unix::process::{ExitStatusExt as _, parent_id};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What to track.
pub struct Plan {
    pub program: Vec<OsString>,
    pub experiment: Option<String>,
    pub name: Option<String>,
    pub run_id: Option<String>,
    pub tags: Vec<String>,
    /// Paths of params with their values.
    pub params: Vec<(String, Tree)>,
    pub metrics: Vec<Pattern>,
    /// What Prometheus would ask.
    pub prometheus: Asked,
    /// Directories into which it writes for TensorBoard.
    pub tensorboard: Vec<PathBuf>,
    /// Files that an exporter of OpenTelemetry writes.
    pub otlp: Vec<PathBuf>,
    /// Time between two readings of the machine; `None` for none.
    pub interval: Option<Duration>,
    pub quiet: bool,
}

/// Tracks the program that the relay runs, until its end.
pub fn track(context: &Context, plan: Plan, mut relayed: Relayed) -> Result<(), Failure> {
    let repo = repository(context)?;
    let root = repo.root().display().to_string();
    let run = open(&repo, &plan).doing(|| format!("no run can be begun in {root}"))?;
    let run = Arc::new(run);
    // What the terminal sends to all of its foreground is for the program: this process stays until that has ended.
    let signals = Signals::catch(|| ());
    let signals = signals.map_err(|e| Failure::new("signals cannot be caught").why(e))?;
    signals.go_nowhere();
    let say = |text: String| {
        if !plan.quiet {
            say!(
                "{}",
                styled(&context.messages, DIM, &format!("libaim: {text}"))
            );
        }
    };
    let short: String = run.hash().chars().take(8).collect();
    say(format!(
        "run {short}; to watch it: libaim --repo {root} watch"
    ));

    let attachment = Attachment::start(
        &run,
        Options {
            interval: plan.interval,
            children_of: Some(parent_id()),
            params: true,
            ..Options::default()
        },
    );
    let mut lines = Lines::new(Arc::clone(&run), plan.metrics);
    let watch = Box::new(move |time, line: &str| lines.line(time, line));
    let pipes = std::mem::take(&mut relayed.pipes);
    let terminal = TerminalLog::start_beside(Arc::clone(&run), watch, pipes)
        .doing(|| "the terminal cannot be recorded".to_owned())?;
    let mut readers = Readers::default();
    prometheus::start(&mut readers, &run, plan.prometheus)
        .and_then(|()| tensorboard::start(&mut readers, &run, plan.tensorboard))
        .and_then(|()| otlp::start(&mut readers, &run, plan.otlp))
        .map_err(|e| Failure::new("no thread can be started").why(e))?;
    relayed
        .tell_ready(run.hash(), repo.root())
        .map_err(|e| Failure::new("the program cannot be tracked").why(e))?;
    let begins = relayed.begins();
    let begun = Instant::now();
    let fate = match begins {
        Ok(()) => relayed.ends(),
        Err(fate) => fate,
    };
    let trouble = readers.stop();
    terminal.stop();
    attachment.stop();
    drop(terminal);
    match fate {
        Fate::Ended(status) => {
            trouble.into_iter().for_each(&say);
            let closed = run.close_as(outcome(status), None);
            let word = word(status);
            let took = format::duration(begun.elapsed().as_secs_f64());
            say(format!("run {short} {word} after {took}"));
            closed.doing(|| format!("run {short} could not be stored whole"))
        }
        Fate::NotStarted => {
            run.close_as(Outcome::of(RunState::Failed), None)?;
            Ok(repo.delete_run(run.hash()).map(drop)?)
        }
        Fate::Unknown => Ok(run.close_as(Outcome::CRASHED, None)?),
    }
}

/// The repository, made where there is none yet.
fn repository(context: &Context) -> Result<RepoRef, Failure> {
    let location = context.place()?;
    let root = location.root.clone();
    Repo::open(location, &RepoOptions::default(), true)
        .doing(|| format!("the repository {} cannot be opened", root.display()))
}

fn open(repo: &RepoRef, plan: &Plan) -> Result<Run, Failure> {
    let auto;
    let which = match plan.run_id.as_deref() {
        None => Which::New,
        Some("auto") => {
            auto = aim::run::auto_id()?;
            Which::Id(&auto, Mode::OpenOrCreate)
        }
        Some(id) => Which::Id(id, Mode::OpenOrCreate),
    };
    let options = RunOptions {
        which,
        experiment: plan.experiment.as_deref(),
        ..RunOptions::default()
    };
    let run = Run::open(repo.clone(), &options)?;
    if let Some(name) = &plan.name {
        run.set(Property::Name(name.clone()))?;
    }
    for tag in &plan.tags {
        run.set(Property::AddTag(tag.clone()))?;
    }
    for (path, value) in &plan.params {
        run.set_param(path, value.clone())?;
    }
    let words = plan.program.iter();
    let words = words.map(|word| Tree::Str(word.to_string_lossy().into_owned()));
    run.set_param("command", Tree::List(words.collect()))?;
    Ok(run)
}

/// Ctrl-C and the like interrupt a run; any other signal, and an exit code, fail it.
fn outcome(status: ExitStatus) -> Outcome {
    let signal = status.signal();
    let state = match (signal, status.code()) {
        (Some(signal), _) if INTERRUPTS.contains(&signal) => RunState::Interrupted,
        (None, Some(0)) => RunState::Finished,
        _ => RunState::Failed,
    };
    Outcome {
        state,
        exit_code: status.code(),
        signal,
    }
}
