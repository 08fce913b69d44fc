//! The param `__artifacts` of a run:
//!
//! ```text
//! {"uri": TEXT,
//!  "of": {NAME: {"versions": [ARTIFACT, ...], "pending": {ID: ARTIFACT}, "aliases": {ALIAS: ID}}},
//!  "used": [{"run": HASH, "name": NAME, "version": N, "id": ID, "checksum": HEX, "time": MICROSECONDS}, ...]}
//! ```
//!
//! Versions lie in lists, which the index of params leaves out. A version that was deleted stays as its number alone.

use super::artifact::{Artifact, State};
use super::reference::Which;
use aim_value::{Path, Tree};

/// The top-level key.
pub const KEY: &str = "__artifacts";

const OF: &str = "of";
const VERSIONS: &str = "versions";
const PENDING: &str = "pending";
const ALIASES: &str = "aliases";
const USED: &str = "used";

/// What is known of a run's artifacts, and what changes of it.
pub struct Book {
    tree: Tree,
    /// Path and new value; without one it goes.
    changes: Vec<(Path, Option<Tree>)>,
}

/// What became of an artifact that was summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is the next version.
    New,
    /// It has the bytes of the version before, so it is that one; its own file is not needed.
    Same,
    /// Somebody else finished or deleted it.
    Gone,
}

fn path(tokens: &[&str]) -> Path {
    let below = tokens.iter().copied();
    Path::from_tokens(std::iter::once(KEY).chain(below))
}

fn entries(tree: Option<&Tree>) -> &[(String, Tree)] {
    match tree {
        Some(Tree::Dict(entries)) => entries,
        _ => &[],
    }
}

fn items(tree: Option<&Tree>) -> &[Tree] {
    match tree {
        Some(Tree::List(items)) => items,
        _ => &[],
    }
}

impl Book {
    /// Of the param, if the run has it.
    pub fn new(param: Option<Tree>) -> Book {
        Book {
            tree: param.unwrap_or(Tree::Dict(Vec::new())),
            changes: Vec::new(),
        }
    }

    pub fn into_changes(self) -> Vec<(Path, Option<Tree>)> {
        self.changes
    }

    fn at(&self, tokens: &[&str]) -> Option<&Tree> {
        self.tree.at(&Path::from_tokens(tokens.iter().copied()))
    }

    fn put(&mut self, tokens: &[&str], value: Tree) {
        let path = path(tokens);
        if self.tree.set(&path.below_first(), value.clone()).is_ok() {
            self.changes.push((path, Some(value)));
        }
    }

    fn take(&mut self, tokens: &[&str]) {
        let path = path(tokens);
        if self.tree.remove(&path.below_first()) {
            self.changes.push((path, None));
        }
    }

    fn append(&mut self, list: &[&str], value: Tree) {
        match self.at(list) {
            Some(Tree::List(_)) => self.put(&[list, &["-"]].concat(), value),
            _ => self.put(list, Tree::List(vec![value])),
        }
    }

    pub fn uri(&self) -> Option<&str> {
        match self.at(&["uri"]) {
            Some(Tree::Str(uri)) => Some(uri),
            _ => None,
        }
    }

    /// Name, alias and id.
    fn aliases<'b>(&'b self, name: &'b str) -> impl Iterator<Item = (&'b str, &'b str)> {
        let aliases = entries(self.at(&[OF, name, ALIASES]));
        aliases.iter().filter_map(|(alias, id)| match id {
            Tree::Str(id) => Some((alias.as_str(), id.as_str())),
            _ => None,
        })
    }

    /// The versions of a name that were not deleted, oldest first.
    fn versions(&self, name: &str) -> Vec<Artifact> {
        let versions = items(self.at(&[OF, name, VERSIONS]));
        let all = versions.iter().map(|tree| Artifact::from_tree(name, tree));
        let mut all: Vec<Artifact> = all.filter(|artifact| !artifact.id.is_empty()).collect();
        for artifact in &mut all {
            let of = self.aliases(name).filter(|(_, id)| *id == artifact.id);
            artifact.aliases = of.map(|(alias, _)| alias.to_owned()).collect();
        }
        if let Some(last) = all.last_mut() {
            last.aliases.push("latest".to_owned());
        }
        all
    }

    /// What is not a version, or not yet.
    fn pending(&self, name: &str) -> Vec<Artifact> {
        let pending = entries(self.at(&[OF, name, PENDING]));
        pending
            .iter()
            .map(|(_, tree)| Artifact::from_tree(name, tree))
            .filter(|artifact| !artifact.id.is_empty())
            .collect()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        entries(self.at(&[OF]))
            .iter()
            .map(|(name, _)| name.as_str())
    }

    /// All versions, by name, and behind them what is pending.
    pub fn all(&self) -> Vec<Artifact> {
        let of_name = |name| {
            let versions = self.versions(name);
            versions.into_iter().chain(self.pending(name))
        };
        self.names().flat_map(of_name).collect()
    }

    pub fn get(&self, name: &str, which: &Which) -> Option<Artifact> {
        let mut versions = self.versions(name);
        match which {
            Which::Latest => versions.pop(),
            Which::Version(version) => versions.into_iter().find(|a| a.version == Some(*version)),
            Which::Alias(alias) => {
                let (_, id) = self.aliases(name).find(|(a, _)| a == alias)?;
                versions.into_iter().find(|a| a.id == id)
            }
        }
    }

    /// What the run used, as it is stored.
    pub fn used(&self) -> &[Tree] {
        items(self.at(&[USED]))
    }

    pub fn begin(&mut self, artifact: &Artifact) {
        self.put(
            &[OF, &artifact.name, PENDING, &artifact.id],
            artifact.to_tree(false),
        );
    }

    /// Makes a version of what was pending and is summed now.
    pub fn finish(&mut self, mut artifact: Artifact) -> Finished {
        let name = artifact.name.clone();
        if self.at(&[OF, &name, PENDING, &artifact.id]).is_none() {
            return Finished::Gone;
        }
        self.take(&[OF, &name, PENDING, &artifact.id]);
        let aliases = std::mem::take(&mut artifact.aliases);
        let last = self.versions(&name).pop();
        let same = last.filter(|last| {
            artifact.checksum.is_some()
                && last.checksum == artifact.checksum
                && last.files == artifact.files
                && last.is_kept() == artifact.is_kept()
                && (artifact.is_kept() || last.path == artifact.path)
        });
        let (id, finished) = match same {
            Some(last) => (last.id, Finished::Same),
            None => {
                let all = items(self.at(&[OF, &name, VERSIONS]));
                artifact.version = Some(all.len() as i64);
                artifact.state = State::Stored;
                let id = artifact.id.clone();
                self.append(&[OF, &name, VERSIONS], artifact.to_tree(false));
                (id, Finished::New)
            }
        };
        for alias in aliases {
            self.put(&[OF, &name, ALIASES, &alias], Tree::Str(id.clone()));
        }
        finished
    }

    pub fn fail(&mut self, mut artifact: Artifact, why: String) {
        artifact.state = State::Failed(why);
        self.begin(&artifact);
    }

    pub fn alias(&mut self, artifact: &Artifact, alias: &str) {
        self.put(
            &[OF, &artifact.name, ALIASES, alias],
            Tree::Str(artifact.id.clone()),
        );
    }

    /// Deletes a version, or what is pending; its number is not used again.
    pub fn delete(&mut self, artifact: &Artifact) {
        let name = artifact.name.as_str();
        let gone: Vec<String> = self
            .aliases(name)
            .filter(|(_, id)| *id == artifact.id)
            .map(|(alias, _)| alias.to_owned())
            .collect();
        for alias in gone {
            self.take(&[OF, name, ALIASES, &alias]);
        }
        match artifact.version {
            Some(version) => {
                let rest = vec![("version".to_owned(), Tree::Int(version))];
                self.put(
                    &[OF, name, VERSIONS, &version.to_string()],
                    Tree::Dict(rest),
                );
            }
            None => self.take(&[OF, name, PENDING, &artifact.id]),
        }
    }

    /// Notes to where a version was pushed.
    pub fn pushed(&mut self, artifact: &Artifact, uri: &str) {
        if let Some(version) = artifact.version {
            self.put(
                &[OF, &artifact.name, VERSIONS, &version.to_string(), "uri"],
                Tree::Str(uri.to_owned()),
            );
        }
    }

    pub fn r#use(&mut self, used: Tree) {
        self.append(&[USED], used);
    }
}
