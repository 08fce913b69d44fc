//! Artifacts of stored runs: finding, changing, checking and fetching them, and giving back what deleted runs kept.

use super::batch::Batch;
use super::edit::Edit;
use super::{Location, Op, Repo, Writer, now_micros};
use crate::artifacts::{
    Artifact, Book, Checked, KEY, Keep, Manifest, Reference, check, check_alias, keep,
};
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::store::keys::RunId;
use crate::store::{ReadTxn, Store, Txn, hash_text};
use aim_value::{Encoded, Path, Tree};
use std::collections::HashSet;
use std::path::PathBuf;

/// What is known of a run's artifacts.
pub fn book(txn: &Txn<'_>, run: RunId) -> Result<Book> {
    txn.param(run, &Path::from_tokens([KEY])).map(Book::new)
}

/// The ids of a run's artifacts; `None` if there is no such run.
fn ids(txn: &Txn<'_>, hash: &str) -> Result<Option<HashSet<String>>> {
    let Ok(digits) = crate::store::parse_hash(hash) else {
        return Ok(None);
    };
    let Some(run) = txn.find_run(&digits)? else {
        return Ok(None);
    };
    let all = book(txn, run)?.all();
    Ok(Some(all.into_iter().map(|artifact| artifact.id).collect()))
}

/// Removes what runs that are gone kept; what fails is left to `compact`.
pub fn give_back(repo: &Repo, gone: &[String]) {
    if let Err(e) = keep::remove_runs(&repo.artifacts_directory(), gone) {
        log::emit(Level::Warning, || {
            format!("files that deleted runs kept are not removed: {e}")
        });
    }
}

/// Removes kept files to which nothing refers.
pub fn compact(store: &Store, location: &Location) -> Result<()> {
    let txn = store.read()?;
    keep::sweep(&location.artifacts(), |run| ids(&txn, run))
}

/// Brings what all runs keep to the place where another repository has it.
pub fn copy_all(from: &Location, into: &Location) -> Result<()> {
    let (from, into) = (from.artifacts(), into.artifacts());
    for run in keep::runs(&from)? {
        Keep::new(&from, &run).copy_to(&Keep::new(&into, &run))?;
    }
    Ok(())
}

/// A run that uses an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its hash.
    pub run: String,
    /// The version that it used, if one of the artifact that was asked for.
    pub version: Option<i64>,
    /// When it said so, in microseconds since 1970 (UTC).
    pub time: i64,
}

impl Repo {
    fn artifacts_directory(&self) -> PathBuf {
        // Of a spool they lie on the shared filesystem.
        let root = self.root().to_owned();
        Location { root }.artifacts()
    }

    /// Where a run's files are kept.
    pub fn keep(&self, run: &str) -> Keep {
        Keep::new(&self.artifacts_directory(), run)
    }

    /// The artifacts of a stored run.
    pub fn artifacts(&self, run: &str) -> Result<Book> {
        let (id, _) = self.find_run(run)?;
        let txn = self.store.read()?;
        book(&txn, id)
    }

    pub fn artifact(&self, reference: &Reference) -> Result<Artifact> {
        let found = self.artifacts(&reference.run)?;
        found
            .get(&reference.name, &reference.which)
            .ok_or_else(|| reference.missing())
    }

    /// Changes what is known of an open run's artifacts, in one transaction; `change` may be called again.
    pub(crate) fn change_artifacts<T>(
        &self,
        writer: &Writer,
        run: RunId,
        mut change: impl FnMut(&mut Book) -> T,
    ) -> Result<T> {
        // What is journaled comes first.
        writer.commit()?;
        let journal = writer.journal().id().0;
        let changed = self.store.write(|txn| {
            let mut book = book(txn, run)?;
            let changed = change(&mut book);
            let mut batch = Batch::default();
            for (path, value) in book.into_changes() {
                batch.push(match value {
                    Some(value) => Op::SetParam {
                        run,
                        path,
                        value: Encoded::of(&value),
                    },
                    None => Op::DeleteParam { run, path },
                });
            }
            self.emit(txn, &journal, &|bodies| bodies.batch(&batch))?;
            batch.apply(txn, &journal, &Default::default())?;
            Ok(changed)
        })?;
        writer.tell_sender();
        Ok(changed)
    }

    /// Changes what is known of a stored run's artifacts.
    pub fn edit_artifacts<T>(
        &self,
        run: &str,
        mut change: impl FnMut(&mut Book) -> Result<T>,
    ) -> Result<T> {
        self.check_editable()?;
        self.flush()?;
        let (id, _) = self.find_run(run)?;
        let at = now_micros();
        self.store.write(|txn| {
            let mut book = book(txn, id)?;
            let changed = change(&mut book)?;
            for (path, value) in book.into_changes() {
                let edit = match value {
                    Some(value) => Edit::SetParam(path, value),
                    None => Edit::DeleteParam(path),
                };
                edit.apply(txn, id, at)?;
            }
            Ok(changed)
        })
    }

    /// Gives a version one more name, which it takes from another one that has it.
    pub fn alias_artifact(&self, reference: &Reference, alias: &str) -> Result<()> {
        check_alias(alias)?;
        self.edit_artifacts(&reference.run, |book| {
            let found = book.get(&reference.name, &reference.which);
            book.alias(&found.ok_or_else(|| reference.missing())?, alias);
            Ok(())
        })
    }

    /// Deletes a version with what is kept of it.
    pub fn delete_artifact(&self, reference: &Reference) -> Result<()> {
        let deleted = self.edit_artifacts(&reference.run, |book| {
            let found = book.get(&reference.name, &reference.which);
            let found = found.ok_or_else(|| reference.missing())?;
            book.delete(&found);
            Ok(found)
        })?;
        self.keep(&reference.run).remove(&deleted)
    }

    /// Compares the artifacts of a run, byte for byte, with what was recorded.
    pub fn verify_artifacts(&self, run: &str) -> Result<Vec<(Artifact, Checked)>> {
        let keep = self.keep(run);
        let all = self.artifacts(run)?.all().into_iter();
        all.map(|artifact| {
            let checked = check(&keep, &artifact)?;
            Ok((artifact, checked))
        })
        .collect()
    }

    /// Copies an artifact below a directory, which is made if it is missing, under the name that the file had; an older file of
    /// that name is replaced once the bytes are checked. Returns where it is then.
    pub fn fetch_artifact(&self, reference: &Reference, into: &std::path::Path) -> Result<PathBuf> {
        let artifact = self.artifact(reference)?;
        let keep = self.keep(&reference.run);
        let name = std::path::Path::new(&artifact.path).file_name();
        let name = name.unwrap_or_else(|| std::ffi::OsStr::new(&artifact.id));
        let to = into.join(name);
        let manifest = match artifact.files {
            Some(_) => Some(Manifest::read(&keep.manifest(&artifact))?),
            None => None,
        };
        match manifest {
            None => {
                let from = keep.source(&artifact, None)?;
                keep::fetch(&from, &to, artifact.checksum.as_deref())?;
            }
            Some(manifest) => {
                for entry in &manifest.0 {
                    let checksum = Some(entry.checksum.as_str()).filter(|sum| !sum.is_empty());
                    let from = keep.source(&artifact, Some(&entry.path))?;
                    keep::fetch(&from, &to.join(&entry.path), checksum)?;
                }
            }
        }
        Ok(to)
    }

    /// The runs that said that they use an artifact: this one, whatever the version, or one with the bytes of this version.
    pub fn artifact_users(&self, reference: &Reference) -> Result<Vec<User>> {
        let artifact = self.artifact(reference)?;
        let txn = self.store.read()?;
        let mut users = Vec::new();
        for run in txn.run_ids()? {
            for used in book(&txn, run)?.used() {
                users.extend(user(&txn, run, used, reference, &artifact)?);
            }
        }
        Ok(users)
    }
}

fn user(
    txn: &ReadTxn<'_>,
    run: RunId,
    used: &Tree,
    reference: &Reference,
    artifact: &Artifact,
) -> Result<Option<User>> {
    let text = |key: &str| match used.at(&Path::from_tokens([key])) {
        Some(Tree::Str(text)) => text.as_str(),
        _ => "",
    };
    let integer = |key: &str| match used.at(&Path::from_tokens([key])) {
        Some(Tree::Int(number)) => Some(*number),
        _ => None,
    };
    let this = text("run") == reference.run && text("name") == reference.name;
    let same = artifact.checksum.as_deref() == Some(text("checksum"));
    if !this && !same {
        return Ok(None);
    }
    let record = txn
        .run(run)?
        .ok_or_else(|| Error::corrupt(format!("the record of run number {run} is missing")))?;
    Ok(Some(User {
        run: hash_text(&record.hash),
        version: integer("version").filter(|_| this),
        time: integer("time").unwrap_or_default(),
    }))
}
