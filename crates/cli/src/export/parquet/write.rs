//! Files of the tables: written beside those that are there, and put in their place together.

use super::make;
use super::manifest::Group;
use super::plan::NewGroup;
use super::tables::{
    METRICS, MetricRows, NAMES, PARAMS, POINTS, ParamRows, PointRows, RUNS, RunRows,
};
use crate::columnar::{ROW_GROUP, Writer};
use crate::export::written;
use crate::failure::{Doing as _, Failure};
use aim::error::Status;
use aim::repo::exchange::{Moment, Outline};
use aim_value::Tree;
use arrow_array::RecordBatch;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Rows that are gathered before they are handed on.
const GATHERED: usize = 1 << 16;

/// Files that are written and not yet seen, and all that are to be there.
pub struct Published {
    to: PathBuf,
    parts: Vec<PathBuf>,
}

impl Published {
    pub fn new(to: &Path) -> Published {
        Published {
            to: to.to_owned(),
            parts: Vec::new(),
        }
    }

    /// Lets readers see what is new.
    pub fn publish(&self) -> Result<(), Failure> {
        for part in &self.parts {
            fs::rename(part, seen(part))
                .map_err(written)
                .doing(|| format!("{} cannot be written", part.display()))?;
        }
        Ok(())
    }

    /// Removes files that are none of these groups', those of an export that was killed among them, and months without any.
    pub fn clear(&self, groups: &[Group]) -> Result<(), Failure> {
        let files: HashSet<PathBuf> = groups
            .iter()
            .flat_map(|group| group.files(&self.to))
            .collect();
        for table in NAMES {
            clear(&self.to.join(table), &files)
                .map_err(written)
                .doing(|| format!("{} cannot be cleared", self.to.display()))?;
        }
        Ok(())
    }
}

fn clear(folder: &Path, files: &HashSet<PathBuf>) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_ours = path
            .extension()
            .is_some_and(|e| e == "parquet" || e == "part");
        match path.is_dir() {
            true => {
                clear(&path, files)?;
                // One that is not empty stays.
                let _ = fs::remove_dir(&path);
            }
            false if is_ours && !files.contains(&path) => fs::remove_file(&path)?,
            false => {}
        }
    }
    Ok(())
}

/// A name that begins with a dot is passed over by readers.
fn hidden(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.part"))
}

fn seen(part: &Path) -> PathBuf {
    let name = part.file_name().unwrap_or_default().to_string_lossy();
    part.with_file_name(name.trim_start_matches('.').trim_end_matches(".part"))
}

fn failed(e: ParquetError) -> Failure {
    match e {
        ParquetError::External(e) => match e.downcast::<std::io::Error>() {
            Ok(e) => written(*e),
            Err(e) => Failure::new("the table cannot be written").why(e),
        },
        e => Failure::new("the table cannot be written").why(e),
    }
}

fn of_arrow(e: arrow_schema::ArrowError) -> Failure {
    Failure::new("the table cannot be written").why(e)
}

/// A file of a table, made with its first rows.
struct Table {
    part: PathBuf,
    writer: Option<Writer<File>>,
}

impl Table {
    fn write(&mut self, batch: RecordBatch) -> Result<(), Failure> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => {
                // What the oldest readers know: dictionaries for texts, plain numbers.
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_row_count(Some(ROW_GROUP));
                let numbers = ["step", "value", "epoch", "time"];
                let properties = numbers.iter().fold(properties, |properties, column| {
                    let column = || parquet::schema::types::ColumnPath::from(*column);
                    properties
                        .set_column_dictionary_enabled(column(), false)
                        .set_column_encoding(column(), Encoding::PLAIN)
                });
                let file = File::create(&self.part)
                    .map_err(written)
                    .doing(|| format!("{} cannot be written", self.part.display()))?;
                Writer::new(file, batch.schema_ref(), properties.build()).map_err(failed)?
            }
        };
        writer.write(batch).map_err(failed)?;
        self.writer = Some(writer);
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        let Some(writer) = self.writer else {
            return Ok(());
        };
        let file = writer.end().map_err(failed)?;
        file.sync_all().map_err(written)
    }
}

pub struct Done {
    pub group: Group,
    pub points: u64,
    pub objects: u64,
    pub wrong: Vec<String>,
}

/// Writes the runs of a group as they are now; `told` hears how many are done.
pub fn write(
    present: &Moment<'_>,
    to: &Path,
    new: &NewGroup,
    published: &mut Published,
    mut told: impl FnMut(u64),
) -> Result<Done, Failure> {
    let mut done = Done {
        group: Group {
            name: format!("part-{}", uuid::Uuid::new_v4().simple()),
            month: new.month,
            open: new.open,
            points: 0,
            runs: Vec::new(),
        },
        points: 0,
        objects: 0,
        wrong: Vec::new(),
    };
    let mut tables = Vec::new();
    for file in done.group.files(to) {
        if let Some(folder) = file.parent() {
            make(folder)?;
        }
        let part = hidden(&file);
        published.parts.push(part.clone());
        tables.push(Table { part, writer: None });
    }
    let mut points = PointRows::default();
    let (mut runs, mut params, mut metrics) = (
        RunRows::default(),
        ParamRows::default(),
        MetricRows::default(),
    );
    for run in &new.runs {
        // One that was deleted meanwhile is none any more.
        if let Some(outline) = present.outline(*run)? {
            let hash = outline.record.hash_text();
            let tree = Tree::decode(&outline.params).map_err(aim::error::Error::from)?;
            params.add(&hash, &tree);
            let sound = add_points(present, &outline, &mut points, &mut metrics, |points| {
                tables[POINTS].write(points.take().map_err(of_arrow)?)
            });
            let (count, wrong) = sound?;
            done.points += count;
            done.objects += outline.objects;
            // What is damaged is tried again the next time.
            let sum = if wrong.is_empty() { outline.sum } else { 0 };
            done.group.runs.push((hash, sum));
            done.wrong.extend(wrong);
            runs.add(outline.record, &tree);
        }
        told(1);
    }
    done.group.points = done.points;
    tables[POINTS].write(points.take().map_err(of_arrow)?)?;
    tables[METRICS].write(metrics.take().map_err(of_arrow)?)?;
    tables[PARAMS].write(params.take().map_err(of_arrow)?)?;
    tables[RUNS].write(runs.take().map_err(of_arrow)?)?;
    tables.into_iter().try_for_each(Table::end)?;
    Ok(done)
}

/// The metrics of a run with their points, whose count is returned, and what of them is damaged.
fn add_points(
    present: &Moment<'_>,
    outline: &Outline,
    rows: &mut PointRows,
    metrics: &mut MetricRows,
    mut write: impl FnMut(&mut PointRows) -> Result<(), Failure>,
) -> Result<(u64, Vec<String>), Failure> {
    let hash = outline.record.hash_text();
    let (mut count, mut wrong) = (0, Vec::new());
    for series in &outline.series {
        metrics.add(&hash, series);
        for piece in &series.pieces {
            let points = match present.points(series, piece) {
                Ok(points) => points,
                Err(e) if e.status == Status::Corrupt => {
                    wrong.push(format!("{hash} is damaged in {}: {e}", series.name));
                    break;
                }
                Err(e) => return Err(e.into()),
            };
            count += points.len() as u64;
            rows.add(&hash, series, points);
            if rows.len() >= GATHERED {
                write(rows)?;
            }
        }
    }
    Ok((count, wrong))
}
