//! Reading the journals of processes that have ended.
//!
//! Recovery only reads: it may itself be killed and repeated. The store keeps the position up to which a journal's
//! records are committed and hands it in; slots are released only after that, so every record that is still
//! needed lies within one lap from there. A slot counts if it carries its own position and its check holds; after
//! a power loss some pages of the file are older than others, and what does not fit is passed over.

use super::JournalId;
use super::alive::owner_seems_dead;
use super::claims::Claim;
use super::clock::{self, Calibration};
use super::layout::{self, Fixed};
use super::live::remove_if_present;
use super::lock::{self, Holder};
use super::owner::Owner;
use super::read::{open, read_header, read_up_to};
use super::record::{self, PAYLOAD_OFFSET, Record, SLOT_BYTES, WORDS, header};
use super::ring::POSITION;
use crate::error::{Error, Result, Status};
use crate::memory;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for another process that recovers a journal; a stopped one must not hold up everybody.
const RECOVERY_PATIENCE: Duration = Duration::from_secs(10);
/// A dead owner's journal, locked by this process until dropped.
pub struct Recovery {
    id: JournalId,
    path: PathBuf,
    fixed: Fixed,
    header: Vec<u8>,
    same_boot: bool,
    /// How many slots the file has room for.
    slots_there: u64,
    /// Closed before the claim is given up: fields drop in this order.
    file: File,
    _claim: Claim,
}

/// What a replay came across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Position to commit together with the records: a replay from here presents nothing again.
    pub end: u64,
    /// Records presented.
    pub records: u64,
    /// Records that were begun but never completed, or that a power loss tore.
    pub torn: u64,
    /// Of these, records that were complete before something damaged them.
    pub damaged: u64,
    /// Slots that the store has not got, though the owner gave them back as stored, and that hold other records now. The
    /// store is an older copy of the one that the journal belongs to.
    pub overwritten: u64,
    /// Slots that were read.
    pub read_slots: u64,
}

impl Recovery {
    /// Opens the journal for recovery. `None`: its owner lives, or it is gone. Waits for another process that is
    /// recovering it, within reason.
    ///
    /// # Errors
    /// `Corrupt` when the header makes no sense (see [`set_aside`](super::set_aside)), `UnsupportedVersion`, `ReadOnly`, `Io`.
    pub fn open(directory: &Path, id: JournalId) -> Result<Option<Self>> {
        let path = directory.join(id.to_string());
        let deadline = Instant::now() + RECOVERY_PATIENCE;
        loop {
            match Self::lock(&path, id)? {
                Locking::Done(file, claim) => {
                    return Self::examine(path.clone(), id, file, claim)
                        .map_err(|e| e.context(path.display()));
                }
                Locking::Recovered if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Locking::Recovered => {
                    return Err(Error::new(
                        Status::Busy,
                        format!(
                            "{} is being recovered by another process, which does not finish: let it go on or end it",
                            path.display()
                        ),
                    ));
                }
                Locking::Refused => return Ok(None),
            }
        }
    }

    /// Opens the journal to read what it holds, by who may not write it: nothing is locked, and the journal stays. `None`:
    /// its owner lives, somebody recovers it, or it is gone.
    pub fn look(directory: &Path, id: JournalId) -> Result<Option<Self>> {
        let path = directory.join(id.to_string());
        let io = |e| Error::io(path.display(), &e);
        let Some(claim) = Claim::take(id) else {
            return Ok(None);
        };
        let file = match open(&path, false) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(io)?,
        };
        match lock::holder(&file).map_err(io)? {
            Some(Holder::Writer(_)) => Ok(None),
            _ => {
                Self::examine(path.clone(), id, file, claim).map_err(|e| e.context(path.display()))
            }
        }
    }

    /// Opens a journal that was set aside as `<id>.<extension>`. Nothing is locked: the caller sees to it that nobody else
    /// does the same.
    ///
    /// # Errors
    /// `InvalidArgument` for a file with another name, `NotFound`, and as `open`.
    pub fn open_aside(path: &Path) -> Result<Self> {
        let name = path.file_stem().and_then(|name| name.to_str());
        let id: JournalId = name.and_then(|name| name.parse().ok()).ok_or_else(|| {
            Error::invalid(format!(
                "{} is not a journal: those that were set aside have 32 hex digits and an ending as names",
                path.display()
            ))
        })?;
        let busy = || {
            let text = format!("{} is still in use by a process", path.display());
            Error::new(Status::Busy, text)
        };
        let claim = Claim::take(id).ok_or_else(busy)?;
        let file = open(path, false).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                Error::new(Status::NotFound, format!("there is no {}", path.display()))
            }
            _ => Error::io(path.display(), &e),
        })?;
        let examined = Self::examine(path.to_owned(), id, file, claim);
        examined
            .map_err(|e| e.context(path.display()))?
            .ok_or_else(busy)
    }

    /// The file, locked, if it still has its name then: another process may have recovered and removed it.
    fn lock(path: &Path, id: JournalId) -> Result<Locking> {
        let io = |e| Error::io(path.display(), &e);
        let Some(claim) = Claim::take(id) else {
            return Ok(Locking::Refused);
        };
        let file = match open(path, true) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Locking::Refused),
            file => file.map_err(io)?,
        };
        if !lock::try_lock(&file).map_err(io)? {
            match lock::holder(&file).map_err(io)? {
                // Free again in this moment: whoever had it is done.
                None => return Ok(Locking::Recovered),
                // Nobody who writes has a lock, then, and the caller has the turn to recover.
                Some(Holder::Reader(_)) => {}
                Some(Holder::Writer(holder)) => {
                    let fixed = Fixed::decode(&read_header(&file)?);
                    let recovered = fixed
                        .is_ok_and(|fixed| fixed.owner.is_recovered_by(holder, &Owner::current()));
                    return Ok(match recovered {
                        true => Locking::Recovered,
                        false => Locking::Refused,
                    });
                }
            }
        }
        let held = file.metadata().map_err(io)?;
        let named = match fs::symlink_metadata(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Locking::Refused),
            named => named.map_err(io)?,
        };
        let same = (held.dev(), held.ino()) == (named.dev(), named.ino());
        Ok(match same {
            true => Locking::Done(file, claim),
            false => Locking::Refused,
        })
    }

    fn examine(path: PathBuf, id: JournalId, file: File, claim: Claim) -> Result<Option<Self>> {
        let header = read_header(&file)?;
        let fixed = Fixed::decode(&header)?;
        if fixed.id != id {
            // A copy under another name; the original speaks for itself.
            return Err(Error::corrupt(format!(
                "the journal is named {id} but is {}",
                fixed.id
            )));
        }
        let same_boot = fixed.owner.same_boot(&Owner::current());
        let Some((file, claim)) = owner_seems_dead(&fixed, &header, file, claim) else {
            return Ok(None);
        };
        let bytes = file
            .metadata()
            .map_err(|e| Error::io("its size", &e))?
            .len();
        let bytes = bytes.saturating_sub(layout::HEADER_BYTES as u64);
        Ok(Some(Self {
            id,
            path,
            fixed,
            header,
            same_boot,
            slots_there: bytes.div_ceil(SLOT_BYTES as u64),
            file,
            _claim: claim,
        }))
    }

    pub fn id(&self) -> JournalId {
        self.id
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn slots(&self) -> u64 {
        self.fixed.slots
    }

    pub fn owner(&self) -> &Owner {
        &self.fixed.owner
    }

    /// When its owner was last seen alive by this file: microseconds since 1970-01-01 UTC. Never after now.
    pub fn last_seen(&self) -> i64 {
        let heartbeat = layout::word(&self.header, layout::HEARTBEAT).unwrap_or(0);
        let millis = i64::try_from(heartbeat).unwrap_or(i64::MAX);
        let now = clock::unix_nanos() / 1000;
        millis.saturating_mul(1000).clamp(0, now)
    }

    /// How many slots a replay from `cursor` on looks at.
    pub fn backlog(&self, cursor: u64) -> u64 {
        let (from, to) = self.range(cursor);
        to - from
    }

    /// Presents the complete records from position `cursor` on (0 if the store has none for this journal), in
    /// order, each with the position behind it. An error of `each` ends the replay.
    pub fn replay(
        &self,
        cursor: u64,
        each: impl FnMut(Record<'_>, u64) -> Result<()>,
    ) -> Result<Replay> {
        self.replay_range(cursor, self.range(cursor), each)
    }

    /// Presents all that is still there, whether a store has had it or not.
    pub fn replay_all(&self, each: impl FnMut(Record<'_>, u64) -> Result<()>) -> Result<Replay> {
        let tail = layout::word(&self.header, layout::TAIL).unwrap_or(0) & POSITION;
        let first = tail.saturating_sub(self.fixed.slots);
        // After a power loss the tail may be older than the slots; each is of one position alone.
        let end = match self.same_boot {
            true => tail,
            false => tail.saturating_add(self.fixed.slots),
        };
        self.replay_range(first, (first, end), each)
    }

    fn replay_range(
        &self,
        cursor: u64,
        (mut position, end): (u64, u64),
        mut each: impl FnMut(Record<'_>, u64) -> Result<()>,
    ) -> Result<Replay> {
        let times = Times::new(&self.header);
        let mut replay = Replay {
            end,
            records: 0,
            torn: 0,
            damaged: 0,
            overwritten: position.saturating_sub(cursor),
            read_slots: 0,
        };
        let given_back = match self.same_boot {
            true => layout::word(&self.header, layout::HEAD).unwrap_or(0),
            false => 0,
        };
        let mut window = Window::new(&self.file, self.fixed.slots);
        let mut payload = Vec::new();
        while position < end {
            if let Some(rest) = self.slots_past_the_end(position) {
                position = position.saturating_add(rest);
                continue;
            }
            let words = window
                .slot(position)
                .map_err(|e| e.context(self.path.display()))?;
            replay.read_slots += 1;
            let (slots, found) = self.recognize(position, &words, &mut payload)?;
            let is_given_back = position < given_back;
            position += slots;
            match found {
                Found::Pad => {}
                Found::Nothing | Found::Torn | Found::Damaged if is_given_back => {
                    replay.overwritten += slots;
                }
                Found::Nothing => {}
                Found::Torn => replay.torn += 1,
                Found::Damaged => {
                    replay.torn += 1;
                    replay.damaged += 1;
                }
                Found::Point => {
                    let (series, point, ticks) = match self.fixed.version {
                        layout::VERSION_1 => record::decode_point_1(&words),
                        _ => record::decode_point(&words),
                    };
                    let time = times.unix_micros(ticks);
                    let record = Record::Point {
                        series,
                        point,
                        time,
                    };
                    each(record, position)?;
                    replay.records += 1;
                }
                Found::Payload(kind) => {
                    let payload = &payload;
                    each(Record::Payload { kind, payload }, position)?;
                    replay.records += 1;
                }
            }
        }
        Ok(replay)
    }

    /// First and last position to look at. Within the same boot head and tail are exact; otherwise their page may
    /// be older than the slots, which then extend over at most one lap.
    fn range(&self, cursor: u64) -> (u64, u64) {
        let head = layout::word(&self.header, layout::HEAD).unwrap_or(0);
        let tail = layout::word(&self.header, layout::TAIL).unwrap_or(0) & POSITION;
        let sound = head <= tail && tail - head <= self.fixed.slots;
        if self.same_boot && sound && cursor <= tail {
            // No further back than the ring reaches. Between the cursor and the head nothing is, unless the store is an
            // older copy.
            (cursor.max(tail.saturating_sub(self.fixed.slots)), tail)
        } else {
            (cursor, cursor.saturating_add(self.fixed.slots))
        }
    }

    /// Where the file ends before the slot of `position` (a header may claim more than there is): how many slots there
    /// are to the next that lies inside.
    fn slots_past_the_end(&self, position: u64) -> Option<u64> {
        let slot = position & (self.fixed.slots - 1);
        (slot >= self.slots_there).then(|| self.fixed.slots - slot)
    }

    /// Whether anything was ever written to the ring.
    pub fn is_blank(&self) -> Result<bool> {
        let mut window = Window::new(&self.file, self.fixed.slots);
        for slot in 0..self.fixed.slots.min(self.slots_there) {
            let words = window.slot(slot);
            if words.map_err(|e| e.context(self.path.display()))?[0] != 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the slot at `position` begins, and how many slots to go on by.
    fn recognize(
        &self,
        position: u64,
        words: &[u64; WORDS],
        payload: &mut Vec<u8>,
    ) -> Result<(u64, Found)> {
        let head = words[0];
        let slot = position & (self.fixed.slots - 1);
        if !header::belongs_to(head, position) {
            // Empty, or from a lap before; within one boot there is nothing else.
            let older = u64::from(head as u32) & (self.fixed.slots - 1) == slot;
            let untouched = head == 0 || older || !self.same_boot;
            return Ok((
                1,
                if untouched {
                    Found::Nothing
                } else {
                    Found::Damaged
                },
            ));
        }
        let damaged = match self.same_boot {
            true => Found::Damaged,
            false => Found::Torn,
        };
        let slots = header::slots(head);
        let left = self.fixed.slots - slot;
        Ok(match header::form(head) {
            header::POINT if self.point_is_whole(words, position) => (1, Found::Point),
            header::PAD if slots == left => (slots, Found::Pad),
            // Within one boot memory keeps what was stored: the announced length is right. Points that were announced
            // together go on past the end of the ring, and were written last to first.
            header::RESERVED if self.same_boot && (1..=self.fixed.slots).contains(&slots) => {
                (slots, Found::Torn)
            }
            header::PAYLOAD if (1..=left).contains(&slots) => {
                match self.read_payload(position, words, slots, payload)? {
                    Some(kind) => (slots, Found::Payload(kind)),
                    None => (1, damaged),
                }
            }
            header::PAD => (1, Found::Nothing),
            _ => (1, damaged),
        })
    }

    fn point_is_whole(&self, words: &[u64; WORDS], position: u64) -> bool {
        match self.fixed.version {
            layout::VERSION_1 | layout::VERSION_2 => record::point_is_whole_2(words, position),
            _ => record::point_is_whole(words, position),
        }
    }

    /// Reads a payload and checks it; its kind, if it is whole.
    fn read_payload(
        &self,
        position: u64,
        words: &[u64; WORDS],
        slots: u64,
        payload: &mut Vec<u8>,
    ) -> Result<Option<u8>> {
        let (length, kind) = record::decode_about(words[1]);
        if record::payload_slots(length) != slots {
            return Ok(None);
        }
        let slot = position & (self.fixed.slots - 1);
        let at = layout::HEADER_BYTES as u64 + slot * SLOT_BYTES as u64 + PAYLOAD_OFFSET as u64;
        payload.clear();
        payload
            .try_reserve_exact(length)
            .map_err(|_| memory::lacking(length as u64))?;
        payload.resize(length, 0);
        let got =
            read_up_to(&self.file, payload, at).map_err(|e| Error::io(self.path.display(), &e))?;
        let whole = got == length
            && words[2] == record::payload_check(position, words[0], words[1], payload);
        Ok(whole.then_some(kind))
    }

    /// Removes the journal, after the store has committed what [`replay`](Self::replay) presented.
    pub fn remove(self) -> Result<()> {
        remove_if_present(&self.path)
    }

    /// Renames the journal to `<id>.<extension>`, where nobody looks again but its user; returns the new name.
    pub fn set_aside(&self, extension: &str) -> Result<PathBuf> {
        let aside = self.path.with_extension(extension);
        fs::rename(&self.path, &aside).map_err(|e| Error::io(self.path.display(), &e))?;
        Ok(aside)
    }
}

/// Renames a journal that cannot be read to `<id>.damaged`, where nobody looks again but its user. False if
/// its owner may live or it is gone.
pub fn set_aside(directory: &Path, id: JournalId) -> Result<bool> {
    let path = directory.join(id.to_string());
    let Locking::Done(_file, _claim) = Recovery::lock(&path, id)? else {
        return Ok(false);
    };
    fs::rename(&path, path.with_extension("damaged")).map_err(|e| Error::io(path.display(), &e))?;
    Ok(true)
}

/// What came of the attempt to lock a journal.
enum Locking {
    Done(File, Claim),
    /// Another process recovers it just now.
    Recovered,
    /// Its owner lives, or it is gone.
    Refused,
}

enum Found {
    Nothing,
    Pad,
    Torn,
    /// It was complete once.
    Damaged,
    Point,
    Payload(u8),
}

/// Ticks to time of day by the anchors in the header; no record is later than now.
struct Times {
    calibration: Calibration,
    now: i64,
}

impl Times {
    fn new(header: &[u8]) -> Self {
        let anchors = layout::decode_anchors(header);
        let nowhere = clock::Anchor {
            ticks: 0,
            unix_nanos: 0,
        };
        let first = anchors.first().copied().unwrap_or(nowhere);
        let mut calibration = Calibration::new(first, anchors.get(1).copied().unwrap_or(first));
        for anchor in anchors.iter().skip(2) {
            calibration.advance(*anchor);
        }
        Self {
            calibration,
            now: clock::unix_nanos() / 1000,
        }
    }

    fn unix_micros(&self, ticks: u64) -> i64 {
        self.calibration.unix_micros(ticks).clamp(0, self.now)
    }
}

/// Reads slots through a buffer. Slots beyond the end of the file read as zeros.
struct Window<'a> {
    file: &'a File,
    slots: u64,
    first: u64,
    buffer: Vec<u8>,
}

/// Slots in the buffer.
const WINDOW_SLOTS: u64 = 4096;

impl<'a> Window<'a> {
    fn new(file: &'a File, slots: u64) -> Self {
        Self {
            file,
            slots,
            first: u64::MAX,
            buffer: Vec::new(),
        }
    }

    fn slot(&mut self, position: u64) -> Result<[u64; WORDS]> {
        let slot = position & (self.slots - 1);
        let first = slot & !(WINDOW_SLOTS - 1);
        if first != self.first {
            let count = WINDOW_SLOTS.min(self.slots - first);
            self.buffer.clear();
            self.buffer.resize(count as usize * SLOT_BYTES, 0);
            let at = layout::HEADER_BYTES as u64 + first * SLOT_BYTES as u64;
            read_up_to(self.file, &mut self.buffer, at)
                .map_err(|e| Error::io("reading a journal", &e))?;
            self.first = first;
        }
        let at = (slot - first) as usize * SLOT_BYTES;
        let mut words = [0; WORDS];
        let (bytes, _) = self.buffer[at..at + SLOT_BYTES].as_chunks::<8>();
        for (word, bytes) in words.iter_mut().zip(bytes) {
            *word = u64::from_ne_bytes(*bytes);
        }
        Ok(words)
    }
}
