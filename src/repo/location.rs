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

    /// Makes the directories that are missing, the root included, so that they outlive a power loss.
    pub fn create(&self) -> Result<()> {
        for directory in [self.store(), self.journals()] {
            make(&directory)
                .map_err(|e| Error::io(format_args!("creating {}", directory.display()), &e))?;
        }
        Ok(())
    }
}

fn make(directory: &Path) -> std::io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let above = match directory.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => return std::fs::create_dir(directory),
    };
    make(above)?;
    match std::fs::create_dir(directory) {
        // Another process was faster.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && directory.is_dir() => {}
        other => other?,
    }
    // Some filesystems know no such call.
    let _ = std::fs::File::open(above).and_then(|directory| directory.sync_all());
    Ok(())
}
