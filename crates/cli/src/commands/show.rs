//! `libaim show`: one run, whole.

use crate::artifacts;
use crate::central::About;
use crate::columns::{Aggregate, Row};
use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::labels::{self, SYSTEM};
use crate::table::{BOLD, CYAN, Cell, Column, DIM, PLAIN, Table, YELLOW, styled, visible};
use crate::terminal_text;
use crate::{find, format, machine, spark, status};
use aim::artifacts::{Book, KEY, Which};
use aim::objects::ObjectKind;
use aim::query::{Columns, MetricInfo, Sampling, SequenceInfo, Snapshot, Stream, record_tree};
use aim_value::{Path, Tree};

/// Width of a curve, and points that are read for it.
const CURVE: usize = 16;
const POINTS: usize = 512;
/// A terminal that has room for the steps of extremes and a long curve.
const WIDE: usize = 96;
/// Params that are shown if not all are asked for, and lines of the log.
const PARAMS: usize = 12;
const LOG_LINES: u64 = 3;

/// Show everything of a run
#[derive(clap::Args)]
pub struct Show {
    /// The run: its hash, a unique beginning of it, or its name
    run: String,

    /// All params, one a line
    #[arg(short, long)]
    params: bool,

    /// The metrics of the machine too
    #[arg(short, long)]
    system: bool,

    /// Print one object
    #[arg(long)]
    json: bool,
}

impl Show {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.reading(&About::Called(&[&self.run]))?;
        look_at(&repo, |snapshot| {
            let run = find::run(snapshot, &self.run)?;
            let record = snapshot.record(&run)?;
            let record = record.ok_or_else(|| Failure::new("the run was deleted just now"))?;
            let row = Row::new(snapshot, run, record);
            if self.json {
                return json(context, snapshot, &row);
            }
            let page = Page {
                context,
                snapshot,
                row: &row,
                width: context.look.width.unwrap_or(usize::MAX),
            };
            page.print(&self)
        })
    }
}

/// The sequences of images, texts and so on that a run has, with what their kind is called.
fn sequences(
    snapshot: &Snapshot<'_>,
    row: &Row<'_, '_>,
) -> Result<Vec<(&'static str, SequenceInfo)>, Failure> {
    let mut found = Vec::new();
    for kind in ObjectKind::ALL {
        let of_kind = snapshot.sequences(&row.run, kind)?;
        found.extend(of_kind.into_iter().map(|one| (kind.plural(), one)));
    }
    Ok(found)
}

/// Properties, params, metrics with all aggregates, what other sequences there are, and artifacts.
fn json(context: &Context, snapshot: &Snapshot<'_>, row: &Row<'_, '_>) -> Result<(), Failure> {
    let mut entries = record_tree(&row.record);
    entries.push(("duration".to_owned(), Tree::Float(row.took())));
    let mut params = row.params().clone();
    let book = artifacts::take(&mut params);
    entries.push(("params".to_owned(), params));
    let metrics = row.metrics().iter().map(|metric| {
        let known = &metric.aggregates;
        let context = Tree::from_json(&metric.context).unwrap_or(Tree::Null);
        let fields = [
            ("name", Tree::Str(metric.name.to_string())),
            ("context", context),
            ("count", Aggregate::Count.of(metric)),
            ("first_step", Tree::Int(known.first_step)),
            ("last_step", Tree::Int(known.last_step)),
            ("first", Aggregate::First.of(metric)),
            ("last", Aggregate::Last.of(metric)),
            ("min", Aggregate::Min.of(metric)),
            ("max", Aggregate::Max.of(metric)),
        ];
        Tree::Dict(fields.map(|(key, value)| (key.to_owned(), value)).into())
    });
    entries.push(("metrics".to_owned(), Tree::List(metrics.collect())));
    let objects = sequences(snapshot, row)?.into_iter().map(|(kind, one)| {
        let fields = [
            ("kind", Tree::Str(kind.to_owned())),
            ("name", Tree::Str(one.name.to_string())),
            (
                "context",
                Tree::from_json(&one.context).unwrap_or(Tree::Null),
            ),
            ("count", Tree::Int(one.sequence.points as i64)),
            ("first_step", Tree::Int(one.sequence.first_step)),
            ("last_step", Tree::Int(one.sequence.last_step)),
        ];
        Tree::Dict(fields.map(|(key, value)| (key.to_owned(), value)).into())
    });
    entries.push(("objects".to_owned(), Tree::List(objects.collect())));
    entries.push(("artifacts".to_owned(), artifacts::logged(&book)));
    entries.push(("used_artifacts".to_owned(), artifacts::used(&book)));
    let mut out = context.plain_out();
    out.line(&format::json(&Tree::Dict(entries)))?;
    out.end()
}

struct Page<'p, 't> {
    context: &'p Context,
    snapshot: &'p Snapshot<'t>,
    row: &'p Row<'p, 't>,
    width: usize,
}

impl Page<'_, '_> {
    fn print(&self, show: &Show) -> Result<(), Failure> {
        let mut lines = self.head();
        lines.extend(self.params(show.params));
        lines.extend(self.metrics(show.system)?);
        lines.extend(self.objects()?);
        lines.extend(self.artifacts());
        lines.extend(self.machine());
        lines.extend(self.log()?);
        let mut out = self.context.paged_out();
        for line in &lines {
            out.line(line)?;
        }
        out.end()
    }

    fn styled(&self, style: anstyle::Style, text: &str) -> String {
        styled(&self.context.look, style, text)
    }

    fn visible(&self, text: &str) -> String {
        visible(&self.context.look, text)
    }

    fn wrapped(&self, text: &str) -> Vec<String> {
        let room = self.width.saturating_sub(9).max(20);
        crate::text::wrap(&self.visible(text), room)
    }

    /// A heading at the left of its first line.
    fn part(&self, title: &str, lines: Vec<String>) -> Vec<String> {
        let title = format!("{title:<9}");
        let lines = lines.into_iter().enumerate().map(|(i, line)| match i {
            0 => format!("{}{line}", self.styled(DIM, &title)),
            _ => format!("{:9}{line}", ""),
        });
        std::iter::once(String::new()).chain(lines).collect()
    }

    fn head(&self) -> Vec<String> {
        let look = &self.context.look;
        let record = &self.row.record;
        let mut first = self.styled(CYAN, &record.hash_text());
        if let Some(name) = &record.name {
            first.push_str("  ");
            first.push_str(&self.styled(BOLD, &self.visible(name)));
        }
        let mut place = self.visible(&record.experiment);
        if !record.tags.is_empty() {
            let tags: Vec<String> = record.tags.iter().map(|tag| self.visible(tag)).collect();
            place.push_str(look.either(" · ", " - "));
            place.push_str(&self.styled(YELLOW, &tags.join(", ")));
        }
        if record.archived {
            place.push_str(&self.styled(DIM, "  archived"));
        }
        let state = status::cell(look, record);
        let took = format::duration(self.row.took());
        let word = if record.finalized_at.is_some() {
            "in"
        } else {
            "for"
        };
        let mut second = format!("{} {word} {took}", self.styled(state.style, &state.text));
        let host = machine::host(self.row.params());
        let host = host.map(|host| format!(" on {}", self.visible(&host)));
        second.push_str(&format!(
            ", begun {} ago ({}){}",
            format::age(self.row.age()),
            format::moment(record.created_at),
            host.unwrap_or_default(),
        ));
        let mut lines = vec![
            first,
            place,
            second.replace("begun now ago", "begun just now"),
        ];
        if !record.description.is_empty() {
            lines.push(String::new());
            let wide = self.width.clamp(20, 100);
            for line in record.description.lines() {
                lines.extend(crate::text::wrap(&self.visible(line), wide));
            }
        }
        lines
    }

    fn params(&self, all: bool) -> Vec<String> {
        let leaves = labels::leaves(self.row.params());
        let own: Vec<_> = leaves
            .into_iter()
            .filter(|(path, _)| all || !labels::is_own(path))
            .collect();
        if own.is_empty() {
            return Vec::new();
        }
        let pair =
            |path: &str, value: &Tree| (self.visible(path), self.visible(&format::param(value)));
        if all {
            let wide = own.iter().map(|(path, _)| crate::text::width(path)).max();
            let lines = own.iter().map(|(path, value)| {
                let (path, value) = pair(path, value);
                let blank = wide.unwrap_or(0).saturating_sub(crate::text::width(&path));
                format!("{}{}  {value}", self.styled(DIM, &path), " ".repeat(blank))
            });
            return self.part("params", lines.collect());
        }
        // Side by side, as many as fit.
        let mark = self.context.look.either("…", "...");
        let room = self.width.saturating_sub(9).clamp(30, 100);
        let mut lines = vec![String::new()];
        let mut used = 0;
        for (path, value) in own.iter().take(PARAMS) {
            let (path, value) = pair(path, value);
            let value = crate::text::cut(&value, 40, mark);
            let wide = crate::text::width(&path) + 1 + crate::text::width(&value);
            if used > 0 && used + 3 + wide > room {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                if used > 0 {
                    line.push_str("   ");
                    used += 3;
                }
                line.push_str(&format!("{} {value}", self.styled(DIM, &path)));
                used += wide;
            }
        }
        if own.len() > PARAMS {
            let more = own.len() - PARAMS;
            lines.push(self.styled(DIM, &format!("{mark}{more} more (--params)")));
        }
        self.part("params", lines)
    }

    fn metrics(&self, system: bool) -> Result<Vec<String>, Failure> {
        let metrics = self.row.metrics();
        let (of_system, own): (Vec<_>, Vec<_>) = metrics
            .iter()
            .partition(|metric| metric.name.starts_with(SYSTEM));
        let mut shown = own;
        let hidden = if system { 0 } else { of_system.len() };
        if system {
            shown.extend(of_system);
        }
        let mut lines = Vec::new();
        if !shown.is_empty() {
            lines.extend(self.metric_table(&shown)?);
        }
        if hidden > 0 {
            let text = format!(
                "{} of the machine (--system)",
                format::counted(hidden as u64, "metric")
            );
            lines.push(self.styled(DIM, &text));
        }
        Ok(match lines.is_empty() {
            true => Vec::new(),
            false => self.part("metrics", lines),
        })
    }

    fn metric_table(&self, metrics: &[&MetricInfo]) -> Result<Vec<String>, Failure> {
        let look = &self.context.look;
        let narrow = self.width < WIDE;
        let curve = if narrow { CURVE / 2 } else { CURVE };
        let mut table = Table::new(vec![
            Column::left("NAME").least(12),
            Column::right("LAST"),
            Column::right("MIN"),
            Column::right("MAX"),
            Column::right("POINTS"),
            Column::left("OVER STEPS"),
        ]);
        let mut before = "";
        for metric in metrics {
            let known = &metric.aggregates;
            let points = self.snapshot.sample(metric, POINTS, Sampling::MinMax)?;
            let context = labels::context(&metric.context);
            let name = match before == &*metric.name {
                true => " ".repeat(crate::text::width(&self.visible(&metric.name))),
                false => self.visible(&metric.name),
            };
            before = &metric.name;
            let at = |value: f64| match narrow {
                true => Cell::new(format::number(value), PLAIN),
                false => Cell::new(at_step(&points, value), PLAIN),
            };
            let last = format!("{} @{}", format::number(known.last), known.last_step);
            table.rows.push(vec![
                Cell::new(
                    format!("{name} {}", self.visible(&context)).trim_end(),
                    PLAIN,
                ),
                Cell::new(last, BOLD),
                at(known.min()),
                at(known.max()),
                Cell::new(format::count(known.count), PLAIN),
                Cell::new(
                    spark::line(look, &points.steps, &points.values, curve),
                    CYAN,
                ),
            ]);
        }
        let narrower = crate::look::Look {
            width: look.width.map(|width| width.saturating_sub(9).max(20)),
            ..*look
        };
        Ok(table.lines(&narrower).0)
    }

    /// A line for each sequence of images, texts and so on.
    fn objects(&self) -> Result<Vec<String>, Failure> {
        let found = sequences(self.snapshot, self.row)?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let lines = found.iter().map(|(kind, one)| {
            let name = format!("{} {}", one.name, labels::context(&one.context));
            let known = &one.sequence;
            let steps = format::counted(known.points, "step");
            let name = self.visible(name.trim_end());
            format!("{name}  {kind} of {steps}, last @{}", known.last_step)
        });
        Ok(self.part("objects", lines.collect()))
    }

    /// The latest version of each name.
    fn artifacts(&self) -> Vec<String> {
        let param = self.row.params().at(&Path::from_tokens([KEY]));
        let book = Book::new(param.cloned());
        let latest: Vec<_> = book
            .names()
            .filter_map(|name| book.get(name, &Which::Latest))
            .collect();
        if latest.is_empty() {
            return Vec::new();
        }
        let mut table = Table::new(vec![
            Column::left("NAME").least(8),
            Column::left("VERSION"),
            Column::left("TYPE").least(4),
            Column::right("SIZE"),
            Column::right("STEP"),
        ]);
        for artifact in latest {
            let size = artifact.size.and_then(|size| u64::try_from(size).ok());
            let number = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
            table.rows.push(vec![
                Cell::new(self.visible(&artifact.name), PLAIN),
                Cell::new(format!("v{}", number(artifact.version)), PLAIN),
                Cell::new(self.visible(&artifact.kind), PLAIN),
                Cell::new(size.map_or_else(|| "-".to_owned(), format::bytes), PLAIN),
                Cell::new(number(artifact.step), PLAIN),
            ]);
        }
        let look = &self.context.look;
        let narrower = crate::look::Look {
            width: look.width.map(|width| width.saturating_sub(9).max(20)),
            ..*look
        };
        self.part("files", table.lines(&narrower).0)
    }

    fn machine(&self) -> Vec<String> {
        let look = &self.context.look;
        let mut lines = Vec::new();
        if let Some(line) = machine::hardware(look, self.row.params()) {
            lines.extend(self.wrapped(&line));
        }
        let usage = machine::usage(self.row.metrics(), |metric| {
            self.snapshot.sample(metric, POINTS, Sampling::Stride).ok()
        });
        if !usage.is_empty() {
            lines.push(usage.join(look.either(" · ", ", ")));
        }
        let mut all = match lines.is_empty() {
            true => Vec::new(),
            false => self.part("machine", lines),
        };
        if let Some(line) = machine::code(look, self.row.params()) {
            all.extend(self.part("code", self.wrapped(&line)));
        }
        all
    }

    fn log(&self) -> Result<Vec<String>, Failure> {
        let (first, end) = self.snapshot.log_range(&self.row.run, Stream::Terminal)?;
        if first == end {
            return Ok(Vec::new());
        }
        let from = end.saturating_sub(LOG_LINES).max(first);
        let records = self
            .snapshot
            .log(&self.row.run, Stream::Terminal, from, LOG_LINES)?;
        let look = &self.context.look;
        let room = self.width.saturating_sub(9).max(20);
        let mut lines: Vec<String> = records
            .iter()
            .map(|(_, record)| terminal_text::line(look, &record.text, Some(room)))
            .collect();
        let more = from - first;
        if more > 0 {
            let text = format!("{} before (libaim logs)", format::counted(more, "line"));
            lines.insert(0, self.styled(DIM, &text));
        }
        Ok(self.part("log", lines))
    }
}

/// A value, with the step at which it is if that is known.
fn at_step(points: &Columns, value: f64) -> String {
    let place = points.values.iter().position(|v| *v == value);
    match place.and_then(|i| points.steps.get(i)) {
        Some(step) => format!("{} @{step}", format::number(value)),
        None => format::number(value),
    }
}
