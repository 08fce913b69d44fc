//! Runs to and from stores of another kind: a central store, for one.

use super::{Fate, Repo, RepoRef};
use crate::error::{Result, Status};
use crate::store::keys::RunId;
use crate::store::{ReadTxn, RunState, WriteTxn, digest, parse_hash};

pub use crate::store::{
    Aggregates, EPOCH_NONE, Extent, LogPart, Outline, Parcel, Piece, Points, SeriesOutline,
    SeriesParcel, Stream,
};

/// One moment of a repository.
pub struct Moment<'t> {
    repo: &'t Repo,
    txn: ReadTxn<'t>,
}

/// The present moment, after all that this process and dead ones have tracked. Keep it short: pages that it sees cannot
/// be reused meanwhile. What of a spool cannot be read keeps nothing else from being seen: `Repo::recover` tells of it.
pub fn moment(repo: &RepoRef) -> Result<Moment<'_>> {
    match repo.recover() {
        Err(e) if repo.is_spool() && e.status == Status::Corrupt => {}
        outcome => outcome?,
    }
    repo.flush()?;
    Ok(Moment {
        repo,
        txn: repo.store.read()?,
    })
}

/// A later moment of a repository of which one was looked at: what came to a spool meanwhile may not be there.
pub fn moment_again(repo: &RepoRef) -> Result<Moment<'_>> {
    Ok(Moment {
        repo,
        txn: repo.store.read()?,
    })
}

impl Moment<'_> {
    /// The number of the commit that made this state; it grows with each one.
    pub fn commit_number(&self) -> u64 {
        self.txn.commit_number()
    }

    /// All runs, oldest first.
    pub fn runs(&self) -> Result<Vec<RunId>> {
        self.txn.run_ids()
    }

    /// What there is of a run; `None` where it is gone.
    pub fn outline(&self, run: RunId) -> Result<Option<Outline>> {
        let Some(mut record) = self.txn.run(run)? else {
            return Ok(None);
        };
        record.state = self.repo.run_state(&record, &self.txn.writers(run)?)?;
        self.txn.outline(run, record).map(Some)
    }

    /// A sum that is cheap, of a run that nobody is writing: as long as it stays, the run does, but for points that a backfill
    /// put in place of others. `None` where the run is written, gone or damaged.
    pub fn glance(&self, run: RunId) -> Option<u64> {
        let mut record = self.txn.run(run).ok()??;
        let writers = self.txn.writers(run).ok()?;
        record.state = self.repo.run_state(&record, &writers).ok()?;
        match record.state == RunState::Running || !writers.is_empty() {
            true => None,
            false => self.txn.glance(run, &record).ok(),
        }
    }

    /// The sum of the run with this hash, if there is one.
    pub fn sum_of(&self, hash: &[u8]) -> Result<Option<u64>> {
        let Ok(hash) = hash.try_into() else {
            return Ok(None);
        };
        match self.txn.find_run(hash)? {
            Some(run) => Ok(self.outline(run)?.map(|outline| outline.sum)),
            None => Ok(None),
        }
    }

    /// In the copy of a spool: which segments tell of the run, in the order of their ids, and how far each is here.
    pub fn parts(&self, run: RunId) -> Result<Vec<([u8; 16], u64)>> {
        let parts = self.txn.parts_of_run(run)?.into_iter();
        Ok(parts.map(|(id, segment)| (id, segment.offset)).collect())
    }

    /// In the copy of a spool: whether what the run's first frames told was collected before this copy saw it.
    pub fn is_late(&self, run: RunId) -> Result<bool> {
        let parts = self.txn.parts_of_run(run)?;
        Ok(parts.iter().any(|(_, segment)| segment.late))
    }

    pub fn points(&self, series: &SeriesOutline, piece: &Piece) -> Result<Points> {
        self.txn.piece_points(series.key, piece)
    }

    /// Visits the rows of a run's logs: stream, number of the first record, content.
    pub fn logs(
        &self,
        run: RunId,
        visit: impl FnMut(Stream, u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.txn.visit_log_rows(run, visit)
    }
}

/// Takes runs in as they are, in one transaction; what became of each. One that is there already is left alone.
///
/// # Errors
/// `ReadOnly` for a spool; else what storing gives.
pub fn take_in(repo: &RepoRef, parcels: &[Parcel]) -> Result<Vec<Fate>> {
    repo.check_editable()?;
    repo.store
        .write(|txn| parcels.iter().map(|one| take_one(repo, txn, one)).collect())
}

fn take_one(repo: &Repo, txn: &mut WriteTxn<'_>, parcel: &Parcel) -> Result<Fate> {
    if parcel.record.state == RunState::Running {
        return Ok(Fate::Busy);
    }
    if let Some(there) = txn.find_run(&parcel.record.hash)? {
        let Some(mut record) = txn.run(there)? else {
            return Ok(Fate::Gone);
        };
        record.state = repo.run_state(&record, &txn.writers(there)?)?;
        let there = digest(txn, there, record)?;
        let differs = parcel.digest().difference(&there);
        return Ok(differs.map_or(Fate::Present, Fate::Differs));
    }
    match txn.put_parcel(parcel) {
        Err(e) if e.status == Status::Corrupt => {
            // A damaged run leaves no trace.
            if let Some(part) = txn.find_run(&parcel.record.hash)? {
                txn.delete_run(part)?;
            }
            Ok(Fate::Damaged(e.message))
        }
        put => put.map(|_| Fate::Copied {
            points: parcel.points(),
            bytes: 0,
        }),
    }
}

/// The collection of a repository of copies that says in which state of its run each copy was made.
const COPIES: &str = "copies";

/// The copies that a repository of copies has: hash, and the text that was given with each.
pub fn copies(repo: &Repo) -> Result<Vec<(String, String)>> {
    repo.documents(COPIES)
}

/// Makes copies anew, each with a text that tells its state, and drops others, by hash; all at once or nothing. Who reads
/// them finds them in the order in which their runs began.
pub fn put_copies(repo: &Repo, new: &[(Parcel, String)], gone: &[String]) -> Result<()> {
    repo.store.write(|txn| {
        for hash in gone {
            if let Some(run) = txn.find_run(&parse_hash(hash)?)? {
                txn.delete_run(run)?;
            }
            txn.delete_document(COPIES, hash)?;
        }
        for (parcel, state) in new {
            txn.put_copy(parcel)?;
            txn.put_document(COPIES, &parcel.record.hash_text(), state)?;
        }
        Ok(())
    })
}
