//! Objects of a selected sequence: which of its points, which objects of each, and their bytes.

use super::result::Query;
use crate::blobs::{Blob, Bytes, Reader, Shelf, beside};
use crate::error::{Error, Result, Status};
use crate::lock::Mutex;
use crate::repo::RepoRef;
use crate::store::{Object, ObjectPoint, ReadTxn, SequenceKey, Stored};
use std::sync::{Arc, OnceLock};

/// Which points of a sequence, and which objects of each.
#[derive(Clone, Copy, Debug)]
pub struct ObjectRange {
    /// Steps from the first up to the second, that among them.
    pub steps: (i64, i64),
    /// At most so many points, at even distances, the first and the last among them; 0: all.
    pub points: usize,
    /// Indices from the first up to, not including, the second.
    pub indices: (u32, u32),
    /// At most so many objects of a point, at even distances; 0: all.
    pub objects: usize,
}

impl Default for ObjectRange {
    fn default() -> ObjectRange {
        ObjectRange {
            steps: (i64::MIN, i64::MAX),
            points: 0,
            indices: (0, u32::MAX),
            objects: 0,
        }
    }
}

/// One object of a point.
pub struct ObjectRow {
    pub step: i64,
    /// `EPOCH_NONE` where there is none.
    pub epoch: i64,
    /// Seconds since 1970 (UTC).
    pub time: f64,
    /// Its place among the objects of the point.
    pub index: u32,
    pub object: Object,
    bytes: OnceLock<Bytes>,
}

/// Objects of a sequence, in the order of steps and indices. It may be used from several threads at once.
pub struct ObjectRows {
    repo: RepoRef,
    rows: Vec<ObjectRow>,
    reader: Mutex<Sequential>,
    /// Memory of objects of the same query that were let go of.
    shelf: Arc<Shelf>,
}

/// Reads objects one after the other, and more of those that follow the longer a caller goes on.
struct Sequential {
    reader: Reader,
    /// The object after the last one that was read, and how many bytes were read at once.
    next: usize,
    ahead: u64,
}

/// Bytes that are read at once when two objects in a row were asked for, and at most.
const AHEAD: u64 = 256 << 10;
const MOST_AHEAD: u64 = 4 << 20;

/// Which of `count` things are taken if at most `most` are: the first, the last, and those at even distances between.
fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let taken = match most {
        0 => count,
        most => count.min(most),
    };
    (0..taken).map(move |i| match taken {
        1 => count - 1,
        _ => (i as u128 * (count - 1) as u128 / (taken - 1) as u128) as usize,
    })
}

/// The objects in a range of a sequence.
pub fn rows(txn: &ReadTxn<'_>, key: SequenceKey, range: &ObjectRange) -> Result<Vec<ObjectRow>> {
    let mut rows = Vec::new();
    let steps = txn.object_steps(key, range.steps.0, range.steps.1)?;
    for i in spread(steps.len(), range.points) {
        if let Some(point) = txn.object_point(key, steps[i])? {
            add(point, range, &mut rows);
        }
    }
    Ok(rows)
}

fn add(point: ObjectPoint, range: &ObjectRange, rows: &mut Vec<ObjectRow>) {
    let (from, to) = (range.indices.0 as usize, range.indices.1 as usize);
    let (step, epoch, time) = (point.step, point.epoch, point.time as f64 / 1e6);
    let to = to.min(point.objects.len());
    let mut objects: Vec<Option<Object>> = point.objects.into_iter().map(Some).collect();
    for i in spread(to.saturating_sub(from), range.objects) {
        let index = from + i;
        rows.extend(objects[index].take().map(|object| ObjectRow {
            step,
            epoch,
            time,
            index: index as u32,
            object,
            bytes: OnceLock::new(),
        }));
    }
}

impl ObjectRows {
    fn new(repo: &RepoRef, rows: Vec<ObjectRow>, shelf: &Arc<Shelf>) -> ObjectRows {
        ObjectRows {
            repo: repo.clone(),
            rows,
            reader: Mutex::new(Sequential {
                reader: repo.packs(),
                next: usize::MAX,
                ahead: 0,
            }),
            shelf: Arc::clone(shelf),
        }
    }

    pub fn rows(&self) -> &[ObjectRow] {
        &self.rows
    }

    pub fn repo(&self) -> &RepoRef {
        &self.repo
    }

    pub fn row(&self, k: usize) -> Result<&ObjectRow> {
        self.rows.get(k).ok_or_else(|| {
            Error::invalid(format!(
                "object {k} of {}; they count from 0",
                self.rows.len()
            ))
        })
    }

    /// The bytes of an object, if they are in memory: loads alone, that can neither wait nor fail.
    #[inline]
    pub fn present(&self, k: usize) -> Option<&[u8]> {
        let row = self.rows.get(k)?;
        match &row.object.stored {
            Stored::Here(bytes) => Some(bytes),
            Stored::Packed(_) => row.bytes.get()?.all(),
        }
    }

    /// The bytes of an object, checked; read once.
    ///
    /// # Errors
    /// `NotFound` where it was deleted since; `Corrupt` where it is damaged.
    pub fn data(&self, k: usize) -> Result<&[u8]> {
        let row = self.row(k)?;
        let blob = match &row.object.stored {
            Stored::Here(bytes) => return Ok(bytes),
            Stored::Packed(blob) => blob,
        };
        if let Some(bytes) = self.present(k) {
            return Ok(bytes);
        }
        let read = {
            let _held = crate::shield::hold();
            self.read_from(k, blob)
        };
        match (read, self.present(k)) {
            (_, Some(bytes)) => Ok(bytes),
            (Err(e), _) if e.status != Status::Corrupt => Err(e),
            (read, None) => {
                if !self.repo.store.read()?.is_used(blob)? {
                    return Err(Error::new(Status::NotFound, "the object was deleted"));
                }
                Err(read
                    .err()
                    .unwrap_or_else(|| self.reader.lock().reader.damaged(blob)))
            }
        }
    }

    /// Reads an object, and others that follow it.
    fn read_from(&self, k: usize, first: &Blob) -> Result<()> {
        let mut state = self.reader.lock();
        if self.rows[k].bytes.get().is_some() {
            return Ok(());
        }
        state.ahead = match state.next == k {
            true => (state.ahead * 16).clamp(AHEAD, MOST_AHEAD),
            false => 0,
        };
        let mut blobs = vec![first];
        for row in &self.rows[k + 1..] {
            let (Stored::Packed(blob), Some(before)) = (&row.object.stored, blobs.last()) else {
                break;
            };
            if row.bytes.get().is_some() || !beside(before, blob) {
                break;
            }
            let size = blob.offset.saturating_add(blob.size) - first.offset;
            if size > state.ahead {
                break;
            }
            blobs.push(blob);
        }
        state.next = k + blobs.len();
        let mut read = |blobs: &[&Blob]| {
            // One alone takes no more memory than it has bytes.
            let shelf = (blobs.len() > 1).then_some(&self.shelf);
            state.reader.read_together(blobs, shelf, |i, bytes| {
                let _ = self.rows[k + i].bytes.set(bytes);
            })
        };
        // What is wrong with others is told when they are asked for.
        match read(&blobs) {
            Err(_) if blobs.len() > 1 => read(&blobs[..1]),
            done => done,
        }
    }
}

impl Query {
    /// Objects of a row, as they are now.
    pub fn objects(&self, i: usize, range: &ObjectRange) -> Result<Arc<ObjectRows>> {
        let key = self.sequence(i)?.key;
        let rows = rows(&self.still_there(i)?, key, range)?;
        Ok(Arc::new(ObjectRows::new(self.repo(), rows, self.shelf())))
    }
}
