//! Runs as JSON lines: one that says what the run is, one for each point, record of the log, line of its terminal and point of
//! objects. `import jsonl` makes the same runs of them.

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

/// Bytes of a point of objects that become a line, at most.
const LARGEST: usize = 128 << 20;

/// The bytes of an object: a text as it is, others in base64.
fn data(format: &str, bytes: &[u8]) -> Tree {
    let readable = [
        "text",
        "markdown",
        "html",
        "csv",
        "plotly",
        "vega-lite",
        "svg",
    ];
    match std::str::from_utf8(bytes) {
        Ok(readable_text) if readable.contains(&format) => text(readable_text),
        _ => Tree::Bytes(bytes.to_vec()),
    }
}

/// A point of objects, and where the bytes of each are: `held_by` is `file` or `data`.
pub fn objects(hash: &str, shown: &Shown<'_>, held_by: &str, held: Vec<Tree>) -> Tree {
    let info = &shown.sequence.info;
    let context = Tree::from_json(&info.context);
    let epoch = shown.point.epoch;
    let each = shown.point.objects.iter().zip(held).map(|(one, held)| {
        let mut entries = vec![(held_by, held), ("format", text(&one.format))];
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
        ("each", Tree::List(each.collect())),
    ])
}

/// The file that a run keeps of an artifact, and of a directory the list of its files; that alone of one that lies elsewhere.
pub fn artifact(hash: &str, id: &str, file: Option<&str>, manifest: Option<&str>) -> Tree {
    let mut entries = vec![("run", text(hash)), ("artifact", text(id))];
    entries.extend(file.map(|file| ("file", text(file))));
    entries.extend(manifest.map(|manifest| ("manifest", text(manifest))));
    object(entries)
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

/// What has no place in lines.
#[derive(Default)]
pub struct Left {
    /// Points of objects that are too large for one.
    pub large: u64,
}

pub fn write(run: &Exported<'_>, to: &mut impl Write, left: &mut Left) -> Result<(), Failure> {
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
    })?;
    for sequence in run.sequences()? {
        run.objects(&sequence, |shown| {
            if shown.bytes.iter().map(Vec::len).sum::<usize>() > LARGEST {
                left.large += 1;
                return Ok(());
            }
            let held = shown.objects();
            let held = held.map(|(one, bytes)| data(&one.format, bytes)).collect();
            line(&objects(&hash, shown, "data", held), to)
        })?;
    }
    Ok(())
}
