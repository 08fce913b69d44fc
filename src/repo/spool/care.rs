//! Looking after a spool: what is in it, whether it is sound, what may go, and what killed processes left on this host.

use super::items::{Item, Items, is_end};
use super::{SILENCE, Spool};
use crate::artifacts::{self, Keep};
use crate::blobs;
use crate::error::{Error, Result, Status};
use crate::journal::{self, JournalId};
use crate::repo::{Location, Op, Repo, RepoOptions, RepoRef, now_micros};
use crate::spool::{self, FRAME_BYTES, Next, SegmentReader};
use crate::store::{Segments, hash_text};
use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// How a segment stands, as far as its file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its writer may write more.
    Written,
    /// Its writer, or who found what that left, has said that nothing more comes.
    Ended,
    /// It has not grown for ten minutes.
    Silent,
}

/// A segment from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentAbout {
    /// 32 hex digits.
    pub id: String,
    pub host: String,
    pub process: u32,
    /// Microseconds since 1970 (UTC), by its writer's clock and by that of the file server.
    pub created: i64,
    pub changed: i64,
    pub bytes: u64,
    pub standing: Standing,
}

/// A segment that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub frames: u64,
    /// Bytes between sound frames that are none, and behind the last one.
    pub damaged: u64,
    pub unfinished: u64,
    /// Objects that lie in packs, and those of them that are not there as they were.
    pub objects: u64,
    pub lost: u64,
}

fn segments(location: &Location) -> Result<Vec<(JournalId, u64)>> {
    match location.is_spool() {
        true => {
            let mut all = spool::scan(&location.spool())?;
            all.sort_unstable();
            Ok(all)
        }
        false => Err(Error::new(
            Status::NotFound,
            format!("there is no spool at {}", location.root.display()),
        )),
    }
}

/// What the segments of a spool are; in place of one that is none, why.
pub fn list_segments(location: &Location) -> Result<Vec<(String, Result<SegmentAbout>)>> {
    let all = segments(location)?.into_iter();
    Ok(all
        .map(|(id, _)| {
            (
                id.to_string(),
                about(&spool::path(&location.spool(), id), id),
            )
        })
        .collect())
}

fn about(path: &Path, id: JournalId) -> Result<SegmentAbout> {
    let Some(mut reader) = SegmentReader::open(path, id)? else {
        return Err(Error::new(
            Status::NotFound,
            format!("{} has no header yet", path.display()),
        ));
    };
    let about = path.metadata().map_err(|e| Error::io(path.display(), &e))?;
    let changed = changed(&about);
    let bytes = reader.size();
    // A frame with a body of two bytes.
    let last = bytes.checked_sub(FRAME_BYTES as u64 + 8);
    let ended = match last {
        Some(place) => {
            matches!(reader.next(place)?, Next::Frame(frame, _) if is_end(frame.body))
        }
        None => false,
    };
    let header = reader.header();
    Ok(SegmentAbout {
        id: id.to_string(),
        host: header.host.clone(),
        process: header.process,
        created: header.created,
        changed,
        bytes,
        standing: match ended {
            true => Standing::Ended,
            false if now_micros() - changed < SILENCE => Standing::Written,
            false => Standing::Silent,
        },
    })
}

/// Reads all of every segment; `told` hears of each, by its file.
pub fn check_segments(
    location: &Location,
    mut told: impl FnMut(&Path, Result<Checked>),
) -> Result<()> {
    let mut packs = blobs::Reader::new(vec![location.blobs()]);
    for (id, _) in segments(location)? {
        let path = spool::path(&location.spool(), id);
        let checked = SegmentReader::open(&path, id).and_then(|reader| match reader {
            Some(mut reader) => check(&mut reader, &mut packs),
            None => Ok(Checked::default()),
        });
        told(&path, checked);
    }
    Ok(())
}

fn check(reader: &mut SegmentReader, packs: &mut blobs::Reader) -> Result<Checked> {
    let mut checked = Checked::default();
    let mut place = spool::HEADER_BYTES as u64;
    loop {
        match reader.next(place)? {
            Next::Frame(frame, next) => {
                checked.frames += 1;
                for item in Items::new(frame.body, frame.at) {
                    let Item::Change(Op::Objects { point, .. }) = item else {
                        continue;
                    };
                    for blob in point.blobs() {
                        checked.objects += 1;
                        match packs.read(blob) {
                            Err(e) if e.status == Status::Corrupt => checked.lost += 1,
                            read => drop(read?),
                        }
                    }
                }
                place = next;
            }
            Next::Damaged(next) => {
                checked.damaged += next - place;
                place = next;
            }
            Next::NotYet => {
                checked.unfinished = reader.size().saturating_sub(place);
                return Ok(checked);
            }
        }
    }
}

/// Removes the segments of a spool that have ended, are in a repository to their end, and whose last frame was made before a
/// time (microseconds since 1970, UTC), with what lies beside them; only counts them unless `remove`. How many they are,
/// and how many bytes.
pub fn collect_segments(
    location: &Location,
    into: &RepoRef,
    before: i64,
    remove: bool,
) -> Result<(u64, u64)> {
    let known: std::collections::BTreeMap<_, _> =
        into.store.read()?.segments()?.into_iter().collect();
    let (mut files, mut bytes) = (0, 0);
    let mut left = BTreeSet::new();
    for (id, size) in segments(location)? {
        let is_done = known.get(&id.0).is_some_and(|segment| {
            !segment.own && segment.ended && segment.offset >= size && segment.at < before
        });
        if !is_done {
            left.insert(id);
            continue;
        }
        if remove {
            let path = spool::path(&location.spool(), id);
            std::fs::remove_file(&path).map_err(|e| Error::io(path.display(), &e))?;
        }
        files += 1;
        bytes += size;
    }
    bytes += collect_packs(location, &left, before, remove)?;
    if remove {
        collect_kept(location, into, &left, before)?;
    }
    Ok((files, bytes))
}

/// When a file was changed, microseconds since 1970 (UTC) by the clock of the file server.
fn changed(about: &Metadata) -> i64 {
    let changed = about.modified().ok();
    let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    changed.map_or(0, |time| time.as_micros() as i64)
}

/// Removes the packs of segments that are gone, also by somebody who was interrupted. A process's first pack is there
/// before its segment, so the new ones stay.
fn collect_packs(
    location: &Location,
    left: &BTreeSet<JournalId>,
    before: i64,
    remove: bool,
) -> Result<u64> {
    let mut bytes = 0;
    for pack in blobs::packs(&location.blobs())? {
        let path = location.blobs().join(pack.name());
        let about = path.metadata().map_err(|e| Error::io(path.display(), &e))?;
        if left.contains(&JournalId(pack.journal)) || changed(&about) >= before {
            continue;
        }
        if remove {
            std::fs::remove_file(&path).map_err(|e| Error::io(path.display(), &e))?;
        }
        bytes += about.len();
    }
    Ok(bytes)
}

/// Removes what runs keep of which no segment tells any more.
fn collect_kept(
    location: &Location,
    into: &RepoRef,
    left: &BTreeSet<JournalId>,
    before: i64,
) -> Result<()> {
    let directory = location.artifacts();
    let mut gone = artifacts::keep::runs(&directory)?;
    if gone.is_empty() {
        return Ok(());
    }
    let told = runs_of(location, left)?;
    gone.retain(|run| {
        let about = directory.join(run).metadata();
        !told.contains(run) && about.is_ok_and(|about| changed(&about) < before)
    });
    for run in &gone {
        // It came along when it was merged.
        if into.find_run(run).is_ok() {
            Keep::new(&directory, run).copy_to(&into.keep(run))?;
        }
    }
    artifacts::keep::remove_runs(&directory, &gone)
}

/// The hashes of the runs of which segments tell.
fn runs_of(location: &Location, segments: &BTreeSet<JournalId>) -> Result<BTreeSet<String>> {
    let mut runs = BTreeSet::new();
    for id in segments {
        let Some(mut reader) = SegmentReader::open(&spool::path(&location.spool(), *id), *id)?
        else {
            continue;
        };
        let mut place = spool::HEADER_BYTES as u64;
        loop {
            match reader.next(place)? {
                Next::Frame(frame, next) => {
                    for item in Items::new(frame.body, frame.at) {
                        if let Item::Enter(enter) = item {
                            runs.insert(hash_text(&enter.hash));
                        }
                    }
                    place = next;
                }
                Next::Damaged(next) => place = next,
                Next::NotYet => break,
            }
        }
    }
    Ok(runs)
}

/// Brings to a spool what killed processes of this user left on this host; how many they were. Nothing is there to bring
/// where this host has no copy of it.
pub fn rescue(location: &Location) -> Result<u64> {
    segments(location)?;
    let root = location.root.canonicalize();
    let root = root.map_err(|e| Error::io(location.root.display(), &e))?;
    if !Spool::all()?.contains(&root) {
        return Ok(0);
    }
    let Some(spool) = Spool::at(location, false, false)? else {
        return Ok(0);
    };
    let journals = spool.copy()?.journals();
    let mut left = 0;
    for id in journal::scan(&journals)? {
        left += u64::from(!journal::is_alive(&journals, id)?);
    }
    // As for writing: what others wrote is of no interest here.
    Repo::open(location.clone(), &RepoOptions::default(), true)?.recover_journals()?;
    Ok(left)
}
