//! What the UI saves as it is: bookmarks with the states of its explorers, reports, and pinned metrics.

use crate::web::App;
use crate::web::answer::json;
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Body, Path};
use aim::repo::RepoRef;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

type Object = Map<String, Value>;

/// A kind of things that are saved, and the keys that a client gives.
#[derive(Clone, Copy)]
pub struct Kind {
    collection: &'static str,
    word: &'static str,
    keys: &'static [&'static str],
}

pub const APPS: Kind = Kind {
    collection: "ui.apps",
    word: "app",
    keys: &["type", "state"],
};
pub const DASHBOARDS: Kind = Kind {
    collection: "ui.dashboards",
    word: "bookmark",
    keys: &["name", "description", "app_id"],
};
pub const REPORTS: Kind = Kind {
    collection: "ui.reports",
    word: "report",
    keys: &["name", "code", "description"],
};

pub fn routes(kind: Kind) -> Router<App> {
    let all = async move |State(app): State<App>| list(app, kind).await;
    let create = async move |State(app): State<App>, Body(given)| create(app, kind, given).await;
    let one = async move |State(app): State<App>, Path(id)| one(app, kind, id).await;
    let change = async move |State(app): State<App>, Path(id), Body(given)| {
        change(app, kind, id, given).await
    };
    let delete = async move |State(app): State<App>, Path(id)| delete(app, kind, id).await;
    Router::new()
        .route("/", get(all).post(create))
        .route("/{id}", get(one).put(change).delete(delete))
}

/// Now, as the UI reads times: UTC, without saying so.
pub fn now() -> String {
    time(Timestamp::now())
}

pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

fn no_such(kind: Kind) -> Refusal {
    Refusal::missing(format!("There is no such {}.", kind.word))
}

fn read_object(text: &str) -> Object {
    serde_json::from_str(text).unwrap_or_default()
}

/// A saved thing as it is answered: a bookmark says of which explorer it is.
fn shown(repo: &RepoRef, kind: Kind, id: &str, text: &str) -> Answer<Value> {
    let mut object = Object::new();
    object.insert("id".to_owned(), id.into());
    object.extend(read_object(text));
    if kind.collection == DASHBOARDS.collection {
        let app = object.get("app_id").and_then(Value::as_str);
        let app = match app.filter(|id| !id.is_empty()) {
            Some(app) => repo.document(APPS.collection, app).ok().flatten(),
            None => None,
        };
        let of = app.and_then(|app| read_object(&app).remove("type"));
        object.insert("app_type".to_owned(), of.unwrap_or(Value::Null));
    }
    Ok(Value::Object(object))
}

async fn list(app: App, kind: Kind) -> Answer {
    let all = app
        .work(move |repo| {
            let mut all = Vec::new();
            for (id, text) in repo.documents(kind.collection)? {
                all.push(shown(repo, kind, &id, &text)?);
            }
            all.sort_by_cached_key(|one| one["created_at"].as_str().map(str::to_owned));
            Ok(all)
        })
        .await?;
    Ok(json(&all))
}

async fn one(app: App, kind: Kind, id: String) -> Answer {
    let found = app
        .work(move |repo| match repo.document(kind.collection, &id)? {
            Some(text) => shown(repo, kind, &id, &text),
            None => Err(no_such(kind)),
        })
        .await?;
    Ok(json(&found))
}

/// The keys that a client may set, of those it gave.
fn taken(kind: Kind, mut given: Object) -> Object {
    let keys = kind.keys.iter();
    keys.filter_map(|key| Some(((*key).to_owned(), given.remove(*key)?)))
        .collect()
}

async fn create(app: App, kind: Kind, given: Object) -> Answer {
    let made = app
        .change(move |repo| {
            let mut object = Object::new();
            object.extend(kind.keys.iter().map(|key| ((*key).to_owned(), Value::Null)));
            object.extend(taken(kind, given));
            let now = now();
            object.insert("updated_at".to_owned(), now.clone().into());
            object.insert("created_at".to_owned(), now.into());
            let id = Uuid::new_v4().to_string();
            let text = Value::Object(object).to_string();
            repo.edit_documents(|edit| edit.put(kind.collection, &id, &text))?;
            shown(repo, kind, &id, &text)
        })
        .await?;
    Ok((StatusCode::CREATED, json(&made)).into_response())
}

async fn change(app: App, kind: Kind, id: String, given: Object) -> Answer {
    let changed = app
        .change(move |repo| {
            let given = taken(kind, given);
            let text = repo.edit_documents(|edit| {
                let Some(text) = edit.get(kind.collection, &id)? else {
                    return Ok(None);
                };
                let mut object = read_object(&text);
                object.extend(given.clone());
                object.insert("updated_at".to_owned(), now().into());
                let text = Value::Object(object).to_string();
                edit.put(kind.collection, &id, &text)?;
                Ok(Some(text))
            })?;
            shown(repo, kind, &id, &text.ok_or_else(|| no_such(kind))?)
        })
        .await?;
    Ok(json(&changed))
}

async fn delete(app: App, kind: Kind, id: String) -> Answer {
    let was_there = app
        .change(move |repo| Ok(repo.edit_documents(|edit| edit.delete(kind.collection, &id))?))
        .await?;
    match was_there {
        true => Ok(json(&Value::Null)),
        false => Err(no_such(kind)),
    }
}

const PINS: (&str, &str) = ("ui.pins", "sequences");

/// Metrics that are pinned on the pages of runs.
pub async fn pinned(State(app): State<App>) -> Answer<Response> {
    let text = app.work(|repo| Ok(repo.document(PINS.0, PINS.1)?)).await?;
    let pinned = text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(json(
        &json!({ "sequences": pinned.unwrap_or(Value::Array(Vec::new())) }),
    ))
}

#[derive(serde::Deserialize)]
pub struct Pinned {
    sequences: Vec<Value>,
}

pub async fn pin(State(app): State<App>, Body(given): Body<Pinned>) -> Answer<Response> {
    let sequences = Value::Array(given.sequences);
    let text = sequences.to_string();
    app.change(move |repo| Ok(repo.edit_documents(|edit| edit.put(PINS.0, PINS.1, &text))?))
        .await?;
    Ok(json(&json!({ "sequences": sequences })))
}
