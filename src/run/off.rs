//! The off switch: with `AIM_MODE=disabled`, or the option of that name, programs run as they are and nothing is tracked. No file is made and no thread
//! started.

use super::{Which, hash_of_id, random_hash};
use crate::environment;
use crate::error::{Error, Result};
use crate::store::{hash_text, parse_hash};

const VARIABLE: &str = "AIM_MODE";

/// What the program asks for, if it does, wins.
pub fn is_disabled(asked: Option<bool>) -> Result<bool> {
    if let Some(disabled) = asked {
        return Ok(disabled);
    }
    match environment::text(VARIABLE)?.as_deref() {
        None => Ok(false),
        Some("disabled") => Ok(true),
        Some(other) => Err(Error::invalid(format!(
            "the environment variable {VARIABLE} is {other:?}; it is \"disabled\" or not set"
        ))),
    }
}

/// The hash that the run would have: programs make names of it.
pub fn hash(which: Which<'_>) -> Result<String> {
    let hash = match which {
        Which::New => random_hash()?,
        Which::NewHash(hash) | Which::Existing(hash) => parse_hash(hash)?,
        Which::Id(id, _) => hash_of_id(id),
    };
    Ok(hash_text(&hash))
}
