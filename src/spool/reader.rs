//! Reading a segment, from any frame on, while its writer may still be at work.

use super::frame::{self, FRAME_BYTES, FRAME_MAGIC, Frame, HEADER_BYTES, Header};
use crate::error::{Error, Result};
use crate::journal::JournalId;
use crate::memory;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes read at a time.
const WINDOW: usize = 4 << 20;

/// What lies at a place of a segment.
#[derive(Debug)]
pub enum Next<'r> {
    /// A frame, and where the next one begins.
    Frame(Frame<'r>, u64),
    /// Nothing yet: the file ends here, or the writer, or the filesystem, is in the middle of it.
    NotYet,
    /// What is here will never be a frame: others follow, the first at this place.
    Damaged(u64),
}

/// A segment open for reading.
pub struct SegmentReader {
    path: PathBuf,
    file: File,
    header: Header,
    size: u64,
    /// Part of the file, and where it begins.
    window: Vec<u8>,
    from: u64,
}

impl SegmentReader {
    /// `None`: the file is gone, or its header is not all there yet.
    ///
    /// # Errors
    /// `Corrupt` where the file is none, or that of another segment; `UnsupportedVersion`; `Io`.
    pub fn open(path: &Path, id: JournalId) -> Result<Option<SegmentReader>> {
        let io = |e| Error::io(path.display(), &e);
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(path);
        let file = match opened {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(io)?,
        };
        let size = file.metadata().map_err(io)?.len();
        let mut head = [0; HEADER_BYTES];
        if size < HEADER_BYTES as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut head, 0).map_err(io)?;
        // On its way to this host: the check at the end is never zero, but once in 2^64 times.
        if head.ends_with(&[0; 8]) {
            return Ok(None);
        }
        let header = Header::decode(&head).map_err(|e| e.context(path.display()))?;
        if header.id != id {
            return Err(Error::corrupt(format!(
                "{} is a copy of segment {}: remove it, or give it its name again",
                path.display(),
                header.id
            )));
        }
        Ok(Some(SegmentReader {
            path: path.to_owned(),
            file,
            header,
            size,
            window: Vec::new(),
            from: 0,
        }))
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How long the file was when it was opened, or as long as it is to count as.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What lies behind a place is not looked at.
    pub fn limit(&mut self, size: u64) {
        self.size = self.size.min(size);
    }

    /// What lies at a place, the first of which is behind the header.
    pub fn next(&mut self, offset: u64) -> Result<Next<'_>> {
        let offset = offset.max(HEADER_BYTES as u64);
        match self.length_at(offset)? {
            Some(length) => {
                let at = (offset - self.from) as usize;
                let frame = frame::parts(&self.window[at..at + length as usize]);
                Ok(frame.map_or(Next::NotYet, |frame| Next::Frame(frame, offset + length)))
            }
            None => match self.search(offset)? {
                Some(next) => Ok(Next::Damaged(next)),
                None => Ok(Next::NotYet),
            },
        }
    }

    /// The length of the sound frame at a place, which the window then holds.
    fn length_at(&mut self, offset: u64) -> Result<Option<u64>> {
        if self.fill(offset, FRAME_BYTES as u64)?.is_none() {
            return Ok(None);
        }
        let at = (offset - self.from) as usize;
        let Some(length) = frame::announced(&self.window[at..], offset) else {
            return Ok(None);
        };
        let id = self.header.id;
        let bytes = self.fill(offset, length)?;
        Ok(bytes
            .is_some_and(|bytes| frame::is_sound(id, bytes))
            .then_some(length))
    }

    /// Brings part of the file into the window; `None` where it ends before.
    fn fill(&mut self, offset: u64, length: u64) -> Result<Option<&[u8]>> {
        if offset + length > self.size {
            return Ok(None);
        }
        let have = self.from..self.from + self.window.len() as u64;
        if offset < have.start || offset + length > have.end {
            let wanted = length.max(WINDOW as u64).min(self.size - offset);
            let room = usize::try_from(wanted).map_err(|_| memory::lacking(wanted))?;
            self.window.clear();
            self.window
                .try_reserve_exact(room)
                .map_err(|_| memory::lacking(wanted))?;
            self.window.resize(room, 0);
            self.from = offset;
            if let Err(e) = self.file.read_exact_at(&mut self.window, offset) {
                self.window.clear();
                return match e.kind() {
                    // Shorter than a moment ago, in the eyes of this host.
                    std::io::ErrorKind::UnexpectedEof => Ok(None),
                    _ => Err(Error::io(self.path.display(), &e)),
                };
            }
        }
        let at = (offset - self.from) as usize;
        Ok(Some(&self.window[at..at + length as usize]))
    }

    /// The place of the first sound frame behind one.
    fn search(&mut self, offset: u64) -> Result<Option<u64>> {
        let mut place = offset + 8;
        while place + FRAME_BYTES as u64 <= self.size {
            let Some(bytes) = self.fill(place, FRAME_BYTES as u64)? else {
                return Ok(None);
            };
            if bytes.starts_with(FRAME_MAGIC) && self.length_at(place)?.is_some() {
                return Ok(Some(place));
            }
            place += 8;
        }
        Ok(None)
    }
}
