//! What ends a whole query, as opposed to one row of it.

use std::fmt;

/// Why a query ends before its last row.
#[derive(Debug)]
pub enum Error {
    /// A row's data could not be read: what the implementation of [`crate::RunRow`] says.
    Row(RowError),
    /// The caller cancelled.
    Cancelled,
    /// The query needs more than this number of steps.
    Steps(u64),
}

/// What an implementation of [`crate::RunRow`] fails with.
pub type RowError = Box<dyn std::error::Error + Send + Sync>;

pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Row(error) => error.fmt(f),
            Error::Cancelled => f.write_str("the query was cancelled"),
            Error::Steps(bound) => {
                write!(f, "the query needs more than its bound of {bound} steps")
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<RowError> for Error {
    fn from(error: RowError) -> Self {
        Error::Row(error)
    }
}
