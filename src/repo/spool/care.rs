//! Looking after a spool: what is in it, whether it is sound, what may go, and what killed processes left on this host.

use super::items::{Item, Items, is_end};
use super::{SILENCE, Spool};
use crate::artifacts::{self, Keep};
use crate::blobs;
use crate::error::{Error, Result, Status};
use crate::journal::{self, JournalId};
use crate::repo::{Location, Op, Repo, RepoOptions, RepoRef, now_micros};
use crate::spool::{self, FRAME_BYTES, Files, Next, SegmentReader};
use crate::store::hash_text;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Of the files that are there, and how many these are.
    pub bytes: u64,
    pub files: u64,
    pub standing: Standing,
}

/// A segment that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub frames: u64,
    /// Bytes between sound frames that are none, and behind the last one.
    pub damaged: u64,
    /// Files between others that are not there.
    pub gone: u64,
    pub unfinished: u64,
    /// Objects that lie in packs, and those of them that are not there as they were.
    pub objects: u64,
    pub lost: u64,
}

fn segments(location: &Location) -> Result<BTreeMap<JournalId, Files>> {
    match location.is_spool() {
        true => spool::scan(&location.spool()),
        false => Err(Error::new(
            Status::NotFound,
            format!("there is no spool at {}", location.root.display()),
        )),
    }
}

/// What the segments of a spool are; in place of one that is none, why.
pub fn list_segments(location: &Location) -> Result<Vec<(String, Result<SegmentAbout>)>> {
    let folder = location.spool();
    let all = segments(location)?.into_iter();
    Ok(all
        .map(|(id, files)| (id.to_string(), about(&folder, id, &files)))
        .collect())
}

fn about(folder: &Path, id: JournalId, files: &Files) -> Result<SegmentAbout> {
    let path = spool::path(folder, id, spool::number(files.end()));
    // Its last file tells.
    let Some(mut reader) = SegmentReader::open(folder, id, files, files.end())? else {
        return Err(Error::new(
            Status::NotFound,
            format!("{} has no header yet", path.display()),
        ));
    };
    let about = path.metadata().map_err(|e| Error::io(path.display(), &e))?;
    let changed = changed(&about);
    // A frame with a body of two bytes.
    let last = reader.end() - (FRAME_BYTES as u64 + 8);
    let ended = matches!(reader.next(last)?, Next::Frame(frame, _) if is_end(frame.body));
    let header = reader.header();
    Ok(SegmentAbout {
        id: id.to_string(),
        host: header.host.clone(),
        process: header.process,
        created: header.created,
        changed,
        bytes: files.bytes(),
        files: files.iter().count() as u64,
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
    let folder = location.spool();
    for (id, files) in segments(location)? {
        let start = files.start();
        let reader = SegmentReader::open(&folder, id, &files, start);
        let checked = reader.and_then(|reader| match reader {
            Some(mut reader) => check(&mut reader, start, &mut packs),
            None => Ok(Checked::default()),
        });
        told(&spool::path(&folder, id, spool::number(start)), checked);
    }
    Ok(())
}

fn check(reader: &mut SegmentReader, mut place: u64, packs: &mut blobs::Reader) -> Result<Checked> {
    let mut checked = Checked::default();
    loop {
        match reader.next(place)? {
            Next::Frame(frame, next) => {
                checked.frames += 1;
                for item in Items::new(frame.body, frame.at) {
                    let Item::Change(Op::Objects { point, .. }) = item else {
                        continue;
                    };
                    for blob in point.encoded.blobs() {
                        checked.objects += 1;
                        match packs.read(&blob) {
                            Err(e) if e.status == Status::Corrupt => checked.lost += 1,
                            read => drop(read?),
                        }
                    }
                }
                place = next;
            }
            Next::Damaged(next) => {
                // To the end of its file, or to where it goes on in it.
                let file_end = reader.file_end();
                checked.damaged += next.min(file_end) - place.min(file_end);
                place = next;
            }
            Next::Gone(next) => {
                checked.gone += u64::from(spool::number(next) - spool::number(place));
                place = next;
            }
            Next::NotYet => {
                let begin = place.max(spool::at(spool::number(place), spool::HEADER_BYTES as u64));
                checked.unfinished = reader.end().saturating_sub(begin);
                return Ok(checked);
            }
        }
    }
}

/// Removes the files of a spool that are in a repository to their end, and nothing comes to, with what lies beside segments of which no
/// file is left: whose last frame, or last change in a segment that is still written, was before a time (microseconds since
/// 1970, UTC); only counts them unless `remove`. How many they are, and how many bytes.
pub fn collect_segments(
    location: &Location,
    into: &RepoRef,
    before: i64,
    remove: bool,
) -> Result<(u64, u64)> {
    let known: BTreeMap<_, _> = into.store.read()?.segments()?.into_iter().collect();
    let (mut count, mut bytes) = (0, 0);
    let mut left: BTreeMap<JournalId, Files> = BTreeMap::new();
    for (id, files) in segments(location)? {
        let known = known.get(&id.0).filter(|segment| !segment.own);
        for (number, size) in files.iter() {
            let path = spool::path(&location.spool(), id, number);
            let is_done = match known {
                Some(known) if known.ended => {
                    known.offset >= spool::at(number, size) && known.at < before
                }
                // What is in the next file came after all of this one.
                Some(known) if spool::number(known.offset) > number => {
                    let about = path.metadata().map_err(|e| Error::io(path.display(), &e))?;
                    spool::place(known.offset) > 0 && changed(&about) < before
                }
                _ => false,
            };
            if !is_done {
                left.entry(id).or_default().add(number, size);
                continue;
            }
            if remove {
                std::fs::remove_file(&path).map_err(|e| Error::io(path.display(), &e))?;
            }
            count += 1;
            bytes += size;
        }
    }
    bytes += collect_packs(location, &left, before, remove)?;
    if remove {
        collect_kept(location, into, &left, before)?;
    }
    Ok((count, bytes))
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
    left: &BTreeMap<JournalId, Files>,
    before: i64,
    remove: bool,
) -> Result<u64> {
    let mut bytes = 0;
    for pack in blobs::packs(&location.blobs())? {
        let path = location.blobs().join(pack.name());
        let about = path.metadata().map_err(|e| Error::io(path.display(), &e))?;
        if left.contains_key(&JournalId(pack.journal)) || changed(&about) >= before {
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
    left: &BTreeMap<JournalId, Files>,
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
fn runs_of(location: &Location, segments: &BTreeMap<JournalId, Files>) -> Result<BTreeSet<String>> {
    let mut runs = BTreeSet::new();
    for (id, files) in segments {
        let mut place = files.start();
        let Some(mut reader) = SegmentReader::open(&location.spool(), *id, files, place)? else {
            continue;
        };
        loop {
            match reader.next(place)? {
                Next::Frame(frame, next) => {
                    for item in Items::new(frame.body, frame.at) {
                        if let Item::Enter(enter) | Item::EnterAgain(enter) = item {
                            runs.insert(hash_text(&enter.hash));
                        }
                    }
                    place = next;
                }
                Next::Damaged(next) | Next::Gone(next) => place = next,
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
