//! Artifacts on their way to and from stores.
//!
//! | file | what |
//! |---|---|
//! | `place` | where artifacts are pushed: a bucket of a store that speaks S3, or a directory |
//! | `push`, `resume` | to there; after an interruption on from where it was |
//! | `pull` | from there |
//!
//! A version lies at `BASE/RUN/NAME/vN/FILE`; of a directory every file does, and its manifest is `BASE/RUN/NAME/vN.manifest`.

pub mod place;
pub mod pull;
pub mod push;
mod resume;

use crate::failure::Failure;
use aim::artifacts::{Artifact, Entry, Keep, Manifest};
use std::path::Path;

/// The name that the artifact's file has.
pub fn file_name(artifact: &Artifact) -> &str {
    let name = Path::new(&artifact.path).file_name();
    name.and_then(|name| name.to_str()).unwrap_or(&artifact.id)
}

/// The files of an artifact, with their paths below the version.
fn entries(keep: &Keep, artifact: &Artifact) -> Result<Vec<Entry>, Failure> {
    match artifact.files {
        Some(_) => Ok(Manifest::read(&keep.manifest(artifact))?.0),
        None => Ok(vec![Entry {
            path: file_name(artifact).to_owned(),
            size: artifact.size.unwrap_or_default(),
            mtime: artifact.mtime.unwrap_or_default(),
            checksum: artifact.checksum.clone().unwrap_or_default(),
        }]),
    }
}
