//! What names there are.

use crate::web::App;
use crate::web::answer::json;
use crate::web::entities::{Kind, list};
use crate::web::error::Answer;
use aim::query::read;
use aim_value::Tree;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An experiment or a tag.
#[derive(Serialize, ToSchema)]
pub struct Named {
    name: String,
    description: String,
    /// `#rrggbb`, or empty; experiments have none.
    color: String,
    /// How many runs have it.
    runs: u64,
}

async fn named(app: App, kind: Kind) -> Answer {
    let found = app
        .work(move |repo| {
            let all = list(repo, kind)?.into_iter();
            let all = all.map(|listed| Named {
                name: listed.entity.name,
                description: listed.about.description,
                color: listed.about.colour,
                runs: listed.runs,
            });
            Ok(all.collect::<Vec<_>>())
        })
        .await?;
    Ok(json(&found))
}

/// All experiments.
#[utoipa::path(
    get, path = "/experiments", operation_id = "experiments",
    responses((status = 200, body = Vec<Named>))
)]
pub async fn experiments(State(app): State<App>) -> Answer {
    named(app, Kind::Experiment).await
}

/// All tags.
#[utoipa::path(get, path = "/tags", operation_id = "tags", responses((status = 200, body = Vec<Named>)))]
pub async fn tags(State(app): State<App>) -> Answer {
    named(app, Kind::Tag).await
}

/// The names of all metrics, each with its contexts over all runs.
#[utoipa::path(
    get, path = "/names", operation_id = "names",
    responses((status = 200, body = BTreeMap<String, Vec<serde_json::Value>>))
)]
pub async fn metrics(State(app): State<App>) -> Answer {
    let found = app
        .work(|repo| {
            let names = read(repo, |snapshot| snapshot.metric_names())?;
            let names = names.into_iter().map(|(name, contexts)| {
                let contexts = contexts.iter().map(|json| {
                    let tree = Tree::from_json(json).unwrap_or(Tree::Null);
                    super::runs::value(&tree)
                });
                (name, contexts.collect::<Vec<_>>())
            });
            Ok(names.collect::<BTreeMap<_, _>>())
        })
        .await?;
    Ok(json(&found))
}
