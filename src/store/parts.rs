//! Runs for stores of another kind: as an outline, which says what there is and by what it is told from what was there
//! before; piece by piece; and back as a parcel.
//!
//! | operation | cost |
//! |---|---|
//! | outline | the run's record, params, log rows and aggregates, the heads of its blocks, the points that are not sealed |
//! | a piece's points | its blocks |
//! | put a parcel | its own rows |

use super::block::{self, Header};
use super::copy::{Digest, words};
use super::env::{Txn, WriteTxn};
use super::keys::{RunId, SeriesKey, u64_at};
use super::logs::{self, Stream};
use super::points::Points;
use super::runs::{RunRecord, RunState};
use super::series::Aggregates;
use super::strings::Kind;
use super::writers::ELSEWHERE;
use crate::error::{Error, Result};
use aim_value::Tree;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Points from which on a piece that is not sealed ends: so much at most is sent again when more come.
const PIECE_POINTS: usize = 512;

/// Consecutive blocks of a sequence: one that is sealed, or several that are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub first_step: i64,
    pub last_step: i64,
    pub count: usize,
    pub sealed: bool,
    /// Differs where any point does.
    pub sum: u64,
}

/// A sequence without its points.
#[derive(Clone, Debug)]
pub struct SeriesOutline {
    pub key: SeriesKey,
    pub name: String,
    /// Canonical JSON.
    pub context: String,
    pub aggregates: Aggregates,
    pub pieces: Vec<Piece>,
    /// Differs where aggregates or points do.
    pub sum: u64,
}

/// A row of one of the run's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPart {
    pub stream: Stream,
    pub first: u64,
    /// The number after its last record.
    pub end: u64,
    pub sum: u64,
}

/// A run without points and log records.
#[derive(Clone, Debug)]
pub struct Outline {
    pub run: RunId,
    pub record: RunRecord,
    /// All params, encoded.
    pub params: Vec<u8>,
    pub params_sum: u64,
    pub series: Vec<SeriesOutline>,
    pub logs: Vec<LogPart>,
    /// Points of sequences of objects, which other stores do not take.
    pub objects: u64,
    /// Differs where anything else does.
    pub sum: u64,
}

/// A sum over words.
fn sum_of(words: impl IntoIterator<Item = u64>) -> u64 {
    let mut sum = Xxh3::new();
    for word in words {
        sum.update(&word.to_le_bytes());
    }
    sum.digest()
}

fn text_sum(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// A sum over points, whatever blocks they are in.
fn points_sum(points: &Points) -> u64 {
    let mut bytes = Vec::new();
    points.encode(&mut bytes);
    xxh3_64(&bytes)
}

/// The number by which other stores know a sequence of a run: of its name and context.
fn series_id(name: &str, context: &str) -> u64 {
    sum_of([text_sum(name), text_sum(context)])
}

impl SeriesOutline {
    /// The number by which other stores know the sequence within its run.
    pub fn id(&self) -> u64 {
        series_id(&self.name, &self.context)
    }
}

impl Txn<'_> {
    /// The outline of a run whose record is given with its state as it really is.
    pub fn outline(&self, run: RunId, record: RunRecord) -> Result<Outline> {
        let mut params = Vec::new();
        self.params(run)?.encode(&mut params);
        let params_sum = xxh3_64(&params);
        let mut series = Vec::new();
        for (key, aggregates) in self.run_series(run)? {
            series.push(self.series_outline(key, aggregates)?);
        }
        let logs = self.log_parts(run)?;
        let mut all = vec![xxh3_64(&record.to_bytes()), params_sum];
        let mut sums: Vec<u64> = series.iter().map(|s| sum_of([s.id(), s.sum])).collect();
        // Rows are in the order of this store's own numbers.
        sums.sort_unstable();
        all.extend(sums);
        for part in &logs {
            all.extend([part.stream as u64, part.first, part.end, part.sum]);
        }
        Ok(Outline {
            run,
            record,
            params,
            params_sum,
            series,
            logs,
            objects: self.object_points(run)?,
            sum: sum_of(all),
        })
    }

    /// A sum that differs where anything of a run does that has ended, but for points that a backfill put in place of
    /// others: its blocks are not looked at.
    pub fn glance(&self, run: RunId, record: &RunRecord) -> Result<u64> {
        let mut all = vec![xxh3_64(&record.to_bytes())];
        for (_, ordinal, tree) in self.param_rows(run)? {
            all.extend([u64::from(ordinal), xxh3_64(tree)]);
        }
        for (key, aggregates) in self.run_series(run)? {
            all.push(xxh3_64(&key.to_bytes()));
            all.extend(words(&aggregates));
        }
        for stream in [Stream::Records, Stream::Terminal, Stream::Notes] {
            let (first, end) = self.log_range(run, stream)?;
            all.extend([first, end]);
        }
        Ok(sum_of(all))
    }

    fn series_outline(&self, key: SeriesKey, aggregates: Aggregates) -> Result<SeriesOutline> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut raw: Option<Points> = None;
        let end = |raw: &mut Option<Points>, pieces: &mut Vec<Piece>| {
            if let Some(points) = raw.take() {
                pieces.push(Piece {
                    first_step: points.steps.first().copied().unwrap_or_default(),
                    last_step: points.steps.last().copied().unwrap_or_default(),
                    count: points.len(),
                    sealed: false,
                    sum: points_sum(&points),
                });
            }
        };
        let mut count = 0;
        let visited = self.blocks(key, i64::MIN, i64::MAX, |first, header: Header, row| {
            count += header.count as u64;
            if !header.sealed {
                let points = raw.get_or_insert_default();
                block::decode(row, points)?;
                if points.len() >= PIECE_POINTS {
                    end(&mut raw, &mut pieces);
                }
                return Ok(());
            }
            end(&mut raw, &mut pieces);
            pieces.push(Piece {
                first_step: first,
                last_step: header.last_step,
                count: header.count,
                sealed: true,
                sum: u64::from(block::content_sum(row)),
            });
            Ok(())
        });
        visited.map_err(|e| self.located(e, key))?;
        end(&mut raw, &mut pieces);
        if count != aggregates.count {
            let wrong = format!("{count} of {} points are there", aggregates.count);
            return Err(self.located(Error::corrupt(wrong), key));
        }
        let sums = pieces
            .iter()
            .flat_map(|p| [p.first_step as u64, u64::from(p.sealed), p.sum]);
        let sum = sum_of(words(&aggregates).into_iter().chain(sums));
        Ok(SeriesOutline {
            key,
            name: self.string(Kind::Name, key.name)?.to_owned(),
            context: self.string(Kind::Context, key.context)?.to_owned(),
            aggregates,
            pieces,
            sum,
        })
    }

    /// The points of a piece.
    pub fn piece_points(&self, key: SeriesKey, piece: &Piece) -> Result<Points> {
        let mut points = Points::default();
        self.blocks(key, piece.first_step, piece.last_step, |_, _, row| {
            block::decode(row, &mut points)
        })
        .map_err(|e| self.located(e, key))?;
        match points.len() == piece.count {
            true => Ok(points),
            false => Err(self.located(Error::corrupt("points of a block are missing"), key)),
        }
    }

    fn log_parts(&self, run: RunId) -> Result<Vec<LogPart>> {
        let mut parts = Vec::new();
        self.visit_log_rows(run, |stream, first, content| {
            parts.push(LogPart {
                stream,
                first,
                end: logs::content_end(first, content),
                sum: xxh3_64(content),
            });
            Ok(())
        })?;
        Ok(parts)
    }

    /// Visits the rows of a run's logs, each with its content.
    pub fn visit_log_rows(
        &self,
        run: RunId,
        mut visit: impl FnMut(Stream, u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let prefix = run.to_be_bytes();
        let mut scan = self.cursor(self.tables.logs)?;
        for row in scan.prefix(&prefix) {
            let (at, value) = row?;
            if super::objects::is_key(at) {
                continue;
            }
            let stream = at.get(8).and_then(|s| Stream::from_number(*s));
            let (Some(stream), Some(first), Some(content)) =
                (stream, u64_at(at, 9), logs::content(at, value))
            else {
                let damaged = Error::corrupt("a stored log is damaged");
                return Err(self.located(damaged, format_args!("run {run}")));
            };
            visit(stream, first, content)?;
        }
        Ok(())
    }
}

/// A sequence with all its points, in pieces.
#[derive(Clone, Debug)]
pub struct SeriesParcel {
    pub name: String,
    pub context: String,
    pub aggregates: Aggregates,
    pub pieces: Vec<(bool, Points)>,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub record: RunRecord,
    /// All params, encoded.
    pub params: Vec<u8>,
    pub series: Vec<SeriesParcel>,
    /// Stream, number of the first record, content.
    pub logs: Vec<(Stream, u64, Vec<u8>)>,
    pub extent: Extent,
}

/// How much of a run there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// Neither points nor logs: what a list of runs and metrics needs.
    Outline,
}

impl Parcel {
    /// What it is compared by with a run that is stored.
    pub fn digest(&self) -> Digest {
        let mut ranges = [(0, 0); 3];
        for (stream, first, content) in &self.logs {
            let range = &mut ranges[*stream as usize];
            if range.1 == 0 {
                range.0 = *first;
            }
            range.1 = logs::content_end(*first, content);
        }
        let series = self.series.iter();
        Digest {
            record: self.record.clone(),
            params: self.params.clone(),
            series: series
                .map(|s| {
                    let name = (s.name.clone(), s.context.clone());
                    (name, words(&s.aggregates))
                })
                .collect(),
            logs: ranges,
            // They do not travel so.
            objects: Default::default(),
        }
    }

    pub fn points(&self) -> u64 {
        self.series.iter().map(|s| s.aggregates.count).sum()
    }
}

impl WriteTxn<'_> {
    /// Puts a run that this store does not have.
    pub fn put_parcel(&mut self, parcel: &Parcel) -> Result<RunId> {
        let run = self.create_run(&parcel.record)?;
        self.fill_run(run, parcel)?;
        Ok(run)
    }

    /// Makes a copy of a run, in the place of one that may be there. Copies are in the order in which their runs began, and
    /// say of a run that it is running for as long as they are not replaced.
    pub fn put_copy(&mut self, parcel: &Parcel) -> Result<RunId> {
        if let Some(old) = self.find_run(&parcel.record.hash)? {
            self.delete_run(old)?;
        }
        let began = (parcel.record.created_at as u64) ^ (1 << 63);
        let run = self.create_run_at(began, &parcel.record)?;
        if parcel.record.state == RunState::Running {
            self.add_writer(run, &ELSEWHERE, true)?;
        }
        self.fill_run(run, parcel)?;
        Ok(run)
    }

    fn fill_run(&mut self, run: RunId, parcel: &Parcel) -> Result<()> {
        let Tree::Dict(params) = Tree::decode(&parcel.params)? else {
            return Err(Error::corrupt("the params of a run are damaged"));
        };
        for (name, value) in params {
            self.update_param(run, &name, |_| Ok(Some(value)))?;
        }
        for series in &parcel.series {
            let key = self.define_series(run, &series.name, &series.context)?;
            self.index_series(key)?;
            let mut aggregates = series.aggregates;
            let mut count = 0;
            for (sealed, points) in &series.pieces {
                count += points.len() as u64;
                match sealed {
                    true => self.put_block(key, points.as_slices(), true)?,
                    false => self.put_raw(key, &mut aggregates, points.as_slices())?,
                }
            }
            if parcel.extent == Extent::Whole && count != aggregates.count {
                let wrong = format!("{count} of {} points are there", aggregates.count);
                return Err(Error::corrupt(wrong).context(&series.name));
            }
            self.put_aggregates(key, &aggregates)?;
        }
        for (stream, first, content) in &parcel.logs {
            self.put_log_row(run, *stream, *first, content)?;
        }
        Ok(())
    }
}
