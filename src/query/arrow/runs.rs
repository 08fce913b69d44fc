//! One row per run: its properties, then a column for each param, `params` and its JSON Pointer. A column has the type
//! of all its values; where they differ it holds JSON text. The runs are read twice: once for the types of their params,
//! then batch by batch.

use super::super::Cursor;
use super::super::progress::Tell;
use super::super::result::RunInfo;
use super::super::table::flatten;
use super::{failed, no_column, times};
use crate::error::{Error, Result, Status};
use crate::repo::RepoRef;
use crate::store::keys::RunId;
use crate::store::{ReadTxn, RunRecord};
use aim_value::{Path, Tree};
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions,
    RecordBatchReader, StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::collections::HashMap;
use std::sync::Arc;

/// Integers up to this size survive in a column of floats.
const EXACT: i64 = 1 << 53;
/// A batch ends with the run that brings it to this many, or its params to that many bytes.
const BATCH_RUNS: usize = 4096;
const BATCH_BYTES: usize = 16 << 20;

/// Where the names of columns of params begin.
const PARAMS: &str = "params";

const PROPERTIES: [&str; 9] = [
    "hash",
    "name",
    "description",
    "experiment",
    "tags",
    "archived",
    "status",
    "created_at",
    "finalized_at",
];

pub struct RunBatches {
    repo: RepoRef,
    runs: Vec<RunInfo>,
    next: usize,
    columns: Vec<Column>,
    params: Params,
    schema: SchemaRef,
}

enum Column {
    /// One of `PROPERTIES`.
    Property(usize),
    /// One of the `Params`.
    Param(usize),
}

/// What the values of a param are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Nothing,
    Bool,
    /// Whether a column of floats can hold all of them.
    Int {
        exact: bool,
    },
    Float,
    Bytes,
    Text,
    /// Of several types, or of one that Arrow does not have: JSON.
    Json,
}

impl Form {
    fn of(value: &Tree) -> Form {
        match value {
            Tree::Null => Form::Nothing,
            Tree::Bool(_) => Form::Bool,
            Tree::Int(i) => Form::Int {
                exact: (-EXACT..=EXACT).contains(i),
            },
            Tree::Float(_) => Form::Float,
            Tree::Bytes(_) => Form::Bytes,
            Tree::Str(_) => Form::Text,
            _ => Form::Json,
        }
    }

    /// The form of both.
    fn and(self, other: Form) -> Form {
        match (self, other) {
            (a, b) if a == b => a,
            (Form::Nothing, a) | (a, Form::Nothing) => a,
            (Form::Int { exact: a }, Form::Int { exact: b }) => Form::Int { exact: a && b },
            (Form::Int { exact: true }, Form::Float) | (Form::Float, Form::Int { exact: true }) => {
                Form::Float
            }
            _ => Form::Json,
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Form::Nothing | Form::Bool => DataType::Boolean,
            Form::Int { .. } => DataType::Int64,
            Form::Float => DataType::Float64,
            Form::Bytes => DataType::Binary,
            Form::Text | Form::Json => DataType::Utf8,
        }
    }
}

/// The params that are columns.
#[derive(Default)]
struct Params {
    known: Vec<Param>,
    place: HashMap<String, usize>,
    /// Whether there are no others.
    chosen: bool,
}

struct Param {
    pointer: String,
    path: Path,
    form: Form,
}

impl Params {
    fn place(&mut self, pointer: String) -> Result<usize> {
        if let Some(place) = self.place.get(&pointer) {
            return Ok(*place);
        }
        let place = self.known.len();
        self.known.push(Param {
            path: Path::parse(&pointer)?,
            pointer: pointer.clone(),
            form: Form::Nothing,
        });
        self.place.insert(pointer, place);
        Ok(place)
    }

    /// What a run has, by places. Params that are no columns are not among them.
    fn of(&self, txn: &ReadTxn<'_>, run: RunId) -> Result<Vec<(usize, Tree)>> {
        let mut found = Vec::new();
        if self.chosen {
            for (place, param) in self.known.iter().enumerate() {
                found.extend(txn.param(run, &param.path)?.map(|value| (place, value)));
            }
            return Ok(found);
        }
        for (pointer, value) in all(txn, run)? {
            found.extend(self.place.get(&pointer).map(|place| (*place, value)));
        }
        Ok(found)
    }

    /// Learns what a run has.
    fn look_at(&mut self, txn: &ReadTxn<'_>, run: RunId) -> Result<()> {
        if !self.chosen {
            for (pointer, value) in all(txn, run)? {
                let place = self.place(pointer)?;
                self.known[place].include(&value);
            }
            return Ok(());
        }
        for (place, value) in self.of(txn, run)? {
            self.known[place].include(&value);
        }
        Ok(())
    }
}

impl Param {
    fn include(&mut self, value: &Tree) {
        self.form = self.form.and(Form::of(value));
    }
}

fn all(txn: &ReadTxn<'_>, run: RunId) -> Result<Vec<(String, Tree)>> {
    let mut leaves = Vec::new();
    flatten(txn.params(run)?, String::new(), &mut leaves);
    Ok(leaves)
}

impl RunBatches {
    pub fn new(
        repo: &RepoRef,
        mut cursor: Cursor,
        progress: Option<&mut Tell<'_>>,
        columns: Option<&[&str]>,
    ) -> Result<RunBatches> {
        let mut progress = progress;
        let mut tell = |done, total| progress.as_mut().is_none_or(|tell| tell(done, total));
        let mut params = Params::default();
        let mut chosen = Vec::new();
        for name in columns.unwrap_or_default() {
            chosen.push(
                match name.strip_prefix(PARAMS).filter(|p| p.starts_with('/')) {
                    Some(pointer) => Column::Param(params.place(pointer.to_owned())?),
                    None => Column::Property(property(name)?),
                },
            );
        }
        params.chosen = columns.is_some();
        let (mut repo, mut runs) = (repo.clone(), Vec::new());
        while let Some(page) = cursor.next(Some(&mut tell))? {
            repo = page.repo().clone();
            let txn = repo.store.read()?;
            for row in page.rows() {
                params.look_at(&txn, row.run.id)?;
                runs.push((*row.run).clone());
            }
        }
        let columns = match columns {
            Some(_) => chosen,
            None => {
                let properties = (0..PROPERTIES.len()).map(Column::Property);
                let params = (0..params.known.len()).map(Column::Param);
                properties.chain(params).collect()
            }
        };
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| match column {
                Column::Property(i) => Field::new(PROPERTIES[*i], property_type(*i), true),
                Column::Param(place) => {
                    let Param { pointer, form, .. } = &params.known[*place];
                    Field::new(format!("{PARAMS}{pointer}"), form.data_type(), true)
                }
            })
            .collect();
        Ok(RunBatches {
            repo,
            runs,
            next: 0,
            columns,
            params,
            schema: Arc::new(Schema::new(fields)),
        })
    }

    /// Runs from `next` on. Those that were deleted meanwhile are left out.
    fn batch(&mut self) -> Result<RecordBatch> {
        let repo = &self.repo;
        let txn = repo.store.read()?;
        let mut records = Vec::new();
        let mut cells: Vec<Vec<(usize, Tree)>> = Vec::new();
        cells.resize_with(self.params.known.len(), Vec::new);
        let mut bytes = 0;
        while let Some(run) = self.runs.get(self.next)
            && records.len() < BATCH_RUNS
            && bytes < BATCH_BYTES
        {
            self.next += 1;
            let Some(mut record) = txn.run(run.id)? else {
                continue;
            };
            record.state = repo.run_state(&record, &txn.live_writers(run.id)?)?;
            for (place, value) in self.params.of(&txn, run.id)? {
                let param = &self.params.known[place];
                if param.form.and(Form::of(&value)) != param.form {
                    return Err(changed(param, &record));
                }
                bytes += size_of::<Tree>() + text_bytes(&value);
                cells[place].push((records.len(), value));
            }
            records.push(record);
        }
        let arrays = self.columns.iter().map(|column| match column {
            Column::Property(i) => property_array(*i, &records),
            Column::Param(place) => {
                let mut dense: Vec<Option<Tree>> = vec![None; records.len()];
                for (row, value) in std::mem::take(&mut cells[*place]) {
                    // JSON's null and a param that is not there are both null here.
                    dense[row] = Some(value).filter(|v| *v != Tree::Null);
                }
                array(self.params.known[*place].form, &dense)
            }
        });
        let arrays = arrays.collect();
        let rows = RecordBatchOptions::new().with_row_count(Some(records.len()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &rows)
            .map_err(|e| failed(&e))
    }
}

fn changed(param: &Param, record: &RunRecord) -> Error {
    Error::new(
        Status::Type,
        format!(
            "the param {} of run {} became of another type while the answer was read; ask again",
            param.pointer,
            record.hash_text()
        ),
    )
}

fn text_bytes(tree: &Tree) -> usize {
    match tree {
        Tree::Str(text) => text.len(),
        Tree::Bytes(bytes) => bytes.len(),
        Tree::List(items) => items.iter().map(|item| 8 + text_bytes(item)).sum(),
        Tree::Dict(entries) => {
            let entries = entries.iter();
            entries.map(|(k, v)| 8 + k.len() + text_bytes(v)).sum()
        }
        _ => 0,
    }
}

fn property(name: &str) -> Result<usize> {
    let found = PROPERTIES.iter().position(|known| *known == name);
    found.ok_or_else(|| no_column(name, &PROPERTIES, " and params/... for each param"))
}

fn property_type(i: usize) -> DataType {
    property_array(i, &[]).data_type().clone()
}

fn property_array(i: usize, records: &[RunRecord]) -> ArrayRef {
    let text = |of: &dyn Fn(&RunRecord) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(records.iter().map(of)))
    };
    match PROPERTIES[i] {
        "hash" => text(&RunRecord::hash_text),
        "name" => text(&RunRecord::display_name),
        "description" => text(&|r| r.description.clone()),
        "experiment" => text(&|r| r.experiment.clone()),
        "tags" => {
            let mut tags = ListBuilder::new(StringBuilder::new());
            for record in records {
                record
                    .tags
                    .iter()
                    .for_each(|t| tags.values().append_value(t));
                tags.append(true);
            }
            Arc::new(tags.finish())
        }
        "archived" => Arc::new(BooleanArray::from_iter(
            records.iter().map(|r| Some(r.archived)),
        )),
        "created_at" => Arc::new(times(records.iter().map(|r| Some(r.created_at)))),
        "finalized_at" => Arc::new(times(records.iter().map(|r| r.finalized_at))),
        _ => text(&|r| r.state.text().to_owned()),
    }
}

fn array(form: Form, cells: &[Option<Tree>]) -> ArrayRef {
    match form {
        Form::Nothing | Form::Bool => {
            Arc::new(BooleanArray::from_iter(cells.iter().map(|c| match c {
                Some(Tree::Bool(b)) => Some(*b),
                _ => None,
            })))
        }
        Form::Int { .. } => Arc::new(Int64Array::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Int(i)) => Some(*i),
            _ => None,
        }))),
        Form::Float => Arc::new(Float64Array::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Int(i)) => Some(*i as f64),
            Some(Tree::Float(f)) => Some(*f),
            _ => None,
        }))),
        Form::Bytes => Arc::new(BinaryArray::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Bytes(b)) => Some(b),
            _ => None,
        }))),
        Form::Text => Arc::new(StringArray::from_iter(cells.iter().map(|c| match c {
            Some(Tree::Str(s)) => Some(s),
            _ => None,
        }))),
        Form::Json => Arc::new(StringArray::from_iter(
            cells.iter().map(|c| c.as_ref().map(Tree::to_json)),
        )),
    }
}

impl Iterator for RunBatches {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let more = self.next < self.runs.len();
        more.then(|| self.batch().map_err(ArrowError::from))
    }
}

impl RecordBatchReader for RunBatches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
