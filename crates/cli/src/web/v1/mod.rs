//! The API for scripts: reading, as JSON, described by OpenAPI at `/api/v1/openapi.json`.

mod lists;
mod metrics;
mod runs;

use super::{App, answer, error};
use axum::Router;
use axum::routing::get;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "libaim",
        description = "Runs, metrics and logs of a repository. Times are seconds since 1970 (UTC). Numbers that JSON \
            lacks are null in columns, and \"NaN\", \"inf\" or \"-inf\" in params."
    ),
    servers((url = ".")),
    paths(
        runs::list, runs::one, metrics::of_run, metrics::find, runs::logs, lists::experiments, lists::tags,
        lists::metrics
    )
)]
struct Description;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/runs", get(runs::list))
        .route("/runs/{hash}", get(runs::one))
        .route("/runs/{hash}/metrics", get(metrics::of_run))
        .route("/runs/{hash}/logs/{stream}", get(runs::logs))
        .route("/metrics", get(metrics::find))
        .route("/names", get(lists::metrics))
        .route("/experiments", get(lists::experiments))
        .route("/tags", get(lists::tags))
        .route(
            "/openapi.json",
            get(async || answer::json(&Description::openapi())),
        )
        .fallback(error::unknown)
        .method_not_allowed_fallback(error::wrong_method)
}

/// Why a request was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
struct Problem {
    /// What is wrong, for people.
    message: String,
    /// More of it: a text, or for a query that does not parse where.
    detail: serde_json::Value,
}
