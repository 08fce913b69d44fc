//! Notes of runs, which the library keeps, and of experiments, which are documents.

use super::saved::{now, time};
use crate::web::App;
use crate::web::answer::{created, json, tree};
use crate::web::entities::{Kind, find};
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Body, Path};
use crate::web::tree::{dict, text};
use aim::repo::{Edit, Note, NoteEdit, RepoRef};
use aim_value::Tree;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Deserialize)]
pub struct Given {
    content: String,
}

fn no_such(id: i64) -> Refusal {
    Refusal::missing(format!("Note with id {id} not found."))
}

fn shown(note: &Note) -> Tree {
    let at = |micros| text(Timestamp::from_microsecond(micros).map_or(String::new(), time));
    dict([
        ("id", Tree::Int(i64::from(note.id))),
        ("content", text(&*note.text)),
        ("created_at", at(note.created_at)),
        ("updated_at", at(note.updated_at)),
    ])
}

fn one(repo: &RepoRef, hash: &str, id: i32) -> Answer<Note> {
    let notes = repo.notes(hash)?;
    let found = notes.into_iter().find(|note| note.id == id);
    found.ok_or_else(|| no_such(i64::from(id)))
}

pub async fn of_run(State(app): State<App>, Path(hash): Path<String>) -> Answer {
    let notes = app
        .work(move |repo| Ok(Tree::List(repo.notes(&hash)?.iter().map(shown).collect())))
        .await?;
    Ok(tree(&notes))
}

pub async fn add_to_run(
    State(app): State<App>,
    Path(hash): Path<String>,
    Body(given): Body<Given>,
) -> Answer {
    let note = app
        .change(move |repo| {
            let id = repo.add_note(&hash, given.content.trim())?;
            Ok(shown(&one(repo, &hash, id)?))
        })
        .await?;
    Ok(created(&note))
}

pub async fn one_of_run(State(app): State<App>, Path((hash, id)): Path<(String, i32)>) -> Answer {
    let note = app
        .work(move |repo| Ok(shown(&one(repo, &hash, id)?)))
        .await?;
    Ok(tree(&note))
}

pub async fn change_of_run(
    State(app): State<App>,
    Path((hash, id)): Path<(String, i32)>,
    Body(given): Body<Given>,
) -> Answer {
    let note = app
        .change(move |repo| {
            let edit = NoteEdit::Replace(id, given.content.trim().to_owned());
            repo.edit_run(&hash, &[Edit::Note(edit)])?;
            Ok(shown(&one(repo, &hash, id)?))
        })
        .await?;
    Ok(tree(&note))
}

pub async fn delete_of_run(
    State(app): State<App>,
    Path((hash, id)): Path<(String, i32)>,
) -> Answer {
    app.change(move |repo| Ok(repo.edit_run(&hash, &[Edit::Note(NoteEdit::Delete(id))])?))
        .await?;
    Ok(json(&json!({ "status": "OK" })))
}

/// The notes of an experiment, one document each.
const COLLECTION: &str = "ui.notes";

/// A note of an experiment.
#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    id: i64,
    content: String,
    created_at: String,
    updated_at: String,
}

/// All notes of an experiment, and the number that the last one got.
#[derive(Default, Serialize, Deserialize)]
struct Entries {
    last: i64,
    notes: Vec<Entry>,
}

impl Entries {
    fn of(document: Option<String>) -> Entries {
        let read = document.and_then(|text| serde_json::from_str(&text).ok());
        read.unwrap_or_default()
    }
}

fn entries(repo: &RepoRef, experiment: &str) -> Answer<Entries> {
    find(repo, Kind::Experiment, experiment)?;
    Ok(Entries::of(repo.document(COLLECTION, experiment)?))
}

/// Changes the notes of an experiment in one transaction, unless `change` finds no such note.
fn edit<T>(
    repo: &RepoRef,
    experiment: &str,
    mut change: impl FnMut(&mut Entries) -> Option<T>,
) -> Answer<Option<T>> {
    find(repo, Kind::Experiment, experiment)?;
    Ok(repo.edit_documents(|edit| {
        let mut entries = Entries::of(edit.get(COLLECTION, experiment)?);
        let Some(changed) = change(&mut entries) else {
            return Ok(None);
        };
        let document = serde_json::to_string(&entries)
            .map_err(|e| aim::error::Error::invalid(e.to_string()))?;
        edit.put(COLLECTION, experiment, &document)?;
        Ok(Some(changed))
    })?)
}

pub async fn of_experiment(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let all = app.work(move |repo| entries(repo, &id)).await?;
    Ok(json(&all.notes))
}

pub async fn add_to_experiment(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(given): Body<Given>,
) -> Answer {
    let note = app
        .change(move |repo| {
            edit(repo, &id, |entries| {
                entries.last += 1;
                let now = now();
                let entry = Entry {
                    id: entries.last,
                    content: given.content.trim().to_owned(),
                    created_at: now.clone(),
                    updated_at: now,
                };
                entries.notes.push(entry.clone());
                Some(dict([
                    ("id", Tree::Int(entry.id)),
                    ("created_at", text(entry.created_at)),
                ]))
            })
        })
        .await?;
    Ok(created(&note.unwrap_or(Tree::Null)))
}

pub async fn one_of_experiment(
    State(app): State<App>,
    Path((id, note)): Path<(String, i64)>,
) -> Answer {
    let all = app.work(move |repo| entries(repo, &id)).await?;
    let found = all.notes.iter().find(|entry| entry.id == note);
    found.map(json).ok_or_else(|| no_such(note))
}

pub async fn change_of_experiment(
    State(app): State<App>,
    Path((id, note)): Path<(String, i64)>,
    Body(given): Body<Given>,
) -> Answer {
    let changed = app
        .change(move |repo| {
            edit(repo, &id, |entries| {
                let entry = entries.notes.iter_mut().find(|entry| entry.id == note)?;
                given.content.trim().clone_into(&mut entry.content);
                entry.updated_at = now();
                Some(entry.clone())
            })
        })
        .await?;
    changed.as_ref().map(json).ok_or_else(|| no_such(note))
}

pub async fn delete_of_experiment(
    State(app): State<App>,
    Path((id, note)): Path<(String, i64)>,
) -> Answer {
    let deleted = app
        .change(move |repo| {
            edit(repo, &id, |entries| {
                let before = entries.notes.len();
                entries.notes.retain(|entry| entry.id != note);
                (entries.notes.len() < before).then_some(())
            })
        })
        .await?;
    deleted.ok_or_else(|| no_such(note))?;
    Ok(json(&json!({ "status": "OK" })))
}
