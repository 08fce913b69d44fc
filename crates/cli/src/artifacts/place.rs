//! Where artifacts are pushed.

use super::bucket::Bucket;
use crate::failure::Failure;
use percent_encoding::percent_decode_str;
use std::path::PathBuf;
use url::Url;

pub enum Place {
    Bucket {
        store: Box<Bucket>,
        base: String,
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
                let base = percent_decode_str(url.path()).decode_utf8();
                let base = base
                    .map_err(|e| wrong(uri, e))?
                    .trim_matches('/')
                    .to_owned();
                let store = match url.host_str() {
                    Some(bucket) => Box::new(Bucket::open(bucket)?),
                    None => return Err(wrong(uri, "it names no bucket")),
                };
                let address = store.address();
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
pub fn key(base: &str, path: &str) -> Result<String, Failure> {
    let key = format!("{base}/{path}").trim_matches('/').to_owned();
    match key.split('/').find(|part| matches!(*part, "" | "." | "..")) {
        Some(part) => Err(
            Failure::new(format_args!("\"{path}\" cannot be in a store"))
                .why(format_args!("a part of its path is \"{part}\"")),
        ),
        None => Ok(key),
    }
}
