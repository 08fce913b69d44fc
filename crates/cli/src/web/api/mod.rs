//! The HTTP API that Aim's UI 3.29.1 calls, one file for each group of endpoints.

mod edit;
mod experiments;
mod listing;
mod logs;
mod metrics;
mod notes;
mod objects;
mod project;
mod run;
mod saved;
mod search;
mod tags;

use super::error::Refusal;
use super::{App, error};
use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/projects", get(project::about))
        .route("/projects/activity", get(project::activity))
        .route("/projects/params", get(project::params))
        .route(
            "/projects/pinned-sequences",
            get(saved::pinned).post(saved::pin),
        )
        .nest("/runs", runs())
        .nest("/experiments", experiments())
        .nest("/tags", tags())
        .nest("/apps", saved::routes(saved::APPS))
        .nest("/dashboards", saved::routes(saved::DASHBOARDS))
        .nest("/reports", saved::routes(saved::REPORTS))
        .fallback(error::unknown)
        .method_not_allowed_fallback(error::wrong_method)
}

fn runs() -> Router<App> {
    let router = Router::new()
        .route("/active", get(search::active))
        .route("/search/run", get(search::runs))
        .route("/search/metric", get(metrics::search))
        .route("/search/metric/align", post(metrics::align))
        .route("/archive-batch", post(edit::archive))
        .route("/delete-batch", post(edit::delete_batch))
        .route("/{hash}", put(edit::update).delete(edit::delete))
        .route("/{hash}/info", get(run::info))
        .route("/{hash}/metric/get-batch", post(metrics::of_run))
        .route("/{hash}/logs", get(logs::lines))
        .route("/{hash}/log-records", get(logs::records))
        .route("/{hash}/tags/new", post(edit::add_tag))
        .route(
            "/{hash}/tags/{tag}",
            axum::routing::delete(edit::remove_tag),
        )
        .route("/{hash}/note", get(notes::of_run).post(notes::add_to_run))
        .route(
            "/{hash}/note/{note}",
            get(notes::one_of_run)
                .put(notes::change_of_run)
                .delete(notes::delete_of_run),
        );
    objects::add_to(router).route_layer(from_fn(hash_reads))
}

/// What cannot be a hash is that of no run.
async fn hash_reads(
    path: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let is_hash = |text: &str| text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let reads = path.is_ok_and(|path| {
        let mut parts = path.iter();
        parts.all(|(name, text)| name != "hash" || is_hash(text))
    });
    match reads {
        true => next.run(request).await,
        false => Refusal::no_run().into_response(),
    }
}

fn experiments() -> Router<App> {
    Router::new()
        .route("/", get(experiments::all).post(experiments::create))
        .route(
            "/{id}",
            get(experiments::one)
                .put(experiments::update)
                .delete(experiments::delete),
        )
        .route("/{id}/runs", get(experiments::runs))
        .route("/{id}/activity", get(experiments::activity))
        .route(
            "/{id}/note",
            get(notes::of_experiment).post(notes::add_to_experiment),
        )
        .route(
            "/{id}/note/{note}",
            get(notes::one_of_experiment)
                .put(notes::change_of_experiment)
                .delete(notes::delete_of_experiment),
        )
}

fn tags() -> Router<App> {
    Router::new()
        .route("/", get(tags::all).post(tags::create))
        .route(
            "/{id}",
            get(tags::one).put(tags::update).delete(tags::delete),
        )
        .route("/{id}/runs", get(tags::runs))
}
