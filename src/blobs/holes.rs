//! What is done to packs of others: those of dead processes are synced before what refers to them is stored, and bytes to
//! which nothing refers any more give their space back.

use super::{Blob, Pack};
use crate::error::{Error, Result};
use crate::files::{Access, Folder, Openers};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

/// The parts of packs that something refers to, sorted: pack, from, to.
pub type Used = Vec<(Pack, u64, u64)>;

/// The packs that there are.
pub fn packs(directory: &Path) -> Result<Vec<Pack>> {
    let entries = match std::fs::read_dir(directory) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| Error::io(directory.display(), &e))?,
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter_map(|name| Pack::from_name(&name)).collect())
}

/// Those of one process, in the order in which it began them.
pub fn packs_of(directory: &Path, journal: &[u8; 16]) -> Result<Vec<Pack>> {
    let mut packs = packs(directory)?;
    packs.retain(|pack| pack.journal == *journal);
    packs.sort_unstable();
    Ok(packs)
}

/// Removes the packs of a process.
pub fn remove_all(directory: &Path, journal: &[u8; 16]) -> Result<()> {
    for pack in packs_of(directory, journal)? {
        let path = directory.join(pack.name());
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io(path.display(), &e));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Brings the packs of a process that died to the disk.
pub fn sync_all(directory: &Path, journal: &[u8; 16]) -> Result<()> {
    for pack in packs_of(directory, journal)? {
        if let Some(file) = Folder::open(directory)?.existing(&pack.name(), Access::Write)? {
            file.sync_data()
                .map_err(|e| Error::io(directory.join(pack.name()).display(), &e))?;
        }
    }
    Ok(())
}

/// Copies all packs into another directory, by sharing blocks where the filesystem can.
pub fn copy(from: &Path, into: &Path) -> Result<()> {
    for pack in packs(from)? {
        super::make(into)?;
        let to = Folder::open(into)?.made(&pack.name(), Openers::Readers)?;
        if let Some(file) = Folder::open(from)?.existing(&pack.name(), Access::Read)? {
            let copied = std::io::copy(&mut &file, &mut &to).and_then(|_| to.sync_all());
            copied.map_err(|e| Error::io(format_args!("copying {}", pack.name()), &e))?;
        }
    }
    Ok(())
}

/// Makes a hole of an object that nothing refers to and nobody can refer to any more.
pub fn give_back(directory: &Path, blob: &Blob) -> Result<()> {
    if let Some(file) = Folder::open(directory)?.existing(&blob.pack.name(), Access::Write)? {
        let (from, to) = blob.part();
        punch(&file, from, to)
            .map_err(|e| Error::io(directory.join(blob.pack.name()).display(), &e))?;
    }
    Ok(())
}

/// Makes holes of all that nothing refers to, and removes packs that hold nothing else; `is_done` tells of a pack that nobody
/// adds to or can refer to anew. Returns the bytes that all of them took before and take now.
pub fn clear(
    directory: &Path,
    used: &Used,
    mut is_done: impl FnMut(Pack) -> Result<bool>,
) -> Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    const UNIT: u64 = 512;
    let (mut before, mut after) = (0, 0);
    for pack in packs(directory)? {
        let path = directory.join(pack.name());
        let failed = |e: std::io::Error| Error::io(path.display(), &e);
        let Some(file) = Folder::open(directory)?.existing(&pack.name(), Access::Write)? else {
            continue;
        };
        let about = file.metadata().map_err(failed)?;
        before += about.blocks() * UNIT;
        if !is_done(pack)? {
            after += about.blocks() * UNIT;
            continue;
        }
        let parts = used.iter().filter(|(of, ..)| *of == pack);
        let mut parts = parts.map(|(_, from, to)| (*from, *to)).peekable();
        if parts.peek().is_none() {
            std::fs::remove_file(&path).map_err(failed)?;
            continue;
        }
        let mut at = 0;
        for (from, to) in parts.chain([(about.len(), about.len())]) {
            if from > at {
                punch(&file, at, from).map_err(failed)?;
            }
            at = at.max(to);
        }
        after += file.metadata().map_err(failed)?.blocks() * UNIT;
    }
    Ok((before, after))
}

/// The bytes become zeros, and whole blocks of them free. A filesystem that cannot do that keeps them.
fn punch(file: &File, from: u64, to: u64) -> std::io::Result<()> {
    let (Ok(at), Ok(length)) = (i64::try_from(from), i64::try_from(to - from)) else {
        return Ok(());
    };
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // SAFETY: the descriptor is open for writing; the call has no pointers.
    if unsafe { libc::fallocate(file.as_raw_fd(), mode, at, length) } == 0 {
        return Ok(());
    }
    let e = std::io::Error::last_os_error();
    match e.raw_os_error() {
        Some(libc::EOPNOTSUPP | libc::ENOSYS) => Ok(()),
        _ => Err(e),
    }
}
