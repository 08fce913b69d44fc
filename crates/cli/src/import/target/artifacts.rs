//! Files of a run that is brought in: those that it kept, and those that it only refers to.

use super::Target;
use crate::failure::Failure;
use crate::import::Report;
use aim::artifacts::{Checked, Manifest, Mode, State, check};
use aim::error::Status;
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use std::path::Path;

impl Target {
    /// Keeps the file or directory at `from`, which the run's params know as this artifact, if it is what was logged.
    pub fn keep(
        &mut self,
        report: &mut Report,
        id: &str,
        from: &Path,
        manifest: Option<&Path>,
    ) -> Result<(), Failure> {
        let Some(run) = &self.run else { return Ok(()) };
        // The params come first.
        run.flush()?;
        let repo = run.repo();
        let known = repo.artifacts(run.hash())?.all().into_iter();
        let mut known = known.filter(|a| a.id == id && a.is_kept() && a.state == State::Stored);
        let Some(artifact) = known.next() else {
            report.lost("files of artifacts that their run does not know", 1);
            return Ok(());
        };
        let keep = repo.keep(run.hash());
        if keep.content(&artifact).exists() {
            return Ok(());
        }
        let bring = || {
            if let Some(manifest) = manifest {
                keep.put_manifest(&artifact, &Manifest::read(manifest)?)?;
            }
            keep.copy(&artifact.id, from, None)?;
            check(&keep, &artifact)
        };
        let why = match bring() {
            // The time of a link is that of the file that it was a link to.
            Ok(Checked::Intact) => {
                if let (Mode::Copy, Some(sum), None) =
                    (artifact.mode, &artifact.checksum, artifact.files)
                {
                    keep.share(&artifact.id, sum)?;
                }
                return Ok(keep.sync_names()?);
            }
            Ok(found) => found.detail().to_owned(),
            Err(e) if e.status == Status::Full => return Err(e.into()),
            Err(e) => e.message,
        };
        keep.remove(&artifact)?;
        let from = from.display();
        report.damage(format!("{from} is not what was logged: {why}"));
        Ok(())
    }

    /// Logs a file or directory that stays where it is as an artifact.
    pub fn refer(
        &mut self,
        report: &mut Report,
        path: &Path,
        name: &str,
        kind: Option<&str>,
    ) -> Result<(), Failure> {
        self.brought.artifacts += 1;
        let Some(run) = &self.run else { return Ok(()) };
        let new = NewArtifact {
            path,
            name: Some(name),
            kind,
            metadata: None,
            aliases: None,
            step: None,
            mode: Mode::Reference,
            checksum: true,
            wait: false,
        };
        match Run::log_artifact(run, &new) {
            Ok(()) => self.changed = true,
            Err(e) if matches!(e.status, Status::InvalidArgument | Status::Limit) => {
                self.brought.artifacts -= 1;
                report.lost("artifacts with names that libaim does not take", 1);
            }
            Err(e) => report.damage(format!("{}: {}", path.display(), e.message)),
        }
        Ok(())
    }
}
