//! Bringing in what is past: points, records and lines with the times that they had.

use super::{Metric, Run, logs};
use crate::error::{Error, Result, Status};
use crate::point::{EPOCH_NONE, STEP_AUTO};
use crate::repo::{Op, check_length, check_time, micros, now_micros};
use crate::store::{LogAppend, LogRecord, Points, Records, SourceLocation, Stream};

/// Points of one record in the journal: 128 KiB of it.
const PIECE: usize = 4096;

impl Metric {
    /// Tracks many values, each with its time in seconds since 1970 (UTC); without times all have the present one. The
    /// other columns are as long as `values`, if given. A time that is none keeps the call from tracking anything.
    pub fn track_many_at(
        &self,
        values: &[f64],
        steps: Option<&[i64]>,
        epochs: Option<&[i64]>,
        times: Option<&[f64]>,
    ) -> Result<()> {
        let Some(times) = times else {
            return self.track_many(values, steps, epochs);
        };
        let lengths = [
            ("steps", steps.map_or(values.len(), <[i64]>::len)),
            ("epochs", epochs.map_or(values.len(), <[i64]>::len)),
            ("times", times.len()),
        ];
        if let Some((name, length)) = lengths.into_iter().find(|(_, n)| *n != values.len()) {
            return Err(Error::invalid(format!(
                "{length} {name} for {} values",
                values.len()
            )));
        }
        times.iter().try_for_each(|t| micros(*t).map(|_| ()))?;
        let piece = PIECE.min(self.series.most_points_of_op());
        for start in (0..values.len()).step_by(piece) {
            let range = start..(start + piece).min(values.len());
            let count = range.len();
            self.series.push_points(Points {
                steps: steps.map_or_else(|| vec![STEP_AUTO; count], |s| s[range.clone()].to_vec()),
                values: values[range.clone()].to_vec(),
                epochs: epochs
                    .map_or_else(|| vec![EPOCH_NONE; count], |e| e[range.clone()].to_vec()),
                times: times[range]
                    .iter()
                    .map(|t| micros(*t))
                    .collect::<Result<_>>()?,
            })?;
        }
        Ok(())
    }
}

impl Run {
    /// Logs a message with its time in microseconds since 1970 (UTC); `None` for now.
    pub fn log_at(
        &self,
        time: Option<i64>,
        level: i32,
        message: &str,
        location: Option<SourceLocation>,
    ) -> Result<()> {
        time.map_or(Ok(()), check_time)?;
        let time = time.unwrap_or_else(now_micros);
        logs::check(level, message, location.as_ref())?;
        self.append(
            Stream::Records,
            LogRecord {
                time,
                level,
                text: message.to_owned(),
                location,
            },
        )
    }

    /// Adds a line that went to a terminal, without its end, with its time in microseconds since 1970 (UTC); `None` for
    /// now. Of a run's lines the last 32 MiB are kept.
    pub fn add_line_at(&self, time: Option<i64>, descriptor: i32, text: &str) -> Result<()> {
        time.map_or(Ok(()), check_time)?;
        if !(1..=2).contains(&descriptor) {
            return Err(Error::invalid(format!(
                "the descriptor is {descriptor}; it is 1 or 2"
            )));
        }
        check_length("the line", text, logs::MAX_MESSAGE)?;
        self.append(
            Stream::Terminal,
            LogRecord {
                time: time.unwrap_or_else(now_micros),
                level: descriptor,
                text: text.to_owned(),
                location: None,
            },
        )
    }

    fn append(&self, stream: Stream, record: LogRecord) -> Result<()> {
        self.check_open()?;
        self.record_more();
        let mut records = Records::default();
        records.push(&record);
        self.change(Op::Log {
            run: self.id,
            stream,
            append: LogAppend {
                records,
                ..LogAppend::default()
            },
        })
    }
}

impl super::metric::Series {
    /// Points that fit into one record of this journal.
    fn most_points_of_op(&self) -> usize {
        (self.writer.journal().max_payload() / Points::BYTES)
            .saturating_sub(1)
            .max(1)
    }

    fn push_points(&self, points: Points) -> Result<()> {
        if self.is_closed() {
            return Err(Error::new(Status::Closed, "the metric's run is closed"));
        }
        let points = Op::Points {
            local: self.local,
            points,
        };
        self.writer.push(&points.encode())?;
        self.pass_all();
        Ok(())
    }
}
