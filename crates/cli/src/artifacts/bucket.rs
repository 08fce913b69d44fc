//! A bucket of a store that speaks S3: the few requests that artifacts need.

use super::sign::{Credentials, Request};
use crate::failure::Failure;
use crate::net;
use jiff::Timestamp;
use std::fmt::Write as _;
use std::io::Read;
use std::time::Duration;
use ureq::Body;
use ureq::http::Response;
use url::Url;

/// A request that fails is tried again so often, after a pause that grows.
pub const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);
/// No bytes for so long: the connection is dead.
const STALLED: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(10);
/// What an answer may say that is no object.
const LONGEST: u64 = 1 << 20;

pub struct Bucket {
    agent: ureq::Agent,
    credentials: Credentials,
    region: String,
    /// `https://host[:port]`, what the host is called in a request, and the path of the bucket there.
    server: String,
    host: String,
    path: String,
}

/// What a request came to that did not succeed.
pub enum Refused {
    Status(u16, String),
    Failed(String),
}

impl Refused {
    /// Whether the same request may succeed later.
    fn passes(&self) -> bool {
        match self {
            Refused::Status(status, _) => matches!(status, 408 | 429 | 500..),
            Refused::Failed(_) => true,
        }
    }

    /// What to tell of a key.
    pub fn of(&self, what: &str, key: &str) -> Failure {
        let failure = Failure::new(format_args!("{what} {key} failed"));
        match self {
            Refused::Status(status, said) => {
                let failure = failure.why(format_args!("the store answers {status} {said}"));
                failure.advice(match status {
                    401 | 403 => "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION",
                    301 | 307 | 400 | 404 => "check the bucket, AWS_REGION and AWS_ENDPOINT_URL",
                    _ => AGAIN,
                })
            }
            Refused::Failed(said) => failure.why(said).advice(AGAIN),
        }
    }
}

const AGAIN: &str = "run the command again: it goes on from where it was";

fn variable(names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| std::env::var(name).ok());
    found.filter(|value| !value.is_empty())
}

/// Escapes all but what needs it nowhere, and slashes between the parts of a path.
fn escaped(text: &str, slashes: bool) -> String {
    let mut to = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                to.push(byte.into())
            }
            b'/' if slashes => to.push('/'),
            _ => {
                let _ = write!(to, "%{byte:02X}");
            }
        }
    }
    to
}

/// The text of the first element that is called so.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once("</")?;
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    let plain = |text: String, (from, to): (&str, &str)| text.replace(from, to);
    Some(entities.into_iter().fold(text.to_owned(), plain))
}

impl Bucket {
    /// As the environment says: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`,
    /// `AWS_ENDPOINT_URL`.
    pub fn open(name: &str) -> Result<Bucket, Failure> {
        let needed = |names: &[&str]| {
            variable(names).ok_or_else(|| {
                Failure::usage(format_args!(
                    "the store asks who you are, and {} is not set",
                    names[0]
                ))
                .advice("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
            })
        };
        let credentials = Credentials {
            key_id: needed(&["AWS_ACCESS_KEY_ID"])?,
            secret: needed(&["AWS_SECRET_ACCESS_KEY"])?,
            token: variable(&["AWS_SESSION_TOKEN"]),
        };
        let region = variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let said = variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]);
        let said = said.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let wrong = |why: &dyn std::fmt::Display| {
            Failure::usage(format_args!("AWS_ENDPOINT_URL is \"{said}\""))
                .why(why)
                .advice("give https://HOST or http://HOST:PORT")
        };
        let url = Url::parse(&said).map_err(|e| wrong(&e))?;
        let (Some(host), "http" | "https") = (url.host_str(), url.scheme()) else {
            return Err(wrong(&"it names no server"));
        };
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let agent = net::agent(&said, |config| {
            config
                .timeout_connect(Some(CONNECT))
                .timeout_per_read(Some(STALLED))
                .timeout_per_write(Some(STALLED))
                .max_redirects(0)
        })?;
        Ok(Bucket {
            agent,
            credentials,
            region,
            server: format!("{}://{host}", url.scheme()),
            host,
            path: format!(
                "{}/{}",
                url.path().trim_end_matches('/'),
                escaped(name, false)
            ),
        })
    }

    /// Tells one bucket from another.
    pub fn address(&self) -> String {
        format!("{}{}", self.server, self.path)
    }

    fn once(
        &self,
        method: &str,
        key: &str,
        query: &str,
        range: Option<u64>,
        body: &[u8],
    ) -> Result<Response<Body>, Refused> {
        let path = format!("{}/{}", self.path, escaped(key, true));
        let request = Request {
            method,
            path: &path,
            query,
            host: &self.host,
            body,
        };
        let signed = self
            .credentials
            .headers(&request, &self.region, Timestamp::now());
        let mark = if query.is_empty() { "" } else { "?" };
        let mut builder = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}{mark}{query}", self.server));
        for (name, value) in &signed {
            builder = builder.header(*name, value);
        }
        if let Some(from) = range {
            builder = builder.header("range", format!("bytes={from}-"));
        }
        let failed = |e: &dyn std::fmt::Display| Refused::Failed(e.to_string());
        let answer = match method {
            "PUT" | "POST" => self.agent.run(builder.body(body).map_err(|e| failed(&e))?),
            _ => self.agent.run(builder.body(()).map_err(|e| failed(&e))?),
        };
        let mut answer = answer.map_err(|e| failed(&e))?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let said = text(&mut answer).unwrap_or_default();
        let said = ["Code", "Message"].map(|name| element(&said, name).unwrap_or_default());
        Err(Refused::Status(status, said.join(" ").trim().to_owned()))
    }

    fn ask<T>(
        &self,
        method: &str,
        key: &str,
        query: &str,
        body: &[u8],
        read: impl Fn(&mut Response<Body>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let mut tries = 0;
        loop {
            let answer = self.once(method, key, query, None, body);
            match answer.and_then(|mut answer| read(&mut answer)) {
                Err(refused) if refused.passes() && tries < TRIES => pause(&mut tries),
                other => return other,
            }
        }
    }

    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Refused> {
        self.ask("PUT", key, "", bytes, |_| Ok(()))
    }

    /// How many bytes are there.
    pub fn size(&self, key: &str) -> Result<u64, Refused> {
        self.ask("HEAD", key, "", b"", |answer| {
            let length = answer.headers().get("content-length");
            let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
            length
                .ok_or_else(|| Refused::Failed("the store does not say how long it is".to_owned()))
        })
    }

    /// The bytes from there on; a connection that breaks is an error of the reader.
    pub fn get(&self, key: &str, from: u64) -> Result<impl Read + use<>, Refused> {
        let mut tries = 0;
        loop {
            match self.once("GET", key, "", (from > 0).then_some(from), b"") {
                Err(refused) if refused.passes() && tries < TRIES => pause(&mut tries),
                Err(refused) => return Err(refused),
                Ok(answer) if from > 0 && answer.status().as_u16() != 206 => {
                    let why = "the store sends all of it where a part was asked for";
                    return Err(Refused::Failed(why.to_owned()));
                }
                Ok(answer) => return Ok(answer.into_body().into_reader()),
            }
        }
    }

    /// Begins an upload in parts; its id.
    pub fn begin(&self, key: &str) -> Result<String, Refused> {
        self.ask("POST", key, "uploads=", b"", |answer| {
            let said = text(answer)?;
            let id = element(&said, "UploadId");
            id.ok_or_else(|| Refused::Failed("the store gives the upload no id".to_owned()))
        })
    }

    /// Sends a part, counted from 0; what the store calls it.
    pub fn part(&self, key: &str, id: &str, n: usize, bytes: &[u8]) -> Result<String, Refused> {
        let query = format!("partNumber={}&uploadId={}", n + 1, escaped(id, false));
        self.ask("PUT", key, &query, bytes, |answer| {
            let tag = answer.headers().get("etag");
            let tag = tag.and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
            tag.ok_or_else(|| Refused::Failed("the store gives the part no name".to_owned()))
        })
    }

    /// Makes an object of parts, in their order.
    pub fn complete(&self, key: &str, id: &str, parts: &[String]) -> Result<(), Refused> {
        let mut body = "<CompleteMultipartUpload>".to_owned();
        for (n, tag) in parts.iter().enumerate() {
            let tag = tag
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&quot;");
            let _ = write!(
                body,
                "<Part><PartNumber>{}</PartNumber><ETag>{tag}</ETag></Part>",
                n + 1
            );
        }
        body.push_str("</CompleteMultipartUpload>");
        let query = format!("uploadId={}", escaped(id, false));
        self.ask("POST", key, &query, body.as_bytes(), |answer| {
            // A store that needs long says that all is well before it knows.
            let said = text(answer)?;
            match element(&said, "Code") {
                Some(code) => Err(Refused::Failed(code)),
                None => Ok(()),
            }
        })
    }
}

fn text(answer: &mut Response<Body>) -> Result<String, Refused> {
    let body = answer.body_mut().with_config().limit(LONGEST);
    body.read_to_string()
        .map_err(|e| Refused::Failed(e.to_string()))
}

pub fn pause(tries: &mut u32) {
    std::thread::sleep(PAUSE * 2u32.pow((*tries).min(10)));
    *tries += 1;
}
