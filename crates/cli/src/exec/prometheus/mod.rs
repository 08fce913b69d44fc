//! Metrics that the program, or what runs beside it, offers to Prometheus.

mod source;
mod text;

use crate::failure::Failure;
use aim::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use source::Source;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How soon a program that is starting is asked again.
const SOON: Duration = Duration::from_millis(200);

/// What is asked, and how often.
pub struct Asked {
    sources: Vec<Source>,
    every: Duration,
}

impl Asked {
    pub fn parse(sources: &[String], seconds: f64) -> Result<Asked, Failure> {
        let source = |text: &String| {
            Source::parse(text).ok_or_else(|| {
                Failure::usage(format_args!("--prometheus {text:?} is no source"))
                    .why("it is neither an http:// address nor a file")
                    .advice("write it as in: --prometheus http://localhost:9100/metrics")
            })
        };
        let every = Duration::try_from_secs_f64(seconds).ok();
        let within = |every: &Duration| (0.01..=86400.0).contains(&every.as_secs_f64());
        let every = every.filter(within).ok_or_else(|| {
            Failure::usage(format_args!("--every {seconds} is out of range"))
                .why("an interval has 0.01 to 86400 seconds")
        })?;
        Ok(Asked {
            sources: sources.iter().map(source).collect::<Result<_, _>>()?,
            every,
        })
    }
}

/// Asks the sources until it is stopped.
pub struct Scrapers(Vec<(Sender<()>, JoinHandle<Option<String>>)>);

impl Scrapers {
    pub fn start(run: &Arc<Run>, asked: Asked) -> std::io::Result<Scrapers> {
        let every = asked.every;
        let start = |source| {
            let (stop, stopped) = channel();
            let mut series = Series::new(Arc::clone(run), source);
            let thread = std::thread::Builder::new().name("prometheus".into());
            let thread = thread.spawn(move || {
                loop {
                    series.ask();
                    let pause = if series.answered {
                        every
                    } else {
                        every.min(SOON)
                    };
                    match stopped.recv_timeout(pause) {
                        Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => break,
                    }
                }
                series.end()
            })?;
            Ok((stop, thread))
        };
        let started = asked.sources.into_iter().map(start);
        Ok(Scrapers(started.collect::<std::io::Result<_>>()?))
    }

    /// Stops, and says what went wrong.
    pub fn stop(self) -> Vec<String> {
        let end = |(stop, thread): (Sender<()>, JoinHandle<Option<String>>)| {
            drop(stop);
            thread.join().ok().flatten()
        };
        self.0.into_iter().filter_map(end).collect()
    }
}

/// What a source has told so far.
struct Series {
    run: Arc<Run>,
    source: Source,
    metrics: HashMap<(String, String), (Option<Metric>, Option<f64>)>,
    answered: bool,
    trouble: Option<String>,
}

impl Series {
    fn new(run: Arc<Run>, source: Source) -> Series {
        Series {
            run,
            source,
            metrics: HashMap::new(),
            answered: false,
            trouble: None,
        }
    }

    fn ask(&mut self) {
        let text = match self.source.read() {
            Ok(text) => text,
            Err(e) => {
                if !self.answered {
                    self.trouble = Some(format!("{} did not answer: {e}", self.source));
                }
                return;
            }
        };
        if !self.answered {
            (self.answered, self.trouble) = (true, None);
        }
        let (samples, bad) = text::samples(&text);
        if let Some((number, line)) = bad
            && self.trouble.is_none()
        {
            self.trouble = Some(format!(
                "line {number} of {} is no sample in Prometheus' text format: {line:?}",
                self.source
            ));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0.0, |since| since.as_secs_f64());
        for sample in samples {
            let run = &self.run;
            let (metric, last) = self
                .metrics
                .entry((sample.name, sample.labels))
                .or_insert_with_key(|(name, labels)| (run.metric(name, Some(labels)).ok(), None));
            // A sample that has its own time counts once.
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

    /// A file is read once more, for what the program wrote at its end; an exporter may be gone.
    fn end(mut self) -> Option<String> {
        if matches!(self.source, Source::File(_)) {
            self.ask();
        }
        self.trouble
    }
}
