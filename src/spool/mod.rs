//! Segments: append-only files of checksummed frames, one writer a file, in a directory that many hosts share. docs/formats.md
//! has the layout.
//!
//! Nothing here needs more of a filesystem than that a file is read as it was written once its writer has synced it: no
//! locks, no maps, no renaming, no appending at an end that somebody else may move.

mod columns;
mod frame;
mod reader;

pub use columns::{decode as decode_points, encode as encode_points};
pub use frame::{
    FRAME_BYTES, Frame, HEADER_BYTES, Header, MOST_BODY, put_varint, seal, take_varint,
};
pub use reader::{Next, SegmentReader};

use crate::error::{Error, Result};
use crate::journal::JournalId;
use std::fs;
use std::path::{Path, PathBuf};

const EXTENSION: &str = "aimseg";

/// The file of a segment, which is named as the journal that its records come from.
pub fn path(directory: &Path, id: JournalId) -> PathBuf {
    directory.join(format!("{id}.{EXTENSION}"))
}

/// The segments in a directory with their sizes. What has another name is none.
pub fn scan(directory: &Path) -> Result<Vec<(JournalId, u64)>> {
    let io = |e| Error::io(directory.display(), &e);
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| {
            let (id, extension) = name.split_once('.')?;
            (extension == EXTENSION).then(|| id.parse().ok())?
        });
        let Some(id) = id else { continue };
        match entry.metadata() {
            Ok(about) if about.is_file() => found.push((id, about.len())),
            Ok(_) => {}
            // Somebody has collected it meanwhile.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Error::io(entry.path().display(), &e)),
        }
    }
    Ok(found)
}
