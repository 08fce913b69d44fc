//! LMDB's errors in words.

use crate::error::{Error, Status};

/// Concurrent read transactions over all processes.
pub const MAX_READERS: u32 = 2048;

pub fn error(e: lmdb::Error) -> Error {
    use lmdb::Error as E;
    match e {
        E::Other(errno) => Error::io("database", &std::io::Error::from_raw_os_error(errno)),
        E::MapFull => Error::new(
            Status::Full,
            "the reserved map is full: give a larger map_size or AIM_MAP_SIZE",
        ),
        E::ReadersFull => Error::new(
            Status::Limit,
            format!("more than {MAX_READERS} readers at once: end some of them"),
        ),
        E::Corrupted | E::PageNotFound | E::Invalid | E::Panic | E::VersionMismatch => {
            Error::corrupt(format!("the data file is damaged ({e})"))
        }
        e => Error::new(Status::Io, e.to_string()),
    }
}
