//! Repositories: opening them, the process-wide table of open ones, this process's writer, and recovery of dead ones.

mod artifacts;
mod batch;
mod check;
mod compact;
mod copy;
mod damage;
mod deadline;
mod delete;
pub mod documents;
mod edit;
pub mod exchange;
mod location;
mod merge;
mod objects;
mod op;
mod recover;
mod registry;
mod rescue;
mod rewind;
mod salvage;
mod spool;
mod unknown;
mod writer;

pub use crate::store::FORMAT;
pub use crate::store::{About, Compacted, Note, NoteEdit, Subject};
pub use artifacts::{User, book};
pub use check::{
    MAX_NAME, MAX_PATH, MAX_TEXT, check_length, check_name, check_time, micros, parse_path,
};
pub use compact::compact;
pub use copy::{Copied, Fate, copy_runs};
pub use delete::Deleted;
pub use edit::{Described, Edit};
pub use location::Location;
pub use op::{Op, Property};
pub use registry::RepoRef;
pub use rewind::rewind;
pub use salvage::salvage;
pub use spool::{
    Bodies, Brought, CENTRAL, Checked, Enter, SegmentAbout, Spool, Standing, check_segments,
    collect_segments, list_segments, local_cache, make_room, mark, merge_spool, rescue,
};
pub use unknown::{BroughtBack, bring_back, unknown_journals};
pub use writer::{Writer, WriterStats};

use crate::blobs::Packs;
use crate::error::{Error, Result, Status};
use crate::journal::{self, JournalId};
use crate::lock::Mutex;
use crate::shield;
use crate::store::keys::{self, RunId};
use crate::store::{
    ELSEWHERE, OpenOptions, Outcome, Progress, RunRecord, RunState, Store, WriteTxn,
};
use merge::Merged;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Settings of a repository; they take effect when this process first opens it.
#[derive(Clone, Copy, Debug, Default)]
pub struct RepoOptions {
    pub store: OpenOptions,
    /// How long tracked values may wait before they are committed; `None` for one second.
    pub flush_interval: Option<Duration>,
    /// Bytes of the journal's ring; `None` for the default.
    pub journal_size: Option<u64>,
    /// Without a path the search upwards takes a repository of any user.
    pub any_owner: bool,
}

/// An open repository. All threads of the process share it.
pub struct Repo {
    /// Where database and journals are: of a spool this host's copy of it.
    pub location: Location,
    spool: Option<Spool>,
    pub store: Store,
    options: RepoOptions,
    writer: Mutex<Option<Arc<Writer>>>,
    /// One thread at a time brings in what dead processes left; who comes meanwhile waits for it.
    recovering: Mutex<()>,
    /// Of a copy: with what it was made.
    merged: Merged,
    /// Where the bytes of objects go that are brought in from a spool.
    brought: once_cell::sync::OnceCell<Packs>,
}

/// Microseconds since 1970 (UTC).
pub fn now_micros() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_micros() as i64)
}

/// Says what to do about a database that is damaged.
fn advise(e: Error) -> Error {
    match e.status {
        Status::Corrupt => Error::corrupt(format!(
            "{}; aim_repo_salvage copies what is intact into a new repository",
            e.message
        )),
        _ => e,
    }
}

/// By which the process knows a repository.
fn key(location: &Location) -> Result<(u64, u64)> {
    let directory = location.store();
    let meta = std::fs::metadata(&directory).map_err(|e| Error::io(directory.display(), &e))?;
    Ok((meta.dev(), meta.ino()))
}

fn allows_network_fs(options: &RepoOptions) -> bool {
    options.store.allow_network_fs
        || std::env::var_os("AIM_ALLOW_NETWORK_FS").is_some_and(|v| v == "1")
}

fn open_store(location: &Location, options: &RepoOptions) -> Result<Store> {
    let mut of_store = options.store;
    of_store.allow_network_fs = allows_network_fs(options);
    let is_quiet = || merge::is_quiet(location);
    Store::open(&location.store(), &of_store, is_quiet).map_err(advise)
}

impl Repo {
    /// Opens a repository, or joins the handles that this process has of it. `create` makes one that is missing. What
    /// dead processes left is brought in first; what cannot be brought in now waits in its journal, which is logged.
    pub fn open(location: Location, options: &RepoOptions, create: bool) -> Result<RepoRef> {
        shield::prolong();
        let spool = Spool::at(&location, create, allows_network_fs(options))?;
        let named = location.clone();
        let location = match &spool {
            Some(spool) => spool.copy()?,
            None => location,
        };
        if spool.is_some() {
            mark(&location.root)?;
            // Who writes is not kept by what others left.
            if !create {
                make_room(&location.root)?;
            }
        }
        if !location.exists() {
            if !create {
                location.check_directories()?;
                return Err(Error::new(
                    Status::NotFound,
                    format!(
                        "there is no repository at {}; the first run that is opened there makes one{}",
                        location.root.display(),
                        location.refused_above()
                    ),
                ));
            }
            location.create()?;
        }
        location.check_links()?;
        let copy = spool.is_some().then(|| location.root.clone());
        let opened = RepoRef::get(key(&location)?, Repo::is_outdated, || {
            // Absolute: the host may change its working directory.
            let root = location
                .root
                .canonicalize()
                .map_err(|e| Error::io(location.root.display(), &e))?;
            let location = Location { root };
            let store = open_store(&location, options)?;
            let mut repo = Repo {
                location,
                spool,
                store,
                options: *options,
                writer: Mutex::new(None),
                recovering: Mutex::new(()),
                merged: Merged::default(),
                brought: once_cell::sync::OnceCell::new(),
            };
            if repo.store.is_merging() {
                repo.merged = Merged::bring_in(&repo);
            }
            Ok(repo)
        });
        let repo = match (opened, copy) {
            // It had to make room for others at this moment: a new one is made.
            (Err(_), Some(copy)) if !copy.exists() => return Repo::open(named, options, create),
            (opened, _) => opened?,
        };
        let _ = match create {
            // Who writes to a spool need not have what others wrote.
            true => repo.recover_journals(),
            false => repo.recover(),
        };
        Ok(repo)
    }

    /// The repository as it is now: itself, unless it is a copy, which is made anew where the original has changed. What
    /// was read from the old copy goes on to be.
    pub fn present(this: &RepoRef) -> Result<RepoRef> {
        match this.is_outdated() {
            true => Repo::open(this.location.clone(), &this.options, false),
            false => Ok(this.clone()),
        }
    }

    fn is_outdated(&self) -> bool {
        self.store.is_read_only()
            && (self.store.is_outdated() || self.merged.is_outdated(&self.location))
    }

    pub fn root(&self) -> &Path {
        match &self.spool {
            Some(spool) => &spool.root,
            None => &self.location.root,
        }
    }

    /// Where the segments are, if the repository is a spool.
    pub fn spool(&self) -> Option<&Spool> {
        self.spool.as_ref()
    }

    /// Brings in what dead processes left, and what others wrote to a spool.
    pub fn recover(&self) -> Result<()> {
        if self.store.is_read_only() {
            return self.merged.complete();
        }
        let _one_at_a_time = self.recovering.lock();
        recover::recover(self).and(self.follow_spool())
    }

    /// Brings in what dead processes of this host left.
    pub fn recover_journals(&self) -> Result<()> {
        if self.store.is_read_only() {
            return self.merged.complete();
        }
        let _one_at_a_time = self.recovering.lock();
        recover::recover(self).and(self.send_what_is_left())
    }

    /// Commits what this process has tracked so far.
    pub fn flush(&self) -> Result<()> {
        let writer = self.writer.lock().clone();
        writer.map_or(Ok(()), |w| w.commit())
    }

    /// The run with this hash; ids and records are as committed.
    pub fn find_run(&self, hash: &str) -> Result<(RunId, RunRecord)> {
        let txn = self.store.read()?;
        let id = txn.find_run(&crate::store::parse_hash(hash)?)?;
        let id = id.ok_or_else(|| self.no_run(hash))?;
        let record = txn.run(id)?.ok_or_else(|| self.no_run(hash))?;
        Ok((id, record))
    }

    pub(crate) fn no_run(&self, hash: &str) -> Error {
        let root = self.root().display();
        Error::new(
            Status::NotFound,
            format!("there is no run {hash} in {root}"),
        )
    }

    /// Whether a process lives that writes one of the journals.
    pub fn any_alive(&self, journals: &[keys::JournalId]) -> Result<bool> {
        for journal in journals {
            if self.is_alive(journal)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a process that wrote the run died and left something behind.
    pub fn has_dead_writer(&self, run: RunId) -> Result<bool> {
        for journal in &self.store.read()?.writers(run)? {
            if !self.is_alive(journal)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The state of a run as it really is: a run marked as running whose writers are dead has crashed.
    pub fn run_state(&self, record: &RunRecord, writers: &[keys::JournalId]) -> Result<RunState> {
        if record.state != RunState::Running {
            return Ok(record.state);
        }
        for journal in writers {
            if self.is_alive(journal)? {
                return Ok(RunState::Running);
            }
        }
        Ok(RunState::Crashed)
    }

    /// Whether it is the copy of a spool.
    pub fn is_spool(&self) -> bool {
        self.spool.is_some()
    }

    /// Whether this process may only read it.
    pub fn is_read_only(&self) -> bool {
        self.store.is_read_only()
    }

    /// How many journals living processes write, and how many dead ones left that are not brought in.
    pub fn journals(&self) -> Result<(u64, u64)> {
        let (mut alive, mut dead) = (0, 0);
        for id in journal::scan(&self.location.journals())? {
            match self.is_alive(&id.0)? {
                true => alive += 1,
                false => dead += 1,
            }
        }
        Ok((alive, dead))
    }

    /// Whether the process that writes a journal lives.
    pub fn is_alive(&self, journal: &keys::JournalId) -> Result<bool> {
        if self.writes_journal(journal) || *journal == ELSEWHERE {
            return Ok(true);
        }
        match journal::is_alive(&self.location.journals(), JournalId(*journal)) {
            // What cannot be seen is not said to have crashed.
            Err(e) if e.status == Status::ReadOnly => Ok(true),
            Ok(false) => self.segment_lives(journal),
            alive => alive,
        }
    }

    fn writes_journal(&self, journal: &keys::JournalId) -> bool {
        self.writer
            .lock()
            .as_ref()
            .is_some_and(|w| w.journal().id().0 == *journal)
    }

    /// The writer of this process, started if there is none, with one more open run.
    pub fn writer(this: &RepoRef) -> Result<Arc<Writer>> {
        this.store.check_writable().map_err(|e| {
            let root = this.root().display();
            e.context(format_args!("the repository {root} cannot be written"))
        })?;
        let mut slot = this.writer.lock();
        if let Some(writer) = slot.as_ref()
            && writer.enter()
        {
            return Ok(Arc::clone(writer));
        }
        let writer = Writer::start(this.clone(), &this.options)?;
        *slot = Some(Arc::clone(&writer));
        Ok(writer)
    }

    /// Counters of this process's present writer, if it has one.
    pub fn writer_stats(&self) -> Option<WriterStats> {
        self.writer.lock().as_ref().map(|w| w.stats())
    }

    /// Makes a journal known to the store, in the transaction that enters its first run.
    pub fn welcome(&self, txn: &mut WriteTxn<'_>, journal: &keys::JournalId) -> Result<()> {
        if txn.journal_progress(journal)? == Progress::Unknown {
            txn.set_journal_cursor(journal, 0)?;
            recover::forget_finished(self, txn)?;
        }
        Ok(())
    }

    /// Applies one change at once, in a transaction of its own.
    pub fn apply(&self, writer: &Writer, op: Op) -> Result<()> {
        let mut batch = batch::Batch::default();
        batch.push(op);
        let journal = writer.journal().id().0;
        writer.packs().sync()?;
        let applied = self.store.write(|txn| {
            self.emit(txn, &journal, &|bodies| bodies.batch(&batch))?;
            batch.apply(txn, &journal, &Default::default())
        })?;
        writer.tell_sender();
        writer.count_set_aside(applied.set_aside);
        Ok(())
    }

    fn finish_at_exit(&self, outcome: Outcome) {
        /// A thread that holds the writer for longer than this at exit is not coming back.
        const PATIENCE: Duration = Duration::from_secs(5);
        let writer = self
            .writer
            .try_lock_for(PATIENCE)
            .and_then(|slot| slot.clone());
        if let Some(writer) = writer {
            writer.finish_at_exit(outcome);
        }
    }
}
