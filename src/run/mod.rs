//! A run being written: its properties, params and metrics. Reading calls flush first, so a process reads its own
//! writes.

pub mod logs;
mod lookup;
mod metric;

pub use metric::{EPOCH_NONE, Metric, STEP_AUTO};

use crate::error::{Error, Result, Status};
use crate::journal::{Gate, Producer};
use crate::repo::{Op, Property, Repo, RepoRef, Writer, now_micros};
use crate::store::keys::RunId;
use crate::store::{Journals, Params, RunRecord, RunState, Runs};
use aim_value::{Path, Tree};
use lookup::Lookup;
use metric::Series;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Longest metric name, experiment, run name or tag in bytes.
pub const MAX_NAME: usize = 4096;
/// Longest description in bytes, and longest context as JSON.
pub const MAX_TEXT: usize = 65536;
/// Longest key or JSON Pointer of a param in bytes.
pub const MAX_PATH: usize = 4096;
pub const DEFAULT_EXPERIMENT: &str = "default";

/// A run that this process writes. All methods may be called from several threads at once.
pub struct Run {
    repo: RepoRef,
    writer: Arc<Writer>,
    id: RunId,
    hash: String,
    closed: Arc<AtomicBool>,
    /// Shut with the run.
    gate: Gate,
    /// What the params are as far as this process knows: bad pointers are found before they are journaled.
    params: Mutex<Tree>,
    /// Sequences by name and canonical context.
    series: Mutex<HashMap<(String, String), Series>>,
    lookup: Lookup,
}

fn check_length(what: &str, text: &str, most: usize) -> Result<()> {
    if text.len() > most {
        return Err(Error::new(
            Status::Limit,
            format!("{what} has {} bytes, more than {most}", text.len()),
        ));
    }
    Ok(())
}

fn check_name(what: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(format!("{what} is empty")));
    }
    check_length(what, text, MAX_NAME)
}

fn parse_path(text: &str) -> Result<Path> {
    check_length("a param's path", text, MAX_PATH)?;
    Ok(Path::parse(text)?)
}

fn random_hash() -> Result<[u8; 12]> {
    let bytes = crate::journal::JournalId::random()?.0;
    let mut hash = [0; 12];
    hash.copy_from_slice(&bytes[..12]);
    Ok(hash)
}

impl Run {
    /// Starts a new run.
    pub fn create(repo: RepoRef, experiment: Option<&str>) -> Result<Run> {
        let experiment = experiment.unwrap_or(DEFAULT_EXPERIMENT);
        check_name("the experiment", experiment)?;
        let record = RunRecord {
            hash: random_hash()?,
            state: RunState::Running,
            archived: false,
            created_at: now_micros(),
            finalized_at: None,
            experiment: experiment.to_owned(),
            name: None,
            description: String::new(),
            tags: Vec::new(),
        };
        let hash = record.hash_text();
        let writer = Repo::writer(&repo)?;
        let entered = Run::enter(&repo, &writer, |txn| txn.create_run(&record));
        writer.entered(entered.as_ref().ok().copied());
        Run::open(repo, writer, entered, hash, Tree::Dict(Vec::new()))
    }

    /// Goes on with a run of the repository: also one that crashed, or that other processes are writing.
    pub fn resume(repo: RepoRef, hash: &str, experiment: Option<&str>) -> Result<Run> {
        experiment.map_or(Ok(()), |e| check_name("the experiment", e))?;
        let recovered = repo.recover_now();
        repo.flush()?;
        let (id, record) = repo.find_run(hash)?;
        // What a dead process tracked in this run must not arrive behind what is tracked from now on.
        if repo.has_dead_writer(id)? {
            recovered?;
        }
        let params = repo.store.read()?.params(id)?;
        let writer = Repo::writer(&repo)?;
        writer.hold(id);
        // If the last handle of this process closed the run just before, that must be stored before it opens again.
        let entered = writer.flush().and_then(|()| {
            Run::enter(&repo, &writer, |txn| {
                if txn.run(id)?.is_none() {
                    return Err(Error::new(
                        Status::NotFound,
                        format!("run {hash} was deleted"),
                    ));
                }
                txn.update_run(id, |r| {
                    r.state = RunState::Running;
                    r.finalized_at = None;
                })?;
                Ok(id)
            })
        });
        if entered.is_err() {
            writer.leave(id);
        }
        writer.entered(None);
        let run = Run::open(repo, writer, entered, record.hash_text(), params)?;
        match experiment {
            Some(experiment) => run
                .set(Property::Experiment(experiment.to_owned()))
                .map(|()| run),
            None => Ok(run),
        }
    }

    /// Registers this process as a writer of the run that `find` gives, in one transaction.
    fn enter(
        repo: &Repo,
        writer: &Writer,
        mut find: impl FnMut(&mut crate::store::WriteTxn<'_>) -> Result<RunId>,
    ) -> Result<RunId> {
        let journal = writer.journal().id().0;
        repo.store.write(|txn| {
            let id = find(txn)?;
            txn.add_writer(id, &journal)?;
            txn.add_journal_run(&journal, id)?;
            if txn.journal_cursor(&journal)?.is_none() {
                txn.set_journal_cursor(&journal, 0)?;
            }
            Ok(id)
        })
    }

    /// The handle, if the run could be entered.
    fn open(
        repo: RepoRef,
        writer: Arc<Writer>,
        entered: Result<RunId>,
        hash: String,
        params: Tree,
    ) -> Result<Run> {
        let id = match entered {
            Ok(id) => id,
            Err(e) => {
                writer.join_if_ended()?;
                return Err(e);
            }
        };
        Ok(Run {
            repo,
            writer,
            id,
            hash,
            closed: Arc::default(),
            gate: Gate::open(),
            params: Mutex::new(params),
            series: Mutex::default(),
            lookup: Lookup::new(),
        })
    }

    /// 24 hex digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    pub fn repo(&self) -> &RepoRef {
        &self.repo
    }

    fn check_open(&self) -> Result<()> {
        if self.writer.journal().forked() {
            return Err(Error::new(
                Status::Forked,
                format!("run {} belongs to the parent of this process", self.hash),
            ));
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(
                Status::Closed,
                format!("run {} is closed", self.hash),
            ));
        }
        Ok(())
    }

    /// Journals a change; one that is too large for the journal goes straight to the store, behind what was
    /// journaled before.
    fn change(&self, op: Op) -> Result<()> {
        if self.writer.exceeds_journal(&op) {
            self.writer.flush()?;
            return self.repo.apply(&self.writer, op);
        }
        self.writer.push(&op)
    }

    pub fn set(&self, property: Property) -> Result<()> {
        self.check_open()?;
        match &property {
            Property::Name(text) => check_name("the run's name", text)?,
            Property::Experiment(text) => check_name("the experiment", text)?,
            Property::AddTag(text) | Property::RemoveTag(text) => check_name("the tag", text)?,
            Property::Description(text) => check_length("the description", text, MAX_TEXT)?,
            Property::Archived(_) => {}
        }
        self.change(Op::SetProperty {
            run: self.id,
            property,
        })
    }

    /// The run's record as stored, with all that this process changed.
    pub fn record(&self) -> Result<RunRecord> {
        self.flush()?;
        let record = self.repo.store.read()?.run(self.id)?;
        record.ok_or_else(|| Error::new(Status::NotFound, format!("run {} was deleted", self.hash)))
    }

    /// Sets a param: a top-level key, or, with a leading `/`, a JSON Pointer.
    pub fn set_param(&self, path: &str, value: Tree) -> Result<()> {
        self.check_open()?;
        let path = parse_path(path)?;
        path.check_depth(&value)?;
        // Locked until the change is journaled: two threads' changes arrive in the order in which they were checked.
        let mut params = self.params.lock();
        params.set(&path, value.clone())?;
        self.change(Op::SetParam {
            run: self.id,
            path,
            value,
        })
    }

    /// Deletes a param with all below it.
    pub fn delete_param(&self, path: &str) -> Result<()> {
        self.check_open()?;
        let parsed = parse_path(path)?;
        let mut params = self.params.lock();
        if !params.remove(&parsed) {
            return Err(Error::new(
                Status::NotFound,
                format!("run {} has no param {path:?}", self.hash),
            ));
        }
        self.change(Op::DeleteParam {
            run: self.id,
            path: parsed,
        })
    }

    /// Reads a param back; without a path all of them, as one dict.
    pub fn param(&self, path: Option<&str>) -> Result<Tree> {
        let parsed = path.map_or(Ok(Path::from_tokens::<String>([])), parse_path)?;
        self.flush()?;
        let found = self.repo.store.read()?.param(self.id, &parsed)?;
        found.ok_or_else(|| {
            let path = path.unwrap_or_default();
            Error::new(
                Status::NotFound,
                format!("run {} has no param {path:?}", self.hash),
            )
        })
    }

    /// The metric with a name and a context: `None` or a JSON object, compared by value.
    pub fn metric(&self, name: &str, context: Option<&str>) -> Result<Metric> {
        Ok(Metric::new(self.series(name, context)?))
    }

    fn series(&self, name: &str, context: Option<&str>) -> Result<Series> {
        self.check_open()?;
        check_name("the metric's name", name)?;
        let context = canonical_context(context)?;
        let mut all = self.series.lock();
        let key = (name.to_owned(), context);
        if let Some(series) = all.get(&key) {
            return Ok(series.clone());
        }
        let local = self.writer.next_series();
        let (name, context) = key.clone();
        self.change(Op::DefineSeries {
            local,
            run: self.id,
            name,
            context,
        })?;
        let journal = Arc::clone(self.writer.journal());
        let producer = Producer::new(journal, &self.gate, local)?;
        let series = Series::new(producer, Arc::clone(&self.writer), Arc::clone(&self.closed));
        all.insert(key, series.clone());
        Ok(series)
    }

    /// Tracks one value by name and context. What was resolved once is found without locks or allocation.
    #[inline]
    pub fn track(
        &self,
        name: &[u8],
        context: Option<&[u8]>,
        value: f64,
        step: i64,
        epoch: i64,
    ) -> Result<()> {
        match self.lookup.find(name, context) {
            Some(series) => series.track(value, step, epoch),
            None => self.track_first(name, context, value, step, epoch),
        }
    }

    #[cold]
    fn track_first(
        &self,
        name: &[u8],
        context: Option<&[u8]>,
        value: f64,
        step: i64,
        epoch: i64,
    ) -> Result<()> {
        let text = |what, bytes| {
            std::str::from_utf8(bytes)
                .map_err(|e| Error::invalid(format!("{what} is not UTF-8: {e}")))
        };
        let context_text = context.map(|c| text("the context", c)).transpose()?;
        let series = self.series(text("the metric's name", name)?, context_text)?;
        self.lookup.insert(name, context, series.clone());
        series.track(value, step, epoch)
    }

    /// Waits until everything tracked so far is stored.
    pub fn flush(&self) -> Result<()> {
        self.check_open()?;
        self.writer.flush()
    }

    /// Stores everything and marks the run as finished, unless others are still writing it.
    ///
    /// On an error nothing is lost: the process goes on trying in the background.
    pub fn close(&self) -> Result<()> {
        self.check_open()?;
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.gate.close();
        self.writer.leave(self.id);
        self.writer.flush()?;
        self.writer.join_if_ended()
    }
}

impl Drop for Run {
    /// A run that nobody closed ends in the background.
    fn drop(&mut self) {
        if !self.writer.journal().forked() && !self.closed.swap(true, Ordering::AcqRel) {
            self.gate.close();
            self.writer.leave(self.id);
        }
    }
}

/// A context as it is stored: keys sorted, so that equal contexts have equal text.
fn canonical_context(text: Option<&str>) -> Result<String> {
    let Some(text) = text else {
        return Ok("{}".to_owned());
    };
    check_length("the context", text, MAX_TEXT)?;
    let mut tree = Tree::from_json(text).map_err(|e| Error::from(e).context("the context"))?;
    if !matches!(tree, Tree::Dict(_)) {
        return Err(Error::invalid(format!(
            "the context is a JSON object, not {} as in {text}",
            tree.type_name()
        )));
    }
    tree.sort_keys();
    Ok(tree.to_json())
}
