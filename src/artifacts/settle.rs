//! What is left to be done for an artifact after it was logged: to copy and to sum it.

use super::keep::Keep;
use super::sum::{Stamp, hex, sum};
use super::{Artifact, Entry, Manifest, Mode, walk};
use crate::error::{Error, Result};
use std::path::Path;

/// Copies and sums. `known` is what a file was when it was logged. What is kept is on the disk then, but for its name.
pub fn settle(
    keep: &Keep,
    artifact: &mut Artifact,
    known: Option<&Stamp>,
    with_sums: bool,
) -> Result<()> {
    let path = Path::new(&artifact.path);
    if artifact.mode == Mode::Copy && !keep.content(artifact).exists() {
        keep.copy(&artifact.id, path, known)?;
    }
    let content = keep.content(artifact);
    // A second name of a file says nothing to who logged the first.
    let logged = match artifact.mode {
        Mode::Link => Some(artifact.path.clone()),
        _ => None,
    };
    let named = |e: Error| match &logged {
        Some(path) => e.context(path),
        None => e,
    };
    match content.is_dir() {
        true => {
            let manifest = manifest(&content, with_sums).map_err(named)?;
            artifact.files = i64::try_from(manifest.0.len()).ok();
            artifact.size = Some(manifest.size());
            artifact.mtime = manifest.mtime();
            artifact.checksum = with_sums.then(|| manifest.checksum());
            keep.put_manifest(artifact, &manifest)?;
        }
        false => {
            // A copy is another file.
            let known = known.filter(|_| artifact.mode != Mode::Copy);
            let (stamp, checksum) = match with_sums {
                true => sum(&content, known)
                    .map(|(stamp, sum)| (stamp, Some(hex(&sum))))
                    .map_err(named)?,
                false => (Stamp::of(&content)?, None),
            };
            artifact.size = i64::try_from(stamp.size).ok();
            if artifact.mode != Mode::Copy {
                artifact.mtime = Some(stamp.mtime);
            }
            artifact.checksum = checksum;
            if let (Mode::Copy, Some(checksum)) = (artifact.mode, &artifact.checksum) {
                keep.share(&artifact.id, checksum)?;
            }
        }
    }
    match artifact.mode {
        Mode::Link => keep.sync(&artifact.id),
        _ => Ok(()),
    }
}

fn manifest(root: &Path, with_sums: bool) -> Result<Manifest> {
    let entry = |(path, stamp): (String, Stamp)| {
        let checksum = match with_sums {
            true => hex(&sum(&root.join(&path), Some(&stamp))?.1),
            false => String::new(),
        };
        Ok(Entry {
            path,
            size: i64::try_from(stamp.size).unwrap_or(i64::MAX),
            mtime: stamp.mtime,
            checksum,
        })
    };
    let all: Result<Vec<Entry>> = walk(root)?.into_iter().map(entry).collect();
    all.map(Manifest)
}
