//! Tags: lists, one, its runs, and changes of it.

use super::listing::{Page, done, row};
use crate::web::App;
use crate::web::answer::{json, tree};
use crate::web::entities::{Entity, Kind, Listed, exists, find, forget, keep, list, taken};
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Body, Path, Query};
use crate::web::tree::{dict, optional_text, text};
use aim::repo::{About, RepoRef};
use aim_value::Tree;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

const KIND: Kind = Kind::Tag;

fn shown(listed: &Listed) -> Tree {
    let Listed {
        entity,
        about,
        runs,
    } = listed;
    dict([
        ("id", text(&*entity.id)),
        ("name", text(&*entity.name)),
        ("color", optional_text(&about.colour)),
        ("description", optional_text(&about.description)),
        ("run_count", Tree::Int(*runs as i64)),
        ("archived", Tree::Bool(entity.archived)),
    ])
}

pub async fn all(State(app): State<App>) -> Answer {
    let found = app
        .work(|repo| Ok(Tree::List(list(repo, KIND)?.iter().map(shown).collect())))
        .await?;
    Ok(tree(&found))
}

pub async fn one(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let found = app
        .work(move |repo| Ok(shown(&find(repo, KIND, &id)?)))
        .await?;
    Ok(tree(&found))
}

#[derive(Deserialize)]
pub struct Given {
    name: Option<String>,
    color: Option<String>,
    description: Option<String>,
    archived: Option<bool>,
}

/// A tag by its name, made if there is none yet; its id.
pub fn make(repo: &RepoRef, name: &str, about: Option<&About>) -> Answer<String> {
    let entity = Entity {
        id: Uuid::new_v4().to_string(),
        name: name.to_owned(),
        archived: false,
        created_at: Some(Timestamp::now().as_duration().as_secs_f64()),
    };
    if let Some(about) = about {
        repo.describe(KIND.subject(), name, about)?;
    }
    keep(repo, KIND, &entity)?;
    Ok(entity.id)
}

pub async fn create(State(app): State<App>, Body(given): Body<Given>) -> Answer {
    let id = app
        .change(move |repo| {
            let name = given.name.as_deref().unwrap_or_default().trim();
            if name.is_empty() {
                return Err(Refusal::bad("a tag has a name"));
            }
            if exists(repo, KIND, name)? {
                return Err(taken(KIND, name));
            }
            let about = About {
                description: given.description.unwrap_or_default().trim().to_owned(),
                colour: given.color.unwrap_or_default().trim().to_owned(),
            };
            make(repo, name, Some(&about))
        })
        .await?;
    Ok(tree(&done(&id)))
}

pub async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(given): Body<Given>,
) -> Answer {
    let answered = id.clone();
    app.change(move |repo| {
        let Listed {
            mut entity, about, ..
        } = find(repo, KIND, &id)?;
        let before = entity.name.clone();
        if let Some(name) = given.name.as_deref().map(str::trim)
            && !name.is_empty()
            && name != before
        {
            if exists(repo, KIND, name)? {
                return Err(taken(KIND, name));
            }
            entity.name = name.to_owned();
        }
        entity.archived = given.archived.unwrap_or(entity.archived);
        let said = |given: Option<String>, before: String| {
            given.map_or(before, |text| text.trim().to_owned())
        };
        let about = About {
            description: said(given.description, about.description),
            colour: said(given.color, about.colour),
        };
        // What is wrong with a colour is found before anything changes.
        repo.describe(KIND.subject(), &before, &about)?;
        keep(repo, KIND, &entity)?;
        if entity.name != before {
            repo.rename(KIND.subject(), &before, &entity.name)?;
        }
        Ok(())
    })
    .await?;
    Ok(tree(&done(&answered)))
}

/// Deletes a tag; runs that had it go on without.
pub async fn delete(State(app): State<App>, Path(id): Path<String>) -> Answer {
    app.change(move |repo| {
        let name = find(repo, KIND, &id)?.entity.name;
        repo.delete_tag(&name)?;
        forget(repo, KIND, &id)
    })
    .await?;
    Ok(json(&serde_json::Value::Null))
}

pub async fn runs(State(app): State<App>, Path(id): Path<String>, query: Query) -> Answer {
    let page = Page::of(&query)?;
    let found = app
        .work(move |repo| {
            let name = find(repo, KIND, &id)?.entity.name;
            let runs = page.runs(
                repo,
                |run| run.tags.contains(&name.as_str()),
                |run| {
                    let mut row = row(run);
                    row.push(("experiment".to_owned(), text(run.experiment)));
                    Tree::Dict(row)
                },
            )?;
            Ok(dict([("id", text(id)), ("runs", runs)]))
        })
        .await?;
    Ok(tree(&found))
}
