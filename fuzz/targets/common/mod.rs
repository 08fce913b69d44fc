//! A directory of the process in which an input lies as a file while it is read.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static DIRECTORY: OnceLock<tempfile::TempDir> = OnceLock::new();

fn root() -> &'static Path {
    DIRECTORY.get_or_init(|| tempfile::tempdir().expect("a directory")).path()
}

/// Writes a file below the directory, and names it.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = root().join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    std::fs::write(&path, bytes).expect("a file");
    path
}

/// An input as pieces, each behind its length of two bytes.
pub fn pieces(mut input: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let [low, high, rest @ ..] = input {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (piece, after) = rest.split_at(length);
        found.push(piece);
        input = after;
    }
    found
}
