//! Finding journals, and telling the dead from the living.

use super::JournalId;
use super::claims::Claim;
use super::clock;
use super::layout::{self, Fixed};
use super::live::UNFINISHED;
use super::lock::{self, Holder};
use super::owner::Owner;
use super::recovery::{Locking, Recovery, read_header};
use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How old the heartbeat of a journal from another host must be before its owner is taken for dead:
/// milliseconds.
const HEARTBEAT_LIMIT: u64 = 60_000;
/// Age at which a file that never became a journal is removed.
const UNFINISHED_LIMIT: Duration = Duration::from_secs(60);

/// The journals in `directory`, whether their owners live or not. A missing directory has none.
pub fn scan(directory: &Path) -> Result<Vec<JournalId>> {
    let entries = match fs::read_dir(directory) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| Error::io(directory.display(), &e))?,
    };
    let mut ids = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| Error::io(directory.display(), &e))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if let Ok(id) = name.parse() {
            ids.push(id);
        } else if let Some(id) = name.strip_suffix(UNFINISHED).and_then(|id| id.parse().ok()) {
            remove_unfinished(&entry.path(), id);
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

/// Removes what a process left that was killed while it created a journal. Such a file holds no record.
fn remove_unfinished(path: &Path, id: JournalId) {
    let old = fs::metadata(path)
        .and_then(|about| about.modified())
        .is_ok_and(|modified| {
            SystemTime::now()
                .duration_since(modified)
                .is_ok_and(|age| age > UNFINISHED_LIMIT)
        });
    if !old {
        return;
    }
    let Some(_claim) = Claim::take(id) else {
        return;
    };
    if let Ok(file) = open(path, true)
        && lock::try_lock(&file).unwrap_or(false)
    {
        let _ = fs::remove_file(path);
    }
}

/// Whether the journal exists and its owner lives.
pub fn is_alive(directory: &Path, id: JournalId) -> Result<bool> {
    let Some(claim) = Claim::take(id) else {
        return Ok(true);
    };
    let path = directory.join(id.to_string());
    let file = match open(&path, false) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        file => file.map_err(|e| Error::io(path.display(), &e))?,
    };
    let holder = match lock::holder(&file).map_err(|e| Error::io(path.display(), &e))? {
        Some(Holder::Writer(process)) => Some(process),
        Some(Holder::Reader(_)) | None => None,
    };
    let header = read_header(&file).map_err(|e| e.context(path.display()))?;
    match (Fixed::decode(&header), holder) {
        (Ok(fixed), Some(holder)) => Ok(!fixed.owner.is_recovered_by(holder, &Owner::current())),
        (Ok(fixed), None) => Ok(owner_seems_dead(&fixed, &header, file, claim).is_none()),
        (Err(_), holder) => Ok(holder.is_some()),
    }
}

/// Gives file and claim back if nothing but the free lock speaks about the owner.
pub(super) fn owner_seems_dead(
    fixed: &Fixed,
    header: &[u8],
    file: File,
    claim: Claim,
) -> Option<(File, Claim)> {
    if layout::word(header, layout::CLOSED) == Some(layout::LEFT) {
        return Some((file, claim));
    }
    let here = Owner::current();
    if fixed.owner.seen_writing(&here, &file, fixed.id) {
        if fixed.owner.process == here.process {
            // Ours, by another copy of this library in the same process: closing the file would take that
            // copy's lock away.
            std::mem::forget(file);
            claim.keep_forever();
        }
        return None;
    }
    // Within one boot, in whatever container, the free lock says enough.
    if fixed.owner.host != here.host && !fixed.owner.same_boot(&here) {
        let heartbeat = layout::word(header, layout::HEARTBEAT).unwrap_or(0);
        let now = (clock::unix_nanos() / 1_000_000) as u64;
        if now.saturating_sub(heartbeat) < HEARTBEAT_LIMIT {
            return None;
        }
    }
    Some((file, claim))
}

/// Renames a journal that cannot be read to `<id>.damaged`, where nobody looks again but its user. False if
/// its owner may live or it is gone.
pub fn set_aside(directory: &Path, id: JournalId) -> Result<bool> {
    let path = directory.join(id.to_string());
    let Locking::Done(_file, _claim) = Recovery::lock(&path, id)? else {
        return Ok(false);
    };
    fs::rename(&path, path.with_extension("damaged")).map_err(|e| Error::io(path.display(), &e))?;
    Ok(true)
}

pub(super) fn open(path: &Path, write: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(write)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
}
