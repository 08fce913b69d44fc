//! `libaim query`: an expression's answer, as a table or a file.

use crate::answer::{self, Answer, Cell, Select, cell};
use crate::central::About;
use crate::context::Context;
use crate::expression::{Doubts, speaks_of_metrics, warn};
use crate::failure::{Doing as _, Failure};
use crate::format;
use crate::out::Out;
use crate::table::{self, DIM, PLAIN, Table, styled, visible};
use aim::query::{Options, OrderBy, explain, query};
use aim_value::Tree;
use clap::ValueEnum;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Table,
    Csv,
    /// One object a line
    Jsonl,
    /// Arrow IPC: a stream to standard output, the file format to a file
    Arrow,
    Parquet,
}

/// Ask for runs, metrics or points
///
/// An expression that speaks of `metric` selects metrics, any other one runs.
#[derive(clap::Args)]
pub struct Query {
    /// What is asked for, as in: metric.name == 'loss' and run.hparams.lr > 1e-4; '' is everything
    expression: String,

    /// The points of the metrics, not their aggregates
    #[arg(short, long)]
    points: bool,

    /// Metrics, also where the expression does not speak of them
    #[arg(short, long)]
    metrics: bool,

    /// The form of the answer [default: by the name of FILE; a table on a terminal, else CSV]
    #[arg(short, long, value_enum)]
    format: Option<Format>,

    /// Write to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// At most so many rows
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,

    /// Order by this, least first, as in: run.hparams.lr, metric.last, (run.experiment, run.created_at)
    #[arg(short, long, value_name = "EXPRESSION")]
    sort: Option<String>,

    /// With --sort: greatest first
    #[arg(short, long, requires = "sort")]
    reverse: bool,

    /// As --format jsonl
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// Say how it would be answered
    #[arg(long)]
    explain: bool,
}

/// Rows of a table on a terminal if nobody says how many.
const SCREENFUL: usize = 200;

impl Query {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let format = self.format(context)?;
        let about = match self.points {
            true => About::Points(&self.expression),
            false => About::Selected(&self.expression),
        };
        let repo = context.reading(&about)?;
        if self.explain {
            let mut out = context.plain_out();
            out.text(&explain(&repo, &self.expression)?)?;
            return out.end();
        }
        let metrics = self.metrics || self.points || speaks_of_metrics(&self.expression);
        let order = self.sort.as_deref().map(|expression| OrderBy {
            expression,
            descending: self.reverse,
        });
        let options = Options {
            order,
            // Of points, more than there are metrics may be wanted.
            limit: self.limit.filter(|_| !self.points),
            ..Options::default()
        };
        let doubts = Doubts::default();
        let answer = match (metrics, self.points) {
            (false, _) => {
                answer::streamed(&repo, &self.expression, Select::Runs, options, &doubts)?
            }
            (true, true) => {
                answer::streamed(&repo, &self.expression, Select::Metrics, options, &doubts)?
            }
            (true, false) => {
                let found = query(&repo, &self.expression, Select::Metrics, options)?;
                warn(&context.messages, &found, "metric");
                answer::aggregates(&found)?
            }
        };
        let limit = match (self.limit, format) {
            (None, Format::Table) if context.look.is_terminal => SCREENFUL,
            (limit, _) => limit.unwrap_or(usize::MAX),
        };
        let answer = limited(answer, limit);
        match &self.output {
            None => self.to_terminal(context, answer, format, limit)?,
            Some(path) => to_file(answer, format, path)
                .doing(|| format!("{} cannot be written", path.display()))?,
        }
        doubts.warn(&context.messages, if metrics { "metric" } else { "run" });
        Ok(())
    }

    fn format(&self, context: &Context) -> Result<Format, Failure> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        if self.json {
            return Ok(Format::Jsonl);
        }
        let Some(path) = &self.output else {
            return Ok(match context.look.is_terminal {
                true => Format::Table,
                false => Format::Csv,
            });
        };
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Ok(Format::Csv),
            "jsonl" | "ndjson" | "json" => Ok(Format::Jsonl),
            "arrow" | "feather" | "ipc" => Ok(Format::Arrow),
            "parquet" | "pq" => Ok(Format::Parquet),
            "txt" => Ok(Format::Table),
            _ => Err(Failure::usage(format_args!(
                "the name of {} says no format",
                path.display()
            ))
            .advice("end it in .csv, .jsonl, .arrow or .parquet, or give --format")),
        }
    }

    fn to_terminal(
        &self,
        context: &Context,
        answer: Answer,
        format: Format,
        limit: usize,
    ) -> Result<(), Failure> {
        if matches!(format, Format::Arrow | Format::Parquet) && context.look.is_terminal {
            return Err(
                Failure::usage("a terminal cannot show Arrow or Parquet").advice("give -o FILE")
            );
        }
        match format {
            Format::Table => print_table(context, answer, limit),
            _ => {
                let mut out = context.plain_out();
                // Nothing of a name or a param may control the terminal.
                let plain = context.look.is_terminal;
                write(
                    answer,
                    format,
                    &mut Sink {
                        out: &mut out,
                        plain,
                    },
                )?;
                out.end()
            }
        }
    }
}

fn limited(answer: Answer, most: usize) -> Answer {
    let mut left = most;
    let batches = answer.batches.map_while(move |batch| match batch {
        Ok(_) if left == 0 => None,
        Ok(batch) => {
            let batch = batch.slice(0, batch.num_rows().min(left));
            left -= batch.num_rows();
            Some(Ok(batch))
        }
        error => Some(error),
    });
    Answer {
        schema: answer.schema,
        batches: Box::new(batches),
    }
}

/// Standard output as a writer.
struct Sink<'o> {
    out: &'o mut Out,
    plain: bool,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write_raw(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush_raw()
    }
}

fn io(e: std::io::Error) -> Failure {
    match e.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::silent(0),
        _ => Failure::new(e),
    }
}

fn to_file(answer: Answer, format: Format, path: &Path) -> Result<(), Failure> {
    let file = File::create(path).map_err(io)?;
    match format {
        Format::Arrow => {
            let mut writer = arrow_ipc::writer::FileWriter::try_new_buffered(file, &answer.schema)?;
            for batch in answer.batches {
                writer.write(&batch?)?;
            }
            Ok(writer.finish()?)
        }
        Format::Table => {
            let look = crate::look::Look {
                colour: false,
                unicode: true,
                is_terminal: false,
                width: None,
                height: None,
            };
            let mut file = BufWriter::new(file);
            for line in table_lines(&look, answer)?.0 {
                writeln!(file, "{line}").map_err(io)?;
            }
            file.flush().map_err(io)
        }
        _ => {
            let mut file = BufWriter::new(file);
            write(answer, format, &mut ToFile(&mut file))?;
            file.flush().map_err(io)
        }
    }
}

/// Where text may go, and whether it must control nothing.
trait Target: Write {
    fn plain(&self) -> bool;
}

impl Target for Sink<'_> {
    fn plain(&self) -> bool {
        self.plain
    }
}

struct ToFile<'f>(&'f mut BufWriter<File>);

impl Write for ToFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Target for ToFile<'_> {
    fn plain(&self) -> bool {
        false
    }
}

fn write(answer: Answer, format: Format, to: &mut (impl Target + Send)) -> Result<(), Failure> {
    match format {
        Format::Table => Ok(()),
        Format::Csv => csv(answer, to),
        Format::Jsonl => jsonl(answer, to),
        Format::Arrow => {
            let mut writer = arrow_ipc::writer::StreamWriter::try_new(to, &answer.schema)?;
            for batch in answer.batches {
                writer.write(&batch?)?;
            }
            Ok(writer.finish()?)
        }
        Format::Parquet => parquet(answer, to),
    }
}

fn parquet(answer: Answer, to: &mut (impl Write + Send)) -> Result<(), Failure> {
    use parquet::basic::Compression;
    use parquet::file::properties::WriterProperties;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let writer = crate::columnar::Writer::new(to, &answer.schema, properties);
    let mut writer = writer.map_err(Failure::new)?;
    for batch in answer.batches {
        writer.write(batch?).map_err(Failure::new)?;
    }
    writer.end().map(|_| ()).map_err(Failure::new)
}

/// A value in a field of CSV: moments as ISO 8601 in UTC, lists and trees as JSON.
fn field(value: Cell) -> String {
    match value {
        Cell::Moment(micros) => format::moment_utc(micros),
        Cell::Value(Tree::Null) => String::new(),
        Cell::Value(Tree::Str(text)) => text,
        Cell::Value(Tree::Float(f)) => format::float(f),
        Cell::Value(other) => format::json(&other),
    }
}

fn csv(answer: Answer, to: &mut impl Target) -> Result<(), Failure> {
    let plain = to.plain();
    let mut writer = csv::WriterBuilder::new().from_writer(to);
    let failed = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => io(e),
        other => Failure::new(format_args!("{other:?}")),
    };
    let text = |text: String| match plain {
        true => crate::text::shown(&text).into_owned(),
        false => text,
    };
    let names = answer.schema.fields().iter();
    let names = names.map(|field| text(field.name().clone()));
    writer.write_record(names).map_err(failed)?;
    for batch in answer.batches {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter();
            let cells = cells.map(|column| text(field(cell(column.as_ref(), row))));
            writer.write_record(cells).map_err(failed)?;
        }
    }
    writer.flush().map_err(io)
}

fn jsonl(answer: Answer, to: &mut impl Write) -> Result<(), Failure> {
    for batch in answer.batches {
        let batch = batch?;
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let columns = schema.fields().iter().zip(batch.columns());
            let entries = columns.map(|(field, column)| {
                let value = match cell(column.as_ref(), row) {
                    Cell::Value(value) => value,
                    Cell::Moment(micros) => Tree::Float(micros as f64 / 1e6),
                };
                (field.name().clone(), value)
            });
            let line = format::json(&Tree::Dict(entries.collect()));
            writeln!(to, "{line}").map_err(io)?;
        }
    }
    Ok(())
}

/// The lines of a table and the number of its rows and of columns left out.
fn table_lines(
    look: &crate::look::Look,
    answer: Answer,
) -> Result<(Vec<String>, usize, usize), Failure> {
    let mut columns = Vec::new();
    for field in answer.schema.fields() {
        let title = visible(look, field.name());
        columns.push(match field.data_type().is_numeric() {
            true => table::Column::right(&title),
            false => table::Column::left(&title).least(10),
        });
    }
    let mut table = Table::new(columns);
    for batch in answer.batches {
        let batch = batch?;
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let columns = schema.fields().iter().zip(batch.columns());
            let cells = columns.map(|(of, column)| {
                let text = match cell(column.as_ref(), row) {
                    // A param is as it was set.
                    Cell::Value(Tree::Float(f)) if of.name().starts_with("params/") => {
                        format::float(f)
                    }
                    Cell::Moment(micros) => format::moment(micros),
                    Cell::Value(Tree::Float(f)) => format::number(f),
                    other => visible(look, &field(other)),
                };
                table::Cell::new(text, PLAIN)
            });
            table.rows.push(cells.collect());
        }
    }
    let rows = table.rows.len();
    let (lines, missing) = table.lines(look);
    Ok((lines, rows, missing))
}

fn print_table(context: &Context, answer: Answer, limit: usize) -> Result<(), Failure> {
    let look = &context.look;
    let (lines, rows, missing) = table_lines(look, answer)?;
    let mut out = context.paged_out();
    for line in lines.iter().filter(|_| rows > 0) {
        out.line(line)?;
    }
    let mut footer = format::counted(rows as u64, "row");
    if rows == limit {
        footer.push_str(", there may be more; -n says how many are shown");
    }
    if missing > 0 {
        let columns = format::counted(missing as u64, "column");
        footer.push_str(&format!(", {columns} more in a wider terminal"));
    }
    if look.is_terminal || rows == 0 {
        out.line(&styled(look, DIM, &footer))?;
    }
    out.end()
}
