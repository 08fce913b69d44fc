//! What the database knows of segments (`spool`), in the table `meta`: of each how far it is, and what is on its way to one.
//!
//! Of the segments that this database's own processes write, the frames that are not yet in the file are here, put by the
//! transactions whose changes they tell of. Of the segments of others it is kept how far they are applied, by the
//! transactions that apply them, and which of their runs is which here. A copy of a spool also knows of each run which
//! segments tell of it.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::keys::{JournalId, RunId, u64_at};
use super::tables::{OUTGOING, PART, SEGMENT};
use crate::error::{Error, Result};

const PREFIX: usize = 17;
const OWN: u8 = 1;
const ENDED: u8 = 2;
const LATE: u8 = 4;

/// How a segment stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// A process wrote it from a journal of this repository.
    pub own: bool,
    /// Nothing more comes.
    pub ended: bool,
    /// What its first files held was not there any more, and is not here.
    pub late: bool,
    /// Of an own one, where the next frame goes; of another, where the next one to apply lies.
    pub offset: u64,
    /// When its last frame was made, by the clock of its writer; microseconds since 1970 (UTC).
    pub at: i64,
    /// When it was begun, by that clock.
    pub created: i64,
}

fn key(kind: u8, segment: &JournalId, rest: &[u8]) -> Vec<u8> {
    let mut key = vec![kind; PREFIX + rest.len()];
    key[1..PREFIX].copy_from_slice(segment);
    key[PREFIX..].copy_from_slice(rest);
    key
}

fn part_prefix(run: RunId) -> [u8; 9] {
    let mut key = [PART; 9];
    key[1..].copy_from_slice(&run.to_be_bytes());
    key
}

fn decode(row: &[u8]) -> Option<Segment> {
    let (flags, numbers) = row.split_first()?;
    let ([offset, at, created], []) = numbers.as_chunks::<8>() else {
        return None;
    };
    Some(Segment {
        own: flags & OWN != 0,
        ended: flags & ENDED != 0,
        late: flags & LATE != 0,
        offset: u64::from_be_bytes(*offset),
        at: i64::from_be_bytes(*at),
        created: i64::from_be_bytes(*created),
    })
}

impl Txn<'_> {
    /// # Errors
    /// `Corrupt` where its row is damaged.
    pub fn segment(&self, id: &JournalId) -> Result<Option<Segment>> {
        let key = key(SEGMENT, id, &[]);
        let Some(row) = self.get(self.tables.meta, &key)? else {
            return Ok(None);
        };
        match checked::open(&key, row).and_then(decode) {
            Some(segment) => Ok(Some(segment)),
            None => {
                let id = u128::from_be_bytes(*id);
                let damage = Error::corrupt("how far it was applied is damaged");
                Err(self.located(damage, format_args!("segment {id:032x}")))
            }
        }
    }

    /// All segments that are known and whose rows are sound.
    pub fn segments(&self) -> Result<Vec<(JournalId, Segment)>> {
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        for row in scan.prefix(&[SEGMENT]) {
            let (key, value) = row?;
            if let (Some(id), PREFIX) = (key[1..].first_chunk(), key.len()) {
                let segment = checked::open(key, value).and_then(decode);
                found.extend(segment.map(|segment| (*id, segment)));
            }
        }
        Ok(found)
    }

    /// Which run here a number in a segment stands for.
    pub fn run_of_segment(&self, id: &JournalId, number: RunId) -> Result<Option<RunId>> {
        let key = key(SEGMENT, id, &number.to_be_bytes());
        let row = self.get(self.tables.meta, &key)?;
        Ok(row
            .and_then(|row| checked::open(&key, row))
            .and_then(|row| u64_at(row, 0)))
    }

    /// The hash of the run for which a number in a segment stands, if that run is here.
    pub fn run_hash_of_segment(&self, id: &JournalId, number: RunId) -> Result<Option<[u8; 12]>> {
        match self.run_of_segment(id, number)? {
            Some(run) => Ok(self.run(run)?.map(|record| record.hash)),
            None => Ok(None),
        }
    }

    /// The segments that tell of a run, in the order of their names, each with how it stands.
    pub fn parts_of_run(&self, run: RunId) -> Result<Vec<(JournalId, Segment)>> {
        let prefix = part_prefix(run);
        let mut found = Vec::new();
        for row in self.cursor(self.tables.meta)?.prefix(&prefix) {
            if let Ok(id) = row?.0[prefix.len()..].try_into() {
                found.push((id, self.segment(&id)?.unwrap_or_default()));
            }
        }
        Ok(found)
    }

    /// Frames on their way to a segment, from the first of some places on at which there is one: the place; `bytes` become those of
    /// the frames that follow each other, about `most`.
    ///
    /// # Errors
    /// `Corrupt` where one is damaged.
    pub fn outgoing(
        &self,
        id: &JournalId,
        from: &[u64],
        most: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<u64> {
        let mut begin = from.first().copied().unwrap_or(0);
        bytes.clear();
        let mut scan = self.cursor(self.tables.meta)?;
        let prefix = key(OUTGOING, id, &[]);
        for row in scan.prefix_from(&prefix, &key(OUTGOING, id, &begin.to_be_bytes())) {
            let (key, value) = row?;
            let place = u64_at(key, PREFIX);
            if let Some(place) = place.filter(|place| bytes.is_empty() && from.contains(place)) {
                begin = place;
            }
            if place != Some(begin + bytes.len() as u64) {
                break;
            }
            let Some(frame) = checked::open(key, value) else {
                let id = u128::from_be_bytes(*id);
                let damage = Error::corrupt("a frame on its way is damaged");
                return Err(self.located(damage, format_args!("segment {id:032x}")));
            };
            bytes.extend_from_slice(frame);
            if bytes.len() >= most {
                break;
            }
        }
        Ok(begin)
    }

    /// Segments with frames that are on their way, each with the place of the first.
    pub fn outgoing_segments(&self) -> Result<Vec<(JournalId, u64)>> {
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        let mut row = scan.seek(&[OUTGOING])?;
        while let Some((key, _)) = row.filter(|(key, _)| key[0] == OUTGOING && key.len() > PREFIX) {
            let (Some(id), Some(at)) = (key[1..].first_chunk::<16>(), u64_at(key, PREFIX)) else {
                break;
            };
            found.push((*id, at));
            row = scan.seek_behind(&key[..PREFIX])?;
        }
        Ok(found)
    }
}

impl WriteTxn<'_> {
    pub fn put_segment(&mut self, id: &JournalId, segment: Segment) -> Result<()> {
        let (meta, key) = (self.tables.meta, key(SEGMENT, id, &[]));
        let row = checked::seal(&key, |row| {
            let flags = [
                (segment.own, OWN),
                (segment.ended, ENDED),
                (segment.late, LATE),
            ];
            row.push(flags.iter().map(|(is, flag)| u8::from(*is) * flag).sum());
            row.extend_from_slice(&segment.offset.to_be_bytes());
            row.extend_from_slice(&segment.at.to_be_bytes());
            row.extend_from_slice(&segment.created.to_be_bytes());
        });
        self.put(meta, &key, &row)
    }

    pub fn put_segment_run(&mut self, id: &JournalId, number: RunId, run: RunId) -> Result<()> {
        let (meta, key) = (self.tables.meta, key(SEGMENT, id, &number.to_be_bytes()));
        let row = checked::seal(&key, |row| row.extend_from_slice(&run.to_be_bytes()));
        self.put(meta, &key, &row)
    }

    /// From now on the segment tells of the run.
    pub fn put_part(&mut self, run: RunId, segment: &JournalId) -> Result<()> {
        let (meta, key) = (self.tables.meta, [&part_prefix(run)[..], segment].concat());
        self.put(meta, &key, &checked::seal(&key, |_| {}))
    }

    pub(super) fn delete_parts(&mut self, run: RunId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete_prefix(meta, &part_prefix(run))
    }

    /// Forgets which runs the numbers of a segment stand for, of which nothing more comes.
    pub fn forget_segment_runs(&mut self, id: &JournalId) -> Result<()> {
        let (meta, prefix) = (self.tables.meta, key(SEGMENT, id, &[]));
        let row = self.get(meta, &prefix)?.map(<[u8]>::to_vec);
        self.delete_prefix(meta, &prefix)?;
        row.map_or(Ok(()), |row| self.put(meta, &prefix, &row))
    }

    /// Forgets a segment.
    pub fn forget_segment(&mut self, id: &JournalId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete_prefix(meta, &key(SEGMENT, id, &[]))
    }

    /// Puts bytes on their way to a place in a segment's file.
    pub fn put_outgoing(&mut self, id: &JournalId, offset: u64, parts: &[&[u8]]) -> Result<()> {
        let (meta, key) = (self.tables.meta, key(OUTGOING, id, &offset.to_be_bytes()));
        let size = parts.iter().map(|part| part.len()).sum::<usize>();
        let row = self.reserve(meta, &key, checked::SIZE + size)?;
        checked::seal_in(&key, row, |mut content| {
            for part in parts {
                let (here, rest) = content.split_at_mut(part.len());
                here.copy_from_slice(part);
                content = rest;
            }
        });
        Ok(())
    }

    /// What lies before a place of a segment's file is there for good.
    pub fn remove_outgoing(&mut self, id: &JournalId, before: u64) -> Result<()> {
        let meta = self.tables.meta;
        let prefix = key(OUTGOING, id, &[]);
        let mut keys = Vec::new();
        let mut scan = self.cursor(meta)?;
        for row in scan.prefix(&prefix) {
            let (key, _) = row?;
            if u64_at(key, PREFIX).is_none_or(|at| at >= before) {
                break;
            }
            keys.push(key.to_vec());
        }
        drop(scan);
        keys.iter()
            .try_for_each(|key| self.delete(meta, key).map(|_| ()))
    }
}
