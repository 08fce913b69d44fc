//! The files of a directory: a line of JSON for each, `["PATH", SIZE, MTIME, "SHA-256"]`, by path. The checksum of the
//! directory is the SHA-256 of all paths, sizes and sums, so that times do not make another version.

use super::reference::stays_below;
use super::sum::{Sha, Stamp, failed, hex};
use crate::error::{Error, Result};
use crate::files::{Access, Folder};
use crate::log::{self, Level};
use aim_value::Tree;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Directories within each other.
const MAX_LEVELS: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Below the directory, with `/`.
    pub path: String,
    pub size: i64,
    pub mtime: i64,
    /// SHA-256 in hex; empty where it was not summed.
    pub checksum: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(pub Vec<Entry>);

impl Manifest {
    pub fn size(&self) -> i64 {
        self.0.iter().map(|entry| entry.size).sum()
    }

    /// When the newest of its files changed.
    pub fn mtime(&self) -> Option<i64> {
        self.0.iter().map(|entry| entry.mtime).max()
    }

    pub fn checksum(&self) -> String {
        let mut sum = Sha256::new();
        for entry in &self.0 {
            sum.update(format!(
                "{}\0{}\0{}\n",
                entry.path, entry.size, entry.checksum
            ));
        }
        let sum: Sha = sum.finalize().into();
        hex(&sum)
    }

    pub fn to_text(&self) -> String {
        let line = |entry: &Entry| {
            let line = vec![
                Tree::Str(entry.path.clone()),
                Tree::Int(entry.size),
                Tree::Int(entry.mtime),
                Tree::Str(entry.checksum.clone()),
            ];
            Tree::List(line).to_json() + "\n"
        };
        self.0.iter().map(line).collect()
    }

    pub fn read(path: &Path) -> Result<Manifest> {
        let (folder, name) = (
            path.parent(),
            path.file_name().and_then(|name| name.to_str()),
        );
        let (Some(folder), Some(name)) = (folder, name) else {
            return Err(Error::invalid(format!("{} is no file", path.display())));
        };
        let missing = || failed(path, &std::io::ErrorKind::NotFound.into());
        let mut file = match folder.is_dir() {
            true => Folder::open(folder)?.existing(name, Access::Read)?,
            false => None,
        }
        .ok_or_else(missing)?;
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|e| failed(path, &e))?;
        let entry = |line: &str| match Tree::from_json(line) {
            Ok(Tree::List(parts)) => match <[Tree; 4]>::try_from(parts) {
                Ok(
                    [
                        Tree::Str(path),
                        Tree::Int(size),
                        Tree::Int(mtime),
                        Tree::Str(checksum),
                    ],
                ) if stays_below(&path) => Some(Entry {
                    path,
                    size,
                    mtime,
                    checksum,
                }),
                _ => None,
            },
            _ => None,
        };
        text.lines()
            .map(entry)
            .collect::<Option<Vec<Entry>>>()
            .map(Manifest)
            .ok_or_else(|| Error::corrupt(format!("the manifest {} is damaged", path.display())))
    }
}

/// All files below a directory, by path. Links to files count as the files; links to directories, and what is neither file
/// nor directory, are left out, which is logged.
pub fn walk(root: &Path) -> Result<Vec<(String, Stamp)>> {
    let mut found = Vec::new();
    let mut left_out: Option<(PathBuf, u64)> = None;
    walk_into(root, "", MAX_LEVELS, &mut found, &mut left_out)?;
    found.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some((first, count)) = left_out {
        log::emit(Level::Warning, || {
            format!(
                "the artifact {} goes without {count} links to directories or special files, the first {}",
                root.display(),
                first.display()
            )
        });
    }
    Ok(found)
}

fn walk_into(
    directory: &Path,
    below: &str,
    levels: usize,
    found: &mut Vec<(String, Stamp)>,
    left_out: &mut Option<(PathBuf, u64)>,
) -> Result<()> {
    let levels = levels.checked_sub(1).ok_or_else(|| {
        Error::invalid(format!(
            "{} lies more than {MAX_LEVELS} directories deep",
            directory.display()
        ))
    })?;
    let entries = std::fs::read_dir(directory).map_err(|e| failed(directory, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| failed(directory, &e))?;
        let path = entry.path();
        let name = entry.file_name().into_string().map_err(|_| {
            Error::invalid(format!(
                "the name of {} is not UTF-8, as those of an artifact's files are",
                path.display()
            ))
        })?;
        let name = match below.is_empty() {
            true => name,
            false => format!("{below}/{name}"),
        };
        let kind = entry.file_type().map_err(|e| failed(&path, &e))?;
        if kind.is_dir() {
            walk_into(&path, &name, levels, found, left_out)?;
            continue;
        }
        match std::fs::metadata(&path) {
            Ok(about) if about.is_file() => found.push((name, Stamp::new(&about))),
            // A link that leads nowhere is no file either.
            _ => left_out.get_or_insert((path, 0)).1 += 1,
        }
    }
    Ok(())
}
