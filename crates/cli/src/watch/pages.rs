//! What a run's pages say, and what marked runs differ in, as rows of cells.

use super::data::{Page, Row, RunLine, row, title};
use super::images;
use crate::failure::Failure;
use crate::format;
use crate::labels::{self, SYSTEM, SYSTEM_PARAMS};
use crate::look::Look;
use crate::table::visible;
use aim::query::{MetricInfo, Sampling, Snapshot, Stream};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines of a log that a page holds; `libaim logs` has all.
const LOG_LINES: u64 = 5000;
/// Points of which a metric's course is drawn in its line.
const COURSE: usize = 256;

pub fn read(
    look: &Look,
    snapshot: &Snapshot<'_>,
    line: &RunLine,
    page: Page,
) -> Result<Vec<Row>, Failure> {
    match page {
        Page::Metrics => metrics(look, snapshot, line, |m| !m.name.starts_with(SYSTEM)),
        Page::System => metrics(look, snapshot, line, |m| m.name.starts_with(SYSTEM)),
        Page::Params => params(look, snapshot, line),
        Page::Images => images::read(look, snapshot, line),
        Page::Log => log(look, snapshot, line),
        Page::Overview | Page::Compare => Ok(Vec::new()),
    }
}

fn metrics(
    look: &Look,
    snapshot: &Snapshot<'_>,
    line: &RunLine,
    wanted: impl Fn(&MetricInfo) -> bool,
) -> Result<Vec<Row>, Failure> {
    let heads = ["METRIC", "LAST", "MIN", "MAX", "POINTS", "OVER STEPS"];
    let mut rows = vec![title(heads.map(str::to_owned))];
    for metric in snapshot.metrics(&line.run)?.iter().filter(|m| wanted(m)) {
        let known = &metric.aggregates;
        let points = snapshot.sample(metric, COURSE, Sampling::Stride)?;
        let name = labels::metric(metric);
        let cells = row([
            visible(look, name.strip_prefix(SYSTEM).unwrap_or(&name)),
            format!("{} @{}", format::number(known.last), known.last_step),
            format::number(known.min()),
            format::number(known.max()),
            format::count(known.count),
        ]);
        rows.push(Row {
            course: Some(Arc::new(points)),
            ..cells
        });
    }
    Ok(rows)
}

fn params(look: &Look, snapshot: &Snapshot<'_>, line: &RunLine) -> Result<Vec<Row>, Failure> {
    let params = snapshot.params(&line.run)?;
    let mut leaves = labels::leaves(&params);
    leaves.retain(|(path, _)| !labels::is_of_artifacts(path));
    let own = |(path, _): &&(String, _)| !path.starts_with(SYSTEM_PARAMS);
    let system = |leaf: &&(String, _)| !own(leaf);
    let cells = |(path, value): &(String, &aim_value::Tree)| {
        row([visible(look, path), visible(look, &format::param(value))])
    };
    let mut rows = vec![title(["PARAM", "VALUE"].map(str::to_owned))];
    rows.extend(leaves.iter().filter(own).map(cells));
    rows.extend(leaves.iter().filter(system).map(cells));
    Ok(rows)
}

fn log(look: &Look, snapshot: &Snapshot<'_>, line: &RunLine) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for stream in [Stream::Terminal, Stream::Records] {
        let (first, end) = snapshot.log_range(&line.run, stream)?;
        let from = end.saturating_sub(LOG_LINES).max(first);
        for (_, record) in snapshot.log(&line.run, stream, from, LOG_LINES)? {
            rows.push(row([crate::terminal_text::line(
                &look.plain(),
                &record.text,
                None,
            )]));
        }
    }
    Ok(rows)
}

/// What the runs do not have in common: params, and the last values of metrics.
pub fn compare(
    look: &Look,
    snapshot: &Snapshot<'_>,
    lines: &[RunLine],
) -> Result<Vec<Row>, Failure> {
    let mut params: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut metrics: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let none = || vec![look.either("–", "-").to_owned(); lines.len()];
    for (i, line) in lines.iter().enumerate() {
        let tree = snapshot.params(&line.run)?;
        for (path, value) in labels::leaves(&tree) {
            let value = visible(look, &format::param(value));
            params.entry(path).or_insert_with(none)[i] = value;
        }
        for metric in snapshot.metrics(&line.run)? {
            if !metric.name.starts_with(SYSTEM) {
                let last = format::number(metric.aggregates.last);
                metrics.entry(labels::metric(&metric)).or_insert_with(none)[i] = last;
            }
        }
    }
    let names = lines.iter().map(|line| match &line.name {
        Some(name) if !name.is_empty() => name.clone(),
        _ => line.run.hash_text().chars().take(8).collect(),
    });
    let names: Vec<String> = names.collect();
    let mut rows = Vec::new();
    for (head, values) in [("PARAM", params), ("METRIC, LAST", metrics)] {
        let differs =
            |(_, values): &(&String, &Vec<String>)| values.iter().any(|v| *v != values[0]);
        let mut differing = values.iter().filter(differs).peekable();
        if differing.peek().is_some() {
            rows.push(title(
                std::iter::once(head.to_owned()).chain(names.iter().cloned()),
            ));
        }
        for (name, values) in differing {
            rows.push(row(
                std::iter::once(visible(look, name)).chain(values.iter().cloned())
            ));
        }
    }
    if rows.is_empty() {
        rows.push(row(["these runs differ in nothing".to_owned()]));
    }
    Ok(rows)
}
