//! One row per point: run, name, context, step, value, epoch, time.

use super::super::result::{Query, deleted};
use super::{time_type, times};
use crate::error::Result;
use crate::store::{EPOCH_NONE, Points, Runs, SeriesReading};
use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{Float64Array, Int64Array, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// A batch ends with the first metric that brings it to this many points.
const BATCH_POINTS: usize = 65_536;

pub struct PointBatches {
    query: Query,
    next: usize,
    schema: SchemaRef,
}

impl PointBatches {
    pub fn new(query: Query) -> PointBatches {
        let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let schema = Arc::new(Schema::new(vec![
            Field::new("run", text(), false),
            Field::new("name", text(), false),
            Field::new("context", text(), false),
            Field::new("step", DataType::Int64, false),
            Field::new("value", DataType::Float64, false),
            Field::new("epoch", DataType::Int64, true),
            Field::new("time", time_type(), false),
        ]));
        PointBatches {
            query,
            next: 0,
            schema,
        }
    }

    /// Metrics from `next` on; `None` after the last one.
    fn batch(&mut self) -> Result<Option<std::result::Result<RecordBatch, ArrowError>>> {
        let mut points = Points::default();
        let mut run = StringDictionaryBuilder::<Int32Type>::new();
        let mut name = StringDictionaryBuilder::<Int32Type>::new();
        let mut context = StringDictionaryBuilder::<Int32Type>::new();
        if self.next >= self.query.rows().len() {
            return Ok(None);
        }
        let txn = self.query.repo().store.read()?;
        while let Some(row) = self.query.rows().get(self.next)
            && points.len() < BATCH_POINTS
        {
            self.next += 1;
            let Some(metric) = &row.metric else { continue };
            if !txn.has_run(row.run.id)? {
                return Err(deleted(&row.run));
            }
            let before = points.len();
            txn.points(metric.key, &mut points)?;
            let hash = row.run.hash_text();
            for _ in before..points.len() {
                run.append_value(&hash);
                name.append_value(&metric.name);
                context.append_value(&metric.context);
            }
        }
        let epochs = points
            .epochs
            .into_iter()
            .map(|e| (e != EPOCH_NONE).then_some(e));
        let columns: Vec<arrow_array::ArrayRef> = vec![
            Arc::new(run.finish()),
            Arc::new(name.finish()),
            Arc::new(context.finish()),
            Arc::new(Int64Array::from(points.steps)),
            Arc::new(Float64Array::from(points.values)),
            Arc::new(Int64Array::from_iter(epochs)),
            Arc::new(times(points.times.into_iter().map(Some))),
        ];
        Ok(Some(RecordBatch::try_new(
            Arc::clone(&self.schema),
            columns,
        )))
    }
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
