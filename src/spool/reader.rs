//! Reading a segment, from any frame on, while its writer may still be at work.

use super::frame::{self, FRAME_BYTES, Frame, HEADER_BYTES, Header};
use super::place::{Files, at, number, place};
use crate::error::{Error, Result};
use crate::files::size_now;
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
    /// A frame, and where the next one is to be looked for.
    Frame(Frame<'r>, u64),
    /// Nothing yet: the file ends here, or the writer, or the filesystem, is in the middle of it.
    NotYet,
    /// What is here will never be a frame: others follow, the first at this place.
    Damaged(u64),
    /// The file is there no more, nor are those up to this place.
    Gone(u64),
}

/// A segment open for reading, one of its files at a time.
pub struct SegmentReader {
    folder: PathBuf,
    id: JournalId,
    files: Files,
    open: Open,
    /// What lies behind is not looked at.
    end: u64,
    /// Part of the file, and where it begins.
    window: Vec<u8>,
    from: u64,
}

struct Open {
    file: File,
    header: Header,
    /// Where it ended when it was opened.
    end: u64,
}

impl SegmentReader {
    /// To be read from a place on. `None`: no file is there, or the header of the first is not all there yet.
    ///
    /// # Errors
    /// `Corrupt` where the file is none, or that of another segment; `UnsupportedVersion`; `Io`.
    pub fn open(
        folder: &Path,
        id: JournalId,
        files: &Files,
        from: u64,
    ) -> Result<Option<SegmentReader>> {
        let Some(first) = files.from(number(from)) else {
            return Ok(None);
        };
        let Some(open) = open(folder, id, first)? else {
            return Ok(None);
        };
        Ok(Some(SegmentReader {
            folder: folder.to_owned(),
            id,
            files: files.clone(),
            end: files.end().max(open.end),
            open,
            window: Vec::new(),
            from: 0,
        }))
    }

    /// That of the file that was looked at last.
    pub fn header(&self) -> &Header {
        &self.open.header
    }

    /// The file that was looked at last.
    pub fn path(&self) -> PathBuf {
        super::path(&self.folder, self.id, self.open.header.number)
    }

    /// It has grown to a place, as it was looked at once more, behind which nothing is looked at.
    pub fn reach(&mut self, end: u64) {
        self.end = end;
        if number(end) == self.open.header.number {
            self.open.end = end;
        }
    }

    /// Where the segment ended when it was looked at.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Where the file ended that was looked at last.
    pub fn file_end(&self) -> u64 {
        self.open.end
    }

    /// What lies at a place.
    pub fn next(&mut self, offset: u64) -> Result<Next<'_>> {
        let file = number(offset);
        let offset = at(file, place(offset).max(HEADER_BYTES as u64));
        if offset >= self.end {
            return Ok(Next::NotYet);
        }
        let later = self.files.from(file + 1);
        let later = later.map(|number| at(number, HEADER_BYTES as u64));
        let later = later.filter(|place| *place < self.end);
        if !self.stand(file)? {
            let is_gone = self.files.from(file) != Some(file);
            return Ok(later.filter(|_| is_gone).map_or(Next::NotYet, Next::Gone));
        }
        match self.length_at(offset)? {
            Some(length) => {
                let at = (offset - self.from) as usize;
                let bytes = &self.window[at..at + length as usize];
                let behind = frame::behind(bytes, offset);
                let frame = frame::parts(bytes);
                Ok(frame.map_or(Next::NotYet, |frame| Next::Frame(frame, behind)))
            }
            None => match self.search(offset)?.or(later) {
                Some(next) => Ok(Next::Damaged(next)),
                None => Ok(Next::NotYet),
            },
        }
    }

    /// Opens a file unless it is; false if it is not there, or not far enough.
    fn stand(&mut self, file: u32) -> Result<bool> {
        if self.open.header.number == file {
            return Ok(true);
        }
        let Some(open) = open(&self.folder, self.id, file)? else {
            return Ok(false);
        };
        self.open = open;
        self.window.clear();
        Ok(true)
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
        let id = self.id;
        let bytes = self.fill(offset, length)?;
        Ok(bytes
            .is_some_and(|bytes| frame::is_sound(id, bytes))
            .then_some(length))
    }

    /// Brings part of the file into the window; `None` where it ends before.
    fn fill(&mut self, offset: u64, length: u64) -> Result<Option<&[u8]>> {
        let end = self.open.end.min(self.end);
        if offset + length > end {
            return Ok(None);
        }
        let have = self.from..self.from + self.window.len() as u64;
        if offset < have.start || offset + length > have.end {
            let wanted = length.max(WINDOW as u64).min(end - offset);
            let room = usize::try_from(wanted).map_err(|_| memory::lacking(wanted))?;
            self.window.clear();
            self.window
                .try_reserve_exact(room)
                .map_err(|_| memory::lacking(wanted))?;
            self.window.resize(room, 0);
            self.from = offset;
            if let Err(e) = self
                .open
                .file
                .read_exact_at(&mut self.window, place(offset))
            {
                self.window.clear();
                return match e.kind() {
                    // Shorter than a moment ago, in the eyes of this host.
                    std::io::ErrorKind::UnexpectedEof => Ok(None),
                    _ => Err(Error::io(self.path().display(), &e)),
                };
            }
        }
        let at = (offset - self.from) as usize;
        Ok(Some(&self.window[at..at + length as usize]))
    }

    /// The place of the first sound frame behind one.
    fn search(&mut self, offset: u64) -> Result<Option<u64>> {
        let mut place = offset + 8;
        while place + FRAME_BYTES as u64 <= self.open.end {
            let Some(bytes) = self.fill(place, FRAME_BYTES as u64)? else {
                return Ok(None);
            };
            if frame::is_frame(bytes) && self.length_at(place)?.is_some() {
                return Ok(Some(place));
            }
            place += 8;
        }
        Ok(None)
    }
}

/// Where the last of a segment's files ends now; a file server is asked anew.
pub fn end_now(folder: &Path, id: JournalId, files: &Files) -> Result<u64> {
    let last = number(files.end());
    let path = super::path(folder, id, last);
    match size_now(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(at(last, 0)),
        size => Ok(at(last, size.map_err(|e| Error::io(path.display(), &e))?)),
    }
}

/// `None`: the file is gone, or its header is not all there yet.
fn open(folder: &Path, id: JournalId, number: u32) -> Result<Option<Open>> {
    let path = super::path(folder, id, number);
    let io = |e| Error::io(path.display(), &e);
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(&path);
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
    if (header.id, header.number) != (id, number) {
        let name = super::path(Path::new(""), header.id, header.number);
        return Err(Error::corrupt(format!(
            "{} is a copy of {}: remove it, or give it its name again",
            path.display(),
            name.display()
        )));
    }
    Ok(Some(Open {
        file,
        header,
        end: at(number, size),
    }))
}
