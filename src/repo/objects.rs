//! The bytes of objects in a repository's packs: space that is given back, and bytes that move to another repository.

use super::{Location, Repo};
use crate::blobs::{self, Blob, Packs, Reader};
use crate::error::Result;
use crate::journal::JournalId;
use crate::log::{self, Level};
use crate::store::keys;
use crate::store::{Progress, Store, Txn};

/// Whether nobody adds to a journal's packs or will yet refer to what is in them: all of it is stored.
fn is_done(txn: &Txn<'_>, journal: &keys::JournalId) -> Result<bool> {
    Ok(!matches!(txn.journal_progress(journal)?, Progress::At(_)))
}

impl Repo {
    /// Where this process puts the bytes of objects that it brings in from spools.
    pub fn brought(&self) -> Result<&Packs> {
        let new = || Ok(Packs::new(self.location.blobs(), JournalId::random()?.0));
        self.brought.get_or_try_init(new)
    }

    /// Reads objects. Those of a spool lie with its segments, but for what processes of this host have not yet brought there.
    pub fn packs(&self) -> Reader {
        let shared = self.spool().map(|spool| spool.packs());
        let own = [self.location.blobs()].into_iter();
        Reader::new(own.chain(shared).collect())
    }
}

/// Gives back the space of objects to which nothing refers any more since this process's last transactions. What of it lies in
/// packs that are still written to is left to `compact`.
pub fn give_back(repo: &Repo) {
    let freed = repo.store.take_freed();
    let given_back = || -> Result<()> {
        // What a spool's frames refer to has yet to be brought there, whatever becomes of it then.
        if freed.is_empty() || repo.is_spool() {
            return Ok(());
        }
        let txn = repo.store.read()?;
        for blob in &freed {
            // Somebody may have begun to refer to it again.
            if is_done(&txn, &blob.pack.journal)? && !txn.is_used(blob)? {
                blobs::give_back(&repo.location.blobs(), blob)?;
            }
        }
        Ok(())
    };
    if let Err(e) = given_back() {
        log::emit(Level::Warning, || {
            format!("space of deleted objects is not given back: {e}")
        });
    }
}

/// Gives back all space of packs to which no run refers, but for those of processes that write; the bytes that packs took
/// before and take now.
pub fn compact(store: &Store, location: &Location) -> Result<(u64, u64)> {
    // Nobody refers to more of them meanwhile.
    store.write(|txn| {
        let used = txn.used_blobs()?;
        blobs::clear(&location.blobs(), &used, |pack| is_done(txn, &pack.journal))
    })
}

/// Brings objects of one repository into another, for one transaction there: until it is committed nobody can let go of what
/// it refers to.
pub struct Moved {
    from: Reader,
    into: Packs,
}

impl Moved {
    pub fn new(from: &Repo, into: &Repo) -> Result<Moved> {
        Ok(Moved {
            from: from.packs(),
            into: Packs::new(into.location.blobs(), JournalId::random()?.0),
        })
    }

    pub fn place(&mut self, blob: &Blob) -> Result<Blob> {
        self.into.put(&self.from.read(blob)?)
    }

    pub fn sync(&self) -> Result<()> {
        self.into.sync()
    }
}
