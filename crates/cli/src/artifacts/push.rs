//! Pushing an artifact: only bytes that are what was logged are sent, and the store checks each part by its SHA-256.

use super::bucket::Bucket;
use super::place::{Place, below};
use super::resume::{Resume, Upload};
use super::{entries, file_name};
use crate::failure::{Doing as _, Failure};
use aim::artifacts::{Artifact, Checked, Keep, Stamp, check, keep};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What is larger is sent in parts of this size, or larger ones where they would be too many.
const PART: u64 = 8 << 20;
const PARTS: u64 = 9_000;
/// Parts that are on their way at once.
const AT_ONCE: usize = 4;

/// Sends one version; returns its address there. `told` hears of bytes that have arrived.
pub fn push(
    place: &Place,
    base: &str,
    run: &str,
    keep: &Keep,
    artifact: &Artifact,
    told: &mut dyn FnMut(u64),
) -> Result<String, Failure> {
    match check(keep, artifact)? {
        Checked::Intact => {}
        other => {
            return Err(
                Failure::new(format_args!("{} was not pushed", artifact.name))
                    .why(other.detail())
                    .advice("libaim artifacts verify lists what is not as it was logged"),
            );
        }
    }
    let version = format!(
        "{run}/{}/v{}",
        artifact.name,
        artifact.version.unwrap_or_default()
    );
    let mut resume = Resume::open(keep.progress(artifact), place.address())?;
    for entry in entries(keep, artifact)? {
        let from = keep.source(artifact, artifact.files.map(|_| entry.path.as_str()))?;
        let path = format!("{version}/{}", entry.path);
        put(place, &path, &from, &entry.checksum, &mut resume, told)?;
    }
    if artifact.files.is_some() {
        let path = format!("{version}.manifest");
        put(
            place,
            &path,
            &keep.manifest(artifact),
            "",
            &mut resume,
            &mut |_| (),
        )?;
    }
    resume.remove();
    match artifact.files {
        Some(_) => below(base, &format!("{version}/")),
        None => below(base, &format!("{version}/{}", file_name(artifact))),
    }
}

fn put(
    place: &Place,
    path: &str,
    from: &Path,
    checksum: &str,
    resume: &mut Resume,
    told: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    let (store, base) = match place {
        Place::Directory(directory) => {
            let checksum = Some(checksum).filter(|sum| !sum.is_empty());
            let to = directory.join(path);
            keep::fetch(from, &to, checksum)?;
            told(Stamp::of(&to)?.size);
            return Ok(());
        }
        Place::Bucket { store, base, .. } => (store, base),
    };
    let key = super::place::key(base, path)?;
    let stamp = Stamp::of(from)?;
    if resume.is_done(&key) {
        told(stamp.size);
        return Ok(());
    }
    let file = File::open(from).map_err(Failure::new);
    let file = file.doing(|| format!("{} cannot be read", from.display()))?;
    if stamp.size <= PART {
        let bytes = read(&file, 0, stamp.size, from)?;
        let sent = store.put(&key, &bytes);
        sent.map_err(|e| e.of("sending", &key))?;
        told(stamp.size);
    } else {
        let known = resume.upload(&key);
        let went_on = known.is_some();
        let sent = in_parts(store, &key, &file, stamp.size, known, from, resume, told);
        match sent {
            // The store may have forgotten what was begun.
            Err(_) if went_on => {
                in_parts(store, &key, &file, stamp.size, None, from, resume, told)?
            }
            sent => sent?,
        }
    }
    let arrived = store.size(&key).map_err(|e| e.of("looking at", &key))?;
    if arrived != stamp.size || Stamp::of(from)? != stamp {
        return Err(
            Failure::new(format_args!("{} was not pushed whole", from.display()))
                .why(format_args!(
                    "it has {} bytes, and {arrived} arrived, or it was written to meanwhile",
                    stamp.size
                ))
                .advice("run the command again"),
        );
    }
    resume.end(&key)
}

fn read(file: &File, offset: u64, size: u64, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; size as usize];
    let read = file.read_exact_at(&mut bytes, offset);
    read.map_err(Failure::new)
        .doing(|| format!("{} cannot be read", path.display()))?;
    Ok(bytes)
}

#[expect(clippy::too_many_arguments, reason = "one upload")]
fn in_parts(
    store: &Bucket,
    key: &str,
    file: &File,
    size: u64,
    known: Option<Upload>,
    path: &Path,
    resume: &mut Resume,
    told: &mut dyn FnMut(u64),
) -> Result<(), Failure> {
    let upload = match known {
        Some(upload) if upload.part_size > 0 => upload,
        _ => {
            let part_size = PART.max(size.div_ceil(PARTS).next_multiple_of(1 << 20));
            let id = store.begin(key).map_err(|e| e.of("beginning", key))?;
            resume.begin(key, &id, part_size)?;
            Upload {
                id,
                part_size,
                ..Upload::default()
            }
        }
    };
    let count = size.div_ceil(upload.part_size) as usize;
    let mut parts = upload.parts;
    let length = |n: usize| upload.part_size.min(size - n as u64 * upload.part_size);
    told(
        parts
            .keys()
            .filter(|n| **n < count)
            .map(|n| length(*n))
            .sum(),
    );
    let left: Vec<usize> = (0..count).filter(|n| !parts.contains_key(n)).collect();
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (tell, sent) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(left.len()) {
            let tell = tell.clone();
            scope.spawn(|| {
                let tell = tell;
                while !failed.load(Ordering::Relaxed) {
                    let Some(n) = left.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    let bytes = read(file, *n as u64 * upload.part_size, length(*n), path);
                    let sent = bytes.and_then(|bytes| {
                        let sent = store.part(key, &upload.id, *n, &bytes);
                        sent.map_err(|e| e.of("sending", key))
                    });
                    let _ = tell.send((*n, sent));
                }
            });
        }
        drop(tell);
        for (n, part) in sent {
            let noted = part.and_then(|part| {
                resume.part(key, n, &part)?;
                told(length(n));
                parts.insert(n, part);
                Ok(())
            });
            if let Err(e) = noted {
                failed.store(true, Ordering::Relaxed);
                return Err(e);
            }
        }
        Ok(())
    })?;
    let parts = parts.into_iter().filter(|(n, _)| *n < count);
    let parts: Vec<String> = parts.map(|(_, name)| name).collect();
    let whole = store.complete(key, &upload.id, &parts);
    whole.map_err(|e| e.of("completing", key))
}
