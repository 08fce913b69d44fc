//! Tracking objects: images, texts, audio, distributions, figures and more.
//!
//! Small bytes travel in the journal; larger ones are in this process's pack before the journal refers to them.

use super::{Run, canonical_context};
use crate::error::{Error, Result, Status};
use crate::objects::{ObjectKind, Raw, format};
use crate::repo::{Op, check_length, check_name, check_time, now_micros};
use crate::store::{EncodedPoint, NewPoint, Object, Stored};
use aim_value::Tree;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use crate::store::Keep;

/// Longest caption in bytes.
pub const MAX_CAPTION: usize = 4096;
/// Longest meta, as JSON, in bytes.
pub const MAX_META: usize = 65536;
/// Longest text in bytes.
pub const MAX_TEXT_OBJECT: usize = 16 << 20;
/// Objects of one point.
pub const MAX_OBJECTS: usize = 65535;

/// Bytes up to which an object travels in the journal and lies in its row, and how many of a point together.
const SMALL: usize = 4096;
const SMALL_TOGETHER: usize = 32 << 10;

/// A sequence of objects of a run: what it holds, its name, and its context.
#[derive(Clone, Debug)]
pub struct SequenceId {
    kind: ObjectKind,
    name: String,
    /// Canonical JSON.
    context: String,
    /// Which points stay: the last ones, and every so manieth, 32 bits each; 0: all. Clones share it.
    keep: Arc<AtomicU64>,
}

impl SequenceId {
    pub fn new(kind: ObjectKind, name: &str, context: Option<&str>) -> Result<SequenceId> {
        check_name("the sequence's name", name)?;
        Ok(SequenceId {
            kind,
            name: name.to_owned(),
            context: canonical_context(context)?,
            keep: Arc::default(),
        })
    }

    /// From now on every point that is added lets go of those that are neither among the last nor at a multiple of a step.
    pub fn set_keep(&self, keep: Option<Keep>) -> Result<()> {
        let packed = match keep {
            None => 0,
            Some(Keep { last: 0, .. }) => {
                return Err(Error::invalid(
                    "of a sequence at least the last point stays: keep the last 1 or more, or all",
                ));
            }
            Some(keep) => u64::from(keep.last) << 32 | u64::from(keep.every),
        };
        self.keep.store(packed, Ordering::Relaxed);
        Ok(())
    }

    fn keep(&self) -> Option<Keep> {
        let packed = self.keep.load(Ordering::Relaxed);
        (packed != 0).then_some(Keep {
            last: (packed >> 32) as u32,
            every: packed as u32,
        })
    }

    pub fn kind(&self) -> ObjectKind {
        self.kind
    }
}

/// When a point is.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// `STEP_AUTO`: the one after the sequence's last.
    pub step: i64,
    /// `EPOCH_NONE`: none.
    pub epoch: i64,
    /// Microseconds since 1970 (UTC); `None`: now.
    pub time: Option<i64>,
}

/// An object, encoded.
#[derive(Clone, Copy, Debug)]
pub struct NewObject<'o> {
    pub data: &'o [u8],
    /// `None`: told by the first bytes.
    pub format: Option<&'o str>,
    pub caption: &'o str,
    /// A JSON object, or empty.
    pub meta: &'o str,
}

/// An object whose memory is lent for longer than the call.
pub struct Lent {
    pub raw: Raw<'static>,
    /// Of bytes that are encoded; `None`: told by the first of them.
    pub format: Option<String>,
    pub caption: String,
    pub meta: String,
    /// Called once, when the memory is not needed any more.
    pub release: Box<dyn FnOnce() + Send>,
}

/// Releases what was lent, whatever becomes of it.
struct Release(Option<Box<dyn FnOnce() + Send>>);

impl Drop for Release {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

impl Run {
    /// Tracks a point: a list of objects, which may be empty, in place of the point of that step. When this returns they
    /// survive the death of the process.
    pub fn track_objects(
        &self,
        sequence: &SequenceId,
        moment: Moment,
        objects: &[NewObject<'_>],
    ) -> Result<()> {
        self.check_open()?;
        moment.time.map_or(Ok(()), check_time)?;
        check_count(objects.len())?;
        for object in objects {
            check(sequence.kind, object)?;
        }
        self.record_more();
        self.store_objects(sequence, moment, objects)
    }

    /// Tracks a point as `track_objects`, behind the call: a thread encodes and stores it, and releases the memory. What fails
    /// then is told to the log callback. On an error of this call nothing is released.
    pub fn track_lent(
        self: &Arc<Run>,
        sequence: &SequenceId,
        moment: Moment,
        objects: Vec<Lent>,
    ) -> Result<()> {
        self.check_open()?;
        moment.time.map_or(Ok(()), check_time)?;
        check_count(objects.len())?;
        for lent in &objects {
            check_words(&lent.caption, &lent.meta)?;
            if let Raw::Encoded(data) = lent.raw {
                check(
                    sequence.kind,
                    &NewObject {
                        data,
                        format: lent.format.as_deref(),
                        caption: "",
                        meta: "",
                    },
                )?;
            }
        }
        let place = self.writer.background().reserve()?;
        if !self.writer.hold_open(self.id) {
            return Err(self.writer.ended());
        }
        self.record_more();
        let moment = Moment {
            time: moment.time.or_else(|| Some(now_micros())),
            ..moment
        };
        let (run, sequence) = (Arc::clone(self), sequence.clone());
        place.fill(move || {
            let stored = run.store_lent(&sequence, moment, objects);
            run.writer.let_go(run.id);
            stored
        });
        Ok(())
    }

    fn store_lent(&self, sequence: &SequenceId, moment: Moment, lent: Vec<Lent>) -> Result<()> {
        // All of it is released, also where encoding fails.
        let lent: Vec<(Raw<'static>, Option<String>, String, String, Release)> = lent
            .into_iter()
            .map(|l| (l.raw, l.format, l.caption, l.meta, Release(Some(l.release))))
            .collect();
        let mut encoded = Vec::with_capacity(lent.len());
        for (raw, format, caption, meta, release) in lent {
            let data = raw.encode()?;
            // What was encoded does without the memory that it was made from.
            let kept = matches!(raw, Raw::Encoded(_)).then_some(release);
            encoded.push((data, format, raw.format(), caption, meta, kept));
        }
        let objects: Vec<NewObject<'_>> = encoded
            .iter()
            .map(|(data, format, made, caption, meta, _)| NewObject {
                data,
                format: made.or(format.as_deref()),
                caption,
                meta,
            })
            .collect();
        for object in &objects {
            check(sequence.kind, object)?;
        }
        self.store_objects(sequence, moment, &objects)
    }

    /// Stores a point that was checked.
    fn store_objects(
        &self,
        sequence: &SequenceId,
        moment: Moment,
        objects: &[NewObject<'_>],
    ) -> Result<()> {
        let time = moment.time.unwrap_or_else(now_micros);
        let mut together = 0;
        let mut point = EncodedPoint::new(moment.epoch, time);
        for object in objects {
            let format = format::of(sequence.kind, object.format, object.data)?;
            let (width, height) = format::sides(&format, object.data);
            let small = object.data.len() <= SMALL && together < SMALL_TOGETHER;
            point.push(&Object {
                format: &format,
                caption: object.caption,
                meta: object.meta,
                width,
                height,
                stored: match small {
                    true => Stored::Here(object.data),
                    false => Stored::Packed(self.writer.packs().put(object.data)?),
                },
            });
            together += if small { object.data.len() } else { 0 };
        }
        self.change(Op::Objects {
            run: self.id,
            point: NewPoint {
                kind: sequence.kind,
                name: sequence.name.clone(),
                context: sequence.context.clone(),
                step: moment.step,
                encoded: point,
                keep: sequence.keep(),
            },
        })
    }
}

/// Before anything of a point is stored.
fn check(kind: ObjectKind, object: &NewObject<'_>) -> Result<()> {
    let size = object.data.len();
    let most = match kind {
        ObjectKind::Text => MAX_TEXT_OBJECT,
        _ => crate::blobs::MAX_SIZE,
    };
    if size > most {
        return Err(Error::new(
            Status::Limit,
            format!("the object has {size} bytes, more than {most}"),
        ));
    }
    if size == 0 && kind != ObjectKind::Text {
        return Err(Error::invalid("the object has no bytes"));
    }
    if kind == ObjectKind::Text && std::str::from_utf8(object.data).is_err() {
        return Err(Error::invalid("the text is not UTF-8"));
    }
    check_words(object.caption, object.meta)?;
    format::of(kind, object.format, object.data).map(|_| ())
}

fn check_words(caption: &str, meta: &str) -> Result<()> {
    check_length("the caption", caption, MAX_CAPTION)?;
    check_length("the meta", meta, MAX_META)?;
    if !meta.is_empty() {
        let meta = Tree::from_json(meta).map_err(|e| Error::from(e).context("the meta"))?;
        if !matches!(meta, Tree::Dict(_)) {
            return Err(Error::invalid(format!(
                "the meta is a JSON object, not {}",
                meta.type_name()
            )));
        }
    }
    Ok(())
}

/// Whether a point may have so many objects.
pub fn check_count(objects: usize) -> Result<()> {
    match objects <= MAX_OBJECTS {
        true => Ok(()),
        false => Err(Error::new(
            Status::Limit,
            format!("the point has {objects} objects, more than {MAX_OBJECTS}"),
        )),
    }
}
