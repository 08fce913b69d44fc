//! The files that a run keeps, as they are written out.

use super::{Exported, written};
use crate::failure::{Doing as _, Failure};
use aim::artifacts::{Artifact, Reference, State, Which};
use std::path::{Path, PathBuf};

impl Exported<'_> {
    /// The versions whose files are kept beside the database; none if only some metrics are exported.
    pub fn kept_artifacts(&self) -> Result<Vec<Artifact>, Failure> {
        if !self.whole {
            return Ok(Vec::new());
        }
        let mut all = self.repo.artifacts(&self.hash())?.all();
        all.retain(|artifact| artifact.is_kept() && artifact.state == State::Stored);
        Ok(all)
    }

    /// The versions of directories that the run only refers to, if it knows their files.
    pub fn referred_directories(&self) -> Result<Vec<Artifact>, Failure> {
        if !self.whole {
            return Ok(Vec::new());
        }
        let keep = self.repo.keep(&self.hash());
        let mut all = self.repo.artifacts(&self.hash())?.all();
        all.retain(|artifact| {
            !artifact.is_kept() && artifact.files.is_some() && keep.manifest(artifact).is_file()
        });
        Ok(all)
    }

    /// Copies one below a directory, if it still is what was logged; returns where it is then.
    pub fn fetch(&self, artifact: &Artifact, into: &Path) -> aim::error::Result<PathBuf> {
        let which = artifact.version.map_or(Which::Latest, Which::Version);
        let reference = Reference {
            run: self.hash(),
            name: artifact.name.clone(),
            which,
        };
        self.repo.fetch_artifact(&reference, into)
    }

    /// Copies the list of a directory's files.
    pub fn fetch_manifest(&self, artifact: &Artifact, to: &Path) -> Result<(), Failure> {
        let from = self.repo.keep(&self.hash()).manifest(artifact);
        std::fs::create_dir_all(to.parent().unwrap_or(to))
            .and_then(|()| std::fs::copy(from, to))
            .map_err(written)
            .doing(|| format!("{} cannot be written", to.display()))?;
        Ok(())
    }
}
