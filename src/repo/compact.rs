//! Giving back the space that deleted runs and replaced values left.

use super::{Location, Repo, RepoOptions, RepoRef, artifacts, key, objects, open_store};
use crate::error::Result;
use crate::shield;
use crate::store::Compacted;

/// Makes the data file as small as what it holds, after bringing in what dead processes left. Names, contexts and param
/// paths of deleted runs go too, and all of packs and kept files to which no run refers.
///
/// # Errors
/// `Busy` while a process, this one too, has the repository open; `NotFound`, `ReadOnly`; `Full` where there is no room
/// for the new file beside the old one.
pub fn compact(location: &Location, options: &RepoOptions) -> Result<Compacted> {
    shield::prolong();
    // Of a spool it is this host's copy.
    let location = {
        let repo = Repo::open(location.clone(), options, false)?;
        repo.recover()?;
        repo.location.clone()
    };
    RepoRef::without(key(&location)?, || {
        open_store(&location, options)?.compact(|store| {
            artifacts::compact(store, &location)?;
            objects::compact(store, &location)
        })
    })
}
