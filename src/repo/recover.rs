//! Recovery: applies what dead processes left in their journals and marks their runs as crashed.

use super::Repo;
use super::batch::{Batch, SeriesMap, close_run};
use crate::error::{Error, Result, Status};
use crate::journal::{self, JournalId, Recovery};
use crate::log::{self, Level};
use crate::store::keys;
use crate::store::{Journals, RunState};

/// Replays the journals in the repository whose owners are dead. What cannot be read is set aside, not lost. A journal
/// that fails (a full disk, a newer version) stays for another time and does not keep the others from being replayed;
/// the first such error is returned in the end.
pub fn recover(repo: &Repo) -> Result<()> {
    let directory = repo.location.journals();
    let mut outcome = Ok(());
    for id in journal::scan(&directory)? {
        let recovered = match Recovery::open(&directory, id) {
            Ok(Some(recovery)) => replay(repo, recovery),
            Ok(None) => Ok(()),
            Err(e) if e.status == Status::Corrupt => set_aside(repo, id, &e),
            Err(e) => Err(e),
        };
        if let Err(e) = recovered {
            let e = e.context(format!("recovering journal {id}"));
            log::emit(Level::Warning, || e.to_string());
            outcome = outcome.and(Err(e));
        }
    }
    outcome.and(retire_lost(repo))
}

fn set_aside(repo: &Repo, id: JournalId, damage: &Error) -> Result<()> {
    log::emit(Level::Error, || {
        format!("journal {id} is set aside: {damage}")
    });
    match journal::set_aside(&repo.location.journals(), id)? {
        true => retire(repo, &id.0),
        false => Ok(()),
    }
}

fn replay(repo: &Repo, recovery: Recovery) -> Result<()> {
    let id = recovery.id();
    // By a write transaction: until the first one after a process died in its commit, between the write of LMDB's
    // meta page and the note of it in the lock file, read transactions see the state before that commit. The cursor
    // there is an old one, and the batch behind it would be applied twice.
    let cursor = repo.store.write(|txn| txn.journal_cursor(&id.0))?;
    // Without a cursor the store has all of it: the process that recovered it was killed before it removed the file,
    // or the owner died before its first run.
    if let Some(cursor) = cursor {
        let mut batch = Batch::default();
        let replay = recovery.replay(cursor, |record| {
            // A record that passed its check and yet makes no sense is passed over, not the rest with it.
            if let Err(e) = batch.add(record) {
                log::emit(Level::Error, || format!("journal {id}: {e}"));
            }
            Ok(())
        })?;
        let known: SeriesMap = {
            let txn = repo.store.read()?;
            txn.journal_series(&id.0)?
                .into_iter()
                .map(|(local, key)| (local, Some(key)))
                .collect()
        };
        let at = super::now_micros();
        repo.store.write(|txn| {
            batch.apply(txn, &id.0, &known)?;
            crash_runs(txn, &id.0, at)
        })?;
        log::emit(Level::Info, || {
            format!(
                "recovered {} records of process {} on {} ({} torn)",
                replay.records,
                recovery.owner().process,
                recovery.owner().host,
                replay.torn
            )
        });
    }
    recovery.remove()
}

/// Ends a journal's work on its runs and forgets it.
fn crash_runs(txn: &mut crate::store::WriteTxn<'_>, id: &keys::JournalId, at: i64) -> Result<()> {
    for run in txn.journal_runs(id)? {
        close_run(txn, id, run, RunState::Crashed, at)?;
    }
    txn.retire_journal(id)
}

fn retire(repo: &Repo, id: &keys::JournalId) -> Result<()> {
    let at = super::now_micros();
    repo.store.write(|txn| crash_runs(txn, id, at))
}

/// Journals whose file is gone, by a cleanup from outside, leave their runs running for ever: end those too.
fn retire_lost(repo: &Repo) -> Result<()> {
    let known = repo.store.read()?.journal_ids()?;
    for id in known {
        let path = repo.location.journals().join(JournalId(id).to_string());
        if !path.exists() && !repo.writes_journal(&id) {
            retire(repo, &id)?;
        }
    }
    Ok(())
}
