//! The four tables: their columns, and rows of them gathered.

use aim::query::RunRecord;
use aim::repo::exchange::{EPOCH_NONE, Points, SeriesOutline};
use aim_value::{NonFinite, Tree, escape};
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::ArrowError;
use std::sync::Arc;

pub const RUNS: usize = 0;
pub const PARAMS: usize = 1;
pub const METRICS: usize = 2;
pub const POINTS: usize = 3;
/// The directories of the tables.
pub const NAMES: [&str; 4] = ["runs", "params", "metrics", "points"];

/// Texts of which many in a row are the same.
#[derive(Default)]
struct Words {
    known: Vec<String>,
    keys: Vec<i32>,
}

impl Words {
    fn push(&mut self, word: &str, times: usize) {
        if self.known.last().is_none_or(|last| last != word) {
            self.known.push(word.to_owned());
        }
        let key = self.known.len() as i32 - 1;
        self.keys.resize(self.keys.len() + times, key);
    }

    fn take(&mut self) -> Result<ArrayRef, ArrowError> {
        let keys = Int32Array::from(std::mem::take(&mut self.keys));
        let words = StringArray::from(std::mem::take(&mut self.known));
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
            keys,
            Arc::new(words),
        )?))
    }
}

fn times(micros: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
}

fn integers(numbers: &mut Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(std::mem::take(numbers)))
}

fn floats(numbers: &mut Vec<f64>) -> ArrayRef {
    Arc::new(Float64Array::from(std::mem::take(numbers)))
}

/// Points of metrics.
#[derive(Default)]
pub struct PointRows {
    run: Words,
    name: Words,
    context: Words,
    steps: Vec<i64>,
    values: Vec<f64>,
    epochs: Vec<Option<i64>>,
    times: Vec<Option<i64>>,
}

impl PointRows {
    pub fn add(&mut self, hash: &str, series: &SeriesOutline, points: Points) {
        let count = points.len();
        self.run.push(hash, count);
        self.name.push(&series.name, count);
        self.context.push(&series.context, count);
        self.steps.extend(points.steps);
        self.values.extend(points.values);
        let epochs = points.epochs.into_iter();
        self.epochs
            .extend(epochs.map(|epoch| Some(epoch).filter(|e| *e != EPOCH_NONE)));
        self.times.extend(points.times.into_iter().map(Some));
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_from_iter_with_nullable([
            ("run", self.run.take()?, false),
            ("name", self.name.take()?, false),
            ("context", self.context.take()?, false),
            ("step", integers(&mut self.steps), false),
            ("value", floats(&mut self.values), false),
            (
                "epoch",
                Arc::new(Int64Array::from(std::mem::take(&mut self.epochs))),
                true,
            ),
            ("time", times(std::mem::take(&mut self.times)), true),
        ])
    }
}

/// Metrics, with what is known of all their points.
#[derive(Default)]
pub struct MetricRows {
    run: Words,
    name: Words,
    context: Words,
    counts: Vec<i64>,
    /// Steps of the first and the last point.
    steps: [Vec<i64>; 2],
    /// First, last, least and greatest value.
    values: [Vec<f64>; 4],
}

impl MetricRows {
    pub fn add(&mut self, hash: &str, series: &SeriesOutline) {
        let a = &series.aggregates;
        self.run.push(hash, 1);
        self.name.push(&series.name, 1);
        self.context.push(&series.context, 1);
        self.counts.push(a.count as i64);
        for (steps, step) in self.steps.iter_mut().zip([a.first_step, a.last_step]) {
            steps.push(step);
        }
        for (values, value) in self
            .values
            .iter_mut()
            .zip([a.first, a.last, a.min(), a.max()])
        {
            values.push(value);
        }
    }

    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let [first_step, last_step] = &mut self.steps;
        let [first, last, min, max] = &mut self.values;
        RecordBatch::try_from_iter_with_nullable([
            ("run", self.run.take()?, false),
            ("name", self.name.take()?, false),
            ("context", self.context.take()?, false),
            ("count", integers(&mut self.counts), false),
            ("first_step", integers(first_step), false),
            ("first", floats(first), false),
            ("last_step", integers(last_step), false),
            ("last", floats(last), false),
            ("min", floats(min), false),
            ("max", floats(max), false),
        ])
    }
}

/// Values of params that are reached through objects alone.
#[derive(Default)]
pub struct ParamRows {
    run: Words,
    paths: Vec<String>,
    values: Vec<String>,
    numbers: Vec<Option<f64>>,
}

impl ParamRows {
    pub fn add(&mut self, hash: &str, params: &Tree) {
        let before = self.paths.len();
        self.walk(params, &mut String::new());
        self.run.push(hash, self.paths.len() - before);
    }

    fn walk(&mut self, tree: &Tree, path: &mut String) {
        match tree {
            Tree::Dict(entries) if path.is_empty() || !entries.is_empty() => {
                for (key, value) in entries {
                    let end = path.len();
                    path.push('/');
                    path.push_str(&escape(key));
                    self.walk(value, path);
                    path.truncate(end);
                }
            }
            value => {
                self.paths.push(path.clone());
                self.values.push(value.to_json_as(NonFinite::Strings));
                self.numbers.push(match value {
                    Tree::Bool(b) => Some(f64::from(u8::from(*b))),
                    Tree::Int(i) => Some(*i as f64),
                    Tree::BigInt(_) => value.to_json().parse().ok(),
                    Tree::Float(f) => Some(*f),
                    _ => None,
                });
            }
        }
    }

    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let text = |of: &mut Vec<String>| Arc::new(StringArray::from(std::mem::take(of)));
        RecordBatch::try_from_iter_with_nullable([
            ("run", self.run.take()?, false),
            ("path", text(&mut self.paths) as ArrayRef, false),
            ("value", text(&mut self.values), false),
            (
                "number",
                Arc::new(Float64Array::from(std::mem::take(&mut self.numbers))),
                true,
            ),
        ])
    }
}

/// Runs.
#[derive(Default)]
pub struct RunRows {
    records: Vec<(RunRecord, String)>,
}

impl RunRows {
    pub fn add(&mut self, record: RunRecord, params: &Tree) {
        let params = params.to_json_as(NonFinite::Strings);
        self.records.push((record, params));
    }

    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        let all = std::mem::take(&mut self.records);
        let text = |of: &dyn Fn(&RunRecord) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(
                all.iter().map(|(r, _)| of(r)),
            ))
        };
        let code = |of: &dyn Fn(&RunRecord) -> Option<i32>| -> ArrayRef {
            Arc::new(Int32Array::from_iter(all.iter().map(|(r, _)| of(r))))
        };
        let mut tags = ListBuilder::new(StringBuilder::new());
        for (record, _) in &all {
            tags.append_value(record.tags.iter().map(Some));
        }
        let archived: Vec<bool> = all.iter().map(|(r, _)| r.archived).collect();
        let params = StringArray::from_iter_values(all.iter().map(|(_, params)| params));
        RecordBatch::try_from_iter_with_nullable([
            ("run", text(&|r| r.hash_text()), false),
            ("experiment", text(&|r| r.experiment.clone()), false),
            ("name", text(&|r| r.display_name()), false),
            ("description", text(&|r| r.description.clone()), false),
            ("tags", Arc::new(tags.finish()), false),
            ("archived", Arc::new(BooleanArray::from(archived)), false),
            ("status", text(&|r| r.state.text().to_owned()), false),
            ("exit_code", code(&|r| r.exit_code), true),
            ("signal", code(&|r| r.signal), true),
            (
                "created_at",
                times(all.iter().map(|(r, _)| Some(r.created_at)).collect()),
                true,
            ),
            (
                "finalized_at",
                times(all.iter().map(|(r, _)| r.finalized_at).collect()),
                true,
            ),
            ("params", Arc::new(params), false),
        ])
    }
}
