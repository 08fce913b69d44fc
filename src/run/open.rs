//! Opening a run: a new one, one that exists, or whichever it turns out to be, decided in one transaction.

use super::series_table::SeriesTable;
use super::{DEFAULT_EXPERIMENT, Run, random_hash};
use crate::environment;
use crate::error::{Error, Result, Status};
use crate::lock::Mutex;
use crate::process::Gate;
use crate::repo::{
    Op, Property, Repo, RepoRef, check_length, check_name, check_time, now_micros, rewind,
};
use crate::store::keys::{JournalId, RunId};
use crate::store::{RunRecord, WriteTxn, parse_hash};
use aim_value::Tree;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Longest text that a program may choose as a run's id, in bytes.
pub const MAX_RUN_ID: usize = 255;

/// Which run is opened.
#[derive(Clone, Copy, Debug, Default)]
pub enum Which<'o> {
    /// A new one with a hash that is drawn.
    #[default]
    New,
    /// A new one with this hash, 24 hex digits; `Exists` if there is one.
    NewHash(&'o str),
    /// The one with this hash; `NotFound` if there is none.
    Existing(&'o str),
    /// The one whose creator chose this text as its id.
    Id(&'o str, Mode),
}

/// What may happen where a run is named by an id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    OpenOrCreate,
    /// `Exists` if there is one.
    Create,
    /// `NotFound` if there is none.
    Open,
}

/// How a run is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions<'o> {
    pub which: Which<'o>,
    /// Of a new run `DEFAULT_EXPERIMENT` if `None`; a run that exists is moved to it.
    pub experiment: Option<&'o str>,
    /// Of a new run, in microseconds since 1970 (UTC); `None` for now.
    pub created_at: Option<i64>,
    /// What is past is brought in: the run does not run, and it does not crash with this process. A new one counts as
    /// finished; one that exists keeps its status and its end unless `close_as` gives others.
    pub import: bool,
    /// What the run's metrics have from this step on is dropped, if nobody else is writing the run. The first of the
    /// processes that go on with it does so, and the others join.
    pub resume_step: Option<i64>,
}

/// The hash of the run whose creator chose `run_id`.
pub fn hash_of_id(run_id: &str) -> [u8; 12] {
    let mut hash = [0; 12];
    hash.copy_from_slice(&xxh3_128(run_id.as_bytes()).to_be_bytes()[..12]);
    hash
}

fn check_run_id(run_id: &str) -> Result<()> {
    if run_id.is_empty() {
        return Err(Error::invalid("the run's id is empty"));
    }
    check_length("the run's id", run_id, MAX_RUN_ID)
}

/// What a transaction does with the run of this hash.
struct Entry<'o> {
    hash: [u8; 12],
    may_create: bool,
    may_open: bool,
    run_id: Option<&'o str>,
    /// What it is called in messages.
    named: String,
}

impl<'o> Entry<'o> {
    fn new(which: Which<'o>) -> Result<Entry<'o>> {
        let entry = |hash, (may_create, may_open), named| Entry {
            hash,
            may_create,
            may_open,
            run_id: None,
            named,
        };
        Ok(match which {
            Which::New => entry(random_hash()?, (true, false), "a run".to_owned()),
            Which::NewHash(hash) => entry(parse_hash(hash)?, (true, false), format!("run {hash}")),
            Which::Existing(hash) => entry(parse_hash(hash)?, (false, true), format!("run {hash}")),
            Which::Id(run_id, mode) => {
                check_run_id(run_id)?;
                let allowed = match mode {
                    Mode::OpenOrCreate => (true, true),
                    Mode::Create => (true, false),
                    Mode::Open => (false, true),
                };
                Entry {
                    run_id: Some(run_id),
                    ..entry(hash_of_id(run_id), allowed, format!("a run {run_id:?}"))
                }
            }
        })
    }

    /// The run, opened or created.
    fn enter(
        &self,
        repo: &Repo,
        txn: &mut WriteTxn<'_>,
        journal: &JournalId,
        new: &RunRecord,
        options: &RunOptions<'_>,
    ) -> Result<RunId> {
        let Some(id) = txn.find_run(&self.hash)? else {
            return match self.may_create {
                true => {
                    let id = txn.create_run(new)?;
                    repo.emit_enter(txn, journal, id, options.import)
                }
                false => Err(Error::new(
                    Status::NotFound,
                    format!("there is no {}", self.named.trim_start_matches("a ")),
                )),
            };
        };
        if !self.may_open {
            return Err(Error::new(
                Status::Exists,
                format!(
                    "there is {} already; open it, or choose another name",
                    self.named
                ),
            ));
        }
        let record = txn
            .run(id)?
            .ok_or_else(|| Error::new(Status::NotFound, format!("{} was deleted", self.named)))?;
        if let Some(run_id) = self.run_id
            && record.run_id.as_deref() != Some(run_id)
        {
            return Err(Error::new(
                Status::Exists,
                format!(
                    "the run with the hash of {run_id:?} has another id, {:?}; choose another one",
                    record.run_id.unwrap_or_default()
                ),
            ));
        }
        let first = !repo.any_alive(&txn.live_writers(id)?)?;
        if !options.import {
            txn.update_run(id, RunRecord::reopen)?;
        }
        repo.emit_enter(txn, journal, id, options.import)?;
        if let Some(step) = options.resume_step.filter(|_| first) {
            let at = now_micros();
            rewind(txn, journal, id, step, &[], at)?;
            repo.emit(txn, journal, &|bodies| bodies.rewind(id, step, at, &[]))?;
            txn.update_run(id, |r| r.before = None)?;
        }
        Ok(id)
    }
}

impl Run {
    /// Starts a new run.
    pub fn create(repo: RepoRef, experiment: Option<&str>) -> Result<Run> {
        Run::open(
            repo,
            &RunOptions {
                experiment,
                ..RunOptions::default()
            },
        )
    }

    /// Goes on with a run of the repository: also one that has ended, or that other processes are writing.
    pub fn resume(repo: RepoRef, hash: &str, experiment: Option<&str>) -> Result<Run> {
        Run::open(
            repo,
            &RunOptions {
                which: Which::Existing(hash),
                experiment,
                ..RunOptions::default()
            },
        )
    }

    /// Opens the run that the options name.
    pub fn open(repo: RepoRef, options: &RunOptions<'_>) -> Result<Run> {
        options.created_at.map_or(Ok(()), check_time)?;
        let entry = Entry::new(options.which)?;
        let created_at = options.created_at.unwrap_or_else(now_micros);
        let from_environment = environment::text("AIM_EXPERIMENT")?;
        let experiment = options.experiment.or(from_environment.as_deref());
        let experiment = experiment.unwrap_or(DEFAULT_EXPERIMENT);
        check_name("the experiment", experiment)?;
        let mut new = RunRecord::new(entry.hash, experiment, created_at);
        new.run_id = entry.run_id.map(str::to_owned);
        if options.import {
            new.state = crate::store::RunState::Finished;
        }
        if entry.may_open {
            prepare(&repo, &entry)?;
        }
        let writer = Repo::writer(&repo)?;
        let known = repo.store.read()?.find_run(&entry.hash)?;
        if let Some(id) = known {
            writer.hold(id);
        }
        // If the last handle of this process closed the run just before, that must be stored before it opens again.
        let closed = known.map_or(Ok(()), |_| writer.commit());
        let entered = closed.and_then(|()| {
            let journal = writer.journal().id().0;
            repo.store.write(|txn| {
                let id = entry.enter(&repo, txn, &journal, &new, options)?;
                txn.add_writer(id, &journal, !options.import)?;
                txn.add_journal_run(&journal, id)?;
                repo.welcome(txn, &journal)?;
                Ok(id)
            })
        });
        match (known, &entered) {
            // It was deleted, and is another one now.
            (Some(known), Ok(id)) if known != *id => {
                writer.hold(*id);
                writer.forget(known);
            }
            (Some(known), Err(_)) => writer.forget(known),
            (Some(_), Ok(_)) => {}
            (None, Ok(id)) => writer.hold(*id),
            (None, Err(_)) => {}
        }
        writer.entered();
        writer.tell_sender();
        let id = match entered {
            Ok(id) => id,
            Err(e) => {
                writer.join_if_ended()?;
                return Err(e);
            }
        };
        // The commit thread makes it meanwhile: the first value finds its place. If it cannot be had, whoever tracks tries
        // again and is told why.
        let _ = writer.journal().ensure_ready();
        let hash = new.hash_text();
        // Another process may have created it in between.
        let params = match entry.may_open {
            true => repo.store.read().and_then(|txn| txn.params(id)),
            false => Ok(Tree::Null),
        };
        let run = Run {
            repo,
            writer,
            id,
            hash,
            closed: Arc::default(),
            about: Op::Run {
                run: id,
                hash: new.hash,
                created_at: new.created_at,
                experiment: new.experiment,
                run_id: new.run_id,
            },
            is_told: false.into(),
            recorded: false.into(),
            gate: Gate::open(),
            params: Mutex::default(),
            series: Mutex::default(),
            series_table: SeriesTable::new(),
            artifacts: Default::default(),
        };
        if let Tree::Dict(entries) = params? {
            *run.params.lock() = entries.into_iter().collect();
        }
        match options.experiment {
            Some(experiment) if entry.may_open => run
                .set(Property::Experiment(experiment.to_owned()))
                .map(|()| run),
            _ => Ok(run),
        }
    }
}

/// Brings in what was tracked before. What a dead process tracked in the run must not arrive behind what is tracked from
/// now on.
fn prepare(repo: &Repo, entry: &Entry<'_>) -> Result<()> {
    let recovered = repo.recover();
    repo.flush()?;
    let known = repo.store.read()?.find_run(&entry.hash)?;
    match known {
        Some(id) if repo.has_dead_writer(id)? => recovered,
        _ => Ok(()),
    }
}
