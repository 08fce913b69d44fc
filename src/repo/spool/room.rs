//! The copies of spools, and of central stores, have so much of a disk and no more: those that were used longest ago go
//! first. One stays that somebody has open, or that holds what is not in its spool yet.

use super::place::cache_names;
use crate::environment;
use crate::error::{Error, Result, Status};
use crate::journal;
use crate::log::{self, Level};
use crate::repo::{Location, RepoOptions, RepoRef, key, open_store};
use crate::store::Store;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const VARIABLE: &str = "AIM_CACHE_SIZE";
const MOST: u64 = 10 << 30;
/// A file in each copy, whose time says when it was last opened.
const USED: &str = "used";
const GONE: &str = "gone";

struct Copy {
    root: PathBuf,
    used: SystemTime,
    bytes: u64,
}

/// How much of the disk all copies may have together.
fn most() -> Result<u64> {
    let Some(text) = environment::text(VARIABLE)? else {
        return Ok(MOST);
    };
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'K') => (&text[..text.len() - 1], 1 << 10),
        Some(b'M') => (&text[..text.len() - 1], 1 << 20),
        Some(b'G') => (&text[..text.len() - 1], 1 << 30),
        _ => (text.as_str(), 1_u64),
    };
    let bytes = digits.parse().ok().and_then(|n: u64| n.checked_mul(unit));
    bytes.ok_or_else(|| {
        Error::invalid(format!(
            "the environment variable {VARIABLE} is {text:?}; it is a number of bytes, or of K, M, G of them: 20G"
        ))
    })
}

/// A copy is used now.
pub fn mark(root: &Path) -> Result<()> {
    let path = root.join(USED);
    fs::File::create(&path)
        .and_then(|file| file.set_modified(SystemTime::now()))
        .map_err(|e| Error::io(path.display(), &e))
}

/// Removes copies until the rest, `own` among them, is not larger than all may be together.
pub fn make_room(own: &Path) -> Result<()> {
    let most = most()?;
    let mut copies = Vec::new();
    for directory in cache_names()? {
        let Ok(entries) = fs::read_dir(&directory) else {
            continue;
        };
        copies.extend(entries.flatten().filter_map(|entry| about(entry.path())));
    }
    copies.sort_by_key(|copy| copy.used);
    let mut total: u64 = copies.iter().map(|copy| copy.bytes).sum();
    for copy in copies.iter().filter(|copy| copy.root != own) {
        if total <= most {
            break;
        }
        match remove(copy) {
            Ok(true) => total -= copy.bytes,
            Ok(false) => {}
            Err(e) if e.status == Status::Busy => {}
            Err(e) => log::emit(Level::Warning, || {
                format!("the copy {} is not removed: {e}", copy.root.display())
            }),
        }
    }
    Ok(())
}

fn about(root: PathBuf) -> Option<Copy> {
    // What is being made has no such file yet.
    let used = root
        .join(USED)
        .metadata()
        .and_then(|about| about.modified());
    Some(Copy {
        used: used.ok()?,
        bytes: taken(&root),
        root,
    })
}

/// What the files of a directory, and of those in it, take of the disk.
fn taken(directory: &Path) -> u64 {
    const UNIT: u64 = 512;
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let sizes = entries.filter_map(|entry| match entry.metadata().ok()? {
        about if about.is_dir() => Some(taken(&entry.path())),
        about => Some(about.blocks() * UNIT),
    });
    sizes.sum()
}

/// Removes a copy unless it is used, or was a moment ago; false if it is to stay.
fn remove(copy: &Copy) -> Result<bool> {
    let location = Location {
        root: copy.root.clone(),
    };
    let gone = copy.root.with_extension(GONE);
    let renamed = RepoRef::without(key(&location)?, || {
        let store = open_store(&location, &RepoOptions::default())?;
        store.alone(|store: &Store| {
            let used = copy.root.join(USED).metadata();
            let used = used.and_then(|about| about.modified());
            let is_whole = journal::scan(&location.journals())?.is_empty()
                && store.read()?.outgoing_segments()?.is_empty();
            if !is_whole || used.ok() != Some(copy.used) {
                return Ok(false);
            }
            // At once, for whoever opens it now.
            fs::rename(&copy.root, &gone).map_err(|e| Error::io(copy.root.display(), &e))?;
            Ok(true)
        })
    })?;
    if renamed {
        fs::remove_dir_all(&gone).map_err(|e| Error::io(gone.display(), &e))?;
    }
    Ok(renamed)
}
