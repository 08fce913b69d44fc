//! What the environment sets for programs that do not: an option that is given wins. docs/environment.md lists the
//! variables.

use crate::error::{Error, Result};

/// The text of a variable; `None` where it is not set, or empty.
pub fn text(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(text)) => Err(Error::invalid(format!(
            "the environment variable {name} is {text:?}, which is not UTF-8"
        ))),
    }
}

/// The number of a variable.
pub fn number(name: &str) -> Result<Option<f64>> {
    text(name)?
        .map(|text| {
            text.parse().map_err(|_| {
                Error::invalid(format!(
                    "the environment variable {name} is {text:?}; it is a number of seconds"
                ))
            })
        })
        .transpose()
}
