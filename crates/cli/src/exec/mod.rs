//! `libaim exec`: tracks a program that was never changed.
//!
//! The run captures this process's terminal, as the library does for any process that asks for it; the program inherits
//! it, and so do its children. Its lines are looked through for metrics on their way into the run.

mod metrics;
mod otlp;
mod prometheus;
mod readers;
mod samples;
mod tensorboard;

pub use metrics::Pattern;
pub use otlp::values as read_otlp;
pub use prometheus::{Asked, values as read_prometheus};

use crate::child::{Signals, wait};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::table::{DIM, styled};
use aim::query::RunState;
use aim::repo::{Property, Repo, RepoOptions, RepoRef};
use aim::run::{Mode, Outcome, Run, RunOptions, Which};
use aim::system::{Attachment, Options, TerminalLog};
use aim_value::Tree;
use metrics::Tracker;
use readers::Readers;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What shells answer where a program is not found, cannot be run, or dies by a signal.
const NOT_FOUND: u8 = 127;
const NOT_RUN: u8 = 126;
const BY_SIGNAL: i32 = 128;

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

/// Runs the program and gives its exit code.
pub fn exec(context: &Context, plan: Plan) -> Result<u8, Failure> {
    let repo = repository(context)?;
    let root = repo.root().display().to_string();
    let run = open(&repo, &plan).doing(|| format!("no run can be begun in {root}"))?;
    let run = Arc::new(run);
    let signals = Signals::catch().map_err(|e| Failure::new("signals cannot be caught").why(e))?;
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
            children: true,
            params: true,
            ..Options::default()
        },
    );
    let mut tracker = Tracker::new(Arc::clone(&run), plan.metrics);
    let watch = Box::new(move |time, line: &str| tracker.line(time, line));
    let terminal = TerminalLog::start_watched(Arc::clone(&run), Some(watch))
        .doing(|| "the terminal cannot be recorded".to_owned())?;
    let mut readers = Readers::default();
    prometheus::start(&mut readers, &run, plan.prometheus)
        .and_then(|()| tensorboard::start(&mut readers, &run, plan.tensorboard))
        .and_then(|()| otlp::start(&mut readers, &run, plan.otlp))
        .map_err(|e| Failure::new("no thread can be started").why(e))?;
    let begun = Instant::now();
    let started = start(&plan.program, &repo, run.hash());
    let ended = started.map(|mut program| {
        signals.go_to(program.id());
        let status = wait(&mut program);
        signals.go_nowhere();
        status
    });
    let trouble = readers.stop();
    terminal.stop();
    attachment.stop();
    drop(terminal);
    match ended {
        Ok(status) => {
            trouble.into_iter().for_each(&say);
            let outcome = outcome(status);
            let closed = run.close_as(outcome, None);
            let word = word(status);
            let took = format::duration(begun.elapsed().as_secs_f64());
            say(format!("run {short} {word} after {took}"));
            closed.doing(|| format!("run {short} could not be stored whole"))?;
            Ok(code(status))
        }
        Err(e) => {
            run.close_as(Outcome::of(RunState::Failed), None)?;
            repo.delete_run(run.hash())?;
            let program = plan.program[0].to_string_lossy().into_owned();
            let failure = Failure::new(format_args!("{program} cannot be run")).why(&e);
            Err(failure.code(match e.kind() {
                ErrorKind::NotFound => NOT_FOUND,
                _ => NOT_RUN,
            }))
        }
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

fn start(program: &[OsString], repo: &RepoRef, hash: &str) -> std::io::Result<Child> {
    Command::new(&program[0])
        .args(&program[1..])
        .env("AIM_REPO", repo.root())
        .env("AIM_RUN_HASH", hash)
        .spawn()
}

/// Ctrl-C and the like interrupt a run; any other signal, and an exit code, fail it.
fn outcome(status: ExitStatus) -> Outcome {
    const INTERRUPTS: [i32; 3] = [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
    ];
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

fn word(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => match nix::sys::signal::Signal::try_from(signal) {
            Ok(signal) => format!("ended by {signal}"),
            Err(_) => format!("ended by signal {signal}"),
        },
        (None, Some(0)) => "finished".to_owned(),
        (None, code) => format!("failed with {}", code.unwrap_or_default()),
    }
}

fn code(status: ExitStatus) -> u8 {
    let code = status.signal().map(|signal| BY_SIGNAL + signal);
    (code.or(status.code()).unwrap_or_default() & 0xFF) as u8
}
