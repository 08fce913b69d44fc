//! Evaluates the expression run by run, and gives away the rows that it selects.

use super::bounds::Bounds;
use super::order::Order;
use super::result::{Failures, MetricInfo, QueryRow, RunInfo, SequenceInfo, by_name};
use super::row::{StoredRun, aggregates, name_prefix};
use crate::error::{Error, Result, Status};
use crate::objects::ObjectKind;
use crate::store::keys::{SeriesKey, StringId};
use crate::store::{Aggregates, Sequence, SequenceKey, sequence_prefix, visit_series};
use aimql::{Budget, Key, MetricRow, Outcome, Program};
use std::sync::Arc;

pub struct Evaluation<'p> {
    program: &'p Program,
    /// Where rows wait that are not to come as they are found.
    order: Option<Order>,
    budget: Budget<'p>,
    failures: Failures,
    take: &'p mut dyn FnMut(QueryRow) -> Result<bool>,
    /// Rows that are still to be left out, and how many are still wanted.
    skip: usize,
    wanted: usize,
    /// Rows given away, and how many may be.
    rows: u64,
    most: u64,
}

impl<'p> Evaluation<'p> {
    pub fn new(
        program: &'p Program,
        order: Option<Order>,
        budget: Budget<'p>,
        bounds: &Bounds,
        take: &'p mut dyn FnMut(QueryRow) -> Result<bool>,
    ) -> Evaluation<'p> {
        Evaluation {
            program,
            order,
            budget,
            failures: Failures::default(),
            take,
            skip: 0,
            wanted: usize::MAX,
            rows: 0,
            most: bounds.rows,
        }
    }

    /// Leaves out rows at the beginning, and those behind the first `limit`.
    pub fn skip(&mut self, offset: usize, limit: Option<usize>) {
        self.skip = offset;
        self.wanted = limit.unwrap_or(usize::MAX);
        if let Some(order) = &mut self.order {
            order.want(self.wanted.saturating_add(offset));
        }
    }

    pub fn wants_more(&self) -> bool {
        self.wanted > 0
    }

    /// Gives away the rows that waited; gives what failed, and what is to be said of the order.
    pub fn finish(mut self) -> Result<(Failures, Option<String>)> {
        let Some(order) = self.order.take() else {
            return Ok((self.failures, None));
        };
        let (rows, warning) = order.finish();
        for row in rows {
            if !self.wants_more() {
                break;
            }
            self.give(row)?;
        }
        Ok((self.failures, warning))
    }

    /// Where a row that the expression selects comes.
    fn selects(
        &mut self,
        run: &StoredRun<'_, '_>,
        metric: Option<&MetricRow<'_>>,
    ) -> Result<Option<Key>> {
        match self.program.matches(run, metric, &mut self.budget)? {
            Outcome::Selected => {}
            Outcome::NotSelected => return Ok(None),
            Outcome::Failed(reason) => {
                self.failures.add(reason);
                return Ok(None);
            }
        }
        match &mut self.order {
            None => Ok(Some(Key::Nothing)),
            Some(order) => order.key(run, metric, &mut self.budget).map(Some),
        }
    }

    /// Evaluates the run's sequences of objects of a kind: all, or those that have one of the names.
    pub fn objects(
        &mut self,
        run: &StoredRun<'_, '_>,
        kind: ObjectKind,
        names: Option<&[StringId]>,
    ) -> Result<()> {
        let mut found = Vec::new();
        let mut visit = |prefix: &[u8]| {
            run.reader.txn.visit_sequences(prefix, |key, stored| {
                let sequence = stored
                    .map_err(|e| run.reader.txn.located(e, key))
                    .and_then(|stored| self.sequence(run, key, stored));
                found.extend(self.unless_damaged(sequence)?.flatten());
                self.check_rows(found.len() as u64)
            })
        };
        match names {
            Some(names) => names
                .iter()
                .try_for_each(|name| visit(&sequence_prefix(run.id, kind, Some(*name))))?,
            None => visit(&sequence_prefix(run.id, kind, None))?,
        }
        let found = by_name(found, |(_, s)| (&s.name, &s.context));
        if !found.is_empty() {
            let info = Arc::new(info(run));
            for (key, sequence) in found {
                self.add(key, &info, None, Some(sequence))?;
            }
        }
        Ok(())
    }

    fn sequence(
        &mut self,
        run: &StoredRun<'_, '_>,
        key: SequenceKey,
        stored: Sequence,
    ) -> Result<Option<(Key, SequenceInfo)>> {
        let name = run.reader.name(key.name)?;
        let context = run.reader.context(key.context)?;
        let known = aimql::Aggregates {
            first: f64::NAN,
            first_step: stored.first_step,
            last: f64::NAN,
            last_step: stored.last_step,
            min: f64::NAN,
            max: f64::from(stored.longest),
            count: i64::try_from(stored.points).unwrap_or(i64::MAX),
        };
        let row = MetricRow {
            name: &name,
            context: &context.tree,
            aggregates: &known,
        };
        let selected = self.selects(run, Some(&row))?;
        Ok(selected.map(|place| {
            let sequence = SequenceInfo {
                key,
                name,
                context: Arc::clone(&context.json),
                sequence: stored,
            };
            (place, sequence)
        }))
    }

    pub fn run(&mut self, run: &StoredRun<'_, '_>) -> Result<()> {
        if let Some(key) = self.selects(run, None)? {
            self.add(key, &Arc::new(info(run)), None, None)?;
        }
        Ok(())
    }

    /// Evaluates the run's sequences: all, or those that have one of the names.
    pub fn metrics(&mut self, run: &StoredRun<'_, '_>, names: Option<&[StringId]>) -> Result<()> {
        let mut found = Vec::new();
        // A cursor of its own: the expression may move the reader's.
        let mut scan = run.reader.txn.series_scan()?;
        let mut visit = |prefix: &[u8]| {
            visit_series(&mut scan, prefix, |key, stored| {
                let metric = stored
                    .map_err(|e| run.reader.txn.located(e, key))
                    .and_then(|stored| self.metric(run, key, stored));
                found.extend(self.unless_damaged(metric)?.flatten());
                self.check_rows(found.len() as u64)
            })
        };
        match names {
            Some(names) => {
                names
                    .iter()
                    .try_for_each(|name| visit(&name_prefix(run.id, *name)))?;
            }
            None => visit(&run.id.to_be_bytes())?,
        }
        let found = by_name(found, |(_, m)| (&m.name, &m.context));
        if !found.is_empty() {
            let info = Arc::new(info(run));
            for (key, metric) in found {
                self.add(key, &info, Some(metric), None)?;
            }
        }
        Ok(())
    }

    fn metric(
        &mut self,
        run: &StoredRun<'_, '_>,
        key: SeriesKey,
        stored: Aggregates,
    ) -> Result<Option<(Key, MetricInfo)>> {
        let name = run.reader.name(key.name)?;
        let context = run.reader.context(key.context)?;
        let row = MetricRow {
            name: &name,
            context: &context.tree,
            aggregates: &aggregates(&stored),
        };
        let selected = self.selects(run, Some(&row))?;
        Ok(selected.map(|place| {
            let metric = MetricInfo {
                key,
                name,
                context: Arc::clone(&context.json),
                aggregates: stored,
            };
            (place, metric)
        }))
    }

    /// A run or sequence that is damaged is a failure, not the end of the query.
    pub fn unless_damaged<T>(&mut self, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Err(e) if e.status == Status::Corrupt => {
                self.failures.add(e.to_string());
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }

    fn add(
        &mut self,
        key: Key,
        run: &Arc<RunInfo>,
        metric: Option<MetricInfo>,
        sequence: Option<SequenceInfo>,
    ) -> Result<()> {
        let row = QueryRow {
            run: Arc::clone(run),
            metric,
            sequence,
        };
        match &mut self.order {
            None => self.give(row),
            Some(order) => order.add(key, row),
        }
    }

    /// Gives a row away, unless it is to be left out.
    fn give(&mut self, row: QueryRow) -> Result<()> {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.wanted > 0 {
            self.check_rows(1)?;
            self.rows += 1;
            self.wanted -= 1;
            if !(self.take)(row)? {
                self.wanted = 0;
            }
        }
        Ok(())
    }

    /// Whether there may be that many more rows, those to be left out aside.
    fn check_rows(&self, more: u64) -> Result<()> {
        let most = self.most.saturating_add(self.skip as u64);
        if self.rows.saturating_add(more) <= most {
            return Ok(());
        }
        Err(Error::new(
            Status::Limit,
            format!(
                "the query selects more than its bound of {} rows; narrow it, ask for a part, or raise the bound",
                self.most
            ),
        ))
    }
}

fn info(run: &StoredRun<'_, '_>) -> RunInfo {
    RunInfo {
        id: run.id,
        hash: *run.record.hash(),
    }
}
