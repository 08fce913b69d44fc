//! Bounds of what a run's properties may be.

use super::Property;
use crate::error::{Error, Result, Status};
use aim_value::Path;

/// Longest metric name, experiment, run name or tag in bytes.
pub const MAX_NAME: usize = 4096;
/// Longest description or note in bytes, and longest context as JSON.
pub const MAX_TEXT: usize = 65536;
/// Longest key or JSON Pointer of a param in bytes.
pub const MAX_PATH: usize = 4096;

pub fn check_length(what: &str, text: &str, most: usize) -> Result<()> {
    if text.len() > most {
        return Err(Error::new(
            Status::Limit,
            format!("{what} has {} bytes, more than {most}", text.len()),
        ));
    }
    Ok(())
}

pub fn check_name(what: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(format!(
            "{what} is empty; it has 1 to {MAX_NAME} bytes"
        )));
    }
    check_length(what, text, MAX_NAME)
}

/// A param's path: a top-level key, or, with a leading `/`, a JSON Pointer.
pub fn parse_path(text: &str) -> Result<Path> {
    check_length("a param's path", text, MAX_PATH)?;
    Ok(Path::parse(text)?)
}

impl Property {
    pub fn check(&self) -> Result<()> {
        match self {
            Property::Name(text) => check_name("the run's name", text),
            Property::Experiment(text) => check_name("the experiment", text),
            Property::AddTag(text) | Property::RemoveTag(text) => check_name("the tag", text),
            Property::Description(text) => check_length("the description", text, MAX_TEXT),
            Property::Archived(_) => Ok(()),
        }
    }
}

/// Whether a time, in microseconds since 1970 (UTC), lies in a year from 1 to 9999.
pub fn check_time(micros: i64) -> Result<()> {
    const FIRST: i64 = -62_135_596_800_000_000;
    const END: i64 = 253_402_300_800_000_000;
    match (FIRST..END).contains(&micros) {
        true => Ok(()),
        false => Err(Error::invalid(format!(
            "the time {} s since 1970 is not in the years 1 to 9999",
            micros as f64 / 1e6
        ))),
    }
}

/// Seconds since 1970 (UTC) in whole microseconds, checked as `check_time` does.
pub fn micros(seconds: f64) -> Result<i64> {
    if !seconds.is_finite() {
        return Err(Error::invalid(format!(
            "the time {seconds} is not a number of seconds"
        )));
    }
    // A float out of range becomes the nearest integer, which is no time either.
    let micros = (seconds * 1e6).round() as i64;
    check_time(micros).map(|()| micros)
}
