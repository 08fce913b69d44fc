//! Recovery: applies what dead processes left in their journals and marks their runs as crashed.

use super::Repo;
use super::batch::{Batch, SeriesMap, close_run};
use super::op::Op;
use super::unknown;
use crate::blobs;
use crate::error::{Error, Result, Status};
use crate::journal::{self, JournalId, Recovery, Replay};
use crate::log::{self, Level};
use crate::store::keys;
use crate::store::{Leave, Progress, Turn, WriteTxn};
use std::sync::mpsc;

/// Replays the journals in the repository whose owners are dead. What cannot be read is set aside, not lost. A journal
/// that fails (a full disk, a newer version) stays for another time and does not keep the others from being replayed;
/// the first such error is returned in the end.
pub fn recover(repo: &Repo) -> Result<()> {
    let directory = repo.location.journals();
    let mut outcome = Ok(());
    let mut turn = None;
    for id in journal::scan(&directory)? {
        if journal::is_alive(&directory, id).unwrap_or(false) {
            continue;
        }
        if turn.is_none() {
            turn = Some(repo.store.take_turn(Turn::Recover)?);
        }
        let recovered = match Recovery::open(&directory, id) {
            Ok(Some(recovery)) => replay(repo, recovery),
            Ok(None) => Ok(()),
            Err(e) if e.status == Status::Corrupt => set_aside(repo, id, &e),
            Err(e) => Err(e),
        };
        if let Err(e) = recovered {
            let e = e.context(format!("recovering journal {id}"));
            log::emit(Level::Warning, || e.to_string());
            let busy = e.status == Status::Busy;
            outcome = outcome.and(Err(e));
            // Whoever writes and does not get on keeps the others from being stored, too.
            if busy {
                break;
            }
        }
    }
    outcome.and(retire_lost(repo))
}

/// Sets aside a journal whose header cannot be read.
fn set_aside(repo: &Repo, id: JournalId, damage: &Error) -> Result<()> {
    log::emit(Level::Error, || {
        format!("journal {id} is set aside: {damage}")
    });
    match journal::set_aside(&repo.location.journals(), id)? {
        true => retire(repo, &id.0),
        false => Ok(()),
    }
}

const UNKNOWN: &str = "the database does not know it: it was removed, or an older copy of it was put in its place; libaim bring-in brings \
     in what it holds";

fn replay(repo: &Repo, recovery: Recovery) -> Result<()> {
    let id = recovery.id();
    // By a write transaction: until the first one after a process died in its commit, between the write of LMDB's
    // meta page and the note of it in the lock file, read transactions see the state before that commit. The cursor
    // there is an old one, and the batch behind it would be applied twice.
    match repo.store.write(|txn| txn.journal_progress(&id.0)) {
        Ok(Progress::At(cursor)) => replay_from(repo, &recovery, cursor)?,
        // The process that recovered it, or its owner, was killed before it removed the file.
        Ok(Progress::Done) => {}
        Ok(Progress::Unknown) if recovery.is_blank()? => {}
        Ok(Progress::Unknown) => return keep(&recovery, unknown::UNKNOWN, UNKNOWN),
        Err(e) if e.status == Status::Corrupt => {
            keep(&recovery, "damaged", &e.to_string())?;
            return retire(repo, &id.0);
        }
        Err(e) => return Err(e),
    }
    recovery.remove()
}

/// Brings a journal into a copy of the database, and leaves it where it is.
///
/// # Errors
/// Also where some of it could not be brought in.
pub fn bring_in(repo: &Repo, recovery: &Recovery) -> Result<()> {
    let id = recovery.id();
    match repo.store.write(|txn| txn.journal_progress(&id.0))? {
        Progress::At(cursor) => replay_from(repo, recovery, cursor),
        Progress::Unknown if !recovery.is_blank()? => Err(Error::corrupt(UNKNOWN)),
        Progress::Done | Progress::Unknown => Ok(()),
    }
}

/// Sets aside a journal with records that are not stored.
fn keep(recovery: &Recovery, extension: &str, why: &str) -> Result<()> {
    let aside = recovery.set_aside(extension)?;
    log::emit(Level::Error, || {
        let (id, owner) = (recovery.id(), recovery.owner());
        format!(
            "the journal {id} of process {} on {} is set aside as {}: {why}",
            owner.process,
            owner.host,
            aside.display()
        )
    });
    Ok(())
}

/// Stores a journal's records from a position on. One that holds more than could be stored is set aside.
fn replay_from(repo: &Repo, recovery: &Recovery, cursor: u64) -> Result<()> {
    let id = recovery.id();
    if !repo.store.is_merging() {
        // As its process would have, before what refers to them is stored.
        blobs::sync_all(&repo.location.blobs(), &id.0)?;
    }
    let mut pieces = Pieces::new(repo, &id.0, recovery.last_seen())?;
    let replay = match recovery.backlog(cursor) > PIECE as u64 {
        true => replay_in_parallel(recovery, cursor, &mut pieces)?,
        false => read(recovery, cursor, |batch, end| pieces.apply(batch, end))?,
    };
    log::emit(Level::Info, || {
        format!(
            "recovered {} records of process {} on {} ({} torn)",
            replay.records,
            recovery.owner().process,
            recovery.owner().host,
            replay.torn
        )
    });
    let lost = [
        (replay.damaged, "damaged records"),
        (pieces.homeless, "points of metrics whose names were lost"),
        (
            replay.overwritten,
            "slots that an older copy of the database has not got",
        ),
    ];
    let lost: Vec<String> = lost
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if lost.is_empty() {
        return pieces.finish();
    }
    let why = format!("{} were not stored", lost.join(", "));
    if repo.store.is_merging() {
        return pieces.finish().and(Err(Error::corrupt(why)));
    }
    // Before the store forgets the journal: whoever comes after a kill must not take it for stored.
    keep(recovery, "damaged", &why)?;
    pieces.finish()
}

/// Records that go into one transaction: enough to fill blocks, little enough for the caches. A journal of the default
/// size holds no more.
const PIECE: usize = 1 << 17;

/// Reads a journal in batches of at most `PIECE` records. `full` gets each with the position behind it and returns an
/// empty one.
fn read(
    recovery: &Recovery,
    cursor: u64,
    mut full: impl FnMut(Batch, u64) -> Result<Batch>,
) -> Result<Replay> {
    let mut batch = Batch::default();
    let mut records = 0;
    let replay = recovery.replay(cursor, |record, end| {
        batch.add(record);
        records += 1;
        if records == PIECE {
            batch = full(std::mem::take(&mut batch), end)?;
            records = 0;
        }
        Ok(())
    })?;
    full(batch, replay.end)?;
    Ok(replay)
}

/// Reads a large journal in a thread of its own while what it has read so far is compressed and stored.
fn replay_in_parallel(recovery: &Recovery, cursor: u64, pieces: &mut Pieces<'_>) -> Result<Replay> {
    let (give, take) = mpsc::sync_channel(1);
    let (give_back, spare) = mpsc::channel();
    std::thread::scope(|scope| {
        let reader = crate::thread::spawn_scoped(scope, "aim-recover", move || {
            read(recovery, cursor, |batch, end| {
                // Nobody takes it: the other side failed, and says why.
                give.send((batch, end))
                    .map_err(|_| Error::new(Status::Busy, "the replay was given up"))?;
                Ok(spare.try_recv().unwrap_or_default())
            })
        })?;
        for (batch, end) in take {
            let _ = give_back.send(pieces.apply(batch, end)?);
        }
        reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Applies a journal piece by piece, each with the cursor behind it: memory stays small, and a recovery that is killed
/// goes on from there.
struct Pieces<'r> {
    repo: &'r Repo,
    journal: &'r keys::JournalId,
    known: SeriesMap,
    /// When the journal's owner was last alive, as far as can be seen.
    last_seen: i64,
    homeless: u64,
    packs: blobs::Reader,
}

impl<'r> Pieces<'r> {
    fn new(repo: &'r Repo, journal: &'r keys::JournalId, last_seen: i64) -> Result<Pieces<'r>> {
        let series = repo.store.read()?.journal_series(journal)?;
        Ok(Pieces {
            repo,
            journal,
            known: series.into_iter().collect(),
            last_seen,
            homeless: 0,
            packs: repo.packs(),
        })
    }

    /// Stores a batch and gives it back, empty.
    fn apply(&mut self, mut batch: Batch, end: u64) -> Result<Batch> {
        let packs = &mut self.packs;
        batch.check_objects(|blob| match packs.read(blob) {
            Ok(_) => Ok(true),
            Err(e) if e.status == Status::Corrupt => Ok(false),
            Err(e) => Err(e),
        })?;
        let applied = self.repo.store.write(|txn| {
            txn.set_journal_cursor(self.journal, end)?;
            self.repo
                .emit(txn, self.journal, &|bodies| bodies.batch(&batch))?;
            batch.apply(txn, self.journal, &self.known)
        })?;
        self.homeless += applied.homeless;
        self.known.extend(applied.series);
        self.last_seen = self
            .last_seen
            .max(batch.latest_time().min(super::now_micros()));
        batch.reuse();
        Ok(batch)
    }

    /// Ends the journal's work on its runs.
    fn finish(self) -> Result<()> {
        self.repo
            .store
            .write(|txn| crash_runs(self.repo, txn, self.journal, Some(self.last_seen)))
    }
}

/// Ends a journal's work on its runs, at the time when its owner was last alive, and forgets it. Where that is not known,
/// a run ended with the last of what is stored of it.
fn crash_runs(
    repo: &Repo,
    txn: &mut WriteTxn<'_>,
    id: &keys::JournalId,
    last_seen: Option<i64>,
) -> Result<()> {
    let mut ends = Batch::default();
    for run in txn.journal_runs(id)? {
        let at = match last_seen {
            Some(at) => at,
            None => txn.latest_time(run)?.min(super::now_micros()),
        };
        let leave = Leave::crashed(at);
        close_run(txn, id, run, leave)?;
        ends.push(Op::Close { run, leave });
    }
    repo.emit(txn, id, &|bodies| {
        bodies.batch(&ends);
        bodies.end();
    })?;
    txn.retire_journal(id, super::now_micros())
}

fn retire(repo: &Repo, id: &keys::JournalId) -> Result<()> {
    repo.store.write(|txn| crash_runs(repo, txn, id, None))
}

/// Forgets journals that were finished long ago and whose files are gone.
pub fn forget_finished(repo: &Repo, txn: &mut WriteTxn<'_>) -> Result<()> {
    let directory = repo.location.journals();
    for id in txn.forgettable_journals(super::now_micros())? {
        if !directory.join(JournalId(id).to_string()).exists() {
            txn.forget_journal(&id)?;
        }
    }
    Ok(())
}

/// Journals whose file is gone, by a cleanup from outside, leave their runs running for ever: end those too.
fn retire_lost(repo: &Repo) -> Result<()> {
    let known = {
        let txn = repo.store.read()?;
        let mut known = txn.journal_ids()?;
        // Of others, which have no journal here.
        known.retain(|id| !matches!(txn.segment(id), Ok(Some(segment)) if !segment.own));
        known
    };
    for id in known {
        let path = repo.location.journals().join(JournalId(id).to_string());
        if !path.exists() && !repo.writes_journal(&id) {
            retire(repo, &id)?;
        }
    }
    Ok(())
}
