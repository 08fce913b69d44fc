//! What the server answers when it cannot do what was asked: always JSON with a message, which the UI shows.

use super::tree::{dict, text};
use super::{answer, tree};
use aim::error::{Error, Status};
use aim_value::Tree;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    message: String,
    detail: Tree,
}

pub type Answer<T = Response> = Result<T, Refusal>;

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Refusal {
        let message = message.into();
        Refusal {
            detail: text(format!("{}: {message}", status.as_u16())),
            status,
            message,
        }
    }

    pub fn bad(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, message)
    }

    /// A parameter that does not read.
    pub fn parameter(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub fn missing(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, message)
    }

    pub fn forbidden(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, message)
    }

    pub fn no_run() -> Refusal {
        Refusal::missing("Run not found.")
    }

    pub fn detail(self, detail: Tree) -> Refusal {
        Refusal { detail, ..self }
    }

    /// A query that does not parse, as the UI reads it. It wraps its queries in parentheses and counts those in, while
    /// our columns are those of the text that was sent: it takes one off.
    pub fn syntax(error: &aim::query::SyntaxError, query: &str) -> Refusal {
        let offset = Tree::Int(error.column as i64 + 1);
        Refusal::bad("SyntaxError").detail(dict([
            ("statement", text(format!("({query})"))),
            ("line", Tree::Int(error.line as i64)),
            ("offset", offset.clone()),
            ("end_offset", offset),
            ("reason", text(error.message.clone())),
        ]))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = dict([("message", text(self.message)), ("detail", self.detail)]);
        let mut response = answer::json(&tree::Json(&body));
        *response.status_mut() = self.status;
        response
    }
}

impl From<Error> for Refusal {
    fn from(e: Error) -> Refusal {
        let status = match e.status {
            Status::InvalidArgument | Status::Syntax | Status::Type => StatusCode::BAD_REQUEST,
            Status::NotFound => StatusCode::NOT_FOUND,
            Status::Busy => StatusCode::CONFLICT,
            Status::ReadOnly => StatusCode::FORBIDDEN,
            Status::Limit => StatusCode::PAYLOAD_TOO_LARGE,
            Status::Full => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Refusal::new(status, e.message)
    }
}

/// The path is not one of the API's.
pub async fn unknown() -> Refusal {
    Refusal::missing("Not Found")
}

/// The path is, but cannot be asked in this way.
pub async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}
