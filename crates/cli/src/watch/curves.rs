//! The curves on the screen. One that did not grow is not read again.

use super::data::{Page, Panel, RunCurve, RunLine, Want};
use crate::failure::Failure;
use crate::labels::{SYSTEM, context};
use crate::look::Look;
use crate::table::visible;
use aim::query::{Columns, MetricInfo, RunInfo, Sampling, Snapshot};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const SHORT_HASH: usize = 8;

/// A curve, and how far its metric had come when it was read.
struct Known {
    points: Arc<Columns>,
    count: u64,
    last_step: i64,
    most: usize,
}

#[derive(Default)]
pub struct Curves {
    known: HashMap<([u8; 12], String, String), Known>,
}

/// A metric's name and context, and whose it is.
type Metrics = BTreeMap<(String, String), Vec<(usize, MetricInfo)>>;

impl Curves {
    /// The metrics on the screen with the curves of the shown runs, and how many metrics there are in all.
    pub fn panels(
        &mut self,
        look: &Look,
        snapshot: &Snapshot<'_>,
        shown: &[RunLine],
        want: &Want,
    ) -> Result<(Vec<Panel>, usize), Failure> {
        let mut metrics = Metrics::new();
        let of_machine = want.page == Page::System;
        for (i, line) in shown.iter().enumerate() {
            for metric in snapshot.metrics(&line.run)? {
                if metric.name.starts_with(SYSTEM) == of_machine {
                    let key = (metric.name.to_string(), metric.context.to_string());
                    metrics.entry(key).or_default().push((i, metric));
                }
            }
        }
        let count = metrics.len();
        let mut read = HashMap::new();
        let mut panels = Vec::new();
        for ((name, json), of) in metrics.into_iter().skip(want.first_panel).take(want.panels) {
            let mut curves = Vec::with_capacity(of.len());
            for (colour, metric) in of {
                let line = &shown[colour];
                let known = self.curve(snapshot, &line.run, &metric, want.points)?;
                curves.push(RunCurve {
                    run: line.run.hash,
                    colour,
                    label: label(line),
                    last: metric.aggregates.last,
                    points: Arc::clone(&known.points),
                    began: line.created_at as f64 / 1e6,
                });
                read.insert((line.run.hash, name.clone(), json.clone()), known);
            }
            panels.push(Panel {
                name: visible(look, name.strip_prefix(SYSTEM).unwrap_or(&name)),
                context: visible(look, &context(&json)),
                curves,
            });
        }
        // What is on the screen no more is forgotten.
        self.known = read;
        Ok((panels, count))
    }

    fn curve(
        &mut self,
        snapshot: &Snapshot<'_>,
        run: &RunInfo,
        metric: &MetricInfo,
        most: usize,
    ) -> Result<Known, Failure> {
        let key = (
            run.hash,
            metric.name.to_string(),
            metric.context.to_string(),
        );
        let (count, last_step) = (metric.aggregates.count, metric.aggregates.last_step);
        let same =
            |known: &Known| (known.count, known.last_step, known.most) == (count, last_step, most);
        if let Some(known) = self.known.remove(&key).filter(same) {
            return Ok(known);
        }
        Ok(Known {
            points: Arc::new(snapshot.sample(metric, most.max(4), Sampling::MinMax)?),
            count,
            last_step,
            most,
        })
    }
}

/// What a curve is called: the run's name, else the beginning of its hash.
fn label(line: &RunLine) -> String {
    match &line.name {
        Some(name) if !name.is_empty() => name.clone(),
        _ => line.run.hash_text().chars().take(SHORT_HASH).collect(),
    }
}
