//! Values with a time, as exporters tell them, on their way into a run.

use aim::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub name: String,
    /// JSON.
    pub context: String,
    pub value: f64,
    /// Seconds since 1970, if the exporter says so.
    pub time: Option<f64>,
}

/// What one source has told so far.
pub struct Samples {
    run: Arc<Run>,
    metrics: HashMap<(String, String), (Option<Metric>, Option<f64>)>,
}

impl Samples {
    pub fn new(run: Arc<Run>) -> Samples {
        Samples {
            run,
            metrics: HashMap::new(),
        }
    }

    pub fn run(&self) -> &Run {
        &self.run
    }

    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    pub fn track(&mut self, samples: impl IntoIterator<Item = Sample>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0.0, |since| since.as_secs_f64());
        for sample in samples {
            let run = &self.run;
            let (metric, last) = self
                .metrics
                .entry((sample.name, sample.context))
                .or_insert_with_key(|(name, context)| (run.metric(name, Some(context)).ok(), None));
            // What has a time of its own counts once, however often it is told.
            if sample.time.is_some() && sample.time == *last {
                continue;
            }
            *last = sample.time;
            if let Some(metric) = metric {
                let time = [sample.time.unwrap_or(now)];
                // What the journal does not take, the run's own messages tell of.
                let _ = metric.track_many_at(
                    &[sample.value],
                    Some(&[STEP_AUTO]),
                    Some(&[EPOCH_NONE]),
                    Some(&time),
                );
            }
        }
    }
}
