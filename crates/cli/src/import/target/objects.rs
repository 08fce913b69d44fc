//! Points of images, texts and other objects that are brought in.

use super::{Target, Time};
use crate::failure::Failure;
use crate::import::Report;
use aim::error::Status;
use aim::objects::ObjectKind;
use aim::query::read;
use aim::repo::RepoRef;
use aim::run::STEP_AUTO;
use aim::run::objects::{MAX_CAPTION, Moment, NewObject, SequenceId};

/// A sequence of objects, and a point of it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    pub kind: ObjectKind,
    pub name: &'p str,
    /// JSON.
    pub context: &'p str,
    pub step: i64,
    /// `EPOCH_NONE`: none.
    pub epoch: i64,
    pub time: Time,
}

/// What is known of a sequence.
pub struct Sequence {
    /// `None` if nothing can be called so.
    id: Option<SequenceId>,
    /// Points that the source gave, and how many of the next ones are there already.
    pub given: u64,
    known: u64,
}

/// A caption that is not too long for one.
pub fn caption(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_CAPTION)]
}

/// Points of objects that a run has.
pub fn stored(repo: &RepoRef, hash: &str) -> Result<u64, Failure> {
    Ok(read(repo, |snapshot| match snapshot.find(hash)? {
        Some(run) => snapshot.object_points(&run),
        None => Ok(0),
    })?)
}

impl Target {
    /// A point of objects, in place of the one of that step.
    pub fn objects(
        &mut self,
        report: &mut Report,
        place: &Place<'_>,
        objects: &[NewObject<'_>],
    ) -> Result<(), Failure> {
        let what = place.kind.plural();
        let count = objects.len() as u64;
        if place.step == STEP_AUTO {
            report.lost("points at the step -2^63", 1);
            return Ok(());
        }
        let key = (
            Some(place.kind),
            place.name.to_owned(),
            place.context.to_owned(),
        );
        let known = match self.sequences.contains_key(&key) {
            true => 0,
            false => self.known(&key),
        };
        let sequence = self.sequences.entry(key).or_insert_with(|| Sequence {
            id: SequenceId::new(place.kind, place.name, Some(place.context)).ok(),
            given: 0,
            known,
        });
        sequence.given += 1;
        let Some(id) = &sequence.id else {
            report.lost(
                &format!("{what} with names that libaim does not take"),
                count,
            );
            return Ok(());
        };
        if sequence.given <= sequence.known {
            return Ok(());
        }
        let tracked = match &self.run {
            Some(run) => {
                let moment = Moment {
                    step: place.step,
                    epoch: place.epoch,
                    time: Some(place.time.micros()),
                };
                run.track_objects(id, moment, objects)
            }
            None => objects.iter().try_for_each(|object| {
                aim::objects::format::of(place.kind, object.format, object.data).map(|_| ())
            }),
        };
        match tracked {
            Ok(()) => {
                self.brought.objects += count;
                Ok(())
            }
            Err(e) if matches!(e.status, Status::InvalidArgument | Status::Limit) => {
                report.lost(
                    &format!("{what} whose bytes or sizes libaim does not take"),
                    count,
                );
                Ok(())
            }
            Err(e) => Err(e.into()),
        }
    }

    /// A text at a step.
    pub fn text(
        &mut self,
        report: &mut Report,
        place: &Place<'_>,
        text: &str,
    ) -> Result<(), Failure> {
        let object = NewObject {
            data: text.as_bytes(),
            format: None,
            caption: "",
            meta: "",
        };
        self.objects(report, place, &[object])
    }
}
