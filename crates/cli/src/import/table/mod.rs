//! Tables that loggers write: CSV and JSON, a row for each step or for each point.
//!
//! Every file is read twice: first for when its runs were, since a run is made with its beginning, then for what they are.

mod columns;
pub mod csv;
mod json;

use super::target::{Id, hash, remember, remembered};
use super::{Identity, Options, Place, Report, Target, Time};
use crate::context::Context;
use crate::failure::{Doing as _, Failure};
use crate::progress::Progress;
use aim::objects::ObjectKind;
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Outcome};
use aim_value::Tree;
pub use columns::{Columns, Role};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
}

pub struct Plan {
    pub format: Format,
    pub paths: Vec<PathBuf>,
    pub columns: Names,
    /// In place of a name after the file.
    pub name: Option<String>,
    pub options: Options,
}

/// Which columns are what, where their names do not say it.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Names {
    /// The column of steps [default: step, global_step, _step, iteration or iter; else the epochs, else the rows]
    #[arg(long, value_name = "COLUMN")]
    pub step: Option<String>,

    /// The column of epochs [default: epoch]
    #[arg(long, value_name = "COLUMN")]
    pub epoch: Option<String>,

    /// The column of times, in seconds since 1970 or ISO 8601 [default: time, timestamp, _timestamp or wall_time]
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,

    /// The column that tells runs apart, in a table with a row for each point [default: run]
    #[arg(long, value_name = "COLUMN")]
    pub run: Option<String>,
}

/// A row: the cells that are not empty, by the number of their column.
pub type Row = [(usize, Cell)];

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Int(i64),
    Number(f64),
    Bool(bool),
    Text(String),
    /// A list.
    Other,
    /// An object in the place of a context.
    Object(Tree),
}

impl Cell {
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Int(i) => Some(*i as f64),
            Cell::Number(f) => Some(*f),
            Cell::Bool(b) => Some(f64::from(u8::from(*b))),
            Cell::Text(text) => text.trim().parse().ok(),
            Cell::Other | Cell::Object(_) => None,
        }
    }

    pub fn whole(&self) -> Option<i64> {
        const EXACT: f64 = (1u64 << 53) as f64;
        match self {
            Cell::Int(i) => Some(*i),
            Cell::Text(text) if text.trim().parse::<i64>().is_ok() => text.trim().parse().ok(),
            other => {
                let number = other.number()?;
                (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
            }
        }
    }

    pub fn time(&self) -> Option<Time> {
        if let Some(seconds) = self.number() {
            return Time::new(seconds);
        }
        match self {
            Cell::Text(text) => {
                let time: jiff::Timestamp = text.trim().parse().ok()?;
                Time::new(time.as_microsecond() as f64 / 1e6)
            }
            _ => None,
        }
    }
}

/// Who is told of a file's rows and of lines that are none.
pub trait Visitor {
    fn row(&mut self, columns: &Columns, row: &Row) -> Result<(), Failure>;
    fn damage(&mut self, line: u64, rule: &str);
    /// Something of the whole file, by its keys.
    fn param(&mut self, keys: &[&str], value: Tree);
    fn bytes(&mut self, more: u64);

    /// Whether a last line without an end may be one that is still being written.
    fn grows(&self) -> bool {
        false
    }
}

pub fn import(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let mut report = Report::of(&plan.options);
    let bytes = plan.paths.iter().map(|path| length(path)).sum();
    for path in &plan.paths {
        std::fs::File::open(path)
            .map_err(Failure::new)
            .doing(|| format!("{} cannot be read", path.display()))?;
    }
    let repo = plan.options.repository(context)?;
    let mut progress = Progress::new(&context.messages, "importing", "bytes", bytes);
    for path in &plan.paths {
        file(repo.as_ref(), plan, path, &mut report, &mut progress)
            .doing(|| format!("{} cannot be imported", path.display()))?;
    }
    progress.end();
    report.print(context)
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |m| m.len())
}

fn visit(plan: &Plan, path: &Path, visitor: &mut dyn Visitor) -> Result<(), Failure> {
    match plan.format {
        Format::Csv => csv::visit(path, &plan.columns, visitor),
        Format::Json => json::visit(path, &plan.columns, visitor),
    }
}

/// A name after a file, or after its directory where all files of a tool are called the same.
fn name(path: &Path) -> String {
    const GENERIC: [&str; 8] = [
        "metrics",
        "log",
        "logs",
        "history",
        "trainer_state",
        "progress",
        "results",
        "training",
    ];
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let above = real.parent().and_then(Path::file_name);
    match above {
        Some(above) if GENERIC.contains(&&*stem) => above.to_string_lossy().into_owned(),
        _ => stem.into_owned(),
    }
}

fn file(
    repo: Option<&RepoRef>,
    plan: &Plan,
    path: &Path,
    report: &mut Report,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let modified = path.metadata().ok().and_then(|m| m.modified().ok());
    let modified = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = modified.and_then(|at| Time::new(at.as_secs_f64()));
    let Some(modified) = modified else {
        return Err(Failure::new("its time of modification is none"));
    };
    let mut spans = Spans::default();
    visit(plan, path, &mut spans)?;
    let source = format!("{} {}", length(path), modified.micros());
    let mut filler = Filler {
        path,
        report,
        progress,
        grows: plan.options.follow,
        modified,
        runs: BTreeMap::new(),
        unchanged: 0,
        rows: 0,
        last_step: 0,
    };
    for (run, span) in spans.0 {
        let own = plan.name.clone().unwrap_or_else(|| name(path));
        let (id, name) = match run.as_str() {
            "" => (format!("table:{}", real.display()), own),
            run => (format!("table:{}#{run}", real.display()), run.to_owned()),
        };
        let identity = Identity {
            id: Id::Source(id),
            name,
            experiment: None,
            created_at: Some(span.map_or(modified, |span| span.0).micros()),
        };
        let hash = hash(&identity);
        if let Some(repo) = repo
            && remembered(repo, &hash)?.as_deref() == Some(&source)
        {
            filler.report.unchanged();
            filler.unchanged += 1;
            continue;
        }
        let target = Target::open(repo, &plan.options, &identity)?;
        let ended = span.map_or(modified, |span| span.1);
        filler.runs.insert(run, (target, hash, ended));
    }
    if filler.runs.is_empty() && filler.unchanged > 0 {
        filler.progress.add(length(path));
        return Ok(());
    }
    visit(plan, path, &mut filler)?;
    let Filler { runs, report, .. } = filler;
    for (target, hash, ended) in runs.into_values() {
        target.close(report, Outcome::FINISHED, Some(ended.micros()))?;
        if let Some(repo) = repo {
            remember(repo, &hash, &source)?;
        }
    }
    Ok(())
}

/// Which runs there are, and when their points were if they say so.
#[derive(Default)]
struct Spans(BTreeMap<String, Option<(Time, Time)>>);

impl Visitor for Spans {
    fn row(&mut self, columns: &Columns, row: &Row) -> Result<(), Failure> {
        let run = columns.run(row);
        let time = columns.find(row, Role::Time).and_then(Cell::time);
        let span = match self.0.get_mut(&*run) {
            Some(span) => span,
            None => self.0.entry(run.into_owned()).or_default(),
        };
        if let Some(time) = time {
            let (first, last) = span.unwrap_or((time, time));
            let first = if time.micros() < first.micros() {
                time
            } else {
                first
            };
            let last = if time.micros() > last.micros() {
                time
            } else {
                last
            };
            *span = Some((first, last));
        }
        Ok(())
    }

    fn damage(&mut self, _: u64, _: &str) {}

    fn param(&mut self, _: &[&str], _: Tree) {}

    fn bytes(&mut self, _: u64) {}
}

/// Brings rows into their runs.
struct Filler<'f> {
    path: &'f Path,
    report: &'f mut Report,
    progress: &'f mut Progress,
    grows: bool,
    /// The time of points that have none.
    modified: Time,
    /// Each with its hash and the time of its end.
    runs: BTreeMap<String, (Target, String, Time)>,
    unchanged: u64,
    rows: i64,
    last_step: i64,
}

impl Visitor for Filler<'_> {
    fn row(&mut self, columns: &Columns, row: &Row) -> Result<(), Failure> {
        let step = self.step(columns, row);
        self.rows += 1;
        let Some(step) = step else {
            self.report.lost("rows whose step is no whole number", 1);
            return Ok(());
        };
        self.last_step = step;
        let epoch = columns.find(row, Role::Epoch).and_then(Cell::number);
        let epoch = match epoch {
            Some(epoch) if epoch.is_finite() => {
                if epoch.fract() != 0.0 {
                    self.report.lost("fractions of epochs", 1);
                }
                epoch.floor() as i64
            }
            _ => EPOCH_NONE,
        };
        let time = match columns.find(row, Role::Time) {
            None => self.modified,
            Some(cell) => cell.time().unwrap_or_else(|| {
                self.report.lost("times that are none", 1);
                self.modified
            }),
        };
        let run = columns.run(row).into_owned();
        // One whose file has not changed is not there.
        let Some((target, _, _)) = self.runs.get_mut(&run) else {
            return Ok(());
        };
        let report = &mut *self.report;
        if let Some((name, context, value)) = columns.long(row) {
            let Some(value) = value.number() else {
                report.lost("values that are no numbers", 1);
                return Ok(());
            };
            let series = target.series(&name, &context)?;
            return match series {
                Some(series) => target.point(report, series, step, value, epoch, time),
                None => {
                    report.lost("points of metrics that libaim does not take", 1);
                    Ok(())
                }
            };
        }
        for (column, cell) in row {
            if columns.role(*column) != Role::Value {
                continue;
            }
            let name = columns.name(*column);
            let Some(value) = cell.number() else {
                match cell {
                    Cell::Text(text) => {
                        let place = Place {
                            kind: ObjectKind::Text,
                            name,
                            context: "{}",
                            step,
                            epoch,
                            time,
                        };
                        target.text(report, &place, text)?;
                    }
                    _ => report.lost("lists", 1),
                }
                continue;
            };
            match target.series(name, "{}")? {
                Some(series) => target.point(report, series, step, value, epoch, time)?,
                None => report.lost("points of metrics that libaim does not take", 1),
            }
        }
        Ok(())
    }

    fn damage(&mut self, line: u64, rule: &str) {
        let path = self.path.display();
        self.report.damage(format!("{path}, line {line}: {rule}"));
    }

    fn param(&mut self, keys: &[&str], value: Tree) {
        for (target, _, _) in self.runs.values_mut() {
            target.param(self.report, keys, value.clone());
        }
    }

    fn bytes(&mut self, more: u64) {
        self.progress.add(more);
    }

    fn grows(&self) -> bool {
        self.grows
    }
}

impl Filler<'_> {
    /// A row's step: its own, or that of its epoch, or its number if the table knows neither.
    fn step(&self, columns: &Columns, row: &Row) -> Option<i64> {
        if let Some(step) = columns.find(row, Role::Step) {
            return step.whole();
        }
        if columns.has(Role::Step) {
            return Some(self.last_step);
        }
        match columns.find(row, Role::Epoch) {
            Some(epoch) => epoch.whole(),
            None if columns.has(Role::Epoch) => Some(self.last_step),
            None => Some(self.rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Looks at all of every row.
    #[derive(Default)]
    struct Looker {
        rows: usize,
        damaged: usize,
    }

    impl Visitor for Looker {
        fn row(&mut self, columns: &Columns, row: &Row) -> Result<(), Failure> {
            self.rows += 1;
            let _ = (columns.run(row), columns.long(row));
            for (column, cell) in row {
                let _ = (columns.role(*column), columns.name(*column));
                let _ = (cell.number(), cell.whole(), cell.time());
            }
            Ok(())
        }

        fn damage(&mut self, _: u64, _: &str) {
            self.damaged += 1;
        }

        fn param(&mut self, _: &[&str], _: Tree) {}

        fn bytes(&mut self, _: u64) {}
    }

    fn read(bytes: &[u8]) -> [Looker; 2] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let mut found = [Looker::default(), Looker::default()];
        csv::visit(file.path(), &Names::default(), &mut found[0]).unwrap();
        json::visit(file.path(), &Names::default(), &mut found[1]).unwrap();
        found
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            for found in read(&bytes) {
                prop_assert!(found.rows + found.damaged <= lines + bytes.len());
            }
        }

        /// Of a table that is cut anywhere, all lines in front of that are read.
        #[test]
        fn a_cut_costs_one_line(rows in 1..20usize, place: prop::sample::Index) {
            let line = |i| format!("{{\"step\": {i}, \"loss\": [{i}], \"name\": \"x,\\\"\"}}\n");
            let text: String = (0..rows).map(line).collect();
            let cut = &text.as_bytes()[..place.index(text.len())];
            let whole = cut.iter().filter(|byte| **byte == b'\n').count();
            let [_, json] = read(cut);
            prop_assert!(json.rows >= whole && json.rows + json.damaged <= whole + 1);
        }
    }
}
