//! Tracking objects: images, texts, audio, distributions, figures and more.
//!
//! Small bytes travel in the journal; larger ones are in this process's pack before the journal refers to them.

use super::{Run, canonical_context};
use crate::error::{Error, Result, Status};
use crate::objects::{ObjectKind, format};
use crate::repo::{Op, check_length, check_name, check_time, now_micros};
use crate::store::{NewPoint, Object, ObjectPoint, Stored};
use aim_value::Tree;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceId {
    kind: ObjectKind,
    name: String,
    /// Canonical JSON.
    context: String,
}

impl SequenceId {
    pub fn new(kind: ObjectKind, name: &str, context: Option<&str>) -> Result<SequenceId> {
        check_name("the sequence's name", name)?;
        Ok(SequenceId {
            kind,
            name: name.to_owned(),
            context: canonical_context(context)?,
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
        if objects.len() > MAX_OBJECTS {
            return Err(Error::new(
                Status::Limit,
                format!(
                    "the point has {} objects, more than {MAX_OBJECTS}",
                    objects.len()
                ),
            ));
        }
        for object in objects {
            check(sequence.kind, object)?;
        }
        let time = moment.time.unwrap_or_else(now_micros);
        self.record_more();
        let mut together = 0;
        let mut stored = Vec::with_capacity(objects.len());
        for object in objects {
            let format = format::of(sequence.kind, object.format, object.data)?;
            let (width, height) = format::sides(&format, object.data);
            let small = object.data.len() <= SMALL && together < SMALL_TOGETHER;
            if !small {
                self.check_packs(object.data.len())?;
            }
            stored.push(Object {
                format,
                caption: object.caption.to_owned(),
                meta: object.meta.to_owned(),
                width,
                height,
                stored: match small {
                    true => Stored::Here(object.data.into()),
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
                point: ObjectPoint {
                    step: moment.step,
                    epoch: moment.epoch,
                    time,
                    objects: stored,
                },
            },
        })
    }
}

impl Run {
    /// Packs are beside a database; others on the way to a spool would miss them.
    fn check_packs(&self, size: usize) -> Result<()> {
        match self.repo.is_spool() {
            false => Ok(()),
            true => Err(Error::new(
                Status::UnsupportedFs,
                format!(
                    "an object of {size} bytes cannot be tracked in a spool: there they have up to {SMALL} bytes, \
                     {SMALL_TOGETHER} in one point; track it in a repository on a local disk"
                ),
            )),
        }
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
    check_length("the caption", object.caption, MAX_CAPTION)?;
    check_length("the meta", object.meta, MAX_META)?;
    if !object.meta.is_empty() {
        let meta = Tree::from_json(object.meta).map_err(|e| Error::from(e).context("the meta"))?;
        if !matches!(meta, Tree::Dict(_)) {
            return Err(Error::invalid(format!(
                "the meta is a JSON object, not {}",
                meta.type_name()
            )));
        }
    }
    format::of(kind, object.format, object.data).map(|_| ())
}
