//! Files of a run that is brought in: those that it kept, and those that it only refers to.

use super::Target;
use crate::failure::Failure;
use crate::import::Report;
use aim::artifacts::{Checked, Manifest, Mode, State, check, check_alias};
use aim::error::Status;
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use aim_value::Tree;
use std::path::{Path, PathBuf};

/// A directory in which files are put together, beside those that the run keeps; what a killed import leaves of it, `compact`
/// removes.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

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

    /// Takes the list of the files of a directory that lies elsewhere, which the run's params know as this artifact.
    pub fn know_files(
        &mut self,
        report: &mut Report,
        id: &str,
        manifest: &Path,
    ) -> Result<(), Failure> {
        let Some(run) = &self.run else { return Ok(()) };
        run.flush()?;
        let mut known = run.repo().artifacts(run.hash())?.all().into_iter();
        let Some(artifact) = known.find(|a| a.id == id && a.files.is_some()) else {
            report.lost("files of artifacts that their run does not know", 1);
            return Ok(());
        };
        let keep = run.repo().keep(run.hash());
        if keep.manifest(&artifact).exists() {
            return Ok(());
        }
        match Manifest::read(manifest) {
            Ok(files) if Some(files.checksum()) == artifact.checksum => {
                keep.put_manifest(&artifact, &files)?;
            }
            Ok(_) => report.damage(format!(
                "{} is not the list of what was logged",
                manifest.display()
            )),
            Err(e) => report.damage(e.message),
        }
        Ok(())
    }

    /// A directory of its own; `None` where nothing is stored.
    pub fn scratch(&self) -> Result<Option<Scratch>, Failure> {
        let Some(run) = &self.run else {
            return Ok(None);
        };
        let id = uuid::Uuid::new_v4().simple().to_string();
        Ok(Some(Scratch(run.repo().keep(run.hash()).scratch(&id)?)))
    }

    /// Whether the run has an artifact with this in its metadata.
    pub fn has_artifact(&self, name: &str, key: &str, value: &str) -> Result<bool, Failure> {
        let Some(run) = self.run.as_ref().filter(|_| !self.is_new) else {
            return Ok(false);
        };
        let known = run.repo().artifacts(run.hash())?.all();
        let is_it = |tree: &Tree| match tree {
            Tree::Dict(entries) => {
                let mut found = entries.iter().filter(|(k, _)| k == key);
                found.any(|(_, v)| matches!(v, Tree::Str(text) if text == value))
            }
            _ => false,
        };
        let mut of_name = known.iter().filter(|artifact| artifact.name == name);
        Ok(of_name.any(|artifact| artifact.metadata.as_ref().is_some_and(is_it)))
    }

    /// Keeps a copy of a directory as an artifact; where nothing is stored, `None`, it is counted.
    pub fn keep_directory(
        &mut self,
        report: &mut Report,
        path: Option<&Path>,
        name: &str,
        kind: &str,
        aliases: &[String],
        metadata: &Tree,
    ) -> Result<(), Failure> {
        self.brought.artifacts += 1;
        let (Some(run), Some(path)) = (&self.run, path) else {
            return Ok(());
        };
        let aliases: Vec<&str> = aliases.iter().map(String::as_str).collect();
        let (known, refused): (Vec<&str>, Vec<&str>) = aliases
            .into_iter()
            .partition(|alias| check_alias(alias).is_ok());
        // The one that moves by itself is no loss.
        let refused = refused.iter().filter(|alias| **alias != "latest").count();
        if refused > 0 {
            report.lost("aliases that libaim does not take", refused as u64);
        }
        let new = NewArtifact {
            name: Some(name),
            kind: (!kind.is_empty()).then_some(kind),
            metadata: Some(&metadata.to_json()),
            aliases: Some(&known.join(",")),
            ..NewArtifact::new(path, Mode::Copy)
        };
        match Run::log_artifact(run, &new) {
            Ok(()) => self.changed = true,
            Err(e) if matches!(e.status, Status::InvalidArgument | Status::Limit) => {
                self.brought.artifacts -= 1;
                report.lost("artifacts with names that libaim does not take", 1);
            }
            Err(e) => return Err(e.into()),
        }
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
            name: Some(name),
            kind,
            wait: false,
            ..NewArtifact::new(path, Mode::Reference)
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
