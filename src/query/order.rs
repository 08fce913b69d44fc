//! The order that a caller asks for: by the value of an expression.

use super::bounds::Bounds;
use super::result::{Failures, QueryRow, ROW_BYTES, needs_more_memory};
use crate::error::{Error, Result, Status};
use aimql::{Budget, Key, MetricRow, Program, Subject};
use std::cmp::Ordering;

use super::row::StoredRun;

/// What rows are ordered by.
#[derive(Clone, Copy, Debug)]
pub struct OrderBy<'o> {
    /// An expression over a row, as in `run.hparams.lr`, `metric.last`, `(run.experiment, run.created_at)`.
    pub expression: &'o str,
    /// Greatest first. Rows without a value come last all the same.
    pub descending: bool,
}

struct Kept {
    key: Key,
    row: QueryRow,
}

/// Rows that wait for their turn. Of those that cannot be among the first, none is kept for long.
pub struct Order {
    program: Program,
    descending: bool,
    /// The first so many are wanted.
    first: usize,
    kept: Vec<Kept>,
    bytes: u64,
    bounds: Bounds,
    failures: Failures,
}

impl Order {
    pub fn new(by: OrderBy<'_>, subject: Subject, bounds: &Bounds) -> Result<Order> {
        let program = Program::compile_key(by.expression, subject);
        let program = program.and_then(|program| match program.unknown_attribute() {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(program),
        });
        Ok(Order {
            program: program
                .map_err(|e| Error::new(Status::Syntax, format!("what to order by: {e}")))?,
            descending: by.descending,
            first: usize::MAX,
            kept: Vec::new(),
            bytes: 0,
            bounds: *bounds,
            failures: Failures::default(),
        })
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Only the first so many rows are wanted.
    pub fn want(&mut self, first: usize) {
        self.first = first;
    }

    /// The place of a row. One on which the expression fails has none.
    pub fn key(
        &mut self,
        run: &StoredRun<'_, '_>,
        metric: Option<&MetricRow<'_>>,
        budget: &mut Budget<'_>,
    ) -> Result<Key> {
        let key = self.program.key(run, metric, budget)?;
        Ok(key.unwrap_or_else(|reason| {
            self.failures.add(reason);
            Key::Nothing
        }))
    }

    pub fn add(&mut self, key: Key, row: QueryRow) -> Result<()> {
        self.bytes += bytes(&key);
        self.kept.push(Kept { key, row });
        if self.kept.len() > self.first.saturating_mul(2).saturating_add(1024) {
            self.sort();
        }
        if self.kept.len() as u64 > self.bounds.rows.saturating_mul(2).saturating_add(1024) {
            return Err(Error::new(
                Status::Limit,
                format!(
                    "the query orders more than its bound of {} rows; narrow it, ask for the first ones, or raise the bound",
                    self.bounds.rows
                ),
            ));
        }
        match self.bytes > self.bounds.memory {
            true => Err(needs_more_memory(self.bounds.memory, self.kept.len())),
            false => Ok(()),
        }
    }

    /// Sorts, equals as they came, and forgets those behind the first ones.
    fn sort(&mut self) {
        let descending = self.descending;
        self.kept
            .sort_by(|a, b| -> Ordering { a.key.compare(&b.key, descending) });
        for kept in self.kept.drain(self.first.min(self.kept.len())..) {
            self.bytes -= bytes(&kept.key);
        }
    }

    /// The rows, and what is to be said of their order.
    pub fn finish(mut self) -> (Vec<QueryRow>, Option<String>) {
        self.sort();
        let warning = self.failures.first.map(|reason| {
            format!(
                "what to order by fails on {} rows, which come last: {reason}",
                self.failures.count
            )
        });
        (
            self.kept.into_iter().map(|kept| kept.row).collect(),
            warning,
        )
    }
}

fn bytes(key: &Key) -> u64 {
    (size_of::<Kept>() + ROW_BYTES + key.bytes()) as u64
}
