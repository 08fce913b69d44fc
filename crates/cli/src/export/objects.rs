//! The objects of a run that is written out.

use super::Exported;
use crate::context::look_at;
use crate::failure::Failure;
use aim::objects::ObjectKind;
use aim::query::SequenceInfo;
use aim::store::{Object, ObjectPoint};

/// A sequence of objects.
pub struct Sequence {
    pub kind: ObjectKind,
    pub info: SequenceInfo,
}

/// A point of objects with their bytes.
pub struct Shown<'s> {
    pub sequence: &'s Sequence,
    pub point: ObjectPoint,
    /// Those of each object.
    pub bytes: Vec<Vec<u8>>,
}

impl Shown<'_> {
    pub fn objects(&self) -> impl Iterator<Item = (&Object, &[u8])> {
        let bytes = self.bytes.iter().map(Vec::as_slice);
        self.point.objects.iter().zip(bytes)
    }
}

impl Exported<'_> {
    /// The sequences of objects, by kind, name and context; none if only some metrics are exported.
    pub fn sequences(&self) -> Result<Vec<Sequence>, Failure> {
        let mut found = Vec::new();
        for kind in ObjectKind::ALL.into_iter().filter(|_| self.whole) {
            let of_kind = look_at(self.repo, |snapshot| {
                Ok(snapshot.sequences(&self.run, kind)?)
            })?;
            found.extend(of_kind.into_iter().map(|info| Sequence { kind, info }));
        }
        Ok(found)
    }

    /// Gives every point of a sequence to `write`, one in memory at a time.
    pub fn objects(
        &self,
        sequence: &Sequence,
        mut write: impl FnMut(&Shown<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let key = sequence.info.key;
        let steps = look_at(self.repo, |snapshot| {
            Ok(snapshot.object_steps(key, i64::MIN, i64::MAX)?)
        })?;
        for step in steps {
            let found = look_at(self.repo, |snapshot| {
                let Some(point) = snapshot.object_point(key, step)? else {
                    return Ok(None);
                };
                let mut bytes = Vec::with_capacity(point.objects.len());
                for object in &point.objects {
                    bytes.push(snapshot.object_bytes(object)?.into_owned());
                }
                Ok(Some(Shown {
                    sequence,
                    point,
                    bytes,
                }))
            })?;
            // One that was deleted meanwhile is none any more.
            if let Some(shown) = found {
                write(&shown)?;
            }
        }
        Ok(())
    }
}
