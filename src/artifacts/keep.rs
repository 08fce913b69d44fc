//! Files that runs keep, in `PATH/.aim/artifacts/`; [`super`] has the layout.

use super::sum::{Source, Stamp, failed, hex, sum};
use super::{Artifact, Manifest, walk};
use crate::error::{Error, Result};
use crate::files::{self, Folder, Openers};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const SHARED: &str = "shared";

/// The kept files of one run.
pub struct Keep {
    /// Of all runs.
    all: PathBuf,
    run: PathBuf,
}

/// Makes a directory, and what is above it within `.aim`, so that it outlives a power loss.
fn make(directory: &Path) -> Result<Folder> {
    let above = directory.parent().unwrap_or(directory);
    let made = match files::make_directory(directory) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            make(above)?;
            files::make_directory(directory)
        }
        made => made,
    };
    if made.map_err(|e| Error::io(format_args!("creating {}", directory.display()), &e))? {
        sync(above)?;
    }
    Folder::open(directory)
}

fn sync(path: &Path) -> Result<()> {
    let synced = fs::File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|e| Error::io(path.display(), &e))
}

/// Brings the names in a directory, and in those below it, to the disk.
fn sync_tree(directory: &Path) -> Result<()> {
    let failed = |e: io::Error| Error::io(directory.display(), &e);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            sync_tree(&entry.path())?;
        }
    }
    sync(directory)
}

/// Copies a file, by sharing blocks where the filesystem can; it is on the disk then.
fn copy(from: &Path, known: Option<&Stamp>, into: &Folder, name: &str) -> Result<()> {
    let source = Source::open(from, known)?;
    let to = into.made(name, Openers::Readers)?;
    let copied = to
        .set_len(0)
        .and_then(|()| io::copy(&mut &source.file, &mut &to))
        .and_then(|_| to.sync_all());
    copied.map_err(|e| Error::io(format_args!("copying {}", from.display()), &e))?;
    source.check()
}

/// Whether a file cannot get a second name there, and has to be copied.
fn cannot_link(e: &io::Error) -> bool {
    matches!(
        e.raw_os_error(),
        Some(libc::EXDEV | libc::EPERM | libc::EACCES | libc::EMLINK | libc::EOPNOTSUPP)
    )
}

fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    match removed {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(path.display(), &e)),
        _ => Ok(()),
    }
}

fn names(directory: &Path) -> Result<Vec<String>> {
    match fs::read_dir(directory) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::io(directory.display(), &e)),
        Ok(entries) => Ok(entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect()),
    }
}

/// The part of a file's path below the directory, and the file's name.
fn split(path: &str) -> (Option<&str>, &str) {
    match path.rsplit_once('/') {
        Some((above, name)) => (Some(above), name),
        None => (None, path),
    }
}

impl Keep {
    pub fn new(all: &Path, run: &str) -> Keep {
        Keep {
            all: all.to_owned(),
            run: all.join(run),
        }
    }

    /// Where the bytes of an artifact are: kept, or where they were.
    pub fn content(&self, artifact: &Artifact) -> PathBuf {
        match artifact.is_kept() {
            true => self.run.join(&artifact.id),
            false => PathBuf::from(&artifact.path),
        }
    }

    /// Where the bytes of an artifact are, or of a file of one that is a directory, to be read. What is kept here lies here: no
    /// link leads from it elsewhere.
    pub fn source(&self, artifact: &Artifact, file: Option<&str>) -> Result<PathBuf> {
        let content = self.content(artifact);
        let path = file.map_or_else(|| content.clone(), |file| content.join(file));
        match (artifact.is_kept(), self.all.parent()) {
            (true, Some(base)) => files::check_no_links(base, &path).map(|()| path),
            _ => Ok(path),
        }
    }

    fn part(&self, id: &str) -> String {
        format!("{id}.part")
    }

    pub fn manifest(&self, artifact: &Artifact) -> PathBuf {
        self.run.join(format!("{}.manifest", artifact.id))
    }

    /// Where whoever sends an artifact somewhere may note how far that is; `compact` removes it.
    pub fn progress(&self, artifact: &Artifact) -> PathBuf {
        self.run.join(format!("{}.push", artifact.id))
    }

    /// Gives a file, or all files of a directory, a second name here; false where that cannot be.
    pub fn link(&self, id: &str, from: &Path) -> Result<bool> {
        make(&self.run)?;
        let from = from.canonicalize().map_err(|e| failed(from, &e))?;
        let linked = match from.is_dir() {
            false => fs::hard_link(&from, self.run.join(id)),
            true => return self.link_all(id, &from),
        };
        match linked {
            Err(e) if cannot_link(&e) => Ok(false),
            Err(e) => Err(failed(&from, &e)),
            Ok(()) => Ok(true),
        }
    }

    fn link_all(&self, id: &str, from: &Path) -> Result<bool> {
        let part = self.run.join(self.part(id));
        make(&part)?;
        for (path, _) in walk(from)? {
            if let (Some(above), _) = split(&path) {
                make(&part.join(above))?;
            }
            let file = from.join(&path);
            let linked = file
                .canonicalize()
                .and_then(|file| fs::hard_link(file, part.join(&path)));
            match linked {
                Err(e) if cannot_link(&e) => {
                    remove(&part)?;
                    return Ok(false);
                }
                linked => linked.map_err(|e| failed(&file, &e))?,
            }
        }
        self.whole(id).map(|()| true)
    }

    /// Copies a file, or all files of a directory.
    pub fn copy(&self, id: &str, from: &Path, known: Option<&Stamp>) -> Result<()> {
        let folder = make(&self.run)?;
        let part = self.part(id);
        let copied = match from.is_dir() {
            false => copy(from, known, &folder, &part),
            true => self.copy_all(&self.run.join(&part), from),
        };
        copied
            .and_then(|()| self.whole(id))
            .inspect_err(|_| drop(remove(&self.run.join(&part))))
    }

    fn copy_all(&self, part: &Path, from: &Path) -> Result<()> {
        make(part)?;
        for (path, stamp) in walk(from)? {
            let (above, name) = split(&path);
            let folder = make(&above.map_or_else(|| part.to_owned(), |above| part.join(above)))?;
            copy(&from.join(&path), Some(&stamp), &folder, name)?;
        }
        sync_tree(part)
    }

    /// What was made under a name for it gets its own.
    fn whole(&self, id: &str) -> Result<()> {
        let to = self.run.join(id);
        fs::rename(self.run.join(self.part(id)), &to).map_err(|e| Error::io(to.display(), &e))
    }

    /// A new directory in which files may be put together before they are kept; who made it removes it.
    pub fn scratch(&self, id: &str) -> Result<PathBuf> {
        let path = self.run.join(self.part(id));
        make(&path)?;
        Ok(path)
    }

    pub fn put_manifest(&self, artifact: &Artifact, manifest: &Manifest) -> Result<()> {
        let folder = make(&self.run)?;
        let part = self.part(&artifact.id);
        let to = folder.made(&part, Openers::Readers)?;
        let path = self.manifest(artifact);
        io::Write::write_all(&mut &to, manifest.to_text().as_bytes())
            .and_then(|()| to.sync_all())
            .and_then(|()| fs::rename(self.run.join(part), &path))
            .map_err(|e| Error::io(path.display(), &e))
    }

    /// Brings a kept file, or a directory with all that is below it, to the disk. A copy is there already.
    pub fn sync(&self, id: &str) -> Result<()> {
        let path = self.run.join(id);
        if !path.is_dir() {
            return sync(&path);
        }
        for (file, _) in walk(&path)? {
            sync(&path.join(file))?;
        }
        sync_tree(&path)
    }

    /// Brings the names of what is kept to the disk.
    pub fn sync_names(&self) -> Result<()> {
        match self.run.is_dir() {
            true => sync(&self.run),
            false => Ok(()),
        }
    }

    /// A copy takes the place of another one with the same bytes, or is there for the next one. On the way its name always
    /// stands for the whole file.
    pub fn share(&self, id: &str, checksum: &str) -> Result<()> {
        let shared = self.all.join(SHARED);
        make(&shared)?;
        let (own, shared) = (self.run.join(id), shared.join(checksum));
        let failed = |e: io::Error| Error::io(own.display(), &e);
        match fs::hard_link(&own, &shared) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) if cannot_link(&e) => return Ok(()),
            linked => return linked.map_err(failed),
        }
        let part = self.run.join(self.part(id));
        match fs::hard_link(&shared, &part) {
            Err(e) if cannot_link(&e) || e.kind() == io::ErrorKind::NotFound => Ok(()),
            linked => linked
                .and_then(|()| fs::rename(&part, &own))
                .map_err(failed),
        }
    }

    /// Removes what is kept of one.
    pub fn remove(&self, artifact: &Artifact) -> Result<()> {
        remove(&self.run.join(&artifact.id))?;
        remove(&self.manifest(artifact))?;
        remove(&self.progress(artifact))?;
        sweep_shared(&self.all)
    }

    /// Copies what is kept to another repository, where nothing refers to it yet. Files become second names where they can.
    pub fn copy_to(&self, into: &Keep) -> Result<()> {
        for name in names(&self.run)?
            .iter()
            .filter(|name| !name.ends_with(".part") && !name.ends_with(".push"))
        {
            let from = self.run.join(name);
            if into.run.join(name).exists() {
                continue;
            }
            match into.link(name, &from)? {
                true => into.sync(name)?,
                false => into.copy(name, &from, None)?,
            }
        }
        into.sync_names()
    }
}

/// Removes copies that no run has any more.
fn sweep_shared(all: &Path) -> Result<()> {
    let shared = all.join(SHARED);
    for name in names(&shared)? {
        let path = shared.join(name);
        if fs::symlink_metadata(&path).is_ok_and(|about| about.nlink() == 1) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Removes all that runs keep.
pub fn remove_runs(all: &Path, runs: &[String]) -> Result<()> {
    let kept: Vec<PathBuf> = runs.iter().map(|run| all.join(run)).collect();
    let mut any = false;
    for run in kept.iter().filter(|run| run.exists()) {
        remove(run)?;
        any = true;
    }
    if any { sweep_shared(all) } else { Ok(()) }
}

/// Removes what nothing refers to: `ids` are those of a run, `None` if there is no such run.
pub fn sweep(
    all: &Path,
    mut ids: impl FnMut(&str) -> Result<Option<HashSet<String>>>,
) -> Result<()> {
    for run in names(all)? {
        if run == SHARED {
            continue;
        }
        let directory = all.join(&run);
        match ids(&run)? {
            None => remove(&directory)?,
            Some(ids) => {
                for name in names(&directory)? {
                    let id = name.strip_suffix(".manifest").unwrap_or(&name);
                    if !ids.contains(id) {
                        remove(&directory.join(name))?;
                    }
                }
            }
        }
    }
    sweep_shared(all)
}

/// The runs that keep something.
pub fn runs(all: &Path) -> Result<Vec<String>> {
    let mut runs = names(all)?;
    runs.retain(|run| run != SHARED);
    Ok(runs)
}

/// Copies a file to wherever its user wants it; one that is there is replaced once the bytes of the new one are checked.
pub fn fetch(from: &Path, to: &Path, checksum: Option<&str>) -> Result<()> {
    let above = to.parent().unwrap_or(to);
    fs::create_dir_all(above).map_err(|e| Error::io(above.display(), &e))?;
    let mut part = to.as_os_str().to_owned();
    part.push(format!(".{:x}.part", std::process::id()));
    let part = PathBuf::from(part);
    let fetched = || -> Result<()> {
        let source = Source::open(from, None)?;
        let failed = |e: io::Error| Error::io(part.display(), &e);
        let copy = fs::File::create(&part).map_err(failed)?;
        io::copy(&mut &source.file, &mut &copy).map_err(failed)?;
        source.check()?;
        if let Some(checksum) = checksum {
            let found = hex(&sum(&part, None)?.1);
            if found != checksum {
                return Err(Error::corrupt(format!(
                    "{} has the SHA-256 {found}, not {checksum}: it is not what was logged",
                    from.display()
                )));
            }
        }
        fs::rename(&part, to).map_err(|e| Error::io(to.display(), &e))
    };
    fetched().inspect_err(|_| drop(fs::remove_file(&part)))
}
