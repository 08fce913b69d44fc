//! Answers as record batches: what every format is made of.

use crate::expression::Doubts;
use crate::failure::Failure;
use aim::query::{Options, Query, arrow::stream};
use aim_value::Tree;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

pub use aim::query::Select;

pub struct Answer {
    pub schema: SchemaRef,
    pub batches: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>,
}

impl From<ArrowError> for Failure {
    fn from(e: ArrowError) -> Failure {
        match e {
            ArrowError::ExternalError(inner) => match inner.downcast::<aim::error::Error>() {
                Ok(error) => (*error).into(),
                Err(other) => Failure::new(other),
            },
            ArrowError::IoError(message, e) if e.kind() == std::io::ErrorKind::BrokenPipe => {
                let _ = message;
                Failure::silent(0)
            }
            other => Failure::new(other),
        }
    }
}

/// Runs with their properties and params, or points.
pub fn streamed(
    repo: &aim::repo::RepoRef,
    expression: &str,
    select: Select,
    options: Options<'_>,
    doubts: &Doubts,
) -> Result<Answer, Failure> {
    let told = doubts.collect();
    let batches = stream(repo, expression, select, options, None, Some(told))?;
    Ok(Answer {
        schema: batches.schema(),
        batches: Box::new(batches),
    })
}

/// Metrics with their aggregates, a row each.
pub fn aggregates(query: &Query) -> Result<Answer, Failure> {
    let metrics: Vec<_> = query
        .rows()
        .iter()
        .filter_map(|row| row.metric.as_ref().map(|metric| (&row.run, metric)))
        .collect();
    let text = |of: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values((0..metrics.len()).map(of)))
    };
    let floats = |of: &dyn Fn(&aim::query::Aggregates) -> f64| -> ArrayRef {
        let values = metrics.iter().map(|(_, m)| of(&m.aggregates));
        Arc::new(Float64Array::from_iter_values(values))
    };
    let ints = |of: &dyn Fn(&aim::query::Aggregates) -> i64| -> ArrayRef {
        let values = metrics.iter().map(|(_, m)| of(&m.aggregates));
        Arc::new(Int64Array::from_iter_values(values))
    };
    let counts = metrics.iter().map(|(_, m)| m.aggregates.count);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("run", text(&|i| metrics[i].0.hash_text())),
        ("name", text(&|i| metrics[i].1.name.to_string())),
        ("context", text(&|i| metrics[i].1.context.to_string())),
        ("count", Arc::new(UInt64Array::from_iter_values(counts))),
        ("first_step", ints(&|a| a.first_step)),
        ("last_step", ints(&|a| a.last_step)),
        ("first", floats(&|a| a.first)),
        ("last", floats(&|a| a.last)),
        ("min", floats(&|a| a.min())),
        ("max", floats(&|a| a.max())),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), false))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok(Answer {
        schema,
        batches: Box::new(std::iter::once(Ok(batch))),
    })
}

/// A cell: a value, or a moment in microseconds since 1970.
pub enum Cell {
    Value(Tree),
    Moment(i64),
}

/// One cell of a column.
pub fn cell(array: &dyn Array, row: usize) -> Cell {
    if array.is_null(row) {
        return Cell::Value(Tree::Null);
    }
    Cell::Value(match array.data_type() {
        DataType::Utf8 => Tree::Str(array.as_string::<i32>().value(row).to_owned()),
        DataType::Boolean => Tree::Bool(array.as_boolean().value(row)),
        DataType::Int64 => Tree::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt64 => Tree::Int(array.as_primitive::<UInt64Type>().value(row) as i64),
        DataType::Float64 => Tree::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Binary => Tree::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        DataType::Timestamp(..) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>();
            return Cell::Moment(micros.value(row));
        }
        DataType::Dictionary(..) => {
            let texts = array.as_dictionary::<Int32Type>();
            let key = texts.keys().value(row) as usize;
            return cell(texts.values().as_ref(), key);
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let cells = (0..items.len()).map(|i| match cell(items.as_ref(), i) {
                Cell::Value(value) => value,
                Cell::Moment(micros) => Tree::Float(micros as f64 / 1e6),
            });
            Tree::List(cells.collect())
        }
        other => Tree::Str(format!("<{other}>")),
    })
}
