//! Changes of runs. None opens a run: its status and its times stay as they are.

use super::listing::done;
use super::tags;
use crate::web::App;
use crate::web::answer::{json, tree};
use crate::web::entities::{Kind, find, list};
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Body, Path, Query};
use crate::web::tree::{dict, text};
use aim::query::{RunId, read};
use aim::repo::{Edit, Property, RepoRef};
use aim_value::Tree;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

/// Runs of one request at most.
const MOST_RUNS: usize = 100_000;

#[derive(Deserialize)]
pub struct Changes {
    name: Option<String>,
    description: Option<String>,
    archived: Option<bool>,
    experiment: Option<String>,
}

impl Changes {
    fn edits(self) -> Vec<Edit> {
        let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
        let filled = |text: Option<String>| trimmed(text).filter(|text| !text.is_empty());
        let changes = [
            filled(self.name).map(Property::Name),
            trimmed(self.description).map(Property::Description),
            self.archived.map(Property::Archived),
            filled(self.experiment).map(Property::Experiment),
        ];
        changes.into_iter().flatten().map(Edit::Property).collect()
    }
}

pub async fn update(
    State(app): State<App>,
    Path(hash): Path<String>,
    Body(changes): Body<Changes>,
) -> Answer {
    let answered = hash.clone();
    app.change(move |repo| Ok(repo.edit_run(&hash, &changes.edits())?))
        .await?;
    Ok(tree(&done(&answered)))
}

pub async fn delete(State(app): State<App>, Path(hash): Path<String>) -> Answer {
    let answered = hash.clone();
    app.change(move |repo| repo.delete_run(&hash).map_err(|e| Refusal::bad(e.message)))
        .await?;
    Ok(tree(&done(&answered)))
}

/// The runs that are still there of those that are named.
fn found(repo: &RepoRef, hashes: &[String]) -> Answer<Vec<RunId>> {
    if hashes.len() > MOST_RUNS {
        return Err(Refusal::bad(format!(
            "{} runs are named, more than {MOST_RUNS}",
            hashes.len()
        )));
    }
    Ok(read(repo, |snapshot| {
        let mut runs = Vec::new();
        for hash in hashes {
            runs.extend(snapshot.find(hash)?.map(|run| run.id));
        }
        Ok(runs)
    })?)
}

pub async fn archive(
    State(app): State<App>,
    query: Query,
    Body(hashes): Body<Vec<String>>,
) -> Answer {
    let archived = query.flag("archive", true)?;
    app.change(move |repo| {
        let runs = found(repo, &hashes)?;
        Ok(repo.edit_runs(&runs, &[Edit::Property(Property::Archived(archived))])?)
    })
    .await?;
    Ok(json(&json!({ "status": "OK" })))
}

pub async fn delete_batch(State(app): State<App>, Body(hashes): Body<Vec<String>>) -> Answer {
    app.change(move |repo| {
        let runs = found(repo, &hashes)?;
        let busy = repo.delete_runs(&runs)?.busy;
        if busy.is_empty() {
            return Ok(());
        }
        let busy = busy.into_iter().map(text).collect();
        Err(Refusal::bad("Error while deleting runs.")
            .detail(dict([("Remaining runs id", Tree::List(busy))])))
    })
    .await?;
    Ok(json(&json!({ "status": "OK" })))
}

#[derive(Deserialize)]
pub struct NewTag {
    tag_name: String,
}

pub async fn add_tag(
    State(app): State<App>,
    Path(hash): Path<String>,
    Body(NewTag { tag_name }): Body<NewTag>,
) -> Answer {
    let run = hash.clone();
    let tag = app
        .change(move |repo| {
            let name = tag_name.trim();
            let tag = Edit::Property(Property::AddTag(name.to_owned()));
            repo.edit_run(&run, &[tag])?;
            let all = list(repo, Kind::Tag)?;
            match all.into_iter().find(|listed| listed.entity.name == name) {
                Some(listed) => Ok(listed.entity.id),
                None => tags::make(repo, name, None),
            }
        })
        .await?;
    Ok(json(&json!({ "id": hash, "tag_id": tag, "status": "OK" })))
}

pub async fn remove_tag(
    State(app): State<App>,
    Path((hash, tag)): Path<(String, String)>,
) -> Answer {
    let run = hash.clone();
    let removed = app
        .change(move |repo| {
            let name = find(repo, Kind::Tag, &tag)?.entity.name;
            let info = read(repo, |snapshot| match snapshot.find(&run)? {
                Some(run) => snapshot.record(&run),
                None => Ok(None),
            })?;
            let record = info.ok_or_else(Refusal::no_run)?;
            let had = record.tags.contains(&name);
            repo.edit_run(&run, &[Edit::Property(Property::RemoveTag(name))])?;
            Ok(had)
        })
        .await?;
    Ok(json(
        &json!({ "id": hash, "removed": removed, "status": "OK" }),
    ))
}
