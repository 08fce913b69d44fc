//! One row per point: run, name, context, step, value, epoch, time.

use super::super::result::{Query, deleted};
use super::super::{Cursor, MetricInfo};
use super::{failed, no_column, time_type, times};
use crate::error::Result;
use crate::store::{EPOCH_NONE, Points, ReadTxn};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchReader, StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A batch ends with the block of points that brings it to this many.
const BATCH_POINTS: usize = 65_536;

pub struct PointBatches {
    cursor: Cursor,
    page: Option<Query>,
    /// The metric of the page that is next, and where in it to go on.
    next: usize,
    from: i64,
    /// All columns, and those that are wanted.
    whole: SchemaRef,
    wanted: Option<Vec<usize>>,
    schema: SchemaRef,
}

impl PointBatches {
    pub fn new(
        cursor: Cursor,
        page: Option<Query>,
        columns: Option<&[&str]>,
    ) -> Result<PointBatches> {
        let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let whole = Arc::new(Schema::new(vec![
            Field::new("run", text(), false),
            Field::new("name", text(), false),
            Field::new("context", text(), false),
            Field::new("step", DataType::Int64, false),
            Field::new("value", DataType::Float64, false),
            Field::new("epoch", DataType::Int64, true),
            Field::new("time", time_type(), false),
        ]));
        let wanted = columns.map(|columns| {
            let find = |name: &&str| {
                whole.index_of(name).map_err(|_| {
                    let known: Vec<&str> =
                        whole.fields().iter().map(|f| f.name().as_str()).collect();
                    no_column(name, &known, "")
                })
            };
            columns.iter().map(find).collect::<Result<Vec<usize>>>()
        });
        let wanted = wanted.transpose()?;
        let schema = match &wanted {
            None => Arc::clone(&whole),
            Some(wanted) => Arc::new(whole.project(wanted).map_err(|e| failed(&e))?),
        };
        Ok(PointBatches {
            cursor,
            page,
            next: 0,
            from: i64::MIN,
            whole,
            wanted,
            schema,
        })
    }

    /// Points from `next` on; `None` after the last one.
    fn batch(&mut self) -> Result<Option<std::result::Result<RecordBatch, ArrowError>>> {
        let mut points = Points::default();
        let (mut run, mut name, mut context) =
            (Texts::default(), Texts::default(), Texts::default());
        while points.len() < BATCH_POINTS {
            let Some(page) = &self.page else { break };
            let txn = page.repo().store.read()?;
            while let Some(row) = page.rows().get(self.next)
                && points.len() < BATCH_POINTS
            {
                let Some(metric) = &row.metric else { continue };
                if !txn.has_run(row.run.id)? {
                    return Err(deleted(&row.run));
                }
                let before = points.len();
                match read(&txn, metric, self.from, &mut points)? {
                    Some(from) => self.from = from,
                    None => (self.next, self.from) = (self.next + 1, i64::MIN),
                }
                let more = points.len() - before;
                run.append(&row.run.hash_text(), more);
                name.append(&metric.name, more);
                context.append(&metric.context, more);
            }
            if self.next >= page.rows().len() {
                drop(txn);
                (self.page, self.next) = (self.cursor.next(None)?, 0);
            }
        }
        if points.is_empty() {
            return Ok(None);
        }
        let epochs = points
            .epochs
            .into_iter()
            .map(|e| (e != EPOCH_NONE).then_some(e));
        let batch = || {
            let columns: Vec<ArrayRef> = vec![
                run.column()?,
                name.column()?,
                context.column()?,
                Arc::new(Int64Array::from(points.steps)),
                Arc::new(Float64Array::from(points.values)),
                Arc::new(Int64Array::from_iter(epochs)),
                Arc::new(times(points.times.into_iter().map(Some))),
            ];
            RecordBatch::try_new(Arc::clone(&self.whole), columns)
        };
        let batch = batch();
        Ok(Some(match &self.wanted {
            None => batch,
            Some(wanted) => batch.and_then(|batch| batch.project(wanted)),
        }))
    }
}

/// A column of texts, each of them stored once.
#[derive(Default)]
struct Texts {
    numbers: FxHashMap<String, i32>,
    texts: Vec<String>,
    column: Vec<i32>,
}

impl Texts {
    /// So many rows with a text.
    fn append(&mut self, text: &str, rows: usize) {
        if rows == 0 {
            return;
        }
        let number = self.numbers.get(text).copied().unwrap_or_else(|| {
            let number = self.texts.len() as i32;
            self.numbers.insert(text.to_owned(), number);
            self.texts.push(text.to_owned());
            number
        });
        self.column.resize(self.column.len() + rows, number);
    }

    fn column(self) -> std::result::Result<ArrayRef, ArrowError> {
        let texts = Arc::new(StringArray::from(self.texts));
        let column = Int32Array::from(self.column);
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
            column, texts,
        )?))
    }
}

/// Reads points of a metric from step `from` on: all of them, or, of a long one, until the batch is full. Gives where to go
/// on.
fn read(
    txn: &ReadTxn<'_>,
    metric: &MetricInfo,
    from: i64,
    points: &mut Points,
) -> Result<Option<i64>> {
    // Read whole, their number is checked.
    if from == i64::MIN && metric.aggregates.count <= BATCH_POINTS as u64 {
        return txn.points(metric.key, points).map(|()| None);
    }
    txn.some_points(metric.key, from, BATCH_POINTS, points)
}

impl Iterator for PointBatches {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch().unwrap_or_else(|e| Some(Err(e.into())))
    }
}

impl RecordBatchReader for PointBatches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
