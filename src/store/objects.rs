//! Sequences of objects: images, texts, audio, distributions, figures and more, by kind, name and context. In the table
//! `logs`, behind what are streams of records there, for a run's rows of both are few beside its points.
//!
//! A point is a row: step, epoch, time, and its objects, a list. Small ones lie in the row, of larger ones a pack has the
//! bytes (`blobs`). In the table `index` a row for each run and content says where the content lies and how often the run
//! refers to it: by it the same bytes are found, and their space is given back when the last run lets go of them.

mod change;
mod codec;

pub(super) use change::Places;
pub use codec::{EncodedPoint, Keep, NewPoint, Object, Stored};

use super::checked;
use super::env::Txn;
use super::keys::{RunId, StringId, u32_at, u64_at};
use super::row_bytes::row_bytes;
use crate::blobs::{Blob, Used};
use crate::error::{Error, Result};
use crate::objects::ObjectKind;
use std::collections::HashSet;
use std::fmt;

/// In the place of a log's stream: `SEQUENCE + kind`, `POINT + kind`.
const SEQUENCE: u8 = 0x20;
const POINT: u8 = 0x40;
const SEQUENCE_KEY: usize = 17;
const POINT_KEY: usize = 25;

/// A sequence of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SequenceKey {
    pub run: RunId,
    pub kind: ObjectKind,
    pub name: StringId,
    pub context: StringId,
}

impl SequenceKey {
    fn with(self, table: u8) -> [u8; SEQUENCE_KEY] {
        let mut key = [0; SEQUENCE_KEY];
        key[..8].copy_from_slice(&self.run.to_be_bytes());
        key[8] = table + self.kind as u8;
        key[9..13].copy_from_slice(&self.name.to_be_bytes());
        key[13..].copy_from_slice(&self.context.to_be_bytes());
        key
    }

    /// The key of a point.
    fn point(self, step: i64) -> [u8; POINT_KEY] {
        let mut key = [0; POINT_KEY];
        key[..SEQUENCE_KEY].copy_from_slice(&self.with(POINT));
        key[SEQUENCE_KEY..].copy_from_slice(&((step as u64) ^ (1 << 63)).to_be_bytes());
        key
    }

    fn from_bytes(key: &[u8], table: u8) -> Option<SequenceKey> {
        Some(SequenceKey {
            run: u64_at(key, 0)?,
            kind: ObjectKind::from_number(key.get(8)?.checked_sub(table)?)?,
            name: u32_at(key, 9)?,
            context: u32_at(key, 13)?,
        })
    }
}

impl fmt::Display for SequenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SequenceKey {
            run, name, context, ..
        } = self;
        write!(
            f,
            "run {run}, {} {name}, context {context}",
            self.kind.plural()
        )
    }
}

fn point_step(key: &[u8]) -> Option<i64> {
    u64_at(key, SEQUENCE_KEY).map(|k| (k ^ (1 << 63)) as i64)
}

/// Whether a key of the table `logs` is one of these.
pub(super) fn is_key(key: &[u8]) -> bool {
    match key.len() {
        SEQUENCE_KEY => SequenceKey::from_bytes(key, SEQUENCE).is_some(),
        POINT_KEY => SequenceKey::from_bytes(key, POINT).is_some(),
        _ => false,
    }
}

/// Whether a row at such a key is sound.
pub(super) fn is_sound(key: &[u8], value: &[u8]) -> bool {
    let Some(content) = checked::open(key, value) else {
        return false;
    };
    match key.len() {
        SEQUENCE_KEY => Sequence::decode(content).is_some(),
        _ => EncodedPoint::is_whole(content),
    }
}

/// What is known of a sequence without reading its points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    pub points: u64,
    pub first_step: i64,
    pub last_step: i64,
    /// The length of the longest list that a point of it had.
    pub longest: u32,
}

impl Sequence {
    fn encode(&self, key: &[u8]) -> Vec<u8> {
        checked::seal(key, |out| {
            out.extend_from_slice(&self.points.to_le_bytes());
            out.extend_from_slice(&self.first_step.to_le_bytes());
            out.extend_from_slice(&self.last_step.to_le_bytes());
            out.extend_from_slice(&self.longest.to_le_bytes());
        })
    }

    fn decode(content: &[u8]) -> Option<Sequence> {
        let content: &[u8; 28] = content.try_into().ok()?;
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| content[at + i]));
        Some(Sequence {
            points: word(0),
            first_step: word(8) as i64,
            last_step: word(16) as i64,
            longest: u32::from_le_bytes(std::array::from_fn(|i| content[24 + i])),
        })
    }

    /// Widens it by a point that is new.
    fn include(&mut self, step: i64, objects: usize) {
        let empty = self.points == 0;
        self.first_step = if empty {
            step
        } else {
            self.first_step.min(step)
        };
        self.last_step = if empty {
            step
        } else {
            self.last_step.max(step)
        };
        self.points += 1;
        self.longest = self.longest.max(u32::try_from(objects).unwrap_or(u32::MAX));
    }
}

/// A point of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectPoint {
    pub step: i64,
    /// `EPOCH_NONE` where there is none.
    pub epoch: i64,
    /// Microseconds since 1970 (UTC).
    pub time: i64,
    pub objects: Vec<Object>,
}

/// Where a run's sequences of one kind lie, or those of one name among them.
pub fn sequence_prefix(run: RunId, kind: ObjectKind, name: Option<StringId>) -> Vec<u8> {
    let key = SequenceKey {
        run,
        kind,
        name: name.unwrap_or_default(),
        context: 0,
    };
    let length = if name.is_some() { 13 } else { 9 };
    key.with(SEQUENCE)[..length].to_vec()
}

impl Txn<'_> {
    /// Visits the sequences at a prefix. One whose row is damaged does not keep the others from being visited.
    pub fn visit_sequences(
        &self,
        prefix: &[u8],
        mut visit: impl FnMut(SequenceKey, Result<Sequence>) -> Result<()>,
    ) -> Result<()> {
        let mut scan = self.cursor(self.tables.logs)?;
        for row in scan.prefix(prefix) {
            let (key, value) = row?;
            if let Some(sequence) = SequenceKey::from_bytes(key, SEQUENCE) {
                let read = checked::open(key, value).and_then(Sequence::decode);
                let damaged = || Error::corrupt("the record of a sequence of objects is damaged");
                visit(sequence, read.ok_or_else(damaged))?;
            }
        }
        Ok(())
    }

    /// All sequences of objects of a run.
    pub fn run_sequences(&self, run: RunId) -> Result<Vec<(SequenceKey, Result<Sequence>)>> {
        let mut found = Vec::new();
        for kind in ObjectKind::ALL {
            self.visit_sequences(&sequence_prefix(run, kind, None), |key, sequence| {
                found.push((key, sequence));
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// How many points all sequences of objects of a run have; damaged ones are passed over.
    pub fn object_points(&self, run: RunId) -> Result<u64> {
        let sequences = self.run_sequences(run)?.into_iter();
        Ok(sequences.filter_map(|(_, s)| Some(s.ok()?.points)).sum())
    }

    /// Bytes of a run's rows of objects, and of what lies in packs for them.
    pub fn object_bytes(&self, run: RunId) -> Result<(u64, u64)> {
        let run = run.to_be_bytes();
        let mut first = run.to_vec();
        first.push(SEQUENCE);
        let (mut rows, mut parts) = (0, HashSet::new());
        let mut scan = self.cursor(self.tables.logs)?;
        for row in scan.prefix_from(&run, &first) {
            let (key, value) = row?;
            rows += row_bytes(key, value);
            if key.len() == POINT_KEY
                && let Ok(point) = read_point(key, value)
            {
                parts.extend(point.blobs().map(|blob| (blob.pack, blob.part())));
            }
        }
        let packed = parts.iter().map(|(_, (from, to))| to - from).sum();
        Ok((rows, packed))
    }

    /// The steps of a sequence from `from` up to `to`, in order.
    pub fn object_steps(&self, key: SequenceKey, from: i64, to: i64) -> Result<Vec<i64>> {
        let mut steps = Vec::new();
        let prefix = key.with(POINT);
        let mut scan = self.cursor(self.tables.logs)?;
        for row in scan.prefix_from(&prefix, &key.point(from)) {
            let (at, _) = row?;
            match point_step(at) {
                Some(step) if step <= to => steps.push(step),
                _ => break,
            }
        }
        Ok(steps)
    }

    /// The point of a step; `None` where there is none.
    pub fn object_point(&self, key: SequenceKey, step: i64) -> Result<Option<ObjectPoint>> {
        let point = self.encoded_point(key, step)?;
        Ok(point.map(|point| point.decode(step)))
    }

    /// As `object_point`, as it is stored.
    pub fn encoded_point(&self, key: SequenceKey, step: i64) -> Result<Option<EncodedPoint>> {
        let at = key.point(step);
        let row = self.get(self.tables.logs, &at)?;
        row.map(|value| read_point(&at, value))
            .transpose()
            .map_err(|e| self.located(e, format_args!("{key}, step {step}")))
    }

    /// Which parts of the packs objects of any run refer to.
    pub fn used_blobs(&self) -> Result<Used> {
        let mut used = Used::new();
        let prefix = [change::CONTENT];
        let mut scan = self.cursor(self.tables.index)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            let (blob, _) = change::content(key, value)
                .ok_or_else(|| Error::corrupt("what refers to objects is damaged"))?;
            let (from, to) = blob.part();
            used.push((blob.pack, from, to));
        }
        used.sort_unstable();
        Ok(used)
    }

    /// Whether an object refers to these bytes in this place.
    pub fn is_used(&self, blob: &Blob) -> Result<bool> {
        let prefix = change::content_prefix(&blob.hash);
        let mut scan = self.cursor(self.tables.index)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            if change::content(key, value).is_none_or(|(other, _)| other == *blob) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn read_point(key: &[u8], value: &[u8]) -> Result<EncodedPoint> {
    checked::open(key, value)
        .and_then(EncodedPoint::read)
        .ok_or_else(|| Error::corrupt("a point of objects is damaged"))
}
