//! Runs and their logs.

use super::Problem;
use crate::web::answer::json;
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Path, Query};
use crate::web::rows::Rows;
use crate::web::tree::Json;
use crate::web::{App, Whole};
use crate::{artifacts, records};
use aim::query::{LogRecord, RunInfo, Select, Snapshot, Stream, read, record_tree};
use aim_value::Tree;
use axum::extract::State;
use serde::Serialize;
use std::sync::atomic::AtomicBool;
use utoipa::ToSchema;

/// Rows of a page, and at most.
pub const ROWS: u64 = 100;
pub const MOST_ROWS: u64 = 1000;

/// A run's properties, params and artifacts.
#[derive(Serialize, ToSchema)]
pub struct Run {
    /// 24 hexadecimal digits.
    hash: String,
    name: String,
    experiment: String,
    description: String,
    tags: Vec<String>,
    archived: bool,
    /// How it stands: running, finished, ...
    status: String,
    created_at: f64,
    /// When it ended; null while it is being written.
    finalized_at: Option<f64>,
    /// The tree of params.
    #[schema(value_type = Object)]
    params: serde_json::Value,
    /// Every version of the files and directories that it logged.
    #[schema(value_type = Vec<Object>)]
    artifacts: serde_json::Value,
    /// The artifacts that it said it uses.
    #[schema(value_type = Vec<Object>)]
    used_artifacts: serde_json::Value,
}

/// Any tree as JSON.
pub fn value(tree: &Tree) -> serde_json::Value {
    serde_json::to_value(Json(tree)).unwrap_or_default()
}

pub fn run(snapshot: &Snapshot<'_>, info: &RunInfo) -> aim::error::Result<Option<Run>> {
    let Some(record) = snapshot.record(info)? else {
        return Ok(None);
    };
    let status = record_tree(&record)
        .into_iter()
        .find_map(|(key, value)| match value {
            Tree::Str(text) if key == "status" => Some(text),
            _ => None,
        });
    let mut params = snapshot.params(info)?;
    let book = artifacts::take(&mut params);
    Ok(Some(Run {
        hash: record.hash_text(),
        name: record.display_name(),
        status: status.unwrap_or_default(),
        archived: record.archived,
        created_at: record.created_at as f64 / 1e6,
        finalized_at: record.finalized_at.map(|at| at as f64 / 1e6),
        params: value(&params),
        artifacts: value(&artifacts::logged(&book)),
        used_artifacts: value(&artifacts::used(&book)),
        experiment: record.experiment,
        description: record.description,
        tags: record.tags,
    }))
}

/// A page of runs.
#[derive(Serialize, ToSchema)]
pub struct Runs {
    runs: Vec<Run>,
    /// Where the next page begins; null behind the last.
    next: Option<String>,
}

/// Runs, newest first.
#[utoipa::path(
    get, path = "/runs", operation_id = "runs",
    params(
        ("q" = Option<String>, Query, description = "an AimQL expression; none: all runs that are not archived"),
        ("limit" = Option<u16>, Query, description = "runs of a page", minimum = 1, maximum = 1000),
        ("behind" = Option<String>, Query, description = "`next` of the page before", pattern = "^[0-9a-f]{24}$"),
    ),
    responses(
        (status = 200, body = Runs),
        (status = 400, body = Problem, description = "the query does not parse"),
        (status = 404, body = Problem, description = "there is no run `behind`"),
        (status = 413, body = Problem, description = "the query needs more work than it may"),
        (status = 422, body = Problem, description = "a parameter is out of range"),
    )
)]
pub async fn list(State(app): State<App>, query: Query) -> Answer {
    let limit = query.number("limit", ROWS, 1..=MOST_ROWS)? as usize;
    let (q, behind) = (query.text("q"), query.text("behind"));
    let page = app
        .work(move |repo| {
            let behind = match behind.as_str() {
                "" => None,
                hash => Some(find(repo, hash)?.id),
            };
            let mut rows = Rows::new(repo.clone(), q, Select::Runs, behind, Some(limit));
            let mut found = Vec::new();
            loop {
                let some = rows.next(limit, &AtomicBool::new(false))?;
                if some.is_empty() {
                    break;
                }
                found.extend(some);
            }
            let full = found.len() == limit;
            let next = found.last().filter(|_| full).map(|row| row.run.hash_text());
            let runs = read(repo, |snapshot| {
                let mut runs = Vec::new();
                for row in &found {
                    runs.extend(run(snapshot, &row.run)?);
                }
                Ok(runs)
            })?;
            Ok(Runs { runs, next })
        })
        .await?;
    Ok(json(&page))
}

/// The run with a hash.
pub fn find(repo: &aim::repo::RepoRef, hash: &str) -> Answer<RunInfo> {
    let found = read(repo, |snapshot| snapshot.find(hash))?;
    found.ok_or_else(Refusal::no_run)
}

/// One run.
#[utoipa::path(
    get, path = "/runs/{hash}", operation_id = "run",
    params(("hash" = String, Path, description = "24 hexadecimal digits", pattern = "^[0-9a-f]{24}$")),
    responses(
        (status = 200, body = Run),
        (status = 400, body = Problem, description = "that is no hash"),
        (status = 404, body = Problem, description = "there is no such run"),
    )
)]
pub async fn one(State(app): State<App>, Path(hash): Path<String>) -> Answer {
    let found = app
        .work(move |repo| {
            let info = find(repo, &hash)?;
            read(repo, |snapshot| run(snapshot, &info))?.ok_or_else(Refusal::no_run)
        })
        .await?;
    Ok(json(&found))
}

/// A record of a log, or a line of the terminal.
#[derive(Serialize, ToSchema)]
pub struct Record {
    /// Counted from the first record of the run.
    number: u64,
    time: f64,
    /// As in Python's logging: 10 debug, 20 info, 30 warning, 40 error; 0 for a line of the terminal.
    level: i32,
    text: String,
    file: Option<String>,
    line: Option<u32>,
    function: Option<String>,
}

impl Record {
    fn of((number, record): (u64, LogRecord)) -> Record {
        let place = record.location;
        Record {
            number,
            time: record.time as f64 / 1e6,
            level: record.level,
            text: record.text,
            line: place.as_ref().map(|place| place.line),
            function: place.as_ref().map(|place| place.function.clone()),
            file: place.map(|place| place.file),
        }
    }
}

/// Records of a run's log.
#[utoipa::path(
    get, path = "/runs/{hash}/logs/{stream}", operation_id = "logs",
    params(
        ("hash" = String, Path, description = "24 hexadecimal digits", pattern = "^[0-9a-f]{24}$"),
        ("stream" = String, Path, description = "`records` of the program, or lines of its `terminal`",
            pattern = "^(records|terminal)$"),
        ("from" = Option<u64>, Query, description = "the number of the first; none: the oldest that is kept",
            minimum = 0, maximum = 9007199254740992u64),
        ("limit" = Option<u16>, Query, description = "records of a page", minimum = 1, maximum = 1000),
    ),
    responses(
        (status = 200, body = Vec<Record>),
        (status = 400, body = Problem, description = "that is no hash"),
        (status = 404, body = Problem, description = "there is no such run, or no such stream"),
        (status = 422, body = Problem, description = "a parameter is out of range"),
    )
)]
pub async fn logs(
    State(app): State<App>,
    Path((hash, stream)): Path<(String, String)>,
    query: Query,
) -> Answer {
    let stream = match stream.as_str() {
        "records" => Stream::Records,
        "terminal" => Stream::Terminal,
        _ => return Err(Refusal::missing(format!("there is no stream {stream:?}"))),
    };
    let limit = query.number("limit", ROWS, 1..=MOST_ROWS)?;
    let from = query.number("from", 0, 0..=1 << 53)?;
    app.whole(Whole::Runs(vec![hash.clone()])).await?;
    let records = app
        .work(move |repo| {
            let info = find(repo, &hash)?;
            let records = read(repo, |snapshot| {
                records::from(snapshot, &info, stream, from, limit)
            })?;
            Ok(records.into_iter().map(Record::of).collect::<Vec<_>>())
        })
        .await?;
    Ok(json(&records))
}
