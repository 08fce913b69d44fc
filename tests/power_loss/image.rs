//! What a disk may hold after a power loss: everything synced, and of the rest any part, in sectors.

use crate::common::random::Random;
use crate::record::{DATA, Entry, Event, Journals, Kept, Recording};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

const SECTOR: usize = 512;

/// Which journals were closed to their writers before the recording began: the disk has had time to take them.
pub struct Settled(pub Journals);

/// Writes the state of a repository after a power loss just as event `at` was going on.
pub fn write(
    root: &Path,
    settled: &Settled,
    recording: &Recording,
    at: usize,
    random: &mut Random,
) {
    let (lmdb, journals) = (root.join(".aim/lmdb"), root.join(".aim/journal"));
    std::fs::create_dir_all(&lmdb).unwrap();
    std::fs::create_dir_all(&journals).unwrap();
    let data = file(recording, DATA.as_ref(), &recording.base, at, random);
    std::fs::write(lmdb.join("data.mdb"), data.bytes).unwrap();
    for name in packs(recording, at) {
        let base = recording.packs.get(&name);
        let pack = file(
            recording,
            &name,
            base.map_or(&[], |bytes| bytes),
            at,
            random,
        );
        // A name that nobody waited for may be lost.
        if base.is_some() || pack.synced || random.below(4) > 0 {
            let path = root.join(".aim").join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, pack.bytes).unwrap();
        }
    }
    let mut kept: BTreeMap<u64, &Kept> = recording.kept.iter().map(|(i, k)| (*i, k)).collect();
    kept.extend(
        recording.events[..at]
            .iter()
            .filter_map(|(event, _)| match event {
                Event::Kept { inode, kept } => Some((*inode, kept)),
                _ => None,
            }),
    );
    if let Some(Kept::Directory(entries)) = kept.get(&recording.top) {
        let artifacts = entries.iter().find(|entry| entry.name == "artifacts");
        if let Some(entry) = artifacts {
            write_kept(&root.join(".aim"), entry, &kept);
        }
    }
    for (name, bytes) in journal_files(settled, recording, at, random) {
        std::fs::write(journals.join(name), bytes).unwrap();
    }
}

/// Of what runs keep, nothing that nobody waited for: names as their directory was synced, files as they were; an empty one where
/// only the name was.
fn write_kept(into: &Path, entry: &Entry, all: &BTreeMap<u64, &Kept>) {
    let path = into.join(&entry.name);
    match (entry.is_directory, all.get(&entry.inode)) {
        (true, synced) => {
            std::fs::create_dir_all(&path).unwrap();
            if let Some(Kept::Directory(entries)) = synced {
                for entry in entries {
                    write_kept(&path, entry, all);
                }
            }
        }
        (false, Some(Kept::File(bytes))) => std::fs::write(path, bytes).unwrap(),
        (false, _) => std::fs::write(path, b"").unwrap(),
    }
}

/// The packs that there were, and those that were written to.
fn packs(recording: &Recording, at: usize) -> BTreeSet<PathBuf> {
    let events = recording.events[..=at].iter();
    let files = events.filter_map(|(event, _)| match event {
        Event::Write { file, .. } if file.as_os_str() != DATA => Some(file.clone()),
        _ => None,
    });
    files.chain(recording.packs.keys().cloned()).collect()
}

struct Left {
    bytes: Vec<u8>,
    /// Whether it was ever synced.
    synced: bool,
}

fn file(recording: &Recording, name: &Path, base: &[u8], at: usize, random: &mut Random) -> Left {
    let mut data = base.to_vec();
    let events = &recording.events[..=at];
    let is_sync =
        |(event, _): &(Event, Journals)| matches!(event, Event::Sync { file } if file == name);
    // The last event is still going on.
    let synced = events[..events.len() - 1].iter().rposition(is_sync);
    let (ever, synced) = (synced.is_some(), synced.unwrap_or(0));
    let luck = random.below(4);
    for (n, (event, _)) in events.iter().enumerate() {
        let Event::Write {
            file,
            at,
            bytes,
            durable,
        } = event
        else {
            continue;
        };
        if file != name {
            continue;
        }
        let done = n < synced || *durable && n + 1 < events.len();
        for (piece, sector) in bytes.chunks(SECTOR).enumerate() {
            // Nothing, all, or any part of what nobody waited for.
            if !done && (luck == 0 || luck > 1 && random.below(2) == 0) {
                continue;
            }
            let start = *at as usize + piece * SECTOR;
            data.resize(data.len().max(start + sector.len()), 0);
            data[start..start + sector.len()].copy_from_slice(sector);
        }
    }
    Left {
        bytes: data,
        synced: ever,
    }
}

fn journal_files(
    settled: &Settled,
    recording: &Recording,
    at: usize,
    random: &mut Random,
) -> Journals {
    let past = &recording.events[..=at];
    let names: BTreeSet<&PathBuf> = past
        .iter()
        .flat_map(|(_, journals)| journals.keys())
        .collect();
    let removed = |name: &PathBuf| {
        past.iter()
            .any(|(event, _)| matches!(event, Event::Unlink(gone) if gone == name))
    };
    let mut files = Journals::new();
    for name in names {
        if removed(name) && random.below(2) == 0 {
            continue;
        }
        if let Some(bytes) = settled.0.get(name) {
            files.insert(name.clone(), bytes.clone());
            continue;
        }
        let versions: Vec<&Vec<u8>> = past.iter().filter_map(|(_, js)| js.get(name)).collect();
        let bytes = match random.below(8) {
            0 => continue,
            1 => Vec::new(),
            2 => versions[versions.len() - 1].clone(),
            3 => versions[random.below(versions.len() as u64) as usize].clone(),
            _ => mixture(&versions, random),
        };
        files.insert(name.clone(), after_reboot(bytes));
    }
    files
}

/// Each sector as it was at some time or other, or never written.
fn mixture(versions: &[&Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0; versions[versions.len() - 1].len()];
    // Mostly recent states, or all there ever were.
    let recent = if random.below(2) == 0 {
        8
    } else {
        versions.len() as u64
    };
    let first = (versions.len() as u64).saturating_sub(recent);
    for start in (0..bytes.len()).step_by(SECTOR) {
        let version = first + random.below(versions.len() as u64 - first + 1);
        let end = (start + SECTOR).min(bytes.len());
        if let Some(sector) = versions
            .get(version as usize)
            .and_then(|bytes| bytes.get(start..end))
        {
            bytes[start..end].copy_from_slice(sector);
        }
    }
    bytes
}

/// Gives a journal an owner from before the last boot: bytes 40 to 55 of its header are the boot's number, and
/// bytes 144 to 151 the check of those before.
fn after_reboot(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() >= 152 && bytes[144..152] == xxh3_64(&bytes[..144]).to_ne_bytes() {
        bytes[40..56].fill(0xb0);
        let check = xxh3_64(&bytes[..144]).to_ne_bytes();
        bytes[144..152].copy_from_slice(&check);
    }
    bytes
}
