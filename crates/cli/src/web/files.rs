//! The UI's files, and its page for every path that is not one of them.

use super::error;
use super::ui::Ui;
use axum::Router;
use axum::handler::HandlerWithoutStateExt as _;
use axum::http::{HeaderValue, header};
use axum::response::Html;
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// What is shown where there is no UI.
const NO_UI: &str = include_str!("no_ui.html");

pub fn routes(ui: Option<Ui>, base_path: &str) -> Router {
    let Some(ui) = ui else {
        return Router::new().fallback(get(async || Html(NO_UI)));
    };
    let page = ui.page(base_path);
    // The names of the files carry their version.
    let fresh = HeaderValue::from_static("no-cache");
    let files = ServeDir::new(ui.files)
        .precompressed_gzip()
        .append_index_html_on_directories(false)
        .fallback(error::unknown.into_service());
    let files =
        Router::new()
            .fallback_service(files)
            .layer(SetResponseHeaderLayer::if_not_present(
                header::CACHE_CONTROL,
                fresh,
            ));
    Router::new()
        .nest("/static-files", files)
        .fallback(get(async move || Html(page.clone())))
}
