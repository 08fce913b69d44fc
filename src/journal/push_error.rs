//! Why a record was not taken.

use crate::error::{Error, Status};

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PushError {
    /// No room now; see [`Journal::wait_for_space`](super::Journal::wait_for_space).
    Full,
    /// The filesystem takes no more writes to the journal.
    Failed,
    /// The journal was sealed.
    Closed,
    /// The journal belongs to the parent of this forked process.
    Forked,
    /// [`Journal::ensure_ready`](super::Journal::ensure_ready) has not succeeded yet.
    NotReady,
    /// The payload exceeds [`Journal::max_payload`](super::Journal::max_payload).
    TooLarge,
}

impl PushError {
    pub fn status(self) -> Status {
        match self {
            PushError::Full => Status::Full,
            PushError::Failed | PushError::NotReady => Status::Io,
            PushError::Closed => Status::Closed,
            PushError::Forked => Status::Forked,
            PushError::TooLarge => Status::Limit,
        }
    }
}

impl From<PushError> for Error {
    fn from(e: PushError) -> Self {
        let message = match e {
            PushError::Full => "the journal is full",
            PushError::Failed => "the filesystem takes no more writes to the journal",
            PushError::Closed => "the journal is closed",
            PushError::Forked => "the journal belongs to the parent of this forked process",
            PushError::NotReady => "the journal has no memory yet",
            PushError::TooLarge => "the record is larger than a quarter of the journal",
        };
        Self::new(e.status(), message)
    }
}
