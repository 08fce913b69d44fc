//! Which repositories are spools, and where their copies on this host are.

use crate::environment;
use crate::error::{Error, Result};
use crate::files;
use crate::random;
use crate::repo::Location;
use crate::store::network_filesystem;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

const VARIABLE: &str = "AIM_SPOOL";

/// A repository that is a spool.
#[derive(Clone, Debug)]
pub struct Spool {
    /// The directory that holds `.aim`.
    pub root: PathBuf,
    /// That of the segments.
    pub folder: PathBuf,
}

impl Spool {
    /// The spool at a place, made if there is no repository and a new one would be one; `None`: what is there, or would be
    /// made, is a database.
    pub fn at(location: &Location, create: bool, allow_network_fs: bool) -> Result<Option<Spool>> {
        if !location.is_spool() {
            let is_new = create && !location.exists();
            if !is_new || !becomes_spool(location, allow_network_fs)? {
                return Ok(None);
            }
            location.create_spool()?;
        }
        let root = location.root.canonicalize();
        let root = root.map_err(|e| Error::io(location.root.display(), &e))?;
        let location = Location { root: root.clone() };
        let folder = location.spool();
        if folder.is_symlink() {
            return Err(Error::invalid(format!(
                "{} is a symbolic link, and below .aim none is followed: put the directory itself there",
                folder.display()
            )));
        }
        Ok(Some(Spool { root, folder }))
    }

    /// Where the bytes of objects are.
    pub fn packs(&self) -> PathBuf {
        let root = self.root.clone();
        Location { root }.blobs()
    }

    /// Where this host's copy is, made if it is missing.
    pub fn copy(&self) -> Result<Location> {
        let number = xxh3_64(self.root.as_os_str().as_bytes());
        let root = local_cache(NAME)?.join(format!("{number:016x}"));
        let location = Location { root };
        let name = location.root.join("spool");
        let root = self.root.as_os_str().as_bytes();
        let is_of = fs::read(&name).ok().filter(|of| !of.is_empty());
        if is_of.as_deref() == Some(root) {
            location.create()?;
            return Ok(location);
        }
        if is_of.is_some() {
            return Err(Error::invalid(format!(
                "{} is the copy of another spool than {}: remove it",
                location.root.display(),
                self.root.display()
            )));
        }
        location.create()?;
        // Whole at once, since other processes that begin now look at it, too.
        let mut own = [0; 8];
        random::fill(&mut own)
            .and_then(|()| {
                let part = name.with_extension(u64::from_ne_bytes(own).to_string());
                fs::write(&part, root)?;
                fs::rename(&part, &name)
            })
            .map_err(|e| Error::io(name.display(), &e))?;
        Ok(location)
    }

    /// Whether a segment is there from its beginning on.
    pub fn has(&self, segment: [u8; 16]) -> bool {
        crate::spool::path(&self.folder, crate::journal::JournalId(segment), 0).exists()
    }

    /// The spools that this user has copies of on this host.
    pub fn all() -> Result<Vec<PathBuf>> {
        let cache = local_cache(NAME)?;
        let entries = fs::read_dir(&cache).map_err(|e| Error::io(cache.display(), &e))?;
        let names = entries.flatten().map(|entry| entry.path().join("spool"));
        let mut roots: Vec<PathBuf> = names
            .filter_map(|name| fs::read(name).ok())
            .map(|root| PathBuf::from(std::ffi::OsStr::from_bytes(&root)))
            .collect();
        roots.sort();
        Ok(roots)
    }
}

fn becomes_spool(location: &Location, allow_network_fs: bool) -> Result<bool> {
    match environment::text(VARIABLE)?.as_deref() {
        Some("1") => Ok(true),
        Some("0") => Ok(false),
        None => Ok(!allow_network_fs && network_above(&location.root)?),
        Some(other) => Err(Error::invalid(format!(
            "the environment variable {VARIABLE} is {other:?}; it is 1 for a spool, 0 for none, or not set"
        ))),
    }
}

/// Whether a path that may not be there yet lies on a network filesystem.
fn network_above(path: &Path) -> Result<bool> {
    let there = path.ancestors().find(|above| above.exists());
    let there = there.filter(|above| !above.as_os_str().is_empty());
    network_filesystem(there.unwrap_or(Path::new("."))).map(|name| name.is_some())
}

/// What the directory of the copies of spools is called.
const NAME: &str = "spools";
/// What that of central stores is called.
pub const CENTRAL: &str = "central";

/// Where copies are that can be made anew, of spools and of central stores.
pub fn cache_names() -> Result<[PathBuf; 2]> {
    Ok([local_cache(NAME)?, local_cache(CENTRAL)?])
}

/// A directory of this user's for databases that can be made anew: among the caches, or, where those lie on a network
/// filesystem, with the temporary files.
pub fn local_cache(name: &str) -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let caches = set("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| {
            Some(
                set("HOME")
                    .filter(|path| path.is_absolute())?
                    .join(".cache"),
            )
        });
    if let Some(caches) = caches
        && !network_above(&caches)?
    {
        let place = caches.join("aim").join(name);
        if fs::create_dir_all(&place).is_ok() {
            return Ok(place);
        }
    }
    let user = files::effective_user();
    let place = std::env::temp_dir().join(format!("aim-{name}-{user}"));
    let io = |e| Error::io(place.display(), &e);
    match fs::DirBuilder::new().mode(0o700).create(&place) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        made => made.map_err(io)?,
    }
    // The name can be foreseen.
    let about = fs::symlink_metadata(&place).map_err(io)?;
    if !about.is_dir() || about.uid() != user {
        return Err(Error::invalid(format!(
            "{} is there already, and not this user's: set XDG_CACHE_HOME to a directory on a local disk",
            place.display()
        )));
    }
    match network_filesystem(&place)? {
        None => Ok(place),
        Some(kind) => Err(Error::invalid(format!(
            "copies of runs need a local disk, and {} lies on {kind}: set TMPDIR or XDG_CACHE_HOME to a directory on one",
            place.display()
        ))),
    }
}
