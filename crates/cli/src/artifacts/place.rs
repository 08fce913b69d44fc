//! Where artifacts are pushed.

use crate::failure::Failure;
use object_store::aws::{AmazonS3, AmazonS3Builder, Checksum};
use object_store::path::Path as Key;
use object_store::{ClientOptions, RetryConfig};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// A request that fails is tried again so often, and for so long.
const TRIES: usize = 5;
const PATIENCE: Duration = Duration::from_secs(120);

pub enum Place {
    Bucket {
        store: AmazonS3,
        base: Key,
        /// Of the bucket, at the server that was named, if one was.
        address: String,
    },
    Directory(PathBuf),
}

fn wrong(uri: &str, why: impl std::fmt::Display) -> Failure {
    Failure::usage(format_args!("\"{uri}\" is no place for artifacts"))
        .why(why)
        .advice("give s3://BUCKET/PATH or file:///PATH")
}

impl Place {
    /// A bucket is reached as the environment says: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
    /// `AWS_ENDPOINT_URL` and kin.
    pub fn open(uri: &str) -> Result<Place, Failure> {
        let url = Url::parse(uri).map_err(|e| wrong(uri, e))?;
        match url.scheme() {
            "s3" | "s3a" => {
                let base = Key::from_url_path(url.path()).map_err(|e| wrong(uri, e))?;
                // Whatever else in this process asks for TLS has the same.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]
                    .iter()
                    .find_map(|name| std::env::var(name).ok());
                let plain = endpoint
                    .as_ref()
                    .is_some_and(|url| url.starts_with("http://"));
                let bucket = url.host_str().unwrap_or_default();
                let server = endpoint.as_deref().unwrap_or("s3:/").trim_end_matches('/');
                let address = format!("{server}/{bucket}");
                let client = ClientOptions::new()
                    .with_allow_http(plain)
                    .with_connect_timeout(Duration::from_secs(10))
                    .with_timeout(Duration::from_secs(300));
                let store = AmazonS3Builder::from_env()
                    .with_client_options(client)
                    .with_url(uri)
                    // The store compares what arrives with the sum of what was sent.
                    .with_checksum_algorithm(Checksum::SHA256)
                    .with_retry(RetryConfig {
                        max_retries: TRIES,
                        retry_timeout: PATIENCE,
                        ..RetryConfig::default()
                    })
                    .build()
                    .map_err(|e| wrong(uri, e))?;
                Ok(Place::Bucket {
                    store,
                    base,
                    address,
                })
            }
            "file" => {
                let path = url.to_file_path();
                let path = path.map_err(|()| wrong(uri, "it names another host, or no path"))?;
                Ok(Place::Directory(path))
            }
            other => Err(wrong(uri, format_args!("its scheme is {other}"))),
        }
    }

    /// Tells one bucket from another.
    pub fn address(&self) -> &str {
        match self {
            Place::Bucket { address, .. } => address,
            Place::Directory(_) => "",
        }
    }
}

/// The address of what is called so below another one.
pub fn below(uri: &str, path: &str) -> Result<String, Failure> {
    let mut url = Url::parse(uri).map_err(|e| wrong(uri, e))?;
    match url.path_segments_mut() {
        Ok(mut segments) => drop(segments.pop_if_empty().extend(path.split('/'))),
        Err(()) => return Err(wrong(uri, "nothing can be below it")),
    }
    Ok(url.into())
}

/// The key of what is called so below another one; by names that are as those of files.
pub fn key(base: &Key, path: &str) -> Result<Key, Failure> {
    let failed = |e| Failure::new(format_args!("\"{path}\" cannot be in a store")).why(e);
    Key::parse(format!("{base}/{path}").trim_matches('/')).map_err(failed)
}

/// What the store says of a key that failed.
pub fn failed(what: &str, key: &Key, e: &object_store::Error) -> Failure {
    let failure = Failure::new(format_args!("{what} {key} failed")).why(causes(e));
    match e {
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => failure.advice(
            "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION",
        ),
        object_store::Error::NotFound { .. } => {
            failure.advice("check the bucket and AWS_ENDPOINT_URL")
        }
        _ => failure.advice("run the command again: it goes on from where it was"),
    }
}

fn causes(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        let more = e.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = e.source();
    }
    text
}
