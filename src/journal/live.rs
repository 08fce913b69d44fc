//! A journal that lives: the file of a process and repo, and the calls that append to it.

use super::claims::Claim;
use super::clock::{self, Anchor, Source};
use super::layout::{self, Fixed};
use super::mapping::{self, Mapping, View};
use super::owner::Owner;
use super::push_error::PushError;
use super::record;
use super::ring::Ring;
use super::{JournalId, lock};
use crate::error::{Error, Result, Status};
use crate::files;
use crate::lock::Mutex;
use crate::own_file::OwnFile;
use crate::process::ForkGuard;
use crate::shield;
use std::fs::{self, File, OpenOptions};
use std::mem::ManuallyDrop;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64, fence};

/// Room for 131072 points: 6 MiB.
pub const DEFAULT_CAPACITY_BYTES: u64 = 131_072 * record::SLOT_BYTES as u64;
/// What a journal shrinks to where the process may not map more.
const LEAST_CAPACITY_SLOTS: u64 = 1024;

/// A crash-safe ring of records in a file: many threads append, one [`Consumer`](super::Consumer) takes out.
///
/// All methods may be called from any thread. A record whose push returned `Ok` survives the death of the
/// process at any instant. In a forked child every method answers [`PushError::Forked`] or
/// [`Status::Forked`] and dropping the journal does nothing.
pub struct Journal {
    ready: OnceLock<Ready>,
    fork: ForkGuard,
    source: Source,
    id: JournalId,
    pub(super) waits: AtomicU64,
    pub(super) wait_nanos: AtomicU64,
    pub(super) wakes: AtomicU64,
    /// How much had been given back when a call waited for more and gave up.
    pub(super) stands_still_at: AtomicU64,
    sealed_before_ready: AtomicBool,
    /// The filesystem has refused a write: the ring holds nothing any more.
    pub(super) failed: AtomicBool,
    pub(super) consumer_taken: AtomicBool,
    /// Bytes of records behind the ring (`kept.rs`).
    pub(super) kept: AtomicU64,
    pub(super) waker: OnceLock<Box<dyn Fn() + Send + Sync>>,
    preparing: Mutex<()>,
    created: Anchor,
    pub(super) fixed: Fixed,
    path: PathBuf,
    /// Closed on drop, before the claim is given up.
    file: ManuallyDrop<OwnFile>,
    claim: ManuallyDrop<Claim>,
}

/// What exists from the first record on.
pub(super) struct Ready {
    pub ring: Ring<View>,
    pub mapping: Mapping,
    /// The two anchors known when the ring was made.
    pub anchors: (Anchor, Anchor),
}

/// Counters since the journal was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Slots handed out so far, and how many of them are still occupied.
    pub slots_used: u64,
    pub slots_occupied: u64,
    pub slots: u64,
    /// Calls of [`Journal::wait_for_space`] that had to wait, and for how long together.
    pub waits: u64,
    pub wait_nanos: u64,
    /// Times a producer woke the consumer.
    pub wakes: u64,
}

impl Journal {
    /// Creates a journal file in `directory` (made if missing), owned by this process. Only its header takes
    /// space until [`ensure_ready`](Self::ensure_ready). The ring gets the largest power of two of 48-byte
    /// slots within `capacity_bytes`.
    pub fn create(directory: &Path, capacity_bytes: u64) -> Result<Self> {
        let slots = capacity_bytes / record::SLOT_BYTES as u64;
        if !(layout::LEAST_SLOTS..=layout::MOST_SLOTS).contains(&slots) {
            return Err(Error::invalid(format!(
                "a journal of {capacity_bytes} bytes: it needs {} to {}",
                layout::LEAST_SLOTS * record::SLOT_BYTES as u64,
                layout::MOST_SLOTS * record::SLOT_BYTES as u64,
            )));
        }
        let slots = 1 << slots.ilog2();
        let id = JournalId::random()?;
        let source = Source::detect();
        let fixed = Fixed {
            version: layout::VERSION,
            source,
            slots,
            id,
            owner: Owner::current(),
        };
        let claim = Claim::take(id)
            .ok_or_else(|| Error::new(Status::Busy, format!("journal id {id} is in use")))?;
        let path = directory.join(id.to_string());
        let created = Anchor::now(source);
        let file = create_file(directory, &path, &fixed, created)?;
        let file = OwnFile::new(file, &path, OpenOptions::new().read(true).write(true))
            .map_err(|e| Error::io(path.display(), &e))?;
        Ok(Self {
            ready: OnceLock::new(),
            fork: ForkGuard::new(),
            source,
            id,
            waits: AtomicU64::new(0),
            wait_nanos: AtomicU64::new(0),
            wakes: AtomicU64::new(0),
            stands_still_at: AtomicU64::new(u64::MAX),
            sealed_before_ready: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            consumer_taken: AtomicBool::new(false),
            kept: AtomicU64::new(0),
            waker: OnceLock::new(),
            preparing: Mutex::new(()),
            created,
            fixed,
            path,
            file: ManuallyDrop::new(file),
            claim: ManuallyDrop::new(claim),
        })
    }

    pub fn id(&self) -> JournalId {
        self.id
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this process is a forked child of the journal's owner.
    #[inline(always)]
    pub fn forked(&self) -> bool {
        self.fork.forked()
    }

    /// Takes disk space and memory for the ring. Cheap once it has succeeded; after a failure it may be tried
    /// again. A process that may not map the whole ring (`ulimit -v`, `ulimit -f`) gets a smaller one.
    ///
    /// # Errors
    /// `Full` when the disk is, `Io` or `Limit` when the system refuses, `Closed` after
    /// [`seal`](Self::seal), `Forked`.
    pub fn ensure_ready(&self) -> Result<()> {
        if self.fork.forked() {
            return Err(PushError::Forked.into());
        }
        if self.ready.get().is_some() {
            return Ok(());
        }
        shield::prolong();
        let _one_at_a_time = self.preparing.lock();
        if self.ready.get().is_some() {
            return Ok(());
        }
        if self.sealed_before_ready.load(Relaxed) {
            return Err(PushError::Closed.into());
        }
        let ready = self.prepare().map_err(|e| {
            // The header is all there was; what more the file takes serves nobody.
            let _ = self
                .file()
                .map(|file| file.set_len(layout::HEADER_BYTES as u64));
            e.context(self.path.display())
        })?;
        let _ = self.ready.set(ready);
        // The consumer sleeps without a ring to watch; it looks again.
        self.call_waker();
        Ok(())
    }

    /// The file, with the lock that says that its owner lives.
    pub(super) fn file(&self) -> Result<ManuallyDrop<File>> {
        let reopened = self.file.check()?;
        let file = self.file.file();
        if reopened && !lock::try_lock(&file).map_err(|e| Error::io(self.path.display(), &e))? {
            return Err(Error::new(
                Status::Busy,
                format!(
                    "{}: the program closed its descriptor, and another process holds it now",
                    self.path.display()
                ),
            ));
        }
        Ok(file)
    }

    /// Makes sure that the file is held, though the host may have closed its descriptor.
    pub fn check_file(&self) -> Result<()> {
        self.file().map(|_| ())
    }

    fn prepare(&self) -> Result<Ready> {
        let file = self.file()?;
        let (mapping, slots) = self.reserve_memory(&file)?;
        if slots != self.fixed.slots {
            let fixed = Fixed {
                slots,
                ..self.fixed.clone()
            };
            file.write_all_at(&fixed.encode(), 0)
                .map_err(|e| Error::io("writing the header of a journal", &e))?;
        }
        mapping.populate(&file)?;
        let now = Anchor::now(self.source);
        write_anchor(&mapping.view(), FIRST_ANCHORS.1, now);
        Ok(Ready {
            ring: Ring::new(mapping.view(), slots),
            mapping,
            anchors: (self.created, now),
        })
    }

    /// The largest mapping that the limits of the process allow, and its slots.
    fn reserve_memory(&self, file: &File) -> Result<(Mapping, u64)> {
        let limit = mapping::size_limit();
        let mut slots = self.fixed.slots;
        loop {
            let bytes = layout::file_bytes(slots);
            let least = slots <= LEAST_CAPACITY_SLOTS;
            if bytes > limit {
                if least {
                    let rule = format!(
                        "files may not exceed {limit} bytes (ulimit -f), a journal needs {bytes}"
                    );
                    return Err(Error::new(Status::Full, rule));
                }
            } else {
                match Mapping::reserve(file, slots as u32) {
                    Ok(mapping) => return Ok((mapping, slots)),
                    Err(e) if e.raw_os_error() == Some(libc::ENOMEM) && !least => {}
                    Err(e) => return Err(Error::io(format!("mapping {bytes} bytes"), &e)),
                }
            }
            slots /= 2;
        }
    }

    /// The ring, to append to.
    #[inline(always)]
    pub(super) fn ring(&self) -> std::result::Result<&Ring<View>, PushError> {
        if self.fork.forked() {
            return Err(PushError::Forked);
        }
        match self.ready.get() {
            Some(ready) => Ok(&ready.ring),
            None => Err(self.unready()),
        }
    }

    #[cold]
    fn unready(&self) -> PushError {
        match self.sealed_before_ready.load(Relaxed) {
            true => PushError::Closed,
            false => PushError::NotReady,
        }
    }

    /// The ring, if it exists and is this process's.
    pub(super) fn usable(&self) -> Option<&Ready> {
        self.ready.get().filter(|_| !self.fork.forked())
    }

    /// The fence pairs with the one in `Consumer::new`: either the waker is seen here, or the consumer sees
    /// what it would have been woken for.
    pub(super) fn call_waker(&self) {
        fence(SeqCst);
        if let Some(waker) = self.waker.get() {
            waker();
        }
    }

    /// Ends appending: every push that has not got its place by now fails with [`PushError::Closed`], so a
    /// drain that reaches the tail afterwards has seen everything. Wakes the consumer. May be repeated.
    pub fn seal(&self) {
        if self.fork.forked() {
            return;
        }
        let _not_while_preparing = self.preparing.lock();
        match self.usable() {
            Some(ready) => {
                ready.ring.seal();
            }
            None => self.sealed_before_ready.store(true, Relaxed),
        }
        self.call_waker();
    }

    /// Whether the filesystem has refused a write ([`Consumer::secure`](super::Consumer::secure)). What
    /// [`stats`](Self::stats) said of the ring before this says no holds.
    pub fn has_failed(&self) -> bool {
        self.failed.load(SeqCst)
    }

    /// Whether the file was removed: then no other process will find what is in it.
    pub fn is_removed(&self) -> bool {
        let about = self.file().map(|file| file.metadata());
        about.is_ok_and(|about| about.is_ok_and(|about| about.nlink() == 0))
    }

    pub fn is_sealed(&self) -> bool {
        match self.usable() {
            _ if self.fork.forked() => false,
            Some(ready) => ready.ring.tail().1,
            None => self.sealed_before_ready.load(Relaxed),
        }
    }

    /// A place that nobody will ever write to, as of a producer that was interrupted for good.
    #[cfg(test)]
    pub fn leave_gap(&self) {
        self.ring().and_then(|ring| ring.reserve(1)).unwrap();
    }

    /// Writes the present time into the header, as every drain that finds something does. Observers on other
    /// hosts take an owner for dead after a minute without.
    pub fn heartbeat(&self) -> Result<()> {
        if self.fork.forked() {
            return Err(PushError::Forked.into());
        }
        let now = clock::unix_nanos();
        match self.usable() {
            Some(ready) => write_heartbeat(&ready.ring.memory, now),
            None => self
                .file()?
                .write_all_at(&millis(now).to_ne_bytes(), layout::HEARTBEAT as u64)
                .map_err(|e| Error::io(self.path.display(), &e))?,
        }
        Ok(())
    }

    pub fn stats(&self) -> Stats {
        let mut stats = Stats {
            slots: self.fixed.slots,
            waits: self.waits.load(Relaxed),
            wait_nanos: self.wait_nanos.load(Relaxed),
            wakes: self.wakes.load(Relaxed),
            ..Stats::default()
        };
        if let Some(Ready { ring, .. }) = self.usable() {
            let head = ring.head();
            stats.slots = ring.slots();
            stats.slots_used = ring.tail().0;
            stats.slots_occupied = stats.slots_used.saturating_sub(head);
        }
        stats
    }

    /// Removes the file. For the owner, after the store has committed all that was drained; records that are
    /// still inside are lost if the process dies.
    pub fn remove(&self) -> Result<()> {
        if self.fork.forked() {
            return Err(PushError::Forked.into());
        }
        remove_if_present(&self.path)
    }

    #[inline(always)]
    pub(super) fn source(&self) -> Source {
        self.source
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.fork.forked() {
            // The child has no mapping, no lock and no claim; the file is its parent's.
            std::mem::forget(self.ready.take());
            return;
        }
        // Without this note the journal would count as alive for as long as the process runs.
        let _ = self
            .file()
            .map(|file| file.write_all_at(&layout::LEFT.to_ne_bytes(), layout::CLOSED as u64));
        // SAFETY: neither field is used again. The file is closed first: closing it drops the lock, which
        // must happen before another part of the process may open it.
        unsafe {
            ManuallyDrop::drop(&mut self.file);
            ManuallyDrop::drop(&mut self.claim);
        }
    }
}

/// Places of the two anchors that exist when the ring is ready.
pub(super) const FIRST_ANCHORS: (usize, usize) = (0, 1);

/// Stores an anchor in one of the header's places; the check goes last.
pub(super) fn write_anchor(mapping: &View, place: usize, anchor: Anchor) {
    let at = layout::ANCHORS + place * layout::ANCHOR_BYTES;
    for (n, word) in layout::encode_anchor(anchor).iter().enumerate() {
        mapping.word(at + n * 8).store(*word, Release);
    }
}

pub(super) fn write_heartbeat(mapping: &View, unix_nanos: i64) {
    mapping
        .word(layout::HEARTBEAT)
        .store(millis(unix_nanos), Relaxed);
}

fn millis(unix_nanos: i64) -> u64 {
    u64::try_from(unix_nanos / 1_000_000).unwrap_or(0)
}

pub(super) fn remove_if_present(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path.display(), &e)),
        _ => Ok(()),
    }
}

/// Suffix of a file that is not a journal yet.
pub(super) const UNFINISHED: &str = ".new";

/// Makes the file under another name, locks it, and only then shows it: nobody meets it unlocked.
fn create_file(directory: &Path, path: &Path, fixed: &Fixed, created: Anchor) -> Result<File> {
    fs::create_dir_all(directory).map_err(|e| Error::io(directory.display(), &e))?;
    if mapping::size_limit() < layout::HEADER_BYTES as u64 {
        return Err(Error::new(
            Status::Full,
            format!(
                "{}: files may not exceed {} bytes (ulimit -f), the header of a journal has {}",
                path.display(),
                mapping::size_limit(),
                layout::HEADER_BYTES
            ),
        ));
    }
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let made = || -> std::io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            // Until it is locked nobody else can open it, and so lock it.
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&unfinished)?;
        if !lock::try_lock(&file)? {
            return Err(std::io::Error::other(
                "another process locked a file just made",
            ));
        }
        files::open_up(&file, &fs::metadata(directory)?);
        mapping::write_in_place(&file);
        let mut header = vec![0; layout::HEADER_BYTES];
        let encoded = fixed.encode();
        header[..encoded.len()].copy_from_slice(&encoded);
        let now = millis(created.unix_nanos).to_ne_bytes();
        header[layout::HEARTBEAT..layout::HEARTBEAT + 8].copy_from_slice(&now);
        for (n, word) in layout::encode_anchor(created).iter().enumerate() {
            let at = layout::ANCHORS + n * 8;
            header[at..at + 8].copy_from_slice(&word.to_ne_bytes());
        }
        file.write_all_at(&header, 0)?;
        fs::rename(&unfinished, path)?;
        Ok(file)
    }();
    made.map_err(|e| {
        let _ = fs::remove_file(&unfinished);
        Error::io(format!("creating {}", path.display()), &e)
    })
}
