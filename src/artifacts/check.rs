//! Whether the bytes of an artifact are what was recorded.

use super::keep::Keep;
use super::sum::{Stamp, hex, sum};
use super::{Artifact, Manifest, State};
use crate::error::{Error, Result, Status};
use std::path::Path;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    Intact,
    /// What it is now, in words.
    Changed(String),
    Missing(String),
    /// Why there is nothing to compare with.
    Unknown(String),
}

impl Checked {
    pub fn word(&self) -> &'static str {
        match self {
            Checked::Intact => "intact",
            Checked::Changed(_) => "changed",
            Checked::Missing(_) => "missing",
            Checked::Unknown(_) => "unknown",
        }
    }

    pub fn detail(&self) -> &str {
        match self {
            Checked::Intact => "",
            Checked::Changed(why) | Checked::Missing(why) | Checked::Unknown(why) => why,
        }
    }
}

/// One file against size, time and sum; without a sum size and time decide.
fn file(path: &Path, size: i64, mtime: Option<i64>, checksum: Option<&str>) -> Result<Checked> {
    let stamp = match Stamp::of(path) {
        Err(e) if matches!(e.status, Status::NotFound | Status::InvalidArgument) => {
            return Ok(Checked::Missing(e.message));
        }
        stamp => stamp?,
    };
    let now = i64::try_from(stamp.size).unwrap_or(i64::MAX);
    let changed = |why: String| Ok(Checked::Changed(format!("{} {why}", path.display())));
    if now != size {
        return changed(format!("has {now} bytes, not {size}"));
    }
    match checksum {
        Some(checksum) => match sum(path, None)?.1 {
            found if hex(&found) == checksum => Ok(Checked::Intact),
            found => changed(format!("has the SHA-256 {}, not {checksum}", hex(&found))),
        },
        None if mtime.is_some_and(|mtime| mtime != stamp.mtime) => {
            changed("was written to, and has no checksum".to_owned())
        }
        None => Ok(Checked::Intact),
    }
}

/// Reads the bytes of an artifact and compares them.
pub fn check(keep: &Keep, artifact: &Artifact) -> Result<Checked> {
    match &artifact.state {
        State::Queued => {
            return Ok(Checked::Unknown(
                "it is not summed yet, or its process ended before".to_owned(),
            ));
        }
        State::Failed(why) => return Ok(Checked::Unknown(why.clone())),
        State::Stored => {}
    }
    let content = keep.source(artifact, None)?;
    if artifact.files.is_none() {
        // The time of a copy is its own.
        let mtime = artifact
            .mtime
            .filter(|_| artifact.mode != super::Mode::Copy);
        let checksum = artifact.checksum.as_deref();
        return file(&content, artifact.size.unwrap_or_default(), mtime, checksum);
    }
    if !content.is_dir() {
        return Ok(Checked::Missing(format!(
            "there is no directory {}",
            content.display()
        )));
    }
    let manifest = match Manifest::read(&keep.manifest(artifact)) {
        Err(e) if e.status == Status::NotFound => return Ok(Checked::Missing(e.message)),
        manifest => manifest?,
    };
    if artifact
        .checksum
        .as_ref()
        .is_some_and(|sum| manifest.checksum() != *sum)
    {
        return Err(Error::corrupt(format!(
            "the manifest {} is not that of the artifact",
            keep.manifest(artifact).display()
        )));
    }
    for entry in &manifest.0 {
        let checksum = Some(entry.checksum.as_str()).filter(|sum| !sum.is_empty());
        let mtime = Some(entry.mtime).filter(|_| artifact.mode != super::Mode::Copy);
        let path = keep.source(artifact, Some(&entry.path))?;
        let found = file(&path, entry.size, mtime, checksum)?;
        if found != Checked::Intact {
            return Ok(found);
        }
    }
    Ok(Checked::Intact)
}
