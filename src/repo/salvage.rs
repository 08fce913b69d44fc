//! Salvage of a repository whose database cannot be opened: into a new repository, the damaged one stays as it is.

use super::{Location, Repo, RepoOptions, artifacts};
use crate::blobs;
use crate::error::{Error, Result, Status};
use crate::files::{Access, Folder, Openers};
use crate::journal::{self, JournalId};
use crate::store::{Progress, Salvaged, check_format, salvage as salvage_store};

/// Copies what is intact in the repository `from` into a new one. Journals come along: what they hold is brought in where
/// the database knows them.
///
/// # Errors
/// `NotFound` without a database at `from`; `Busy` while a process writes there; `InvalidArgument` if `into` holds a
/// repository already; `UnsupportedVersion` if the damaged one has a newer format; else what reading and writing gives.
pub fn salvage(from: &Location, into: Location, options: &RepoOptions) -> Result<Salvaged> {
    let data = from.store().join("data.mdb");
    if !data.exists() {
        return Err(Error::new(
            Status::NotFound,
            format!("there is no repository at {}", from.root.display()),
        ));
    }
    if into.exists() {
        return Err(Error::invalid(format!(
            "{} holds a repository already: what is salvaged goes into a new one",
            into.root.display()
        )));
    }
    let journals = journal::scan(&from.journals())?;
    for id in &journals {
        if journal::is_alive(&from.journals(), *id)? {
            return Err(Error::new(
                Status::Busy,
                format!("a process writes to {}: end it first", from.root.display()),
            ));
        }
    }
    check_format(&data)?;
    let salvaged = {
        let repo = Repo::open(into.clone(), options, true)?;
        let salvaged = salvage_store(&data, &repo.store)?;
        blobs::copy(&from.blobs(), &into.blobs())?;
        artifacts::copy_all(from, &into)?;
        copy_journals(from, &repo, &journals)?;
        repo.recover()?;
        salvaged
    };
    Ok(salvaged)
}

fn copy_journals(from: &Location, into: &Repo, journals: &[JournalId]) -> Result<()> {
    let txn = into.store.read()?;
    for id in journals {
        // Whatever the database does not know for stored.
        if !matches!(txn.journal_progress(&id.0), Ok(Progress::Done)) {
            let name = id.to_string();
            let to = Folder::open(&into.location.journals())?.made(&name, Openers::Readers)?;
            if let Some(journal) = Folder::open(&from.journals())?.existing(&name, Access::Read)? {
                std::io::copy(&mut &journal, &mut &to)
                    .map_err(|e| Error::io(format_args!("copying journal {name}"), &e))?;
            }
        }
    }
    Ok(())
}
