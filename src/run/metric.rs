//! Metric handles: one sequence of a run, resolved once.

use crate::error::{Error, Result, Status};
use crate::journal::{Producer, PushError};
use crate::point::{EPOCH_NONE, Point, STEP_AUTO};
use crate::repo::Writer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Points that one call hands to the journal at a time.
const PIECE: usize = 256;

/// A sequence of an open run.
#[derive(Clone)]
pub(super) struct Series {
    producer: Producer,
    pub(super) writer: Arc<Writer>,
    closed: Arc<AtomicBool>,
    /// Its number in the journal.
    pub(super) local: u32,
}

impl Series {
    pub fn new(
        producer: Producer,
        writer: Arc<Writer>,
        closed: Arc<AtomicBool>,
        local: u32,
    ) -> Series {
        Series {
            producer,
            writer,
            closed,
            local,
        }
    }

    /// Something of it went to the journal as a change of its own: what is tracked now comes behind.
    pub fn pass_all(&self) {
        self.producer.pass_all();
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub fn try_track(&self, value: f64, step: i64, epoch: i64) -> bool {
        self.producer.push(Point { step, value, epoch })
    }

    #[inline(always)]
    pub fn track(&self, value: f64, step: i64, epoch: i64) -> Result<()> {
        if self.try_track(value, step, epoch) {
            Ok(())
        } else {
            self.track_slowly(&[Point { step, value, epoch }])
        }
    }

    /// As `track`; of an error the status alone, for which nothing is allocated or locked.
    pub fn track_quietly(
        &self,
        value: f64,
        step: i64,
        epoch: i64,
    ) -> std::result::Result<(), Status> {
        self.push_all(&[Point { step, value, epoch }])
            .map_err(|refused| match self.is_closed() {
                true => Status::Closed,
                false => self.writer.status(refused),
            })
    }

    #[cold]
    fn track_slowly(&self, points: &[Point]) -> Result<()> {
        self.push_all(points)
            .map_err(|refused| match self.is_closed() {
                true => Error::new(
                    Status::Closed,
                    "the metric's run is closed; open it by its hash to go on",
                ),
                false => self.writer.explain(refused),
            })
    }

    /// A full ring, a closed run, a forked child.
    fn push_all(&self, mut points: &[Point]) -> std::result::Result<(), PushError> {
        while !points.is_empty() {
            if self.is_closed() {
                return Err(PushError::Closed);
            }
            match self.producer.push_points(points) {
                Ok(taken) => points = &points[taken..],
                Err(e) => self.writer.wait_for_room(e, 0)?,
            }
        }
        Ok(())
    }
}

/// A handle on one metric of a run. Handles outlive their run, after whose close they answer `Closed`.
pub struct Metric {
    pub(super) series: Series,
}

impl Metric {
    pub(super) fn new(series: Series) -> Metric {
        Metric { series }
    }

    /// Tracks one value: no system call, lock or allocation, except where the ring is full.
    #[inline(always)]
    pub fn track(&self, value: f64, step: i64, epoch: i64) -> Result<()> {
        self.series.track(value, step, epoch)
    }

    /// `track` without its slow path; false if that is needed.
    #[inline(always)]
    pub fn try_track(&self, value: f64, step: i64, epoch: i64) -> bool {
        self.series.try_track(value, step, epoch)
    }

    /// As `track`; of an error the status alone, for which nothing is allocated or locked: for signal handlers.
    pub fn track_quietly(
        &self,
        value: f64,
        step: i64,
        epoch: i64,
    ) -> std::result::Result<(), Status> {
        self.series.track_quietly(value, step, epoch)
    }

    /// Tracks many values, stamped with one time. `steps` and `epochs` are as long as `values`, if given.
    pub fn track_many(
        &self,
        values: &[f64],
        steps: Option<&[i64]>,
        epochs: Option<&[i64]>,
    ) -> Result<()> {
        let mut piece = Vec::with_capacity(PIECE.min(values.len()));
        for start in (0..values.len()).step_by(PIECE) {
            let range = start..(start + PIECE).min(values.len());
            piece.clear();
            piece.extend(range.map(|i| Point {
                step: steps.map_or(STEP_AUTO, |s| s[i]),
                value: values[i],
                epoch: epochs.map_or(EPOCH_NONE, |e| e[i]),
            }));
            self.series.track_slowly(&piece)?;
        }
        Ok(())
    }
}
