//! Adding, replacing and deleting points of objects, and what of the packs they hold.

use super::codec::{EncodedPoint, Keep};
use super::{
    NewPoint, POINT, SEQUENCE, Sequence, SequenceKey, point_step, read_point, sequence_prefix,
};
use crate::blobs::Blob;
use crate::error::{Error, Result, Status};
use crate::log::{self, Level};
use crate::objects::ObjectKind;
use crate::point::STEP_AUTO;
use crate::store::checked;
use crate::store::env::WriteTxn;
use crate::store::index::{Field, Indexed};
use crate::store::keys::{RunId, u64_at};
use crate::store::strings::Kind;

/// First byte of the keys in `index` that say which run refers to a content, how often, and where that lies.
pub const CONTENT: u8 = 10;

/// Gives an object's bytes a place in this repository.
pub type Places<'p> = dyn FnMut(&Blob) -> Result<Blob> + 'p;

pub fn content_prefix(hash: &[u8; 16]) -> Vec<u8> {
    [&[CONTENT], &hash[..]].concat()
}

fn content_key(hash: &[u8; 16], run: RunId) -> Vec<u8> {
    [&content_prefix(hash)[..], &run.to_be_bytes()].concat()
}

/// Where the content of a row lies, and how often its run refers to it.
pub fn content(key: &[u8], value: &[u8]) -> Option<(Blob, u64)> {
    let (blob, count) = checked::open(key, value)?.split_first_chunk()?;
    Some((Blob::decode(blob), u64_at(count, 0)?))
}

impl WriteTxn<'_> {
    /// Adds a point to a sequence, in place of one that has its step. A step of `STEP_AUTO` is the one after the last.
    /// False if there is none.
    pub fn add_object_point(&mut self, run: RunId, new: &NewPoint) -> Result<bool> {
        let key = SequenceKey {
            run,
            kind: new.kind,
            name: self.intern(Kind::Name, &new.name)?,
            context: self.intern(Kind::Context, &new.context)?,
        };
        let mut sequence = self.sequence(key)?;
        let step = match new.step {
            STEP_AUTO if sequence.points == 0 => Some(0),
            STEP_AUTO => sequence.last_step.checked_add(1),
            step => Some(step),
        };
        let Some(step) = step else {
            return Ok(false);
        };
        if sequence.points == 0 {
            self.index_sequence(key)?;
        }
        let old = self.take_point(key, step)?;
        let mut point = new.encoded.clone();
        point.change_blobs(|blob| self.refer(run, blob))?;
        let (logs, at) = (self.tables.logs, key.point(step));
        let row = checked::seal(&at, |out| out.extend_from_slice(point.bytes()));
        self.put(logs, &at, &row)?;
        let before = sequence.points;
        sequence.include(step, point.count());
        if let Some(old) = old {
            sequence.points = before;
            self.let_go(run, &old)?;
        }
        if let Some(keep) = new.keep {
            self.thin_out(key, &mut sequence, keep)?;
        }
        self.put_sequence(key, &sequence)?;
        Ok(true)
    }

    /// Drops what is not to stay of a sequence, from the last that stays in any case backwards up to one that stays too: what
    /// lies before it was looked at when points were added to it.
    fn thin_out(&mut self, key: SequenceKey, sequence: &mut Sequence, keep: Keep) -> Result<()> {
        let mut gone = Vec::new();
        let prefix = key.with(POINT);
        let mut scan = self.cursor(self.tables.logs)?;
        let mut row = scan.seek(&key.point(i64::MAX))?;
        if row.is_none_or(|(at, _)| at != key.point(i64::MAX)) {
            row = scan.seek_before(&key.point(i64::MAX))?;
        }
        let mut seen = 0;
        while let Some((at, _)) = row.filter(|(at, _)| at.starts_with(&prefix)) {
            seen += 1;
            if seen > keep.last {
                match point_step(at) {
                    Some(step) if keep.every == 0 || step % i64::from(keep.every) != 0 => {
                        gone.push(step)
                    }
                    _ => break,
                }
            }
            row = scan.prev()?;
        }
        drop(scan);
        for step in &gone {
            if let Some(point) = self.take_point(key, *step)? {
                self.let_go(key.run, &point)?;
                sequence.points -= 1;
            }
        }
        if gone.contains(&sequence.first_step) {
            let mut scan = self.cursor(self.tables.logs)?;
            let first = scan.seek(&key.point(i64::MIN))?;
            if let Some(step) = first.and_then(|(at, _)| point_step(at)) {
                sequence.first_step = step;
            }
        }
        Ok(())
    }

    fn put_sequence(&mut self, key: SequenceKey, sequence: &Sequence) -> Result<()> {
        let logs = self.tables.logs;
        let at = key.with(SEQUENCE);
        self.put(logs, &at, &sequence.encode(&at))
    }

    fn index_sequence(&mut self, key: SequenceKey) -> Result<()> {
        self.index_add(Field::ObjectsName(key.name), &Indexed::Other, key.run)?;
        self.index_add(Field::ObjectsContext(key.context), &Indexed::Other, key.run)
    }

    /// What a sequence is; one whose record is damaged is counted anew.
    fn sequence(&mut self, key: SequenceKey) -> Result<Sequence> {
        let at = key.with(SEQUENCE);
        let Some(row) = self.get(self.tables.logs, &at)? else {
            return Ok(Sequence::default());
        };
        match checked::open(&at, row).and_then(Sequence::decode) {
            Some(sequence) => Ok(sequence),
            None => self.count_sequence(key),
        }
    }

    fn count_sequence(&self, key: SequenceKey) -> Result<Sequence> {
        let mut sequence = Sequence::default();
        for step in self.object_steps(key, i64::MIN, i64::MAX)? {
            let point = self.encoded_point(key, step).ok().flatten();
            sequence.include(step, point.map_or(0, |point| point.count()));
        }
        Ok(sequence)
    }

    /// Takes a point out. One that is damaged is set aside: what it refers to stays.
    fn take_point(&mut self, key: SequenceKey, step: i64) -> Result<Option<EncodedPoint>> {
        let logs = self.tables.logs;
        let at = key.point(step);
        match self.encoded_point(key, step) {
            Ok(None) => Ok(None),
            Ok(Some(point)) => {
                self.delete(logs, &at)?;
                Ok(Some(point))
            }
            Err(e) if e.status == Status::Corrupt => {
                log::emit(Level::Error, || format!("set aside: {e}"));
                self.set_log_aside(&at)?;
                Ok(Some(EncodedPoint::new(0, 0)))
            }
            Err(e) => Err(e),
        }
    }

    /// A run refers to a content once more: to that which is there already, if it is.
    fn refer(&mut self, run: RunId, blob: &mut Blob) -> Result<()> {
        let index = self.tables.index;
        let prefix = content_prefix(&blob.hash);
        let own = content_key(&blob.hash, run);
        let mut count = 0;
        let mut known = None;
        let mut scan = self.cursor(index)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            if let Some((there, times)) = content(key, value) {
                known.get_or_insert(there);
                if key == own {
                    (known, count) = (Some(there), times);
                    break;
                }
            }
        }
        drop(scan);
        if let Some(known) = known {
            *blob = known;
        }
        self.put_content(run, blob, count + 1)
    }

    fn put_content(&mut self, run: RunId, blob: &Blob, count: u64) -> Result<()> {
        let index = self.tables.index;
        let key = content_key(&blob.hash, run);
        let row = checked::seal(&key, |out| {
            blob.encode(out);
            out.extend_from_slice(&count.to_be_bytes());
        });
        self.put(index, &key, &row)
    }

    /// A run does not refer to a point's contents any more.
    fn let_go(&mut self, run: RunId, point: &EncodedPoint) -> Result<()> {
        point
            .blobs()
            .try_for_each(|blob| self.let_content_go(run, &blob, 1))
    }

    fn let_content_go(&mut self, run: RunId, blob: &Blob, times: u64) -> Result<()> {
        let index = self.tables.index;
        let key = content_key(&blob.hash, run);
        let there = match self.get(index, &key)? {
            Some(row) => content(&key, row),
            None => return Ok(()),
        };
        match there {
            Some((there, count)) if count > times => self.put_content(run, &there, count - times),
            _ => {
                self.delete(index, &key)?;
                if !self.is_used(blob)? {
                    self.freed.push(*blob);
                }
                Ok(())
            }
        }
    }

    /// Deletes a run's sequences of objects, with what of them is in the index. Their rows in `logs` go with the others there.
    pub(in crate::store) fn delete_all_objects(&mut self, run: RunId) -> Result<()> {
        for (key, _) in self.run_sequences(run)? {
            self.index_remove(Field::ObjectsName(key.name), &Indexed::Other, run)?;
            self.index_remove(Field::ObjectsContext(key.context), &Indexed::Other, run)?;
            for step in self.object_steps(key, i64::MIN, i64::MAX)? {
                if let Some(point) = self.encoded_point(key, step)? {
                    self.let_go(run, &point)?;
                }
            }
        }
        Ok(())
    }

    /// Drops the points of a run's sequences of objects from `step` on, of all or of those named; returns how many.
    pub fn truncate_objects(&mut self, run: RunId, step: i64, names: &[String]) -> Result<u64> {
        let mut dropped = 0;
        for (key, sequence) in self.run_sequences(run)? {
            let named = |txn: &Self| {
                txn.string(Kind::Name, key.name)
                    .is_ok_and(|name| names.iter().any(|n| n == name))
            };
            let behind = sequence.is_ok_and(|s| s.last_step < step);
            if behind || !names.is_empty() && !named(self) {
                continue;
            }
            for step in self.object_steps(key, step, i64::MAX)? {
                if let Some(point) = self.take_point(key, step)? {
                    self.let_go(run, &point)?;
                    dropped += 1;
                }
            }
            let left = self.count_sequence(key)?;
            match left.points {
                0 => self.delete_sequence(key)?,
                _ => self.put_sequence(key, &left)?,
            }
        }
        Ok(dropped)
    }

    fn delete_sequence(&mut self, key: SequenceKey) -> Result<()> {
        let logs = self.tables.logs;
        self.delete(logs, &key.with(SEQUENCE))?;
        let rest = self.run_sequences(key.run)?;
        if !rest.iter().any(|(other, _)| other.name == key.name) {
            self.index_remove(Field::ObjectsName(key.name), &Indexed::Other, key.run)?;
        }
        if !rest.iter().any(|(other, _)| other.context == key.context) {
            self.index_remove(Field::ObjectsContext(key.context), &Indexed::Other, key.run)?;
        }
        Ok(())
    }

    /// Copies the objects of a run of another store; `place` gives their bytes a place in this one.
    pub(in crate::store) fn copy_objects(
        &mut self,
        from: &crate::store::ReadTxn<'_>,
        run: RunId,
        new: RunId,
        place: &mut Places<'_>,
    ) -> Result<u64> {
        let mut points = 0;
        for (key, sequence) in from.run_sequences(run)? {
            sequence.map_err(|e| from.located(e, key))?;
            let name = from.string(Kind::Name, key.name)?.to_owned();
            let context = from.string(Kind::Context, key.context)?.to_owned();
            for step in from.object_steps(key, i64::MIN, i64::MAX)? {
                let Some(mut point) = from.encoded_point(key, step)? else {
                    continue;
                };
                point.change_blobs(|blob| {
                    *blob = match self.known(&blob.hash)? {
                        Some(known) => known,
                        None => place(blob).map_err(|e| from.located(e, key))?,
                    };
                    Ok(())
                })?;
                let point = NewPoint {
                    kind: key.kind,
                    name: name.clone(),
                    context: context.clone(),
                    step,
                    encoded: point,
                    keep: None,
                };
                self.add_object_point(new, &point)?;
                points += 1;
            }
        }
        Ok(points)
    }

    /// A content that some run here refers to.
    fn known(&self, hash: &[u8; 16]) -> Result<Option<Blob>> {
        let prefix = content_prefix(hash);
        let mut scan = self.cursor(self.tables.index)?;
        let row = scan.seek(&prefix)?;
        let row = row.filter(|(key, _)| key.starts_with(&prefix));
        Ok(row.and_then(|(key, value)| Some(content(key, value)?.0)))
    }

    /// Makes what is known of a salvaged run's objects anew from their points; returns how many those are.
    pub(in crate::store) fn rebuild_objects(&mut self, run: RunId) -> Result<Vec<SequenceKey>> {
        let mut found: Vec<(SequenceKey, Vec<i64>)> = Vec::new();
        let prefix = run.to_be_bytes();
        let mut scan = self.cursor(self.tables.logs)?;
        for row in scan.prefix(&prefix) {
            let (at, value) = row?;
            if let Some(key) = SequenceKey::from_bytes(at, POINT)
                && let Some(step) = point_step(at)
                && read_point(at, value).is_ok()
            {
                match found.last_mut() {
                    Some((last, steps)) if *last == key => steps.push(step),
                    _ => found.push((key, vec![step])),
                }
            }
        }
        drop(scan);
        for kind in ObjectKind::ALL {
            let logs = self.tables.logs;
            self.delete_prefix(logs, &sequence_prefix(run, kind, None))?;
        }
        for (key, steps) in &found {
            self.index_sequence(*key)?;
            let mut sequence = Sequence::default();
            for step in steps {
                let Some(point) = self.encoded_point(*key, *step)? else {
                    return Err(Error::corrupt("a point of objects is gone"));
                };
                sequence.include(*step, point.count());
                for mut blob in point.blobs() {
                    self.refer(run, &mut blob)?;
                }
            }
            self.put_sequence(*key, &sequence)?;
        }
        Ok(found.into_iter().map(|(key, _)| key).collect())
    }
}
