//! Answers that are whole.

use super::tree::Json;
use aim_value::Tree;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => with_type(Body::from(bytes), "application/json"),
        Err(e) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            let body = format!(
                "{{\"message\":\"{status}\",\"detail\":{:?}}}",
                e.to_string()
            );
            let mut response = with_type(Body::from(body), "application/json");
            *response.status_mut() = status;
            response
        }
    }
}

/// A tree as JSON.
pub fn tree(tree: &Tree) -> Response {
    json(&Json(tree))
}

pub fn created(tree: &Tree) -> Response {
    (StatusCode::CREATED, self::tree(tree)).into_response()
}

pub fn octets(bytes: Vec<u8>) -> Response {
    with_type(Body::from(bytes), "application/octet-stream")
}

pub fn with_type(body: Body, kind: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
