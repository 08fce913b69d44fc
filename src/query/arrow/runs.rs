//! One row per run: its properties, then a column for each param, `params` and its JSON Pointer. A column has the type
//! of all its values; where they differ it holds JSON text.

use super::super::result::Query;
use super::super::table::flatten;
use super::{failed, time_type, times};
use crate::error::Result;
use crate::store::{Params, RunRecord, Runs, Writers};
use aim_value::Tree;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchReader,
    StringArray,
};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use std::collections::HashMap;
use std::sync::Arc;

/// Integers up to this size survive in a column of floats.
const EXACT: i64 = 1 << 53;

pub struct RunBatches {
    schema: SchemaRef,
    batch: Option<RecordBatch>,
}

impl RunBatches {
    pub fn new(query: &Query) -> Result<RunBatches> {
        let repo = query.repo();
        let txn = repo.store.read()?;
        let mut records = Vec::new();
        let mut params = ParamColumns::default();
        for row in query.rows() {
            let id = row.run.id;
            let Some(mut record) = txn.run(id)? else {
                continue;
            };
            record.state = repo.run_state(&record, &txn.live_writers(id)?)?;
            let mut leaves = Vec::new();
            flatten(txn.params(id)?, String::new(), &mut leaves);
            params.add(records.len(), leaves);
            records.push(record);
        }
        let mut columns = properties(&records);
        columns.extend(params.finish(records.len()));
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|e| failed(&e))?;
        Ok(RunBatches {
            schema,
            batch: Some(batch),
        })
    }
}

type Column = (String, ArrayRef);

fn properties(records: &[RunRecord]) -> Vec<Column> {
    let text = |of: &dyn Fn(&RunRecord) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(records.iter().map(of)))
    };
    let mut tags = ListBuilder::new(StringBuilder::new());
    for record in records {
        record
            .tags
            .iter()
            .for_each(|t| tags.values().append_value(t));
        tags.append(true);
    }
    let archived: BooleanArray = records.iter().map(|r| Some(r.archived)).collect();
    let columns: [(&str, ArrayRef); 9] = [
        ("hash", text(&RunRecord::hash_text)),
        ("name", text(&RunRecord::display_name)),
        ("description", text(&|r| r.description.clone())),
        ("experiment", text(&|r| r.experiment.clone())),
        ("tags", Arc::new(tags.finish())),
        ("archived", Arc::new(archived)),
        ("status", text(&|r| r.state.text().to_owned())),
        (
            "created_at",
            Arc::new(times(records.iter().map(|r| Some(r.created_at)))),
        ),
        (
            "finalized_at",
            Arc::new(times(records.iter().map(|r| r.finalized_at))),
        ),
    ];
    debug_assert_eq!(columns[7].1.data_type(), &time_type());
    columns.map(|(name, array)| (name.to_owned(), array)).into()
}

/// Values of each param by row, in the order in which the params were met.
#[derive(Default)]
struct ParamColumns {
    columns: Vec<(String, Vec<(usize, Tree)>)>,
    place: HashMap<String, usize>,
}

impl ParamColumns {
    fn add(&mut self, row: usize, leaves: Vec<(String, Tree)>) {
        for (pointer, value) in leaves {
            let end = self.columns.len();
            let at = *self.place.entry(pointer.clone()).or_insert(end);
            if at == end {
                self.columns.push((pointer, Vec::new()));
            }
            self.columns[at].1.push((row, value));
        }
    }

    fn finish(self, rows: usize) -> impl Iterator<Item = Column> {
        self.columns.into_iter().map(move |(pointer, values)| {
            let mut cells: Vec<Option<Tree>> = vec![None; rows];
            for (row, value) in values {
                // JSON's null and a param that is not there are both null here.
                cells[row] = Some(value).filter(|v| *v != Tree::Null);
            }
            (format!("params{pointer}"), array(&cells))
        })
    }
}

fn array(cells: &[Option<Tree>]) -> ArrayRef {
    let values = || cells.iter().flatten();
    let exact = |i: &i64| (-EXACT..=EXACT).contains(i);
    if values().all(|v| matches!(v, Tree::Bool(_))) {
        return Arc::new(BooleanArray::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Bool(b)) => Some(*b),
            _ => None,
        })));
    }
    if values().all(|v| matches!(v, Tree::Int(_))) {
        return Arc::new(Int64Array::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Int(i)) => Some(*i),
            _ => None,
        })));
    }
    if values().all(|v| matches!(v, Tree::Float(_)) || matches!(v, Tree::Int(i) if exact(i))) {
        return Arc::new(Float64Array::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Int(i)) => Some(*i as f64),
            Some(Tree::Float(f)) => Some(*f),
            _ => None,
        })));
    }
    if values().all(|v| matches!(v, Tree::Bytes(_))) {
        return Arc::new(BinaryArray::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Bytes(b)) => Some(b),
            _ => None,
        })));
    }
    let plain = values().all(|v| matches!(v, Tree::Str(_)));
    Arc::new(StringArray::from_iter(cells.iter().map(|c| match c {
        Some(Tree::Str(s)) if plain => Some(s.clone()),
        other => other.as_ref().map(Tree::to_json),
    })))
}

impl Iterator for RunBatches {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch.take().map(Ok)
    }
}

impl RecordBatchReader for RunBatches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
