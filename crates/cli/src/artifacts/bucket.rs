//! A bucket of a store that speaks S3: the few requests that artifacts need.

use crate::failure::Failure;
use crate::net;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use instant_xml::FromXml;
use md5::{Digest as _, Md5};
use rusty_s3::actions::{CompleteMultipartUploadResponse, CreateMultipartUpload};
use rusty_s3::{Credentials, Method, S3Action, UrlStyle};
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
/// How long a request may be under way until the store looks at its signature.
const SIGNED: Duration = Duration::from_secs(900);
/// What an answer may say that is no object.
const LONGEST: u64 = 1 << 20;

pub struct Bucket {
    agent: ureq::Agent,
    credentials: Credentials,
    bucket: rusty_s3::Bucket,
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

/// What a store says of an error.
#[derive(FromXml)]
#[xml(rename = "Error")]
struct Said {
    #[xml(rename = "Code")]
    code: String,
    #[xml(rename = "Message")]
    message: Option<String>,
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
        let key_id = needed(&["AWS_ACCESS_KEY_ID"])?;
        let secret = needed(&["AWS_SECRET_ACCESS_KEY"])?;
        let credentials = match variable(&["AWS_SESSION_TOKEN"]) {
            Some(token) => Credentials::new_with_token(key_id, secret, token),
            None => Credentials::new(key_id, secret),
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
        let bucket = rusty_s3::Bucket::new(url, UrlStyle::Path, name.to_owned(), region);
        let bucket = bucket.map_err(|e| wrong(&e))?;
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
            bucket,
        })
    }

    /// Tells one bucket from another.
    pub fn address(&self) -> String {
        self.bucket.base_url().to_string()
    }

    fn once<'a, A: S3Action<'a>>(
        &self,
        action: &A,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response<Body>, Refused> {
        let failed = |e: &dyn std::fmt::Display| Refused::Failed(e.to_string());
        let mut builder = ureq::http::Request::builder()
            .method(A::METHOD.to_str())
            .uri(action.sign(SIGNED).as_str());
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let answer = match A::METHOD {
            Method::Put | Method::Post => {
                self.agent.run(builder.body(body).map_err(|e| failed(&e))?)
            }
            _ => self.agent.run(builder.body(()).map_err(|e| failed(&e))?),
        };
        let mut answer = answer.map_err(|e| failed(&e))?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let said = text(&mut answer).unwrap_or_default();
        let said = instant_xml::from_str::<Said>(&said).map_or_else(
            |_| String::new(),
            |said| format!("{} {}", said.code, said.message.unwrap_or_default()),
        );
        Err(Refused::Status(status, said.trim().to_owned()))
    }

    fn ask<'a, T, A: S3Action<'a>>(
        &self,
        action: &A,
        headers: &[(&str, &str)],
        body: &[u8],
        read: impl Fn(&mut Response<Body>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let mut tries = 0;
        loop {
            let answer = self.once(action, headers, body);
            match answer.and_then(|mut answer| read(&mut answer)) {
                Err(refused) if refused.passes() && tries < TRIES => pause(&mut tries),
                other => return other,
            }
        }
    }

    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Refused> {
        let sum = sum(bytes);
        let mut action = self.bucket.put_object(Some(&self.credentials), key);
        action.headers_mut().insert(SUM, sum.as_str());
        self.ask(&action, &[(SUM, &sum)], bytes, |_| Ok(()))
    }

    /// How many bytes are there.
    pub fn size(&self, key: &str) -> Result<u64, Refused> {
        let action = self.bucket.head_object(Some(&self.credentials), key);
        self.ask(&action, &[], b"", |answer| {
            let length = answer.headers().get("content-length");
            let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
            length
                .ok_or_else(|| Refused::Failed("the store does not say how long it is".to_owned()))
        })
    }

    /// The bytes from there on; a connection that breaks is an error of the reader.
    pub fn get(&self, key: &str, from: u64) -> Result<impl Read + use<>, Refused> {
        let action = self.bucket.get_object(Some(&self.credentials), key);
        let range = format!("bytes={from}-");
        let headers = [("range", range.as_str())];
        let headers = if from > 0 { &headers[..] } else { &[] };
        let mut tries = 0;
        loop {
            match self.once(&action, headers, b"") {
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
        let credentials = Some(&self.credentials);
        let action = self.bucket.create_multipart_upload(credentials, key);
        self.ask(&action, &[], b"", |answer| {
            let said = text(answer)?;
            match CreateMultipartUpload::parse_response(&said) {
                Ok(said) => Ok(said.upload_id().to_owned()),
                Err(e) => Err(Refused::Failed(format!(
                    "the store gives the upload no id: {e}"
                ))),
            }
        })
    }

    /// Sends a part, counted from 0; what the store calls it.
    pub fn part(&self, key: &str, id: &str, n: usize, bytes: &[u8]) -> Result<String, Refused> {
        let number = u16::try_from(n + 1)
            .map_err(|_| Refused::Failed(format!("{n} parts are more than a store takes")))?;
        let sum = sum(bytes);
        let credentials = Some(&self.credentials);
        let mut action = self.bucket.upload_part(credentials, key, number, id);
        action.headers_mut().insert(SUM, sum.as_str());
        self.ask(&action, &[(SUM, &sum)], bytes, |answer| {
            let tag = answer.headers().get("etag");
            let tag = tag.and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
            tag.ok_or_else(|| Refused::Failed("the store gives the part no name".to_owned()))
        })
    }

    /// Makes an object of parts, in their order.
    pub fn complete(&self, key: &str, id: &str, parts: &[String]) -> Result<(), Refused> {
        let tags = parts.iter().map(String::as_str);
        let credentials = Some(&self.credentials);
        let action = self
            .bucket
            .complete_multipart_upload(credentials, key, id, tags);
        let body = action.clone().body();
        self.ask(&action, &[], body.as_bytes(), |answer| {
            // A store that needs long says that all is well before it knows.
            let said = text(answer)?;
            let parsed = CompleteMultipartUploadResponse::parse(&said);
            parsed.map(drop).map_err(|e| {
                let said = instant_xml::from_str::<Said>(&said);
                Refused::Failed(said.map_or_else(|_| e.to_string(), |said| said.code))
            })
        })
    }
}

/// By which the store sees that the bytes arrived as they were sent.
const SUM: &str = "content-md5";

fn sum(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Md5::digest(bytes))
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
