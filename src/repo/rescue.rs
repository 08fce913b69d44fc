//! Saving a repository that was removed while it was open: its database is copied to a place beside it.

use super::{Location, Repo};
use crate::error::{Error, Result};
use crate::files;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Copies the database into a repository of its own, beside the one that was removed or, where that cannot be, in the
/// directory for temporary files. Processes that had it open save it one after the other: the last copy has it all.
pub fn save(repo: &Repo) -> Result<PathBuf> {
    let name = format!("aim-rescued-{:x}", repo.store.number());
    let beside = repo.root().ancestors().find(|place| place.is_dir());
    let places = [beside.map(Path::to_owned), Some(std::env::temp_dir())];
    let mut failed = Error::invalid("there is no place");
    for place in places.into_iter().flatten() {
        let place = place.join(&name);
        match save_in(repo, &place) {
            Ok(()) => return Ok(place),
            Err(e) => failed = e,
        }
    }
    Err(failed)
}

fn save_in(repo: &Repo, place: &Path) -> Result<()> {
    let io = |e: std::io::Error| Error::io(place.display(), &e);
    files::make_directory(place).map_err(io)?;
    // The name can be foreseen.
    let about = fs::symlink_metadata(place).map_err(io)?;
    if !about.is_dir() || about.uid() != files::effective_user() {
        return Err(Error::invalid(format!(
            "{} is there already, and not this user's",
            place.display()
        )));
    }
    let location = Location {
        root: place.to_owned(),
    };
    location.create()?;
    location.check_links()?;
    repo.store.copy_to(&location.store())?;
    // Packs that are gone by their names, too, are lost.
    crate::blobs::copy(&repo.location.blobs(), &location.blobs())
}
