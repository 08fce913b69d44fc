//! Experiments: lists, one, its runs, and changes of it.

use super::listing::{Activity, Page, done, row};
use crate::web::App;
use crate::web::answer::{json, tree};
use crate::web::entities::{Entity, Kind, Listed, exists, find, forget, keep, list, taken};
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Body, Path, Query, TimeZone};
use crate::web::tree::{dict, optional_text, text};
use aim::query::read;
use aim::repo::{About, RepoRef};
use aim_value::Tree;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

const KIND: Kind = Kind::Experiment;

/// When the first run of each experiment was created.
fn births(repo: &RepoRef) -> Answer<HashMap<String, f64>> {
    let mut births: HashMap<String, f64> = HashMap::new();
    read(repo, |snapshot| {
        snapshot.runs(|run| {
            let at = run.created_at as f64 / 1e6;
            match births.get_mut(run.experiment) {
                Some(birth) => *birth = birth.min(at),
                None => drop(births.insert(run.experiment.to_owned(), at)),
            }
            Ok(true)
        })
    })?;
    Ok(births)
}

fn shown(listed: &Listed, births: &HashMap<String, f64>) -> Tree {
    let entity = &listed.entity;
    let born = births.get(&entity.name).copied().or(entity.created_at);
    dict([
        ("id", text(&*entity.id)),
        ("name", text(&*entity.name)),
        ("description", optional_text(&listed.about.description)),
        ("run_count", Tree::Int(listed.runs as i64)),
        ("archived", Tree::Bool(entity.archived)),
        ("creation_time", born.map_or(Tree::Null, Tree::Float)),
    ])
}

pub async fn all(State(app): State<App>) -> Answer {
    let found = app
        .work(|repo| {
            let births = births(repo)?;
            let all = list(repo, KIND)?;
            Ok(Tree::List(
                all.iter().map(|one| shown(one, &births)).collect(),
            ))
        })
        .await?;
    Ok(tree(&found))
}

pub async fn one(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let found = app
        .work(move |repo| Ok(shown(&find(repo, KIND, &id)?, &births(repo)?)))
        .await?;
    Ok(tree(&found))
}

#[derive(Deserialize)]
pub struct Created {
    name: String,
}

pub async fn create(State(app): State<App>, Body(given): Body<Created>) -> Answer {
    let id = app
        .change(move |repo| {
            let name = given.name.trim();
            if name.is_empty() {
                return Err(Refusal::bad("an experiment has a name"));
            }
            if exists(repo, KIND, name)? {
                return Err(taken(KIND, name));
            }
            let entity = Entity {
                id: Uuid::new_v4().to_string(),
                name: name.to_owned(),
                archived: false,
                created_at: Some(Timestamp::now().as_duration().as_secs_f64()),
            };
            keep(repo, KIND, &entity)?;
            Ok(entity.id)
        })
        .await?;
    Ok(tree(&done(&id)))
}

#[derive(Deserialize)]
pub struct Changes {
    name: Option<String>,
    description: Option<String>,
    archived: Option<bool>,
}

pub async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(given): Body<Changes>,
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
        keep(repo, KIND, &entity)?;
        if entity.name != before {
            repo.rename(KIND.subject(), &before, &entity.name)?;
        }
        if let Some(description) = given.description {
            let description = description.trim().to_owned();
            let about = About {
                description,
                ..about
            };
            repo.describe(KIND.subject(), &entity.name, &about)?;
        }
        Ok(())
    })
    .await?;
    Ok(tree(&done(&answered)))
}

/// Deletes the experiment with all its runs.
pub async fn delete(State(app): State<App>, Path(id): Path<String>) -> Answer {
    app.change(move |repo| {
        let entity = find(repo, KIND, &id)?.entity;
        let mut runs = Vec::new();
        read(repo, |snapshot| {
            snapshot.runs(|run| {
                if run.experiment == entity.name {
                    runs.push(run.run.id);
                }
                Ok(true)
            })
        })?;
        let busy = repo.delete_runs(&runs)?.busy;
        if !busy.is_empty() {
            let busy = busy.into_iter().map(text).collect();
            return Err(Refusal::bad("Runs of the experiment are being written.")
                .detail(dict([("Remaining runs id", Tree::List(busy))])));
        }
        repo.describe(KIND.subject(), &entity.name, &About::default())?;
        forget(repo, KIND, &id)
    })
    .await?;
    Ok(json(&serde_json::json!({ "status": "OK" })))
}

pub async fn runs(State(app): State<App>, Path(id): Path<String>, query: Query) -> Answer {
    let page = Page::of(&query)?;
    let found = app
        .work(move |repo| {
            let entity = find(repo, KIND, &id)?.entity;
            let belongs = |run: &aim::query::RunSummary<'_>| run.experiment == entity.name;
            let runs = page.runs(repo, belongs, |run| Tree::Dict(row(run)))?;
            Ok(dict([("id", text(id)), ("runs", runs)]))
        })
        .await?;
    Ok(tree(&found))
}

pub async fn activity(State(app): State<App>, Path(id): Path<String>, zone: TimeZone) -> Answer {
    let found = app
        .work(move |repo| {
            let name = find(repo, KIND, &id)?.entity.name;
            let activity = Activity::of(repo, &zone, |run| run.experiment == name)?;
            Ok(Tree::Dict(activity.tree()))
        })
        .await?;
    Ok(tree(&found))
}
