//! A run's logs: lines of its terminal, and records.

use crate::web::error::{Answer, Refusal};
use crate::web::input::{Path, Query, range};
use crate::web::tree::{dict, seconds, text};
use crate::web::{App, Whole, answer};
use aim::query::{LogRecord, Stream};
use aim::repo::RepoRef;
use aim::run::logs::{log_range, read_logs};
use aim_stream::{Encoder, Piece};
use aim_value::Tree;
use axum::extract::State;

/// Records that are sent where no range is given, and at most.
const LAST: u64 = 200;
const MOST: u64 = 10_000;

/// The records of a range, and the number behind the last that there is.
fn records_of(
    repo: &RepoRef,
    hash: &str,
    stream: Stream,
    asked: (Option<u64>, Option<u64>),
) -> Answer<(Vec<(u64, LogRecord)>, u64)> {
    if aim::query::read(repo, |snapshot| snapshot.find(hash))?.is_none() {
        return Err(Refusal::no_run());
    }
    let (first, end) = log_range(repo, hash, stream)?;
    let to = asked.1.unwrap_or(end).min(end);
    let from = match asked {
        (None, None) => end.saturating_sub(LAST),
        (from, _) => from.unwrap_or(0),
    };
    let from = from.max(first).max(to.saturating_sub(MOST));
    let records = match from < to {
        true => read_logs(repo, hash, stream, from, to - from)?,
        false => Vec::new(),
    };
    Ok((records, end))
}

pub async fn lines(State(app): State<App>, Path(hash): Path<String>, query: Query) -> Answer {
    let asked = range(query.get("record_range"))?;
    app.whole(Whole::Runs(vec![hash.clone()])).await?;
    let bytes = app
        .work(move |repo| {
            let (lines, _) = records_of(repo, &hash, Stream::Terminal, asked)?;
            let mut out = Encoder::default();
            for (number, line) in lines {
                out.record(Piece::Number(number as i64), &text(line.text));
            }
            Ok(out.finish())
        })
        .await?;
    Ok(answer::octets(bytes))
}

pub async fn records(State(app): State<App>, Path(hash): Path<String>, query: Query) -> Answer {
    let asked = range(query.get("record_range"))?;
    app.whole(Whole::Runs(vec![hash.clone()])).await?;
    let bytes = app
        .work(move |repo| {
            let (records, end) = records_of(repo, &hash, Stream::Records, asked)?;
            let mut out = Encoder::default();
            if end == 0 {
                return Ok(out.finish());
            }
            out.record(Piece::Text("log_records_count"), &Tree::Int(end as i64));
            for (number, record) in records {
                out.record(Piece::Number(number as i64), &shown(record));
            }
            Ok(out.finish())
        })
        .await?;
    Ok(answer::octets(bytes))
}

fn shown(record: LogRecord) -> Tree {
    let args = match record.location {
        Some(place) => dict([
            ("file", text(place.file)),
            ("line", Tree::Int(i64::from(place.line))),
            ("function", text(place.function)),
        ]),
        None => Tree::Null,
    };
    dict([
        ("message", text(record.text)),
        ("log_level", text(level(record.level))),
        ("timestamp", seconds(record.time)),
        ("args", args),
        ("is_notified", Tree::Bool(true)),
    ])
}

/// The UI knows four levels and fails at any other.
fn level(level: i32) -> &'static str {
    match level {
        40.. => "ERROR",
        30.. => "WARNING",
        20.. => "INFO",
        _ => "DEBUG",
    }
}
