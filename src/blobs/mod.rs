//! Packs: the bytes of objects, beside the database, in `PATH/.aim/blobs/`.
//!
//! Each process that writes appends to a file of its own, `<journal>.<number>.pack`, and begins another one when it is
//! large. So nobody waits for anybody: neither for a lock, nor for the bytes of others in a transaction of the database.
//!
//! # Layout
//! Records one after the other, integers little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `AIMBLOB1` |
//! | 8 | size of the content |
//! | 16 | first half of the content's SHA-256 |
//! | 8 | XXH3 of the content |
//! | 8 | XXH3 of the 40 bytes before |
//! | size | the content |
//!
//! Records begin at multiples of 16 bytes; those of 64 KiB and more at multiples of 4 KiB, and end there, so that the
//! filesystem gets their blocks back when a hole is made of them. A hole reads as zeros.
//!
//! # What is sure
//! A record is written before the journal or the database refer to it, so a process that is killed leaves none that is
//! referred to and not whole. It is synced (`Packs::sync`) before a transaction that refers to it is committed. By their
//! hash the same bytes are stored once: SHA-256, since who can make two contents of one XXH3 could put one in place of
//! another. Who reads checks by XXH3, which costs a tenth.

mod holes;
mod read;
mod window;

pub use holes::{Used, clear, copy, give_back, packs, packs_of, remove_all, sync_all};
pub use read::{Bytes, Reader, beside, open};
pub use window::Shelf;

use crate::error::{Error, Result, Status};
use crate::files::{self, Folder, Openers};
use crate::lock::Mutex;
use crate::own_file::OwnFile;
use crate::shield;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Largest object: 1 GiB.
pub const MAX_SIZE: usize = 1 << 30;
/// From this size on a pack is full.
const PACK: u64 = 256 << 20;
/// Records from this size on have blocks of the filesystem to themselves.
const LARGE: usize = 64 << 10;
const BLOCK: u64 = 4 << 10;
const ALIGNMENT: u64 = 16;
const MAGIC: &[u8; 8] = b"AIMBLOB1";
const HEADER: usize = 48;
/// Contents that a process remembers, to write none of them twice; then it begins anew.
const REMEMBERED: usize = 1 << 16;

/// A pack: the journal of the process that wrote it, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pack {
    pub journal: [u8; 16],
    pub number: u32,
}

impl Pack {
    pub fn name(self) -> String {
        format!(
            "{:032x}.{}.pack",
            u128::from_be_bytes(self.journal),
            self.number
        )
    }

    fn from_name(name: &str) -> Option<Pack> {
        let (journal, number) = name.strip_suffix(".pack")?.split_once('.')?;
        Some(Pack {
            journal: u128::from_str_radix(journal, 16).ok()?.to_be_bytes(),
            number: number.parse().ok()?,
        })
    }
}

/// Where bytes lie, and what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob {
    pub size: u64,
    pub hash: [u8; 16],
    pub check: u64,
    pub pack: Pack,
    /// Of the content, in the pack.
    pub offset: u64,
}

impl Blob {
    pub const BYTES: usize = 60;

    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.size.to_le_bytes());
        out.extend_from_slice(&self.check.to_le_bytes());
        out.extend_from_slice(&self.hash);
        out.extend_from_slice(&self.pack.journal);
        out.extend_from_slice(&self.pack.number.to_le_bytes());
        out.extend_from_slice(&self.offset.to_le_bytes());
    }

    /// What its record takes of the pack: from, to.
    pub fn part(&self) -> (u64, u64) {
        let end = self.offset.saturating_add(self.size);
        let from = self.offset.saturating_sub(HEADER as u64);
        (from, end.next_multiple_of(alignment(self.size)))
    }

    pub fn decode(bytes: &[u8; Blob::BYTES]) -> Blob {
        let half = |at: usize| std::array::from_fn(|i| bytes[at + i]);
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        Blob {
            size: word(0),
            check: word(8),
            hash: half(16),
            pack: Pack {
                journal: half(32),
                number: u32::from_le_bytes(std::array::from_fn(|i| bytes[48 + i])),
            },
            offset: word(52),
        }
    }
}

/// The first half of a content's SHA-256.
fn hash(content: &[u8]) -> [u8; 16] {
    let hash = Sha256::digest(content);
    std::array::from_fn(|i| hash[i])
}

/// Makes the directory of packs, so that it outlives a power loss.
pub fn make(directory: &Path) -> Result<()> {
    let failed =
        |e: std::io::Error| Error::io(format_args!("creating {}", directory.display()), &e);
    if files::make_directory(directory).map_err(failed)?
        && let Some(above) = directory.parent()
    {
        let _ = std::fs::File::open(above).and_then(|above| above.sync_all());
    }
    Ok(())
}

/// The packs that one process writes.
pub struct Packs {
    directory: PathBuf,
    journal: [u8; 16],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    packs: u32,
    known: FxHashMap<[u8; 16], Blob>,
    /// Written to since the last sync; the directory, too, if one of them is new.
    unsynced: Vec<Arc<OwnFile>>,
    new_names: bool,
}

struct Current {
    file: Arc<OwnFile>,
    pack: Pack,
    end: u64,
}

impl Packs {
    pub fn new(directory: PathBuf, journal: [u8; 16]) -> Packs {
        Packs {
            directory,
            journal,
            state: Mutex::default(),
        }
    }

    /// By which its packs are called.
    pub fn journal(&self) -> [u8; 16] {
        self.journal
    }

    /// Stores bytes, unless it has. When this returns they survive the death of the process.
    pub fn put(&self, content: &[u8]) -> Result<Blob> {
        if content.len() > MAX_SIZE {
            return Err(Error::new(
                Status::Limit,
                format!(
                    "the object has {} bytes, more than {MAX_SIZE}",
                    content.len()
                ),
            ));
        }
        let (hash, check) = (hash(content), xxh3_64(content));
        let _held = shield::hold();
        let mut state = self.state.lock();
        if let Some(known) = state.known.get(&hash) {
            return Ok(*known);
        }
        let (file, pack, at) = self.place(&mut state, content.len())?;
        file.check()?;
        let offset = at + HEADER as u64;
        let blob = Blob {
            size: content.len() as u64,
            hash,
            check,
            pack,
            offset,
        };
        if let Err(e) = write(&file, &blob, content) {
            // What was written of it gives its space back.
            let _ = file.file().set_len(at);
            return Err(Error::io(self.directory.join(pack.name()).display(), &e));
        }
        if let Some(current) = &mut state.current {
            current.end = blob.part().1;
        }
        if !state.unsynced.iter().any(|f| Arc::ptr_eq(f, &file)) {
            state.unsynced.push(file);
        }
        if state.known.len() >= REMEMBERED {
            state.known.clear();
        }
        state.known.insert(hash, blob);
        Ok(blob)
    }

    /// The pack to write to, and where the next record of so many bytes begins.
    fn place(&self, state: &mut State, size: usize) -> Result<(Arc<OwnFile>, Pack, u64)> {
        if let Some(current) = &state.current {
            let at = current.end.next_multiple_of(alignment(size as u64));
            if at + size as u64 <= PACK {
                return Ok((Arc::clone(&current.file), current.pack, at));
            }
        }
        make(&self.directory)?;
        let pack = Pack {
            journal: self.journal,
            number: state.packs,
        };
        let made = Folder::open(&self.directory)?.made(&pack.name(), Openers::Readers)?;
        let path = self.directory.join(pack.name());
        let file = OwnFile::new(made, &path, OpenOptions::new().read(true).write(true))
            .map_err(|e| Error::io(path.display(), &e))?;
        let file = Arc::new(file);
        state.packs += 1;
        state.new_names = true;
        state.current = Some(Current {
            file: Arc::clone(&file),
            pack,
            end: 0,
        });
        Ok((file, pack, 0))
    }

    /// The number of the last pack, and where what is whole in it ends; `None` while nothing was put.
    pub fn end(&self) -> Option<(u32, u64)> {
        let _held = shield::hold();
        let state = self.state.lock();
        let current = state.current.as_ref();
        current.map(|current| (current.pack.number, current.end))
    }

    /// Brings all that was stored so far to the disk.
    pub fn sync(&self) -> Result<()> {
        let (files, new_names) = {
            let _held = shield::hold();
            let mut state = self.state.lock();
            let new_names = std::mem::take(&mut state.new_names);
            (std::mem::take(&mut state.unsynced), new_names)
        };
        let failed = |e: std::io::Error| Error::io(self.directory.display(), &e);
        let synced = files.iter().try_for_each(|file| {
            let (file, _) = file.get()?;
            file.sync_data().map_err(failed)
        });
        let synced = synced.and_then(|()| match new_names {
            true => std::fs::File::open(&self.directory)
                .and_then(|directory| directory.sync_all())
                .map_err(failed),
            false => Ok(()),
        });
        if synced.is_err() {
            let _held = shield::hold();
            let mut state = self.state.lock();
            state.unsynced.extend(files);
            state.new_names |= new_names;
        }
        synced
    }
}

/// What a record's place is a multiple of.
fn alignment(size: u64) -> u64 {
    match size >= LARGE as u64 {
        true => BLOCK,
        false => ALIGNMENT,
    }
}

fn header(blob: &Blob) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8..16].copy_from_slice(&blob.size.to_le_bytes());
    header[16..32].copy_from_slice(&blob.hash);
    header[32..40].copy_from_slice(&blob.check.to_le_bytes());
    let check = xxh3_64(&header[..40]);
    header[40..].copy_from_slice(&check.to_le_bytes());
    header
}

fn write(file: &OwnFile, blob: &Blob, content: &[u8]) -> std::io::Result<()> {
    let at = blob.offset - HEADER as u64;
    let header = header(blob);
    let file = file.file();
    if content.len() < LARGE {
        return file.write_all_at(&[&header, content].concat(), at);
    }
    file.write_all_at(&header, at)?;
    file.write_all_at(content, blob.offset)
}
