//! `libaim ls`: runs as a table.

use crate::central::About;
use crate::columns::{Aggregate, Column, Row, compare};
use crate::context::{Context, look_at};
use crate::expression::{select, warn};
use crate::failure::Failure;
use crate::format;
use crate::labels;
use crate::status;
use crate::table::{self, Cell, DIM, PLAIN, Table, styled, visible};
use aim::query::{Query, Snapshot, record_tree};
use aim_value::Tree;

/// Runs that a terminal gets if nobody says how many.
const SCREENFUL: usize = 50;
const SHORT_HASH: usize = 8;
/// Params, and metrics, that a table shows without being asked.
const AUTOMATIC: usize = 4;

/// List runs, newest first
///
/// A column is a property (run, name, experiment, status, age, took, created, ended, tags, description, archived), a
/// param by its path or its last part (hparams.lr, lr), or a metric with last, min, max, first or count (loss:min,
/// loss.val:last for the one whose context holds val).
#[derive(clap::Args)]
#[command(visible_alias = "list")]
pub struct Ls {
    /// Which runs, as in: run.hparams.lr > 1e-4 [default: all that are not archived]
    query: Option<String>,

    /// Columns to show beside the usual ones, or, with a leading '=', instead of them
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    columns: Vec<String>,

    /// Sort by this column, least first
    #[arg(short, long, value_name = "COLUMN")]
    sort: Option<String>,

    /// Turn the order round
    #[arg(short, long)]
    reverse: bool,

    /// Show at most so many; 0 for all [default: 50 on a terminal, else all]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,

    /// Show archived runs too
    #[arg(short, long)]
    all: bool,

    /// Print an array of objects
    #[arg(long)]
    json: bool,
}

impl Ls {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let columns = self.columns()?;
        let sort = self.sort.as_deref().map(Column::parse).transpose()?;
        let repo = context.reading(&About::selected(self.query.as_deref()))?;
        let limit = match self.limit {
            Some(0) => usize::MAX,
            Some(limit) => limit,
            None if context.look.is_terminal && !self.json => SCREENFUL,
            None => usize::MAX,
        };
        // The newest of an unsorted list are the first that are found; one more tells that there are more.
        let enough = sort.is_none() && !self.reverse;
        let most = enough.then_some(limit.saturating_add(1));
        let answer = select(&repo, self.query.as_deref(), self.all, most)?;
        look_at(&repo, |snapshot| {
            let mut rows = rows(snapshot, &answer)?;
            if let Some(sort) = &sort {
                order(&mut rows, sort);
            }
            if self.reverse {
                rows.reverse();
            }
            let more = rows.len().saturating_sub(limit);
            rows.truncate(limit);
            let mut list = List {
                context,
                columns,
                sort: sort.map(|column| (column, self.reverse)),
                rows,
            };
            if self.columns.is_empty() && context.look.is_terminal {
                list.add_what_differs();
            }
            if self.json {
                return list.print_json();
            }
            let whole = self.query.is_none();
            list.print(&footer(snapshot, &list, more, whole, enough)?)
        })?;
        warn(&context.messages, &answer, "run");
        Ok(())
    }

    fn columns(&self) -> Result<Vec<Column>, Failure> {
        let mut columns = vec![
            Column::Run,
            Column::Experiment,
            Column::Name,
            Column::Status,
            Column::Age,
            Column::Took,
        ];
        for (i, text) in self.columns.iter().enumerate() {
            let text = match text.strip_prefix('=').filter(|_| i == 0) {
                Some(text) => {
                    columns.clear();
                    text
                }
                None => text,
            };
            columns.push(Column::parse(text)?);
        }
        Ok(columns)
    }
}

fn rows<'s, 't>(snapshot: &'s Snapshot<'t>, answer: &Query) -> Result<Vec<Row<'s, 't>>, Failure> {
    let mut rows = Vec::with_capacity(answer.rows().len());
    for row in answer.rows() {
        if let Some(record) = snapshot.record(&row.run)? {
            rows.push(Row::new(snapshot, (*row.run).clone(), record));
        }
    }
    Ok(rows)
}

/// Runs in the order of a column.
fn order(rows: &mut Vec<Row<'_, '_>>, column: &Column) {
    let mut keyed: Vec<(Tree, Row<'_, '_>)> = rows
        .drain(..)
        .map(|row| (column.value(&row), row))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| compare(a, b));
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

struct List<'c, 's, 't> {
    context: &'c Context,
    columns: Vec<Column>,
    /// What the list is sorted by, and whether greatest come first.
    sort: Option<(Column, bool)>,
    rows: Vec<Row<'s, 't>>,
}

impl List<'_, '_, '_> {
    /// Params in which the runs differ and the metrics that most of them have, as many as fit.
    fn add_what_differs(&mut self) {
        let mut wanted = self.differing_params();
        wanted.extend(self.common_metrics());
        for column in wanted {
            self.columns.push(column);
            if self.table().width() > self.context.look.width.unwrap_or(usize::MAX) {
                self.columns.pop();
                return;
            }
        }
    }

    fn differing_params(&self) -> Vec<Column> {
        let mut known: Vec<(String, Vec<String>)> = Vec::new();
        for row in &self.rows {
            for (path, value) in labels::leaves(row.params()) {
                if labels::is_own(&path) {
                    continue;
                }
                let value = format::param(value);
                match known.iter_mut().find(|(p, _)| *p == path) {
                    Some((_, values)) if values.contains(&value) => {}
                    Some((_, values)) => values.push(value),
                    None => known.push((path, vec![value])),
                }
            }
        }
        let differing = known.into_iter().filter(|(_, values)| values.len() > 1);
        let columns = differing.map(|(path, _)| Column::Named(path));
        columns.take(AUTOMATIC).collect()
    }

    fn common_metrics(&self) -> Vec<Column> {
        let mut known: Vec<(String, usize)> = Vec::new();
        for row in &self.rows {
            for metric in row.metrics() {
                if metric.name.starts_with(labels::SYSTEM) {
                    continue;
                }
                let name = labels::dotted(metric);
                match known.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, count)) => *count += 1,
                    None => known.push((name, 1)),
                }
            }
        }
        known.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let columns = known
            .into_iter()
            .map(|(n, _)| Column::Metric(n, Aggregate::Last));
        columns.take(AUTOMATIC).collect()
    }

    fn table(&self) -> Table {
        let columns = self.columns.iter().map(|column| self.column(column));
        let mut table = Table::new(columns.collect());
        for row in &self.rows {
            let cells = self.columns.iter().map(|column| self.cell(column, row));
            table.rows.push(cells.collect());
        }
        table
    }

    fn print(&self, footer: &str) -> Result<(), Failure> {
        let look = &self.context.look;
        let (lines, missing) = self.table().lines(look);
        let mut out = self.context.paged_out();
        if !self.rows.is_empty() {
            for line in &lines {
                out.line(line)?;
            }
        }
        let mut footer = footer.to_owned();
        if missing > 0 {
            let columns = format::counted(missing as u64, "column");
            footer.push_str(&format!(", {columns} more in a wider terminal"));
        }
        if look.is_terminal || self.rows.is_empty() {
            out.line(&styled(look, DIM, &footer))?;
        }
        out.end()
    }

    fn column(&self, column: &Column) -> table::Column {
        let look = &self.context.look;
        let mut title = visible(look, &column.title());
        if let Some((sort, reverse)) = &self.sort
            && sort == column
        {
            title.push_str(match reverse {
                false => look.either(" ↑", " ^"),
                true => look.either(" ↓", " v"),
            });
        }
        let numbers = |row: &Row<'_, '_>| {
            matches!(
                column.value(row),
                Tree::Null | Tree::Int(_) | Tree::Float(_) | Tree::BigInt(_)
            )
        };
        match column {
            Column::Run | Column::Status | Column::Created | Column::Ended | Column::Archived => {
                table::Column::left(&title)
            }
            Column::Name | Column::Experiment | Column::Tags | Column::Description => {
                table::Column::left(&title).least(8)
            }
            Column::Age | Column::Took | Column::Metric(..) => table::Column::right(&title),
            Column::Named(_) if self.rows.iter().all(numbers) => table::Column::right(&title),
            Column::Named(_) => table::Column::left(&title).least(8),
        }
    }

    fn cell(&self, column: &Column, row: &Row<'_, '_>) -> Cell {
        let look = &self.context.look;
        let none = || Cell::new(look.either("–", "-"), DIM);
        let value = column.value(row);
        match (column, &value) {
            (Column::Run, _) => {
                let hash = row.record.hash_text();
                Cell::new(&hash[..SHORT_HASH.min(hash.len())], table::CYAN)
            }
            (Column::Status, _) => status::cell(look, &row.record),
            (Column::Age, _) => Cell::new(format::age(row.age()), PLAIN),
            (Column::Took, _) => Cell::new(format::duration(row.took()), PLAIN),
            (Column::Created, _) => Cell::new(format::moment(row.record.created_at), PLAIN),
            (Column::Ended, _) => match row.record.finalized_at {
                Some(at) => Cell::new(format::moment(at), PLAIN),
                None => none(),
            },
            (Column::Tags, Tree::List(tags)) if !tags.is_empty() => {
                let tags: Vec<String> = tags.iter().map(format::param).collect();
                Cell::new(visible(look, &tags.join(", ")), PLAIN)
            }
            (Column::Archived, Tree::Bool(archived)) => {
                Cell::new(if *archived { "yes" } else { "no" }, PLAIN)
            }
            (Column::Metric(_, Aggregate::Count), Tree::Int(n)) => {
                Cell::new(format::count(*n as u64), PLAIN)
            }
            (Column::Metric(..), Tree::Float(value)) => Cell::new(format::number(*value), PLAIN),
            (_, Tree::Null) => none(),
            (_, Tree::List(items)) if items.is_empty() => none(),
            (_, Tree::Str(text)) if text.is_empty() => none(),
            (_, value) => Cell::new(visible(look, &format::param(value)), PLAIN),
        }
    }

    /// All properties of each run, and the columns that are none.
    fn print_json(&self) -> Result<(), Failure> {
        let mut out = self.context.plain_out();
        out.text("[")?;
        for (i, row) in self.rows.iter().enumerate() {
            let mut entries = record_tree(&row.record);
            entries.push(("duration".to_owned(), Tree::Float(row.took())));
            for column in &self.columns {
                let key = column.key();
                if matches!(column, Column::Metric(..) | Column::Named(_)) {
                    entries.push((key, column.value(row)));
                }
            }
            out.text(if i == 0 { "\n" } else { ",\n" })?;
            out.text(&format::json(&Tree::Dict(entries)))?;
        }
        out.text(if self.rows.is_empty() { "]\n" } else { "\n]\n" })?;
        out.end()
    }
}

/// How many runs are shown, of how many.
fn footer(
    snapshot: &Snapshot<'_>,
    list: &List<'_, '_, '_>,
    more: usize,
    whole: bool,
    enough: bool,
) -> Result<String, Failure> {
    let shown = list.rows.len() as u64;
    let total = snapshot.run_count()?;
    if total == 0 {
        return Ok("no runs yet".to_owned());
    }
    let of = format!(
        "{} of {}",
        format::count(shown),
        format::counted(total, "run")
    );
    Ok(match more {
        0 if shown == total => format::counted(total, "run"),
        0 => of,
        _ if whole => format!("{of}; -n 0 shows all"),
        _ if enough => format!(
            "{}, and there are more; -n 0 shows all",
            format::counted(shown, "run")
        ),
        more => format!(
            "{of}, {} more match; -n 0 shows all",
            format::count(more as u64)
        ),
    })
}
