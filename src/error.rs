//! The one error type: a status code that callers can test and a message that people can read.

use aim_value::ErrorKind;
use std::fmt;

/// What went wrong. The numbers are part of the ABI: pinned, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// An argument is NULL, malformed or out of range.
    InvalidArgument = 1,
    /// The handle was closed.
    Closed = 2,
    /// No such run, metric or parameter.
    NotFound = 3,
    /// The handle belongs to the parent of this forked process.
    Forked = 4,
    /// A bug in the library; the host is unharmed.
    Panic = 5,
    /// The operating system refused.
    Io = 6,
    /// Disk, database map or journal is full.
    Full = 7,
    /// The repository lies on a filesystem on which the database is unsafe.
    UnsupportedFs = 8,
    /// Stored data is damaged.
    Corrupt = 9,
    /// The repository was written by a newer version.
    UnsupportedVersion = 10,
    /// Somebody else is using what the call would change.
    Busy = 11,
    /// A query does not parse.
    Syntax = 12,
    /// The caller cancelled.
    Cancelled = 13,
    /// A bound on size, depth, work or memory was reached.
    Limit = 14,
    /// The stored value has another type.
    Type = 15,
    /// The repository cannot be written.
    ReadOnly = 16,
    /// There is one already.
    Exists = 17,
    /// The time that the caller gave is over.
    Timeout = 18,
    /// This build of the library does not have it.
    Unsupported = 19,
    /// Tracking is off: there is nothing to do, which is no error. It does not leave the library.
    Off = -1,
}

impl Status {
    /// The status with this number; `None` for 0, which is no error.
    pub fn from_number(number: i32) -> Option<Status> {
        use Status::*;
        let all = [
            InvalidArgument,
            Closed,
            NotFound,
            Forked,
            Panic,
            Io,
            Full,
            UnsupportedFs,
            Corrupt,
            UnsupportedVersion,
            Busy,
            Syntax,
            Cancelled,
            Limit,
            Type,
            ReadOnly,
            Exists,
            Timeout,
            Unsupported,
        ];
        all.into_iter().find(|status| *status as i32 == number)
    }
}

/// A failed call: status and message. The message names the value and the rule.
#[derive(Clone, Debug)]
pub struct Error {
    pub status: Status,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Status::InvalidArgument, message)
    }

    /// The library was built without `part`, which `what` needs.
    pub fn unsupported(what: &str, part: &str) -> Self {
        Self::new(
            Status::Unsupported,
            format!(
                "{what} needs a part that this libaim was built without: build it with the feature {part:?}, which is on unless \
                 --no-default-features turns it off"
            ),
        )
    }

    pub fn off() -> Self {
        Self::new(Status::Off, "tracking is off")
    }

    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(Status::Corrupt, message)
    }

    /// An operating system error met while doing `what`.
    pub fn io(what: impl fmt::Display, e: &std::io::Error) -> Self {
        let status = match e.raw_os_error() {
            Some(libc::ENOSPC | libc::EDQUOT | libc::EFBIG) => Status::Full,
            Some(libc::EROFS | libc::EACCES | libc::EPERM) => Status::ReadOnly,
            _ => Status::Io,
        };
        Self::new(status, format!("{what}: {e}"))
    }

    /// The same error with the place where it was met put in front.
    pub fn context(mut self, what: impl fmt::Display) -> Self {
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

impl From<aim_value::Error> for Error {
    fn from(error: aim_value::Error) -> Self {
        let status = match error.kind {
            ErrorKind::Invalid => Status::InvalidArgument,
            ErrorKind::Limit => Status::Limit,
            ErrorKind::Corrupt => Status::Corrupt,
        };
        Self::new(status, error.message)
    }
}
