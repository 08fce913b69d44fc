//! Where a repository is: `PATH/.aim`, the directory that Python's Aim uses too; ours lie in folders of their own.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The directories of one repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The directory that holds `.aim`.
    pub root: PathBuf,
}

const DIRECTORY: &str = ".aim";

impl Location {
    /// The repository at `path`, or, without a path, the nearest one upwards from the working directory, else the
    /// working directory itself.
    pub fn find(path: Option<&Path>) -> Result<Location> {
        if let Some(path) = path {
            let path = if path.file_name().is_some_and(|name| name == DIRECTORY) {
                path.parent().unwrap_or(path)
            } else {
                path
            };
            let here = path.as_os_str().is_empty();
            return Ok(Location {
                root: if here { ".".into() } else { path.to_owned() },
            });
        }
        let start = std::env::current_dir().map_err(|e| Error::io("the working directory", &e))?;
        let root = start
            .ancestors()
            .find(|d| d.join(DIRECTORY).is_dir())
            .unwrap_or(&start);
        Ok(Location {
            root: root.to_owned(),
        })
    }

    pub fn store(&self) -> PathBuf {
        self.root.join(DIRECTORY).join("lmdb")
    }

    pub fn journals(&self) -> PathBuf {
        self.root.join(DIRECTORY).join("journal")
    }

    pub fn exists(&self) -> bool {
        self.store().is_dir()
    }

    /// Makes the directories that are missing, the root included.
    pub fn create(&self) -> Result<()> {
        for directory in [self.store(), self.journals()] {
            std::fs::create_dir_all(&directory)
                .map_err(|e| Error::io(format_args!("creating {}", directory.display()), &e))?;
        }
        Ok(())
    }
}
