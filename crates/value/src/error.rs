//! What can be wrong with a value, a path or their bytes.

use std::fmt;

/// The kinds of errors, for callers that tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Text that is no value or no path.
    Invalid,
    /// A bound on depth is exceeded.
    Limit,
    /// Stored bytes are damaged.
    Corrupt,
}

/// A kind and a message that names the value and the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// A tree whose lists and dicts lie too deep in one another.
    pub(crate) fn too_deep(what: impl fmt::Display) -> Self {
        let rule = crate::MAX_DEPTH;
        Self::limit(format!("{what} is nested more than {rule} levels deep"))
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limit, message)
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, message)
    }

    /// The same error with the place where it was met put in front.
    pub(crate) fn context(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
