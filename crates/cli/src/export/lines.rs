//! Runs as JSON lines: one that says what the run is, one for each point, record of the log and line of its terminal.
//! `import jsonl` makes the same runs of them.

use super::objects::Shown;
use super::{Exported, Point, exact};
use crate::failure::Failure;
use crate::format;
use aim::query::{LogRecord, MetricInfo, Stream};
use aim::run::EPOCH_NONE;
use aim_value::Tree;
use std::io::Write;

fn text(text: &str) -> Tree {
    Tree::Str(text.to_owned())
}

fn object(entries: Vec<(&str, Tree)>) -> Tree {
    let entries = entries
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    Tree::Dict(entries.collect())
}

fn seconds(micros: i64) -> Tree {
    Tree::Float(micros as f64 / 1e6)
}

/// What a run is: properties, params, notes.
pub fn head(run: &Exported<'_>) -> Tree {
    let record = &run.record;
    let whole = |n: Option<i32>| n.map_or(Tree::Null, |n| Tree::Int(n.into()));
    let or_null = |t: Option<&str>| t.map_or(Tree::Null, text);
    let notes = run.notes.iter().map(|note| text(&note.text));
    object(vec![
        ("run", text(&run.hash())),
        ("name", or_null(record.name.as_deref())),
        ("experiment", text(&record.experiment)),
        ("description", text(&record.description)),
        (
            "tags",
            Tree::List(record.tags.iter().map(|tag| text(tag)).collect()),
        ),
        ("archived", Tree::Bool(record.archived)),
        ("status", text(record.state.text())),
        ("created_at", seconds(record.created_at)),
        (
            "finalized_at",
            record.finalized_at.map_or(Tree::Null, seconds),
        ),
        ("exit_code", whole(record.exit_code)),
        ("signal", whole(record.signal)),
        ("run_id", or_null(record.run_id.as_deref())),
        ("notes", Tree::List(notes.collect())),
        ("params", exact::encode(run.params.clone())),
    ])
}

pub fn point(hash: &str, metric: &MetricInfo, point: &Point) -> Tree {
    let (step, value, epoch, time) = *point;
    let context = Tree::from_json(&metric.context);
    object(vec![
        ("run", text(hash)),
        ("name", text(&metric.name)),
        (
            "context",
            context.map_or_else(|_| text(&metric.context), exact::encode),
        ),
        ("step", Tree::Int(step)),
        ("value", exact::number(value)),
        ("epoch", epoch.map_or(Tree::Null, Tree::Int)),
        ("time", Tree::Float(time)),
    ])
}

/// A point of objects, of which each is in the file that is named for it.
pub fn objects(hash: &str, shown: &Shown<'_>, files: &[String]) -> Tree {
    let info = &shown.sequence.info;
    let context = Tree::from_json(&info.context);
    let epoch = shown.point.epoch;
    let each = shown.point.objects.iter().zip(files).map(|(one, file)| {
        let mut entries = vec![("file", text(file)), ("format", text(&one.format))];
        if !one.caption.is_empty() {
            entries.push(("caption", text(&one.caption)));
        }
        if !one.meta.is_empty() {
            entries.push(("meta", text(&one.meta)));
        }
        object(entries)
    });
    object(vec![
        ("run", text(hash)),
        ("objects", text(shown.sequence.kind.plural())),
        ("name", text(&info.name)),
        (
            "context",
            context.map_or_else(|_| text(&info.context), exact::encode),
        ),
        ("step", Tree::Int(shown.point.step)),
        (
            "epoch",
            match epoch {
                EPOCH_NONE => Tree::Null,
                epoch => Tree::Int(epoch),
            },
        ),
        ("time", seconds(shown.point.time)),
        ("files", Tree::List(each.collect())),
    ])
}

/// A record of the log.
pub fn log(hash: &str, record: &LogRecord) -> Tree {
    let mut entries = vec![
        ("run", text(hash)),
        ("log", text(&record.text)),
        ("level", Tree::Int(record.level.into())),
        ("time", seconds(record.time)),
    ];
    if let Some(location) = &record.location {
        entries.push(("file", text(&location.file)));
        entries.push(("line", Tree::Int(location.line.into())));
        entries.push(("function", text(&location.function)));
    }
    object(entries)
}

/// A line of the terminal.
pub fn terminal(hash: &str, record: &LogRecord) -> Tree {
    object(vec![
        ("run", text(hash)),
        ("terminal", text(&record.text)),
        ("descriptor", Tree::Int(record.level.into())),
        ("time", seconds(record.time)),
    ])
}

pub fn line(tree: &Tree, to: &mut impl Write) -> Result<(), Failure> {
    writeln!(to, "{}", format::json(tree)).map_err(super::written)
}

pub fn write(run: &Exported<'_>, to: &mut impl Write) -> Result<(), Failure> {
    let hash = run.hash();
    line(&head(run), to)?;
    for metric in &run.metrics {
        for one in run.points(metric)? {
            line(&point(&hash, metric, &one), to)?;
        }
    }
    run.log(Stream::Records, |record| line(&log(&hash, record), to))?;
    run.log(Stream::Terminal, |record| {
        line(&terminal(&hash, record), to)
    })
}
