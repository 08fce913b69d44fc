//! A run being written: its properties, params and metrics. Reading calls flush first, so a process reads its own
//! writes.

pub mod artifacts;
mod backfill;
mod batch_system;
pub mod logs;
mod metric;
pub mod objects;
pub mod off;
mod open;
mod rewind;
mod series_table;

pub use crate::point::{EPOCH_NONE, STEP_AUTO};
pub use crate::repo::{MAX_NAME, MAX_PATH, MAX_TEXT};
pub use crate::store::{Outcome, RunState, SourceLocation};
pub use batch_system::auto_id;
pub use metric::Metric;
pub use open::{MAX_RUN_ID, Mode, RunOptions, Which, hash_of_id};

use crate::error::{Error, Result, Status};
use crate::journal::Producer;
use crate::lock::Mutex;
use crate::process::Gate;
use crate::repo::{
    Op, Property, RepoRef, Writer, check_length, check_name, check_time, now_micros, parse_path,
};
use crate::shield;
use crate::store::RunRecord;
use crate::store::keys::RunId;
use aim_value::{Encoded, Path, Tree};
use metric::Series;
use series_table::SeriesTable;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub const DEFAULT_EXPERIMENT: &str = "default";

/// A run that this process writes. All methods may be called from several threads at once.
pub struct Run {
    repo: RepoRef,
    writer: Arc<Writer>,
    id: RunId,
    hash: String,
    closed: Arc<AtomicBool>,
    /// What the journal says of the run in front of the first change, and whether it does.
    about: Op,
    is_told: AtomicBool,
    /// Whether the writer knows that more than edits is recorded.
    recorded: AtomicBool,
    /// Shut with the run.
    gate: Gate,
    /// What the params are as far as this process knows: bad pointers are found before they are journaled.
    params: Mutex<HashMap<String, Tree>>,
    /// Sequences by name and canonical context.
    series: Mutex<HashMap<(String, String), Series>>,
    series_table: SeriesTable,
    /// What is yet to be copied and summed.
    artifacts: artifacts::Queue,
}

fn random_hash() -> Result<[u8; 12]> {
    let bytes = crate::journal::JournalId::random()?.0;
    let mut hash = [0; 12];
    hash.copy_from_slice(&bytes[..12]);
    Ok(hash)
}

/// The top-level key of a param's path, and the path below it.
fn top_level(path: &Path) -> Result<(&str, Path)> {
    let split = path.split_first();
    split.ok_or_else(|| Error::invalid("the params have a key"))
}

impl Run {
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
                format!(
                    "run {} belongs to the parent of this process; open a run here",
                    self.hash
                ),
            ));
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(
                Status::Closed,
                format!("run {} is closed; open it by its hash to go on", self.hash),
            ));
        }
        Ok(())
    }

    /// More than an edit is about to be recorded: what the run was before it was opened is past.
    fn record_more(&self) {
        if !self.recorded.swap(true, Ordering::Relaxed) {
            self.writer.recorded(self.id);
        }
    }

    /// Journals a change; one that is too large for the journal goes straight to the store, behind what was
    /// journaled before.
    fn change(&self, op: Op) -> Result<()> {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            let about = self.about.encode();
            // A ring may be too small for it.
            if !self.writer.exceeds_journal(&about) {
                let told = self.writer.push(&about);
                told.inspect_err(|_| self.is_told.store(false, Ordering::Relaxed))?;
            }
        }
        let record = op.encode();
        if self.writer.exceeds_journal(&record) {
            self.writer.commit()?;
            return self.repo.apply(&self.writer, op);
        }
        self.writer.push(&record)
    }

    pub fn set(&self, property: Property) -> Result<()> {
        self.check_open()?;
        property.check()?;
        self.change(Op::SetProperty {
            run: self.id,
            property,
        })
    }

    /// The run's record as stored, with all that this process changed.
    pub fn record(&self) -> Result<RunRecord> {
        self.settle()?;
        let record = self.repo.store.read()?.run(self.id)?;
        record.ok_or_else(|| Error::new(Status::NotFound, format!("run {} was deleted", self.hash)))
    }

    /// Sets a param: a top-level key, or, with a leading `/`, a JSON Pointer.
    pub fn set_param(&self, path: &str, value: Tree) -> Result<()> {
        self.check_open()?;
        let path = parse_path(path)?;
        path.check_depth(&value)?;
        // Locked until the change is journaled: two threads' changes arrive in the order in which they were checked.
        let _held = shield::hold();
        let mut params = self.params.lock();
        let (first, below) = top_level(&path)?;
        let at = |e| Error::from(e).context(format_args!("below {first:?}"));
        let encoded = Encoded::of(&value);
        match params.get_mut(first) {
            Some(tree) => tree.set(&below, value).map_err(at)?,
            None => {
                let mut tree = Tree::Null;
                tree.set(&below, value).map_err(at)?;
                params.insert(first.to_owned(), tree);
            }
        }
        self.change(Op::SetParam {
            run: self.id,
            path,
            value: encoded,
        })
    }

    /// Deletes a param with all below it.
    pub fn delete_param(&self, path: &str) -> Result<()> {
        self.check_open()?;
        let parsed = parse_path(path)?;
        let _held = shield::hold();
        let mut params = self.params.lock();
        let (first, below) = top_level(&parsed)?;
        let was_there = match below.is_root() {
            true => params.remove(first).is_some(),
            false => params.get_mut(first).is_some_and(|t| t.remove(&below)),
        };
        if !was_there {
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
        self.settle()?;
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
        let _held = shield::hold();
        let mut all = self.series.lock();
        let key = (name.to_owned(), context);
        if let Some(series) = all.get(&key) {
            return Ok(series.clone());
        }
        self.record_more();
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
        let series = Series::new(
            producer,
            Arc::clone(&self.writer),
            Arc::clone(&self.closed),
            local,
        );
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
        match self.series_table.find(name, context) {
            Some(series) => series.track(value, step, epoch),
            None => self.track_first(name, context, value, step, epoch),
        }
    }

    /// `track` without its slow paths; false if one is needed.
    #[inline]
    pub fn try_track(
        &self,
        name: &[u8],
        context: Option<&[u8]>,
        value: f64,
        step: i64,
        epoch: i64,
    ) -> bool {
        let series = self.series_table.find(name, context);
        series.is_some_and(|series| series.try_track(value, step, epoch))
    }

    /// Tracks one value of a metric that was resolved once, `None` if it was not; of an error the status alone, for which
    /// nothing is allocated or locked.
    pub fn track_quietly(
        &self,
        name: &[u8],
        context: Option<&[u8]>,
        value: f64,
        step: i64,
        epoch: i64,
    ) -> Option<std::result::Result<(), Status>> {
        let series = self.series_table.find(name, context)?;
        Some(series.track_quietly(value, step, epoch))
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
        self.series_table.insert(name, context, series.clone());
        series.track(value, step, epoch)
    }

    /// Waits until everything tracked so far is stored.
    pub fn flush(&self) -> Result<()> {
        self.check_open()?;
        self.writer.flush()?;
        self.check_there()
    }

    /// Waits until everything tracked so far can be read.
    fn settle(&self) -> Result<()> {
        self.check_open()?;
        self.writer.commit()?;
        self.check_there()
    }

    fn check_there(&self) -> Result<()> {
        if self.repo.store.removed().is_some() || self.writer.journal().is_removed() {
            return Err(self.writer.removed());
        }
        self.repo.store.check_there()
    }

    /// Closes as `close`, or, with an outcome, as `close_as`, without waiting for what is not stored: `wait` does.
    pub fn start_closing(&self, outcome: Option<Outcome>, at: Option<i64>) -> Result<()> {
        let (said, outcome) = (outcome.is_some(), outcome.unwrap_or(Outcome::FINISHED));
        check_end(outcome, at)?;
        self.shut(outcome, said, at.unwrap_or_else(now_micros))
            .map(|_| ())
    }

    /// Waits, no longer than `patience`, until everything that this process tracked is stored, also after the run was
    /// closed; `Timeout` if that is over before.
    pub fn wait(&self, patience: Duration) -> Result<()> {
        if self.writer.journal().forked() {
            return self.check_open();
        }
        let deadline = Some(Instant::now() + patience);
        self.settle_artifacts(deadline)?;
        self.writer.flush_until(deadline)
    }

    /// Stores everything and marks the run as finished, unless others are still writing it.
    ///
    /// On an error nothing is lost: the process goes on trying in the background.
    pub fn close(&self) -> Result<()> {
        self.leave(Outcome::FINISHED, false, now_micros())
    }

    /// As `close`, with an outcome, which is not `Running`, and the time of it in microseconds since 1970 (UTC).
    pub fn close_as(&self, outcome: Outcome, at: Option<i64>) -> Result<()> {
        check_end(outcome, at)?;
        self.leave(outcome, true, at.unwrap_or_else(now_micros))
    }

    fn leave(&self, outcome: Outcome, said: bool, at: i64) -> Result<()> {
        match self.shut(outcome, said, at)? {
            true => {
                self.settle_artifacts(None)?;
                self.writer.flush()?;
                self.writer.join_if_ended()
            }
            false => Ok(()),
        }
    }

    /// Lets nothing more in; false if another thread did so just now.
    fn shut(&self, outcome: Outcome, said: bool, at: i64) -> Result<bool> {
        self.check_open()?;
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(false);
        }
        self.gate.close();
        self.leave_behind_artifacts(outcome, said, at);
        Ok(true)
    }
}

fn check_end(outcome: Outcome, at: Option<i64>) -> Result<()> {
    if outcome.state == RunState::Running {
        return Err(Error::invalid("a run that is closed does not run"));
    }
    at.map_or(Ok(()), check_time)
}

impl Drop for Run {
    /// A run that nobody closed ends in the background.
    fn drop(&mut self) {
        if !self.writer.journal().forked() && !self.closed.swap(true, Ordering::AcqRel) {
            self.gate.close();
            let at = now_micros();
            self.writer.leave(self.id, Outcome::FINISHED, false, at);
        }
    }
}

/// A context as it is stored: keys sorted, so that equal contexts have equal text.
pub(crate) fn canonical_context(text: Option<&str>) -> Result<String> {
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
