//! Finding journals.

use super::JournalId;
use super::claims::Claim;
use super::live::UNFINISHED;
use super::lock;
use super::read::open;
use crate::error::{Error, Result};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

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
