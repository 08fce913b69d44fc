//! Experiments and tags as the UI knows them: things with an id. Runs and the library know them by their names, with what
//! people say of them; the id, the time of creation and whether it is archived are a document of the repository.
//!
//! The id of a name that has no document is made from the name, so that it is the same every time. With its document a
//! thing keeps its id when it is renamed.

use super::error::{Answer, Refusal};
use super::tree::{dict, optional_text, text};
use aim::repo::documents::DocumentEdit;
use aim::repo::{About, RepoRef, Subject};
use aim_value::Tree;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Experiment,
    Tag,
}

impl Kind {
    fn collection(self) -> &'static str {
        match self {
            Kind::Experiment => "ui.experiments",
            Kind::Tag => "ui.tags",
        }
    }

    pub fn subject(self) -> Subject {
        match self {
            Kind::Experiment => Subject::Experiment,
            Kind::Tag => Subject::Tag,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Kind::Experiment => "Experiment",
            Kind::Tag => "Tag",
        }
    }
}

/// What is kept of a thing beside what the library keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Entity {
    #[serde(skip)]
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub archived: bool,
    /// Seconds since 1970; the runs may tell of an earlier time.
    #[serde(default)]
    pub created_at: Option<f64>,
}

/// All things of a kind.
pub struct Entities {
    kind: Kind,
    by_name: HashMap<String, Entity>,
    names: HashMap<String, String>,
}

impl Entities {
    pub fn load(repo: &RepoRef, kind: Kind) -> Answer<Entities> {
        Ok(Entities::of(kind, repo.documents(kind.collection())?))
    }

    fn of(kind: Kind, documents: Vec<(String, String)>) -> Entities {
        let mut all = Entities {
            kind,
            by_name: HashMap::new(),
            names: HashMap::new(),
        };
        for (id, document) in documents {
            // A document of somebody else's is not ours to show.
            if let Ok(mut entity) = serde_json::from_str::<Entity>(&document) {
                entity.id.clone_from(&id);
                all.names.insert(id, entity.name.clone());
                all.by_name.insert(entity.name.clone(), entity);
            }
        }
        all
    }

    /// Those that have a document, though perhaps no run.
    pub fn with_documents(&self) -> impl Iterator<Item = &Entity> {
        self.by_name.values()
    }

    pub fn named(&self, name: &str) -> Entity {
        self.by_name.get(name).cloned().unwrap_or_else(|| Entity {
            id: self.fresh_id(name),
            name: name.to_owned(),
            ..Entity::default()
        })
    }

    /// The id of a name without a document. One that was renamed has kept the id that its old name gives.
    fn fresh_id(&self, name: &str) -> String {
        let mut seed = format!("libaim/{}/{name}", self.kind.collection());
        loop {
            let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, seed.as_bytes()).to_string();
            if self.names.get(&id).is_none_or(|known| known == name) {
                return id;
            }
            seed.push('\0');
        }
    }
}

/// Things as they are within one answer: what people say of them is looked up once.
pub struct Described {
    repo: RepoRef,
    entities: Entities,
    trees: RefCell<HashMap<String, Tree>>,
}

impl Described {
    fn load(repo: &RepoRef, kind: Kind) -> Answer<Described> {
        Ok(Described {
            repo: repo.clone(),
            entities: Entities::load(repo, kind)?,
            trees: RefCell::default(),
        })
    }

    /// A thing as a part of a run's properties.
    pub fn of_run(&self, name: &str) -> Tree {
        if let Some(tree) = self.trees.borrow().get(name) {
            return tree.clone();
        }
        let kind = self.entities.kind;
        let about = self.repo.about(kind.subject(), name).unwrap_or_default();
        let id = text(self.entities.named(name).id);
        let description = optional_text(&about.description);
        let tree = match kind {
            Kind::Experiment => dict([
                ("id", id),
                ("name", text(name)),
                ("description", description),
            ]),
            Kind::Tag => dict([
                ("id", id),
                ("name", text(name)),
                ("color", optional_text(&about.colour)),
                ("description", description),
            ]),
        };
        let mut trees = self.trees.borrow_mut();
        trees.insert(name.to_owned(), tree.clone());
        tree
    }
}

/// Both kinds, for the properties of runs.
pub struct Known {
    pub experiments: Described,
    pub tags: Described,
}

impl Known {
    pub fn load(repo: &RepoRef) -> Answer<Known> {
        Ok(Known {
            experiments: Described::load(repo, Kind::Experiment)?,
            tags: Described::load(repo, Kind::Tag)?,
        })
    }
}

/// A thing of a list.
pub struct Listed {
    pub entity: Entity,
    pub about: About,
    pub runs: u64,
}

/// All things of a kind: those that runs have, those that people spoke of, and those that were made in the UI.
pub fn list(repo: &RepoRef, kind: Kind) -> Answer<Vec<Listed>> {
    let entities = Entities::load(repo, kind)?;
    let described = repo.describe_all(kind.subject())?;
    let mut all: Vec<Listed> = described
        .into_iter()
        .map(|described| Listed {
            entity: entities.named(&described.name),
            about: described.about,
            runs: described.runs,
        })
        .collect();
    let known: std::collections::HashSet<String> =
        all.iter().map(|l| l.entity.id.clone()).collect();
    let others = entities.with_documents();
    all.extend(
        others
            .filter(|entity| !known.contains(&entity.id))
            .map(|entity| Listed {
                entity: entity.clone(),
                about: About::default(),
                runs: 0,
            }),
    );
    all.sort_by(|a, b| a.entity.name.cmp(&b.entity.name));
    Ok(all)
}

pub fn find(repo: &RepoRef, kind: Kind, id: &str) -> Answer<Listed> {
    let all = list(repo, kind)?;
    let found = all.into_iter().find(|listed| listed.entity.id == id);
    found.ok_or_else(|| Refusal::missing("Not Found"))
}

/// Whether a thing of this name is there.
pub fn exists(repo: &RepoRef, kind: Kind, name: &str) -> Answer<bool> {
    Ok(list(repo, kind)?
        .iter()
        .any(|listed| listed.entity.name == name))
}

pub fn taken(kind: Kind, name: &str) -> Refusal {
    Refusal::bad(format!(
        "{} with name '{name}' already exists.",
        kind.word()
    ))
}

fn put(edit: &mut DocumentEdit<'_, '_>, kind: Kind, entity: &Entity) -> aim::error::Result<()> {
    let document = serde_json::to_string(entity);
    let document = document.map_err(|e| aim::error::Error::invalid(e.to_string()))?;
    edit.put(kind.collection(), &entity.id, &document)
}

/// Keeps a thing.
pub fn keep(repo: &RepoRef, kind: Kind, entity: &Entity) -> Answer<()> {
    Ok(repo.edit_documents(|edit| put(edit, kind, entity))?)
}

/// Forgets a thing's document.
pub fn forget(repo: &RepoRef, kind: Kind, id: &str) -> Answer<()> {
    Ok(repo.edit_documents(|edit| edit.delete(kind.collection(), id).map(|_| ()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_thing_keeps_its_id_and_leaves_its_name_free() {
        let before = Entities::of(Kind::Tag, Vec::new());
        let id = before.named("old").id;
        assert_eq!(before.named("old").id, id);
        let document = r#"{"name":"new","archived":true}"#.to_owned();
        let after = Entities::of(Kind::Tag, vec![(id.clone(), document)]);
        assert_eq!(after.named("new").id, id);
        assert!(after.named("new").archived);
        assert_ne!(after.named("old").id, id);
    }
}
