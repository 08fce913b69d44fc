//! Reading without the permission to write: what dead processes left in journals is brought into this process's copy of
//! the database, and stays where it is for who may bring it in for good.

use super::{Location, Repo, recover};
use crate::error::{Error, Result};
use crate::journal::{self, JournalId, Recovery};
use crate::log::{self, Level};

/// The journals that a copy was made with.
#[derive(Default)]
pub struct Merged {
    /// Of processes that were dead then.
    dead: Vec<JournalId>,
    /// Why the copy misses what is in some of them.
    missing: Option<Error>,
}

impl Merged {
    /// Brings the journals of dead processes into a copy.
    pub fn bring_in(repo: &Repo) -> Merged {
        let directory = repo.location.journals();
        let mut merged = Merged::default();
        let ids = journal::scan(&directory).unwrap_or_else(|e| {
            merged.missing = Some(e);
            Vec::new()
        });
        for id in ids {
            let brought = match Recovery::look(&directory, id) {
                Ok(None) => continue,
                Ok(Some(recovery)) => recover::bring_in(repo, &recovery),
                Err(e) => Err(e),
            };
            merged.dead.push(id);
            if let Err(e) = brought {
                let e = e.context(format_args!("journal {id} cannot be brought in"));
                log::emit(Level::Warning, || e.to_string());
                merged.missing.get_or_insert(e);
            }
        }
        repo.store.end_merging();
        merged
    }

    /// What is missing, if anything is.
    pub fn complete(&self) -> Result<()> {
        self.missing.clone().map_or(Ok(()), Err)
    }

    /// Whether a process has died since.
    pub fn is_outdated(&self, location: &Location) -> bool {
        let directory = location.journals();
        let ids = journal::scan(&directory).unwrap_or_default();
        let dead = |id: &JournalId| journal::is_alive(&directory, *id).is_ok_and(|alive| !alive);
        ids.iter().any(|id| !self.dead.contains(id) && dead(id))
    }
}

/// Whether no process writes and nothing waits to be brought in.
pub fn is_quiet(location: &Location) -> bool {
    journal::scan(&location.journals()).is_ok_and(|ids| ids.is_empty())
}
