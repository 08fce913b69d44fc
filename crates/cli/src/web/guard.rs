//! Who may ask for what. A page of another site must neither read nor change anything, though the browser that shows it
//! can reach this server; and an address that others can reach asks for a token.

use super::error::{Answer, Refusal};
use super::input::{Query, is_json};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// What the pages may load: what this server has, nothing else.
const CONTENT: &str = "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
    connect-src 'self' data: blob:; worker-src 'self' blob:; media-src 'self' data: blob:; \
    frame-ancestors 'self'; base-uri 'self'; object-src 'none'";

/// Who may ask.
#[derive(Clone, Debug)]
pub enum Access {
    /// Everybody who can reach the address.
    Open,
    /// Who knows this token.
    Token(String),
}

impl Access {
    /// A token that nobody can guess.
    pub fn random_token() -> Result<String, getrandom::Error> {
        let mut bytes = [0; 24];
        getrandom::fill(&mut bytes)?;
        Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }
}

pub struct Policy {
    access: Access,
    /// The address that is served, where it is one.
    ip: IpAddr,
    /// Cookies know no ports: each server has a name of its own.
    cookie: String,
    cookie_path: String,
}

impl Policy {
    pub fn new(access: Access, address: SocketAddr, base_path: &str) -> Policy {
        Policy {
            access,
            ip: address.ip(),
            cookie: format!("libaim_{}", address.port()),
            // One that ends in a slash would not cover the base path itself, where the first visit goes on.
            cookie_path: if base_path.is_empty() { "/" } else { base_path }.to_owned(),
        }
    }

    fn admit(&self, parts: &Parts) -> Answer<Admission> {
        self.check_host(parts)?;
        check_origin(parts)?;
        check_kind(parts)?;
        self.check_token(parts)
    }

    /// Without a token, a page of another site could reach us under its own name, if its name server said that it is our
    /// address.
    fn check_host(&self, parts: &Parts) -> Answer<()> {
        let host = host(parts);
        let known = match (&self.access, &host) {
            (Access::Token(_), _) => true,
            (Access::Open, Some(host)) => self.is_ours(host),
            (Access::Open, None) => false,
        };
        known.then_some(()).ok_or_else(|| {
            Refusal::forbidden(format!(
                "the host is {:?}; this server answers to localhost and its own address",
                host.unwrap_or_default()
            ))
        })
    }

    fn is_ours(&self, host: &str) -> bool {
        let name = without_port(host);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || ip == self.ip,
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        }
    }

    fn check_token(&self, parts: &Parts) -> Answer<Admission> {
        let Access::Token(token) = &self.access else {
            return Ok(Admission::Granted);
        };
        let is_right = |given: &str| bool::from(given.as_bytes().ct_eq(token.as_bytes()));
        let query = Query::of(parts.uri.query().unwrap_or_default());
        if query.get("token").is_some_and(is_right) {
            return Ok(match parts.method {
                Method::GET => Admission::Welcome(without_token(&parts.uri)),
                _ => Admission::Granted,
            });
        }
        if bearer(&parts.headers).is_some_and(is_right)
            || cookie(&parts.headers, &self.cookie).is_some_and(is_right)
        {
            return Ok(Admission::Granted);
        }
        Err(Refusal::forbidden(
            "this server asks for its token: open the address that it printed when it started",
        ))
    }

    /// The first visit: from now on a cookie tells, and the token leaves the address.
    fn welcome(&self, to: &str) -> Response {
        let Access::Token(token) = &self.access else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let cookie = format!(
            "{}={token}; Path={}; HttpOnly; SameSite=Strict",
            self.cookie, self.cookie_path
        );
        let headers = [
            (header::SET_COOKIE, cookie),
            (header::LOCATION, to.to_owned()),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }
}

enum Admission {
    Granted,
    /// Granted for the first time; with the address to go on at.
    Welcome(String),
}

pub async fn check(State(policy): State<Arc<Policy>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = match policy.admit(&parts) {
        Ok(Admission::Granted) => next.run(Request::from_parts(parts, body)).await,
        Ok(Admission::Welcome(to)) => policy.welcome(&to),
        Err(refusal) => refusal.into_response(),
    };
    let fixed: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // The first address has the token in it.
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn header_text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn host(parts: &Parts) -> Option<String> {
    let named = parts.uri.authority().map(|authority| authority.as_str());
    let host = header_text(&parts.headers, header::HOST).or(named);
    host.map(str::to_owned)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// What changes something comes from our own pages, or from no page at all. Browsers tell whether a page is of the same
/// origin; where they do not, the origin must be the host. Behind a proxy the host may be another than the page's.
fn check_origin(parts: &Parts) -> Answer<()> {
    if !changes(&parts.method) {
        return Ok(());
    }
    let site = header_text(&parts.headers, "sec-fetch-site");
    let is_ours = match (site, header_text(&parts.headers, header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => !parts.headers.contains_key(header::ORIGIN),
        (None, Some(origin)) => {
            let origin = origin.split_once("://").map(|(_, host)| host);
            origin.is_some_and(|origin| {
                host(parts).is_some_and(|host| origin.eq_ignore_ascii_case(&host))
            })
        }
    };
    match is_ours {
        true => Ok(()),
        false => Err(Refusal::forbidden(
            "a page of another site asks for a change; only pages of this server may",
        )),
    }
}

/// Pages of other sites can post text and forms without being asked; JSON they cannot.
fn check_kind(parts: &Parts) -> Answer<()> {
    let has_body = parts.headers.contains_key(header::CONTENT_TYPE)
        || header_text(&parts.headers, header::CONTENT_LENGTH).is_some_and(|n| n != "0")
        || parts.headers.contains_key(header::TRANSFER_ENCODING);
    let must_have = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    if !changes(&parts.method) || is_json(parts) || (!has_body && !must_have) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "a request that may change something has a body of type application/json",
    ))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, header::AUTHORIZATION)?.strip_prefix("Bearer ")
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The same address without the token. It stays one of this server: two slashes at the beginning would name another.
fn without_token(uri: &Uri) -> String {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept: Vec<_> = pairs.filter(|(key, _)| key != "token").collect();
    let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
    if kept.is_empty() {
        return path;
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    format!("{path}?{query}")
}
