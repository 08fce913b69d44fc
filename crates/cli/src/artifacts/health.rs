//! Artifacts that are not as they were logged.

use crate::artifacts;
use crate::failure::Failure;
use aim::artifacts::{Artifact, Checked, check};
use aim::error::Status;
use aim::query::Snapshot;
use aim::repo::RepoRef;
use aim_value::Tree;

/// An artifact that was read and is something else, or cannot be read.
pub struct Unsound {
    pub run: String,
    pub name: String,
    pub version: Option<i64>,
    /// "changed", "missing" or "unreadable".
    pub found: &'static str,
    pub detail: String,
    /// Whether its bytes are the repository's to keep.
    pub kept: bool,
}

/// What a look through the artifacts of a repository found.
#[derive(Default)]
pub struct Health {
    pub artifacts: u64,
    pub bytes: u64,
    /// What was never summed, so that nothing is known of it.
    pub unknown: u64,
    pub unsound: Vec<Unsound>,
}

/// The artifacts of all runs that have any.
pub fn of_all(snapshot: &Snapshot<'_>) -> Result<Vec<(String, Vec<Artifact>)>, Failure> {
    let mut found = Vec::new();
    snapshot.runs(|run| {
        // Damaged params are told of as params.
        if let Ok(mut params) = snapshot.params(&run.run) {
            let all = artifacts::take(&mut params).all();
            if !all.is_empty() {
                found.push((run.run.hash_text(), all));
            }
        }
        Ok(true)
    })?;
    Ok(found)
}

/// Reads the bytes of artifacts; `told` hears how many each one has.
pub fn read(
    repo: &RepoRef,
    all: &[(String, Vec<Artifact>)],
    mut told: impl FnMut(u64),
) -> Result<Health, Failure> {
    let mut health = Health::default();
    for (run, artifacts) in all {
        let keep = repo.keep(run);
        for artifact in artifacts {
            let size = size(artifact);
            health.artifacts += 1;
            health.bytes += size;
            let (found, detail) = match check(&keep, artifact) {
                Ok(Checked::Intact) => ("", String::new()),
                Ok(Checked::Unknown(_)) => {
                    health.unknown += 1;
                    ("", String::new())
                }
                Ok(other) => (other.word(), other.detail().to_owned()),
                Err(e) if e.status == Status::Corrupt => ("changed", e.message),
                Err(e) => ("unreadable", e.message),
            };
            if !found.is_empty() {
                health.unsound.push(Unsound {
                    run: run.clone(),
                    name: artifact.name.clone(),
                    version: artifact.version,
                    found,
                    detail,
                    kept: artifact.is_kept(),
                });
            }
            told(size);
        }
    }
    Ok(health)
}

/// The bytes of an artifact, as it was logged.
pub fn size(artifact: &Artifact) -> u64 {
    artifact.size.map_or(0, |size| size.max(0) as u64)
}

impl Unsound {
    pub fn text(&self) -> String {
        let version = self.version.map_or(String::new(), |n| format!(":v{n}"));
        format!(
            "{}/{}{version} is {}: {}",
            self.run, self.name, self.found, self.detail
        )
    }

    pub fn tree(&self) -> Tree {
        let text = |text: &str| Tree::Str(text.to_owned());
        let entries = [
            ("run", text(&self.run)),
            ("name", text(&self.name)),
            ("version", self.version.map_or(Tree::Null, Tree::Int)),
            ("found", text(self.found)),
            ("detail", text(&self.detail)),
            ("kept", Tree::Bool(self.kept)),
        ];
        Tree::Dict(entries.map(|(key, value)| (key.to_owned(), value)).into())
    }
}
