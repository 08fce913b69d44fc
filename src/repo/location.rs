//! Where a repository is: `PATH/.aim`, the directory that Python's Aim uses too; ours lie in folders of their own.

use crate::error::{Error, Result};
use crate::files;
use crate::log::{self, Level};
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The directories of one repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The directory that holds `.aim`.
    pub root: PathBuf,
}

const DIRECTORY: &str = ".aim";
/// Directories that hold a `.aim` of another user and are trusted all the same, separated by colons; `*` for all.
const SAFE: &str = "AIM_SAFE_DIRECTORY";

impl Location {
    /// The repository at `path`, or, without a path, the nearest one upwards from the working directory, else the
    /// working directory itself. Who gives a path trusts it; the search takes no `.aim` of another user, who could have
    /// put it there for this one to find.
    pub fn find(path: Option<&Path>) -> Result<Location> {
        Location::find_of(path, false)
    }

    /// As `find`; with `any_owner` the search trusts every user.
    pub fn find_of(path: Option<&Path>, any_owner: bool) -> Result<Location> {
        let from_environment = std::env::var_os("AIM_REPO").filter(|path| !path.is_empty());
        if let Some(path) = path.or(from_environment.as_deref().map(Path::new)) {
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
        let found = start.ancestors().find(|d| d.join(DIRECTORY).is_dir());
        let root = match found.map(|root| (root, other_owner(root, any_owner))) {
            None => start,
            Some((root, None)) => root.to_owned(),
            Some((root, Some(owner))) => {
                let refused = refusal(root, owner);
                // Here nothing else can be made.
                if root == start {
                    return Err(Error::invalid(refused));
                }
                log::emit(Level::Warning, || refused);
                start
            }
        };
        Ok(Location { root })
    }

    /// Why the search upwards did not take a repository that is there.
    pub fn refused_above(&self) -> String {
        let start = self.root.canonicalize().unwrap_or_default();
        let found = start.ancestors().find(|d| d.join(DIRECTORY).is_dir());
        found
            .and_then(|root| Some((root, other_owner(root, false)?)))
            .map_or_else(String::new, |(root, owner)| {
                format!("; {}", refusal(root, owner))
            })
    }

    pub fn store(&self) -> PathBuf {
        self.root.join(DIRECTORY).join("lmdb")
    }

    pub fn journals(&self) -> PathBuf {
        self.root.join(DIRECTORY).join("journal")
    }

    /// Where the segments are, if the repository is a spool.
    pub fn spool(&self) -> PathBuf {
        self.root.join(DIRECTORY).join("spool")
    }

    pub fn blobs(&self) -> PathBuf {
        self.root.join(DIRECTORY).join("blobs")
    }

    /// Where files are that runs keep.
    pub fn artifacts(&self) -> PathBuf {
        self.root.join(DIRECTORY).join("artifacts")
    }

    pub fn exists(&self) -> bool {
        self.store().is_dir() || self.is_spool()
    }

    /// Whether it is a repository that is written as segments and has no database of its own.
    pub fn is_spool(&self) -> bool {
        self.spool().is_dir() && !self.store().is_dir()
    }

    /// Makes the directories that are missing, the root included, so that they outlive a power loss.
    pub fn create(&self) -> Result<()> {
        self.make(&[self.store(), self.journals()])
    }

    /// Makes a repository that is a spool.
    pub fn create_spool(&self) -> Result<()> {
        self.make(&[self.spool()])
    }

    /// An error where a file has the place of a directory.
    pub fn check_directories(&self) -> Result<()> {
        for directory in [&self.root, &self.root.join(DIRECTORY)] {
            if directory.exists() && !directory.is_dir() {
                return Err(Error::invalid(format!(
                    "{} is a file, and a repository is a directory: give another path",
                    directory.display()
                )));
            }
        }
        Ok(())
    }

    fn make(&self, directories: &[PathBuf]) -> Result<()> {
        self.check_directories()?;
        for directory in directories {
            make(directory)
                .map_err(|e| Error::io(format_args!("creating {}", directory.display()), &e))?;
        }
        Ok(())
    }

    /// Below `.aim` no link is followed.
    pub fn check_links(&self) -> Result<()> {
        for directory in [self.store(), self.journals()] {
            if directory.is_symlink() {
                return Err(Error::invalid(format!(
                    "{} is a symbolic link, and below .aim none is followed: \
                     put the directory itself there, or link {} as a whole",
                    directory.display(),
                    self.root.join(DIRECTORY).display()
                )));
            }
        }
        Ok(())
    }
}

/// The user to whom the repository in a directory belongs, if this is another one, who is not trusted.
fn other_owner(root: &Path, any_owner: bool) -> Option<u32> {
    // Of a link the owner is whoever put it there.
    let owner = match root.join(DIRECTORY).symlink_metadata() {
        Ok(about) => about.uid(),
        Err(_) => return None,
    };
    let trusted = any_owner
        || owner == files::effective_user()
        || std::env::var_os(SAFE).is_some_and(|safe| names(&safe, root));
    (!trusted).then_some(owner)
}

fn names(list: &OsStr, root: &Path) -> bool {
    std::env::split_paths(list).any(|safe| {
        safe == Path::new("*")
            || !safe.as_os_str().is_empty() && safe.canonicalize().is_ok_and(|safe| safe == root)
    })
}

fn refusal(root: &Path, owner: u32) -> String {
    format!(
        "{} belongs to user {owner}, and user {} did not ask for it: give {} as the path of the repository, or put it \
         into {SAFE}",
        root.join(DIRECTORY).display(),
        files::effective_user(),
        root.display()
    )
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
    // Another process may be faster.
    files::make_directory(directory)?;
    // Some filesystems know no such call.
    let _ = std::fs::File::open(above).and_then(|directory| directory.sync_all());
    Ok(())
}
