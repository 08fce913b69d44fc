//! Segments: checksummed frames in append-only files, one writer a segment, one file of it at a time, in a directory that many
//! hosts share. docs/formats.md has the layout.
//!
//! Nothing here needs more of a filesystem than that a file is read as it was written once its writer has synced it: no
//! locks, no maps, no renaming, no appending at an end that somebody else may move.

mod columns;
mod frame;
mod place;
mod reader;

pub use columns::{decode as decode_points, encode as encode_points};
pub use frame::{
    FRAME_BYTES, Frame, HEADER_BYTES, Header, MOST_BODY, head, padding, put_varint, room, seal,
    seal_last, take_varint,
};
pub use place::{FILE_BYTES, Files, at, behind, number, place};
pub use reader::{Next, SegmentReader, end_now};

use crate::error::{Error, Result};
use crate::journal::JournalId;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const EXTENSION: &str = "aimseg";

/// A file of a segment, which is named as the journal that its records come from.
pub fn path(directory: &Path, id: JournalId, number: u32) -> PathBuf {
    directory.join(match number {
        0 => format!("{id}.{EXTENSION}"),
        _ => format!("{id}-{number}.{EXTENSION}"),
    })
}

fn parse(name: &str) -> Option<(JournalId, u32)> {
    let (name, extension) = name.split_once('.')?;
    (extension == EXTENSION).then_some(())?;
    let (id, number) = match name.split_once('-') {
        None => (name, 0),
        Some((id, text)) => {
            let number = text.parse().ok().filter(|n: &u32| n.to_string() == text);
            (id, number.filter(|n| *n > 0)?)
        }
    };
    Some((id.parse().ok()?, number))
}

/// The segments in a directory with their files. What has another name is none.
pub fn scan(directory: &Path) -> Result<BTreeMap<JournalId, Files>> {
    let io = |e| Error::io(directory.display(), &e);
    let mut found: BTreeMap<JournalId, Files> = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let Some((id, number)) = name.to_str().and_then(parse) else {
            continue;
        };
        match entry.metadata() {
            Ok(about) if about.is_file() => found.entry(id).or_default().add(number, about.len()),
            Ok(_) => {}
            // Somebody has collected it meanwhile.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Error::io(entry.path().display(), &e)),
        }
    }
    Ok(found)
}
