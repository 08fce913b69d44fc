//! What a request carries: the query string, and a body of JSON.

use super::error::{Answer, Refusal};
use axum::body::Bytes;
use axum::extract::{self, FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The query string, decoded; `+` is a space.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(text: &str) -> Query {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Query(pairs.into_owned().collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        let found = self.0.iter().filter(move |(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    pub fn flag(&self, name: &str, otherwise: bool) -> Answer<bool> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else {
            return Ok(otherwise);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
            _ => Err(Refusal::parameter(format!(
                "{name} is {text:?}; it is true or false"
            ))),
        }
    }

    /// A whole number in a range.
    pub fn number(
        &self,
        name: &str,
        otherwise: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> Answer<u64> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else {
            return Ok(otherwise);
        };
        let number = text.parse().ok().filter(|n| range.contains(n));
        number.ok_or_else(|| {
            let (least, most) = range.into_inner();
            Refusal::parameter(format!(
                "{name} is {text:?}; it is a whole number from {least} to {most}"
            ))
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Query> {
        Ok(Query::of(parts.uri.query().unwrap_or_default()))
    }
}

/// A body that must be JSON of a shape.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;
    async fn from_request(request: Request, state: &S) -> Answer<Body<T>> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|e| Refusal::new(e.status(), e.body_text()))?;
        let value = serde_json::from_slice(&bytes);
        value
            .map(Body)
            .map_err(|e| Refusal::parameter(format!("the body is not what is expected: {e}")))
    }
}

/// Whether a request says that its body is JSON.
pub fn is_json(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("application/json")
        })
}

/// Parts of the path. What does not read names nothing that there is.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Path<T>> {
        let found = extract::Path::from_request_parts(parts, state).await;
        let found = found.map_err(|_| Refusal::missing("Not Found"))?;
        Ok(Path(found.0))
    }
}

/// The client's clock in minutes behind UTC, as JavaScript's `getTimezoneOffset` has it.
pub struct TimeZone(pub i64);

impl<S: Sync> FromRequestParts<S> for TimeZone {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<TimeZone, Self::Rejection> {
        const DAY: i64 = 24 * 60;
        let header = parts.headers.get("x-timezone-offset");
        let minutes = header.and_then(|h| h.to_str().ok()?.trim().parse().ok());
        Ok(TimeZone(
            minutes.filter(|m: &i64| m.abs() <= DAY).unwrap_or(0),
        ))
    }
}

/// A range of numbers as `a:b`, `a:`, `:b` or nothing; `b` is excluded.
pub fn range(text: Option<&str>) -> Answer<(Option<u64>, Option<u64>)> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok((None, None));
    }
    let end = |text: &str| match text.trim() {
        "" => Some(None),
        digits => digits.parse().ok().map(Some),
    };
    text.split_once(':')
        .and_then(|(from, to)| Some((end(from)?, end(to)?)))
        .ok_or_else(|| Refusal::bad(format!("the range is {text:?}; it is a:b, a: or :b")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_as_people_write_them() {
        let query = Query::of("a=True&b=off&c=&d=maybe&e=1");
        assert!(query.flag("a", false).unwrap());
        assert!(!query.flag("b", true).unwrap());
        assert!(query.flag("c", true).unwrap());
        assert!(query.flag("d", true).is_err());
        assert!(query.flag("e", false).unwrap());
        assert!(query.flag("none", true).unwrap());
    }

    #[test]
    fn numbers_have_a_range() {
        let query = Query::of("a=4&b=5&c=6&d=-1&e=x&f=");
        let read = |name| query.number(name, 7, 4..=5).ok();
        let all = ["a", "b", "c", "d", "e", "f", "none"].map(read);
        assert_eq!(all, [Some(4), Some(5), None, None, None, Some(7), Some(7)]);
    }

    #[test]
    fn ranges_may_be_open() {
        assert_eq!(range(None).unwrap(), (None, None));
        assert_eq!(range(Some("3:7")).unwrap(), (Some(3), Some(7)));
        assert_eq!(range(Some("184:")).unwrap(), (Some(184), None));
        assert_eq!(range(Some(":9")).unwrap(), (None, Some(9)));
        for wrong in ["3", "a:b", "-1:2", "1:2:3"] {
            assert!(range(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_plus_is_a_space() {
        let query = Query::of("q=run.x+%3E+1&q=b%20c");
        assert_eq!(query.get("q"), Some("run.x > 1"));
        assert_eq!(query.all("q").collect::<Vec<_>>(), ["run.x > 1", "b c"]);
    }
}
