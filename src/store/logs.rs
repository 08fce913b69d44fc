//! Logs of a run: streams of records, numbered from 0 in the order in which they arrived.
//!
//! A row holds a block of records, as many as arrived together, under a checksum (of format 1: without). What a stream's oldest rows hold goes when the stream
//! is longer than it may be; numbers are never used again.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::keys::{RunId, u32_at, u64_at};
use crate::error::{Error, Result};

/// Which of a run's logs; part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Stream {
    /// Records that the program logged.
    Records = 0,
    /// Lines that the process wrote to its terminal.
    Terminal = 1,
    /// Revisions of the run's notes (`notes`).
    Notes = 2,
}

/// Bytes of a stream that are kept at least; a little more is, as whole rows go.
pub const TERMINAL_BYTES: u64 = 32 << 20;
/// Records of one row, in bytes, from which on the next row begins.
const ROW_BYTES: usize = 64 << 10;
/// Rows to look back for one that its author left open: as many processes may add to one stream in turns.
const OPEN_ROWS: usize = 64;

impl Stream {
    pub fn from_number(number: u8) -> Option<Stream> {
        [Stream::Records, Stream::Terminal, Stream::Notes]
            .into_iter()
            .find(|s| *s as u8 == number)
    }

    fn limit(self) -> Option<u64> {
        match self {
            Stream::Records | Stream::Notes => None,
            Stream::Terminal => Some(TERMINAL_BYTES),
        }
    }
}

/// One record of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRecord {
    /// Microseconds since 1970 (UTC).
    pub time: i64,
    /// The level of a record; the file descriptor of a terminal's line.
    pub level: i32,
    pub text: String,
    pub location: Option<SourceLocation>,
}

/// Where in the program's source a record was logged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLocation {
    pub file: String,
    pub line: u32,
    pub function: String,
}

/// Records as bytes, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    pub count: u32,
    pub bytes: Vec<u8>,
}

impl Records {
    pub fn push(&mut self, record: &LogRecord) {
        let out = &mut self.bytes;
        out.extend_from_slice(&record.time.to_le_bytes());
        out.extend_from_slice(&record.level.to_le_bytes());
        put_text(out, &record.text);
        match &record.location {
            None => out.push(0),
            Some(location) => {
                out.push(1);
                out.extend_from_slice(&location.line.to_le_bytes());
                put_text(out, &location.file);
                put_text(out, &location.function);
            }
        }
        self.count += 1;
    }

    pub fn append(&mut self, other: &Records) {
        self.count += other.count;
        self.bytes.extend_from_slice(&other.bytes);
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn clear(&mut self) {
        self.count = 0;
        self.bytes.clear();
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Takes one record off the front.
fn take_record(bytes: &mut &[u8]) -> Option<LogRecord> {
    let time = i64::from_le_bytes(*take(bytes)?);
    let level = i32::from_le_bytes(*take(bytes)?);
    let text = take_text(bytes)?;
    let location = match take::<1>(bytes)? {
        [0] => None,
        _ => Some(SourceLocation {
            line: u32::from_le_bytes(*take(bytes)?),
            file: take_text(bytes)?,
            function: take_text(bytes)?,
        }),
    };
    Some(LogRecord {
        time,
        level,
        text,
        location,
    })
}

fn take<'b, const N: usize>(bytes: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(first)
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    let length = u32::from_le_bytes(*take(bytes)?) as usize;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(String::from_utf8_lossy(text).into_owned())
}

/// What one batch adds to a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogAppend {
    /// Who adds, if the last records may be replaced later; else 0.
    pub author: u64,
    /// Numbers to leave out: records that were not kept.
    pub skipped: u64,
    pub records: Records,
    /// Records that this author's next batch replaces, such as a line that is not finished.
    pub open: Records,
}

impl LogAppend {
    /// Takes up a later batch of the same author, if that does not make a row too long.
    pub fn absorb(&mut self, later: &LogAppend) -> bool {
        if self.author != later.author
            || later.skipped != 0
            || self.records.bytes.len() >= ROW_BYTES
        {
            return false;
        }
        self.records.append(&later.records);
        self.open = later.open.clone();
        true
    }
}

/// In front of a row's records: author (0: the records stay), count, and the bytes of the stream up to the row's end.
const HEADER: usize = 8 + 4 + 8;

struct Row<'r> {
    place: Place,
    records: &'r [u8],
}

/// Where a row lies in its stream: by number and by bytes.
#[derive(Clone, Copy)]
struct Place {
    first: u64,
    count: u32,
    author: u64,
    size: u64,
    end_bytes: u64,
}

const PREFIX: usize = 9;

fn key(run: RunId, stream: Stream, number: u64) -> [u8; PREFIX + 8] {
    let mut key = [0; PREFIX + 8];
    key[..8].copy_from_slice(&run.to_be_bytes());
    key[8] = stream as u8;
    key[PREFIX..].copy_from_slice(&number.to_be_bytes());
    key
}

impl<'r> Row<'r> {
    fn decode(key: &[u8], value: &'r [u8], oldest: u32) -> Result<Row<'r>> {
        let row = || {
            let value = match checked::open(key, value) {
                Some(content) => content,
                None if oldest < checked::CHECKED_FORMAT && has_whole_records(value) => value,
                None => return None,
            };
            let records = value.get(HEADER..)?;
            let place = Place {
                first: u64_at(key, PREFIX)?,
                author: u64_at(value, 0)?,
                count: u32_at(value, 8)?,
                end_bytes: u64_at(value, 12)?,
                size: records.len() as u64,
            };
            Some(Row { place, records })
        };
        row().ok_or_else(|| Error::corrupt("stored log records are damaged"))
    }
}

/// Whether a row without its checksum consists of records, as many as it says.
fn has_whole_records(content: &[u8]) -> bool {
    let (Some(count), Some(mut rest)) = (u32_at(content, 8), content.get(HEADER..)) else {
        return false;
    };
    (0..count).all(|_| take_record(&mut rest).is_some()) && rest.is_empty()
}

/// A sound row, be it of format 1, in the present one; `None` for what is none.
pub(super) fn renewed(key: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    moved(key, value, key)
}

/// `renewed` for another key.
pub(super) fn moved(key: &[u8], value: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let is_key = key.len() == PREFIX + 8 && Stream::from_number(key[8]).is_some();
    let content = checked::open(key, value).unwrap_or(value);
    (is_key && has_whole_records(content))
        .then(|| checked::seal(to, |row| row.extend_from_slice(content)))
}

/// The content of a sound row, as `put_log_row` takes it.
pub(super) fn content<'r>(key: &[u8], value: &'r [u8]) -> Option<&'r [u8]> {
    let content = checked::open(key, value).unwrap_or(value);
    has_whole_records(content).then_some(content)
}

/// The number after the last record of a row that begins with this one.
pub(super) fn content_end(first: u64, content: &[u8]) -> u64 {
    first.saturating_add(u64::from(u32_at(content, 8).unwrap_or(0)))
}

impl Place {
    fn end(&self) -> u64 {
        self.first.saturating_add(u64::from(self.count))
    }

    fn start_bytes(&self) -> u64 {
        self.end_bytes.saturating_sub(self.size)
    }
}

impl Txn<'_> {
    /// The number of the first record that is kept, and the one after the last.
    pub fn log_range(&self, run: RunId, stream: Stream) -> Result<(u64, u64)> {
        let prefix = &key(run, stream, 0)[..PREFIX];
        let mut scan = self.cursor(self.tables.logs)?;
        let Some((first, _)) = scan.seek(prefix)?.filter(|r| r.0.starts_with(prefix)) else {
            return Ok((0, 0));
        };
        let first = u64_at(first, PREFIX).unwrap_or(0);
        let last = scan.seek_before(&key(run, stream, u64::MAX))?;
        match last.filter(|r| r.0.starts_with(prefix)) {
            Some((key, value)) => Ok((
                first,
                Row::decode(key, value, self.tables.oldest)?.place.end(),
            )),
            None => Ok((0, 0)),
        }
    }

    /// Up to `count` records from number `first` on, each with its number. Numbers that are gone are passed over.
    pub fn log_records(
        &self,
        run: RunId,
        stream: Stream,
        first: u64,
        count: u64,
    ) -> Result<Vec<(u64, LogRecord)>> {
        let prefix = &key(run, stream, 0)[..PREFIX];
        let end = first.saturating_add(count);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.logs)?;
        // The row that holds `first` may start before it.
        let before = scan.seek_before(&key(run, stream, first.saturating_add(1)))?;
        let mut row = match before.filter(|r| r.0.starts_with(prefix)) {
            Some(row) => Some(row),
            None => scan.seek(&key(run, stream, first))?,
        };
        while let Some((key, value)) = row.filter(|r| r.0.starts_with(prefix)) {
            let block = Row::decode(key, value, self.tables.oldest)
                .map_err(|e| self.located(e, format_args!("run {run}")))?;
            let place = block.place;
            if place.first >= end {
                break;
            }
            let mut bytes = block.records;
            for number in place.first..place.end().min(end) {
                let record = take_record(&mut bytes)
                    .ok_or_else(|| Error::corrupt("a stored log record is damaged"))?;
                if number >= first {
                    found.push((number, record));
                }
            }
            row = scan.next_row()?;
        }
        Ok(found)
    }
}

impl WriteTxn<'_> {
    /// Puts a row of another store in its place.
    pub(super) fn put_log_row(
        &mut self,
        run: RunId,
        stream: Stream,
        first: u64,
        content: &[u8],
    ) -> Result<()> {
        if !has_whole_records(content) {
            return Err(Error::corrupt("log records are damaged"));
        }
        let key = key(run, stream, first);
        let row = checked::seal(&key, |row| row.extend_from_slice(content));
        self.put(self.tables.logs, &key, &row)
    }

    /// Adds records to a stream; nothing happens to a run that is gone.
    pub fn append_log(&mut self, run: RunId, stream: Stream, append: &LogAppend) -> Result<()> {
        if !self.has_run(run)? {
            return Ok(());
        }
        let logs = self.tables.logs;
        let (mut next, mut bytes, mut replaced) = (0, 0, None);
        if let Some(last) = self.last_row(run, stream)? {
            if last.author != 0 && last.author == append.author {
                (next, bytes) = (last.first, last.start_bytes());
                replaced = Some(last.first);
            } else {
                (next, bytes) = (last.end(), last.end_bytes);
                // Others have added since: what is replaced then comes behind theirs.
                replaced = self.open_row(run, stream, append.author)?;
            }
        }
        if let Some(number) = replaced {
            self.delete(logs, &key(run, stream, number))?;
        }
        next = u64::saturating_add(next, append.skipped);
        for (records, author) in [(&append.records, 0), (&append.open, append.author)] {
            if records.is_empty() {
                continue;
            }
            bytes = bytes.saturating_add(records.bytes.len() as u64);
            let key = key(run, stream, next);
            let row = checked::seal(&key, |row| {
                row.reserve(HEADER + records.bytes.len());
                row.extend_from_slice(&author.to_be_bytes());
                row.extend_from_slice(&records.count.to_be_bytes());
                row.extend_from_slice(&bytes.to_be_bytes());
                row.extend_from_slice(&records.bytes);
            });
            self.put(logs, &key, &row)?;
            next = next.saturating_add(u64::from(records.count));
        }
        match stream.limit() {
            Some(limit) => self.rotate(run, stream, bytes.saturating_sub(limit)),
            None => Ok(()),
        }
    }

    /// The number of the row that this author left open among the last ones.
    fn open_row(&mut self, run: RunId, stream: Stream, author: u64) -> Result<Option<u64>> {
        let prefix = &key(run, stream, 0)[..PREFIX];
        let mut before = u64::MAX;
        if author == 0 {
            return Ok(None);
        }
        for _ in 0..OPEN_ROWS {
            let mut scan = self.cursor(self.tables.logs)?;
            let row = scan.seek_before(&key(run, stream, before))?;
            let Some((at, value)) = row.filter(|r| r.0.starts_with(prefix)) else {
                return Ok(None);
            };
            before = u64_at(at, PREFIX).unwrap_or(0);
            match Row::decode(at, value, self.tables.oldest) {
                Ok(row) if row.place.author == author => return Ok(Some(before)),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The last row of a stream. Damaged ones are set aside on the way.
    fn last_row(&mut self, run: RunId, stream: Stream) -> Result<Option<Place>> {
        let prefix = &key(run, stream, 0)[..PREFIX];
        loop {
            let mut scan = self.cursor(self.tables.logs)?;
            let last = scan.seek_before(&key(run, stream, u64::MAX))?;
            let Some((at, value)) = last.filter(|r| r.0.starts_with(prefix)) else {
                return Ok(None);
            };
            if let Ok(row) = Row::decode(at, value, self.tables.oldest) {
                return Ok(Some(row.place));
            }
            let damaged = at.to_vec();
            drop(scan);
            self.set_log_aside(&damaged)?;
        }
    }

    /// Deletes the oldest rows, all of whose bytes lie before `keep_from`.
    fn rotate(&mut self, run: RunId, stream: Stream, keep_from: u64) -> Result<()> {
        let prefix = &key(run, stream, 0)[..PREFIX];
        let (mut old, mut damaged) = (Vec::new(), Vec::new());
        let mut scan = self.cursor(self.tables.logs)?;
        for row in scan.prefix(prefix) {
            let (key, value) = row?;
            match Row::decode(key, value, self.tables.oldest) {
                Ok(row) if row.place.end_bytes > keep_from => break,
                Ok(_) => old.push(key.to_vec()),
                Err(_) => damaged.push(key.to_vec()),
            }
        }
        drop(scan);
        damaged.iter().try_for_each(|key| self.set_log_aside(key))?;
        let logs = self.tables.logs;
        old.iter()
            .try_for_each(|key| self.delete(logs, key).map(|_| ()))
    }
}
