//! System params: what a run records once about the program and the machine, as `__system_params`.

mod environment;
#[cfg(feature = "git")]
mod git;
mod host;
mod launcher;
mod libraries;
mod mask;

#[cfg(feature = "gpu")]
use super::gpu::Gpus;
use crate::error::Result;
use crate::lock::{Condvar, Mutex, MutexGuard};
use crate::log::{self, Level};
use crate::run::Run;
use crate::thread;
use aim_value::Tree;
use mask::Masks;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

const PARAM: &str = "__system_params";

/// How long a run's opening waits for what lies on slow disks and behind drivers; it is added later if it takes longer.
const PATIENCE: Duration = Duration::from_millis(500);

fn entry(key: &str, value: Tree) -> (String, Tree) {
    (key.to_owned(), value)
}

fn text(value: impl Into<String>) -> Tree {
    Tree::Str(value.into())
}

/// Records the params. `masks` are patterns of names to mask beside the usual ones, `only` those of the variables of the
/// environment to record, if not all are.
pub fn record(run: &Arc<Run>, masks: &[String], only: Option<&[String]>) -> Result<()> {
    let masks = Masks::new(masks, only);
    let slow: Vec<Late> = vec![
        #[cfg(feature = "git")]
        Late::start(run, "git_info", git::describe)?,
        #[cfg(feature = "gpu")]
        Late::start(run, "gpus", || {
            let gpus = Gpus::find();
            (!gpus.is_empty()).then(|| gpus.describe())
        })?,
    ];
    let mut variables = environment::variables(&masks);
    let mut params = environment::program(&masks);
    let scheduler = launcher::scheduler(&variables, |name| masks.is_recorded(name));
    params.push(entry("scheduler", scheduler));
    params.push(entry("mpi", launcher::mpi(&variables)));
    variables.retain(|(name, _)| masks.is_recorded(name));
    params.push(entry("env_variables", Tree::Dict(variables)));
    params.push(entry("shared_libraries", libraries::versions()));
    params.extend(host::describe());
    let deadline = Instant::now() + PATIENCE;
    // Locked until the param is set: what comes later is added to it.
    let mut arrived: Vec<_> = slow.iter().map(|l| (l.name, l.wait(deadline))).collect();
    for (name, state) in &mut arrived {
        if !state.done {
            log::emit(Level::Info, || {
                format!(
                    "run {}: {name} is added to the system params when it is known",
                    run.hash()
                )
            });
        }
        params.extend(state.found.take().map(|tree| entry(name, tree)));
    }
    params.retain(|(_, tree)| *tree != Tree::Dict(Vec::new()));
    run.set_param(PARAM, Tree::Dict(params))?;
    for (_, state) in &mut arrived {
        state.published = true;
    }
    Ok(())
}

/// A part that may take long, worked out on a thread of its own.
struct Late {
    name: &'static str,
    part: Arc<Part>,
}

#[derive(Default)]
struct Part {
    state: Mutex<PartState>,
    changed: Condvar,
}

#[derive(Default)]
struct PartState {
    done: bool,
    found: Option<Tree>,
    /// The param was set without this part.
    published: bool,
}

#[cfg_attr(not(any(feature = "git", feature = "gpu")), allow(dead_code))]
impl Late {
    fn start(
        run: &Arc<Run>,
        name: &'static str,
        find: impl FnOnce() -> Option<Tree> + Send + 'static,
    ) -> Result<Late> {
        let part = Arc::new(Part::default());
        let late = Late {
            name,
            part: Arc::clone(&part),
        };
        let run = Arc::downgrade(run);
        thread::spawn("aim-params", move || {
            let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(find));
            part.arrive(found.unwrap_or_default(), name, &run);
        })?;
        Ok(late)
    }

    fn wait(&self, deadline: Instant) -> MutexGuard<'_, PartState> {
        let mut state = self.part.state.lock();
        let mut late = false;
        while !state.done && !late {
            (state, late) = self.part.changed.wait_until(state, deadline);
        }
        state
    }
}

#[cfg_attr(not(any(feature = "git", feature = "gpu")), allow(dead_code))]
impl Part {
    fn arrive(&self, found: Option<Tree>, name: &str, run: &Weak<Run>) {
        let mut state = self.state.lock();
        state.done = true;
        state.found = found;
        if !state.published {
            self.changed.notify_all();
            return;
        }
        let (Some(found), Some(run)) = (state.found.take(), run.upgrade()) else {
            return;
        };
        if let Err(e) = run.set_param(&format!("/{PARAM}/{name}"), found) {
            log::emit(Level::Info, || {
                format!(
                    "run {}: {name} came too late for the system params: {e}",
                    run.hash()
                )
            });
        }
    }
}
