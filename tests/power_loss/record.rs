//! The program's own `pwrite`, `writev`, `fdatasync` and `unlink`, in front of those of the C library. They do what
//! those do, and besides record what is written to the data file and to packs, in order and with the syncs between, and what the
//! journals hold by then; or they kill the process at a chosen call.

use libc::{c_char, c_int, c_void, iovec, off_t, size_t, ssize_t};
use std::collections::BTreeMap;
use std::ffi::{CStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[derive(Clone)]
pub enum Event {
    /// `durable`: the descriptor was opened for synchronous writing.
    Write {
        file: PathBuf,
        at: u64,
        bytes: Vec<u8>,
        durable: bool,
    },
    Sync {
        file: PathBuf,
    },
    /// A journal was removed.
    Unlink(PathBuf),
    /// A file or directory that runs keep was synced, or the directory of all.
    Kept {
        inode: u64,
        kept: Kept,
    },
}

/// What a file or a directory held.
#[derive(Clone)]
pub enum Kept {
    File(Vec<u8>),
    Directory(Vec<Entry>),
}

#[derive(Clone)]
pub struct Entry {
    pub name: OsString,
    pub inode: u64,
    pub is_directory: bool,
}

/// What the file or directory at a path holds now, and its number.
fn kept(path: &Path) -> std::io::Result<(u64, Kept)> {
    let about = path.metadata()?;
    let kept = match about.is_dir() {
        false => Kept::File(std::fs::read(path)?),
        true => Kept::Directory(
            path.read_dir()?
                .map(|entry| {
                    let entry = entry?;
                    Ok(Entry {
                        name: entry.file_name(),
                        inode: entry.metadata()?.ino(),
                        is_directory: entry.file_type()?.is_dir(),
                    })
                })
                .collect::<std::io::Result<_>>()?,
        ),
    };
    Ok((about.ino(), kept))
}

/// The data file.
pub const DATA: &str = "lmdb/data.mdb";

/// Contents of the journals by file name.
pub type Journals = BTreeMap<PathBuf, Vec<u8>>;

#[derive(Default)]
pub struct Recording {
    directory: PathBuf,
    /// The data file before the first event: it is on the disk.
    pub base: Vec<u8>,
    /// The packs that were there by then, by their names from `.aim` on.
    pub packs: BTreeMap<PathBuf, Vec<u8>>,
    /// What runs kept by then, by the numbers of the files and directories; that of the directory of all.
    pub kept: BTreeMap<u64, Kept>,
    pub top: u64,
    /// The events, each with the journals as they were just before it.
    pub events: Vec<(Event, Journals)>,
}

static RECORDING: Mutex<Option<Recording>> = Mutex::new(None);
/// Whether syncs do anything; images need none.
static SYNCING: AtomicBool = AtomicBool::new(true);

/// Starts to record the writes to the repository in a directory, which may not exist yet.
pub fn start(repo: &Path) {
    let recording = Recording {
        directory: repo.join(".aim"),
        ..Recording::default()
    };
    *RECORDING.lock().unwrap() = Some(recording);
}

pub fn stop() -> Recording {
    RECORDING.lock().unwrap().take().unwrap()
}

/// How many events there are so far.
pub fn position() -> usize {
    RECORDING.lock().unwrap().as_ref().unwrap().events.len()
}

pub fn stop_syncing() {
    SYNCING.store(false, Ordering::SeqCst);
}

/// Kills the process before or after the call with this number, counted from one: two numbers a call.
pub fn die_at(moment: u64) {
    MOMENTS_LEFT.store(moment, Ordering::SeqCst);
}

/// 0: the process need not die.
static MOMENTS_LEFT: AtomicU64 = AtomicU64::new(0);

fn moment() {
    let next = |left: u64| left.checked_sub(1);
    if MOMENTS_LEFT.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next) == Ok(1) {
        // SAFETY: ends this process at once.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    }
}

/// A call, with the moments before and after it.
fn between_moments<T>(call: impl FnOnce() -> T) -> T {
    moment();
    let result = call();
    moment();
    result
}

impl Recording {
    /// The data file or the pack that a descriptor stands for, from `.aim` on.
    fn file(&self, fd: c_int) -> Option<PathBuf> {
        // SAFETY: `stat` is plain data, for which zeros are a value; the call fills it.
        let mut about: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: the structure outlives the call.
        if unsafe { libc::fstat(fd, &raw mut about) } != 0 {
            return None;
        }
        let is_it = |name: &PathBuf| {
            let file = self.directory.join(name).metadata();
            file.is_ok_and(|file| (about.st_dev, about.st_ino) == (file.dev(), file.ino()))
        };
        let data = std::iter::once(PathBuf::from(DATA));
        data.chain(self.pack_names()).find(is_it)
    }

    fn pack_names(&self) -> impl Iterator<Item = PathBuf> + use<> {
        let packs = self.directory.join("blobs").read_dir().ok();
        let name = |pack: std::io::Result<std::fs::DirEntry>| {
            Some(Path::new("blobs").join(pack.ok()?.file_name()))
        };
        packs.into_iter().flatten().filter_map(name)
    }

    /// The directory, or the file or directory that runs keep, for which a descriptor stands.
    fn kept(&self, fd: c_int) -> Option<(u64, Kept)> {
        let path = std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()?;
        let is_kept = path == self.directory || path.starts_with(self.directory.join("artifacts"));
        is_kept.then(|| kept(&path).ok())?
    }

    fn keep_all(&self, path: &Path, all: &mut BTreeMap<u64, Kept>) {
        if let Ok((inode, found)) = kept(path) {
            if let Kept::Directory(entries) = &found {
                for entry in entries {
                    self.keep_all(&path.join(&entry.name), all);
                }
            }
            all.insert(inode, found);
        }
    }

    fn journals(&self) -> Journals {
        let Ok(files) = self.directory.join("journal").read_dir() else {
            return Journals::new();
        };
        let read = |file: std::io::Result<std::fs::DirEntry>| {
            let path = file.ok()?.path();
            let bytes = std::fs::read(&path).ok()?;
            Some((PathBuf::from(path.file_name()?), bytes))
        };
        files.filter_map(read).collect()
    }

    fn add(&mut self, event: Event) {
        let journals = self.journals();
        if self.events.is_empty() {
            self.base = std::fs::read(self.directory.join(DATA)).unwrap();
            let named = |name: PathBuf| {
                Some((name.clone(), std::fs::read(self.directory.join(name)).ok()?))
            };
            self.packs = self.pack_names().filter_map(named).collect();
            let mut kept_then = BTreeMap::new();
            self.keep_all(&self.directory.join("artifacts"), &mut kept_then);
            if let Ok((top, kept)) = kept(&self.directory) {
                self.top = top;
                kept_then.insert(top, kept);
            }
            self.kept = kept_then;
        }
        self.events.push((event, journals));
    }
}

fn written(fd: c_int, at: off_t, bytes: impl FnOnce() -> Vec<u8>) {
    let mut recording = RECORDING.lock().unwrap();
    if let Some(recording) = recording.as_mut()
        && let Some(file) = recording.file(fd)
    {
        // SAFETY: a call without pointers.
        let durable = unsafe { libc::fcntl(fd, libc::F_GETFL) } & libc::O_DSYNC != 0;
        recording.add(Event::Write {
            file,
            at: at as u64,
            bytes: bytes(),
            durable,
        });
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite(fd: c_int, from: *const c_void, count: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's promises about `write`.
    unsafe {
        written(fd, at, || {
            std::slice::from_raw_parts(from.cast(), count).to_vec()
        });
        between_moments(|| libc::syscall(libc::SYS_pwrite64, fd, from, count, at) as ssize_t)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite64(fd: c_int, from: *const c_void, count: size_t, at: off_t) -> ssize_t {
    // SAFETY: the same call by another name.
    unsafe { pwrite(fd, from, count, at) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn writev(fd: c_int, pieces: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the caller's promises about `writev`.
    unsafe {
        let at = libc::syscall(libc::SYS_lseek, fd, 0, libc::SEEK_CUR);
        written(fd, at, || {
            let pieces = std::slice::from_raw_parts(pieces, count as usize);
            let bytes =
                |piece: &iovec| std::slice::from_raw_parts(piece.iov_base.cast(), piece.iov_len);
            pieces.iter().flat_map(bytes).copied().collect()
        });
        between_moments(|| libc::syscall(libc::SYS_writev, fd, pieces, count) as ssize_t)
    }
}

/// Counts as done when it returns.
fn sync(fd: c_int, call: libc::c_long) -> c_int {
    let done = if SYNCING.load(Ordering::SeqCst) {
        // SAFETY: a call without pointers.
        between_moments(|| unsafe { libc::syscall(call, fd) as c_int })
    } else {
        0
    };
    let mut recording = RECORDING.lock().unwrap();
    if let Some(recording) = recording.as_mut() {
        if let Some(file) = recording.file(fd) {
            recording.add(Event::Sync { file });
        } else if recording.directory.join(DATA).exists()
            && let Some((inode, kept)) = recording.kept(fd)
        {
            recording.add(Event::Kept { inode, kept });
        }
    }
    done
}

#[unsafe(no_mangle)]
extern "C" fn fdatasync(fd: c_int) -> c_int {
    sync(fd, libc::SYS_fdatasync)
}

#[unsafe(no_mangle)]
extern "C" fn fsync(fd: c_int) -> c_int {
    sync(fd, libc::SYS_fsync)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller's promise about the string.
    let name = unsafe { CStr::from_ptr(path) };
    let name = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
    let mut recording = RECORDING.lock().unwrap();
    if let Some(recording) = recording.as_mut()
        && name.parent() == Some(&recording.directory.join("journal"))
    {
        recording.add(Event::Unlink(name.file_name().unwrap().into()));
    }
    // SAFETY: as above.
    between_moments(|| unsafe { libc::syscall(libc::SYS_unlink, path) as c_int })
}
