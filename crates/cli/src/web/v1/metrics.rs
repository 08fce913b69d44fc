//! Metrics and their points.

use super::Problem;
use super::runs::{MOST_ROWS, ROWS, find as find_run, value};
use crate::web::answer::json;
use crate::web::error::Answer;
use crate::web::input::{Path, Query};
use crate::web::rows::Rows;
use crate::web::{App, Whole};
use aim::query::{Columns, MetricInfo, Sampling, Select, Snapshot, read};
use aim::run::EPOCH_NONE;
use aim_value::Tree;
use axum::extract::State;
use serde::Serialize;
use std::sync::atomic::AtomicBool;
use utoipa::ToSchema;

const LEAST_POINTS: u64 = 4;
const MOST_POINTS: u64 = 10_000;

/// A metric of a run: what is known of all its points, and as many of them as were asked for.
#[derive(Serialize, ToSchema)]
pub struct Metric {
    run: String,
    name: String,
    #[schema(value_type = Object)]
    context: serde_json::Value,
    count: u64,
    first_step: i64,
    last_step: i64,
    first: Option<f64>,
    last: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    points: Option<Points>,
}

/// Columns of equal length, in step order.
#[derive(Serialize, ToSchema)]
pub struct Points {
    steps: Vec<i64>,
    values: Vec<Option<f64>>,
    epochs: Vec<Option<i64>>,
    times: Vec<f64>,
}

fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|n| n.is_finite())
}

impl Points {
    fn of(columns: Columns) -> Points {
        let epochs = columns.epochs.into_iter();
        Points {
            steps: columns.steps,
            values: columns.values.into_iter().map(finite).collect(),
            epochs: epochs
                .map(|e| Some(e).filter(|e| *e != EPOCH_NONE))
                .collect(),
            times: columns.times,
        }
    }
}

/// Points to return of each metric; 0 for none.
#[derive(Clone, Copy)]
struct Wanted(usize);

impl Wanted {
    fn of(query: &Query) -> Answer<Wanted> {
        match query.get("points") {
            None | Some("0") => Ok(Wanted(0)),
            Some(_) => {
                let points = query.number("points", 0, LEAST_POINTS..=MOST_POINTS)?;
                Ok(Wanted(points as usize))
            }
        }
    }
}

fn metric(
    snapshot: &Snapshot<'_>,
    run: &str,
    info: &MetricInfo,
    Wanted(points): Wanted,
) -> aim::error::Result<Metric> {
    let known = &info.aggregates;
    let points = match points {
        0 => None,
        most => Some(Points::of(snapshot.sample(info, most, Sampling::MinMax)?)),
    };
    Ok(Metric {
        run: run.to_owned(),
        name: (*info.name).to_owned(),
        context: value(&Tree::from_json(&info.context)?),
        count: known.count,
        first_step: known.first_step,
        last_step: known.last_step,
        first: finite(known.first),
        last: finite(known.last),
        min: finite(known.min()),
        max: finite(known.max()),
        points,
    })
}

/// The metrics of a run.
#[utoipa::path(
    get, path = "/runs/{hash}/metrics", operation_id = "metrics_of_run",
    params(
        ("hash" = String, Path, description = "24 hexadecimal digits", pattern = "^[0-9a-f]{24}$"),
        ("points" = Option<u16>, Query, minimum = 4, maximum = 10000,
            description = "points of each metric at most, its extremes among them; none: no points"),
    ),
    responses(
        (status = 200, body = Vec<Metric>),
        (status = 400, body = Problem, description = "that is no hash"),
        (status = 404, body = Problem, description = "there is no such run"),
        (status = 422, body = Problem, description = "a parameter is out of range"),
    )
)]
pub async fn of_run(State(app): State<App>, Path(hash): Path<String>, query: Query) -> Answer {
    let wanted = Wanted::of(&query)?;
    if wanted.0 > 0 {
        app.whole(Whole::Runs(vec![hash.clone()])).await?;
    }
    let found = app
        .work(move |repo| {
            let run = find_run(repo, &hash)?;
            Ok(read(repo, |snapshot| {
                let metrics = snapshot.metrics(&run)?;
                let metrics = metrics.iter();
                metrics
                    .map(|info| metric(snapshot, &run.hash_text(), info, wanted))
                    .collect::<aim::error::Result<Vec<_>>>()
            })?)
        })
        .await?;
    Ok(json(&found))
}

/// Metrics that an expression selects, newest run first.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics",
    params(
        ("q" = Option<String>, Query, description = "an AimQL expression; none: all of runs that are not archived"),
        ("limit" = Option<u16>, Query, description = "runs of which metrics are returned", minimum = 1, maximum = 1000),
        ("points" = Option<u16>, Query, minimum = 4, maximum = 10000,
            description = "points of each metric at most, its extremes among them; none: no points"),
    ),
    responses(
        (status = 200, body = Vec<Metric>),
        (status = 400, body = Problem, description = "the query does not parse"),
        (status = 413, body = Problem, description = "the query needs more work than it may"),
        (status = 422, body = Problem, description = "a parameter is out of range"),
    )
)]
pub async fn find(State(app): State<App>, query: Query) -> Answer {
    let limit = query.number("limit", ROWS, 1..=MOST_ROWS)? as usize;
    let wanted = Wanted::of(&query)?;
    let q = query.text("q");
    if wanted.0 > 0 {
        app.whole(Whole::Selected(q.clone(), limit)).await?;
    }
    let found = app
        .work(move |repo| {
            let mut rows = Rows::new(repo.clone(), q, Select::Metrics, None, None);
            let mut runs = 0;
            let mut found = Vec::new();
            while runs < limit {
                let some = rows.next(limit - runs, &AtomicBool::new(false))?;
                if some.is_empty() {
                    break;
                }
                runs += some.chunk_by(|a, b| a.run.id == b.run.id).count();
                read(repo, |snapshot| {
                    for row in &some {
                        if let Some(info) = &row.metric {
                            found.push(metric(snapshot, &row.run.hash_text(), info, wanted)?);
                        }
                    }
                    Ok(())
                })?;
            }
            Ok(found)
        })
        .await?;
    Ok(json(&found))
}
