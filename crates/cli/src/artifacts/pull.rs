//! Pulling an artifact from where it was pushed. What is there of a file is kept, so that an interruption costs no more than
//! what was on its way; it gets its name when its SHA-256 is what was logged.

use super::bucket::{Bucket, Refused, TRIES, pause};
use super::entries;
use super::place::Place;
use crate::failure::{Doing as _, Failure};
use aim::artifacts::{Artifact, Keep, Manifest, hex, keep, sum};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Brings one version below a directory; returns where it is then.
pub fn pull(
    keep: &Keep,
    artifact: &Artifact,
    uri: &str,
    into: &Path,
    told: &mut dyn FnMut(u64),
) -> Result<PathBuf, Failure> {
    let place = Place::open(uri)?;
    let to = into.join(super::file_name(artifact));
    if artifact.files.is_none() {
        get(&place, "", &to, artifact.checksum.as_deref(), told)?;
        return Ok(to);
    }
    let manifest = keep.manifest(artifact);
    if !manifest.exists() {
        // The run came from somewhere else without it.
        let above = Place::open(&format!("{}.manifest", uri.trim_end_matches('/')))?;
        get(&above, "", &manifest, None, &mut |_| ())?;
        let found = Manifest::read(&manifest)?.checksum();
        if artifact.checksum.as_ref().is_some_and(|sum| *sum != found) {
            let _ = std::fs::remove_file(&manifest);
            return Err(Failure::new("the manifest is not that of the artifact").why(uri));
        }
    }
    for entry in entries(keep, artifact)? {
        let checksum = Some(entry.checksum.as_str()).filter(|sum| !sum.is_empty());
        get(&place, &entry.path, &to.join(&entry.path), checksum, told)?;
    }
    Ok(to)
}

/// Whether a file is there and is what was logged.
fn is_there(to: &Path, checksum: Option<&str>) -> bool {
    checksum.is_some_and(|wanted| sum(to, None).is_ok_and(|(_, found)| hex(&found) == wanted))
}

/// Reads what a key has from there on; where a connection breaks, another one goes on.
fn bytes(
    store: &Bucket,
    key: &str,
    mut from: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut buffer = vec![0; 1 << 16];
    let mut tries = 0;
    'connections: loop {
        let mut answer = store.get(key, from).map_err(|e| e.of("reading", key))?;
        loop {
            match answer.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    take(&buffer[..count])?;
                    from += count as u64;
                    tries = 0;
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) if tries < TRIES => {
                    pause(&mut tries);
                    continue 'connections;
                }
                Err(e) => return Err(Refused::Failed(e.to_string()).of("reading", key)),
            }
        }
    }
}

fn get(
    place: &Place,
    path: &str,
    to: &Path,
    checksum: Option<&str>,
    told: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    if is_there(to, checksum) {
        told(std::fs::metadata(to).map_or(0, |about| about.len()));
        return Ok(());
    }
    let (store, base) = match place {
        Place::Directory(directory) => {
            let from = match path.is_empty() {
                true => directory.clone(),
                false => directory.join(path),
            };
            keep::fetch(&from, to, checksum)?;
            told(std::fs::metadata(to).map_or(0, |about| about.len()));
            return Ok(());
        }
        Place::Bucket { store, base, .. } => (store, base),
    };
    let key = super::place::key(base, path)?;
    let part = PathBuf::from(format!("{}.part", to.display()));
    let written = || format!("{} cannot be written", part.display());
    if let Some(above) = to.parent() {
        std::fs::create_dir_all(above)
            .map_err(Failure::new)
            .doing(written)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(&part);
    let mut file = file.map_err(Failure::new).doing(written)?;
    let have = file.metadata().map_err(Failure::new).doing(written)?.len();
    told(have);
    let came = bytes(store, &key, have, |some| {
        file.write_all(some).map_err(Failure::new).doing(written)?;
        told(some.len() as u64);
        Ok(())
    });
    match came {
        // Nothing is behind what is there already.
        Err(_) if have > 0 && is_there(&part, checksum) => {}
        came => came?,
    }
    file.sync_all().map_err(Failure::new).doing(written)?;
    if checksum.is_some() && !is_there(&part, checksum) {
        let _ = std::fs::remove_file(&part);
        return Err(Failure::new(format_args!("{key} is not what was logged"))
            .why("its SHA-256 is another one; nothing was put in place")
            .advice("push the artifact again from where it is intact"));
    }
    std::fs::rename(&part, to)
        .map_err(Failure::new)
        .doing(|| format!("{} cannot be written", to.display()))
}
